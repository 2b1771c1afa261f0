//! Search: words in, items out, with the place marked where they matched.

use archive::views::ItemRow;
use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::app::App;
use crate::frame::{Frame, Place};
use crate::guard::form::{Fields, Form, FromFields};
use crate::guard::sessions::Who;
use crate::guard::visit::Visit;
use crate::pages::{Sensitivity, words};
use crate::paths;
use crate::problem::{Problem, beside, page};
use crate::text::{Count, Evidence, Moment, Snippet};

/// The search page, before and after a search.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/search.html")]
pub struct SearchPage {
    /// What surrounds the content.
    pub frame: Frame,
    /// What was typed.
    pub query: Evidence,
    /// Why it cannot be asked like this.
    pub trouble: Option<Evidence>,
    /// What was found, once asked.
    pub found: Option<Found>,
}

/// The result of one search.
#[derive(Clone, Debug)]
pub struct Found {
    /// How many this person may see.
    pub total: Count,
    /// The place of the first hit shown, from 1.
    pub first: Count,
    /// How long it took, in words.
    pub took: String,
    /// The hits.
    pub hits: Vec<Hit>,
    /// From where more can be asked.
    pub more_from: Option<u64>,
}

impl Found {
    fn last(&self) -> Count {
        let shown = u64::try_from(self.hits.len()).unwrap_or(u64::MAX);
        Count(self.first.0.saturating_add(shown).saturating_sub(1))
    }

    fn start(&self) -> u64 {
        self.first.0
    }
}

/// One hit.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The item's page.
    pub url: String,
    /// The item's number.
    pub number: String,
    /// Its name as collected.
    pub name: Evidence,
    /// What kind of thing it is, in words.
    pub kind: String,
    /// How hard it is to look at.
    pub sensitivity: Sensitivity,
    /// When it was added.
    pub added: Moment,
    /// The text around the match.
    pub snippet: Snippet,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The words.
    pub query: String,
    /// From which result on.
    pub from: Option<u64>,
}

impl FromFields for Ask {
    fn read(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            query: fields.text("query", 0..=500)?,
            from: fields.number("from")?,
        })
    }
}

/// Shows the empty form.
pub async fn get(visit: Visit, _who: Who) -> Result<Response, Problem> {
    page(&SearchPage {
        frame: visit.frame(Place::Search),
        query: Evidence::new(""),
        trouble: None,
        found: None,
    })
}

/// How many results are shown at once.
const SHOWN: usize = 20;
/// From here on nobody looks any more; a narrower search is the way.
const LAST: u64 = 10_000;

/// Searches.
pub async fn post(
    State(app): State<App>,
    visit: Visit,
    who: Who,
    Form(ask): Form<Ask>,
) -> Result<Response, Problem> {
    let from = ask.from.unwrap_or(1).clamp(1, LAST);
    let seen = app.archive.seen_by(who.access());
    let begun = std::time::Instant::now();
    let skip = usize::try_from(from - 1).unwrap_or(0);
    let mut frame = visit.frame(Place::Search);
    let found = match seen.find(&ask.query, SHOWN, skip).await {
        // a question that cannot be asked is answered beside the question
        Err(e) if e.why == archive::Why::Invalid => {
            return page(&SearchPage {
                frame,
                query: Evidence::new(ask.query),
                trouble: Some(sentence(&e)),
                found: None,
            });
        }
        // a search records nothing, so the question stays and is asked again
        Err(e) if e.why == archive::Why::Unreachable => {
            let shown = SearchPage {
                frame,
                query: Evidence::new(ask.query),
                trouble: Some(sentence(&e)),
                found: None,
            };
            return beside(&Problem::from(e), &shown);
        }
        found => found?,
    };
    let took = format!("{:.2} s", begun.elapsed().as_secs_f64());
    let mut rows = Vec::new();
    for hit in &found.hits {
        let id = hit.item.parse();
        let id = id.map_err(|_broken| archive::Error::bug("The index holds an odd id"))?;
        rows.push(seen.item(&id).await?);
    }
    frame.compartment = Some(words::standing(&rows));
    let hits: Vec<_> = rows.iter().zip(&found.hits).map(shown).collect();
    let next = from + hits.len() as u64;
    let more = next <= found.total as u64 && next <= LAST;
    page(&SearchPage {
        frame,
        query: Evidence::new(ask.query),
        trouble: None,
        found: Some(Found {
            total: Count(found.total as u64),
            first: Count(from),
            took,
            more_from: (more && !hits.is_empty()).then_some(next),
            hits,
        }),
    })
}

fn sentence(e: &archive::Error) -> Evidence {
    let next = e.next.as_deref().unwrap_or_default();
    Evidence::new(format!("{}: {next}.", e.what))
}

fn shown((row, hit): (&ItemRow, &archive::search::Hit)) -> Hit {
    let piece = |snippet: Snippet, piece: &archive::search::Piece| match piece.marked {
        true => snippet.hit(&piece.text),
        false => snippet.text(&piece.text),
    };
    Hit {
        url: paths::item(&row.id),
        number: row.number.to_string(),
        name: words::told(row.name.as_deref()),
        kind: words::kind(row.media.as_deref()),
        sensitivity: Sensitivity::Unknown,
        added: words::moment(row.added_at),
        snippet: hit.snippet.iter().fold(Snippet::new(), piece),
    }
}
