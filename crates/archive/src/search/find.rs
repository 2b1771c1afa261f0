//! Asking: question in, one page of hits out.

use tantivy::schema::{Field as Column, Value as _};
use tantivy::{Searcher, TantivyDocument};

use super::ask::{Ask, ask};
use super::query::query;
use super::rank::{InScope, Place, Ranking};
use super::schema::Fields;
use super::snippet::{Budget, Pattern, snippet};
use super::{Field, Found, Hit, Result, Scope};

/// Answers a question on one state of the index.
pub(super) fn find(
    searcher: &Searcher,
    fields: &Fields,
    question: &str,
    scope: &Scope<'_>,
    page: std::ops::Range<usize>,
) -> Result<Found> {
    let ask = ask(question)?;
    if scope.compartments.is_empty() {
        return Ok(Found {
            total: 0,
            hits: Vec::new(),
        });
    }
    let collector = InScope::new(scope, page.end);
    let Ranking { total, places } = searcher.search(&query(fields, &ask), &collector)?;
    let mut budget = Budget::default();
    let patterns = Pattern::all(&ask);
    let hits = places
        .iter()
        .skip(page.start)
        .map(|place| hit(searcher, fields, &ask, &patterns, place, &mut budget))
        .collect::<Result<_>>()?;
    Ok(Found { total, hits })
}

fn hit(
    searcher: &Searcher,
    fields: &Fields,
    ask: &Ask,
    patterns: &[Pattern],
    place: &Place,
    budget: &mut Budget,
) -> Result<Hit> {
    let doc: TantivyDocument = searcher.doc(place.address)?;
    let read = |column: Column| {
        let value = doc.get_first(column);
        value.and_then(|value| value.as_str()).unwrap_or_default()
    };
    let texts = [
        (Field::Item, read(fields.item)),
        (Field::Sha256, read(fields.sha256)),
        (Field::Name, read(fields.name)),
        (Field::Source, read(fields.source)),
        (Field::Path, read(fields.path)),
        (Field::Text, read(fields.text)),
    ];
    let (field, snippet) = snippet(ask, patterns, &texts, budget);
    Ok(Hit {
        seq: place.seq,
        item: read(fields.item).to_owned(),
        score_rank: place.score,
        field,
        snippet,
    })
}
