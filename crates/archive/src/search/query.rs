//! A question as a query of the engine, with whole numbers for scores.

use std::ops::Bound;

use tantivy::Term;
use tantivy::query::{
    BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery, InvertedIndexRangeQuery, Occur,
    PhraseQuery, Query, TermQuery,
};
use tantivy::schema::{Field as Column, IndexRecordOption};

use super::ask::{Ask, How, Want};
use super::schema::Fields;
use super::stem::stems;
use super::words::exact_key;

/// What one word adds to the score, by where it is found.
struct Weight {
    column: Column,
    exact: u8,
    form: u8,
}

const IDENTITY: u8 = 64;
/// What words standing side by side, as asked, add.
const ADJACENT: u8 = 2;

fn weights(fields: &Fields) -> [Weight; 4] {
    let weight = |column, exact, form| Weight {
        column,
        exact,
        form,
    };
    [
        weight(fields.name, 16, 12),
        weight(fields.source, 8, 6),
        weight(fields.path, 6, 5),
        weight(fields.text, 4, 3),
    ]
}

/// Returns the query for a question.
pub(super) fn query(fields: &Fields, ask: &Ask) -> BooleanQuery {
    let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
    for group in &ask.wanted {
        let any = group
            .iter()
            .map(|want| (Occur::Should, best(fields, want)))
            .collect();
        clauses.push((Occur::Must, Box::new(BooleanQuery::new(any))));
    }
    for want in &ask.unwanted {
        clauses.push((Occur::MustNot, best(fields, want)));
    }
    if let Some(adjacent) = adjacent(fields, ask) {
        clauses.push((Occur::Should, adjacent));
    }
    BooleanQuery::new(clauses)
}

fn best(fields: &Fields, want: &Want) -> Box<dyn Query> {
    let mut ways: Vec<Box<dyn Query>> = Vec::new();
    if let Some(hash) = &want.hash {
        ways.push(worth(prefix(fields.sha256, hash), IDENTITY));
    }
    if let Some(item) = &want.item {
        ways.push(worth(prefix(fields.item, item), IDENTITY));
    }
    for weight in weights(fields) {
        in_column(&weight, want, &mut ways);
    }
    Box::new(DisjunctionMaxQuery::new(ways))
}

fn in_column(weight: &Weight, want: &Want, ways: &mut Vec<Box<dyn Query>>) {
    let column = weight.column;
    let exact: Vec<String> = want.parts.iter().map(|part| exact_key(part)).collect();
    match want.how {
        How::Exact => ways.push(worth(row(column, &exact), weight.exact)),
        How::Prefix => ways.push(worth(row_prefix(column, &exact), weight.form)),
        How::AnyForm => {
            ways.push(worth(row(column, &exact), weight.exact));
            for forms in forms(&want.parts) {
                ways.push(worth(row(column, &forms), weight.form));
            }
        }
    }
}

/// Returns the parts as stems: one row per language that a part may be in.
fn forms(parts: &[String]) -> Vec<Vec<String>> {
    let all: Vec<Vec<String>> = parts.iter().map(|part| stems(part)).collect();
    let languages = all.iter().map(Vec::len).max().unwrap_or(0);
    let mut rows: Vec<Vec<String>> = (0..languages)
        .map(|language| {
            let pairs = all.iter().zip(parts);
            pairs
                .map(|(stems, part)| {
                    let stem = stems.get(language).or(stems.last());
                    stem.cloned().unwrap_or_else(|| exact_key(part))
                })
                .collect()
        })
        .collect();
    rows.dedup();
    rows
}

/// Returns what adds to the score where all plain words stand side by side.
fn adjacent(fields: &Fields, ask: &Ask) -> Option<Box<dyn Query>> {
    let mut row_of_words = Vec::new();
    for group in &ask.wanted {
        match group.as_slice() {
            [want] if want.how == How::AnyForm => {
                row_of_words.extend(want.parts.iter().map(|part| exact_key(part)));
            }
            _ => return None,
        }
    }
    if ask.wanted.len() < 2 {
        return None;
    }
    let ways = [fields.name, fields.text]
        .map(|column| worth(row(column, &row_of_words), ADJACENT))
        .into();
    Some(Box::new(DisjunctionMaxQuery::new(ways)))
}

fn worth(query: Box<dyn Query>, weight: u8) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, f32::from(weight)))
}

fn row(column: Column, keys: &[String]) -> Box<dyn Query> {
    match keys {
        [key] => {
            let term = Term::from_field_text(column, key);
            Box::new(TermQuery::new(term, IndexRecordOption::Basic))
        }
        keys => Box::new(PhraseQuery::new(terms(column, keys))),
    }
}

/// The engine's own phrase with an open end stops after so many continuations,
/// counted over all documents: what is outside the scope would decide what is
/// found inside. So the last word only has to be in the same field.
fn row_prefix(column: Column, keys: &[String]) -> Box<dyn Query> {
    match keys {
        [head @ .., last] if !head.is_empty() => Box::new(BooleanQuery::new(vec![
            (Occur::Must, row(column, head)),
            (Occur::Must, prefix(column, last)),
        ])),
        [key] => prefix(column, key),
        _ => Box::new(EmptyQuery),
    }
}

fn terms(column: Column, keys: &[String]) -> Vec<Term> {
    keys.iter()
        .map(|key| Term::from_field_text(column, key))
        .collect()
}

fn prefix(column: Column, key: &str) -> Box<dyn Query> {
    let last = format!("{key}{}", char::MAX);
    Box::new(InvertedIndexRangeQuery::new(
        Bound::Included(Term::from_field_text(column, key)),
        Bound::Included(Term::from_field_text(column, &last)),
    ))
}
