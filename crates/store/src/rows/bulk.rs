//! Inserting hundreds of rows a statement, with few distinct texts so that each is prepared once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Engine;

#[cfg(test)]
mod tests;

/// More rows a statement bring nothing (dependencies.md §3).
const MOST_ROWS: usize = 500;

/// How many parameters a statement may have; as many columns are the most anywhere.
const fn most_parameters(engine: Engine) -> usize {
    match engine {
        Engine::Sqlite => 32_766,
        Engine::Postgres => 65_535,
    }
}

type Key = (&'static str, &'static [&'static str], usize);

/// Remembers the texts of inserts for one database; clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts {
    known: Arc<Mutex<HashMap<Key, Arc<str>>>>,
}

impl Texts {
    /// Returns the text that inserts this many rows.
    pub(super) fn insert(
        &self,
        engine: Engine,
        table: &'static str,
        columns: &'static [&'static str],
        rows: usize,
    ) -> Arc<str> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(
            known
                .entry((table, columns, rows))
                .or_insert_with(|| text(engine, table, columns, rows).into()),
        )
    }
}

/// Says how many rows the next statement takes: as many as may be, then powers of two.
pub(super) fn step(engine: Engine, columns: usize, left: usize) -> usize {
    let most = MOST_ROWS.min(most_parameters(engine) / columns);
    if left >= most {
        most
    } else {
        1 << left.ilog2()
    }
}

/// Tells whether these are plain names, and few enough for one row to fit a statement.
pub(super) fn fits(table: &str, columns: &[&str]) -> bool {
    let plain = |name: &str| {
        let letter = |b: u8| b.is_ascii_lowercase() || b == b'_';
        name.bytes().next().is_some_and(letter)
            && name.bytes().all(|b| letter(b) || b.is_ascii_digit())
    };
    plain(table)
        && (1..=most_parameters(Engine::Sqlite)).contains(&columns.len())
        && columns.iter().all(|c| plain(c))
}

fn text(engine: Engine, table: &str, columns: &[&str], rows: usize) -> String {
    let mut sql = format!("insert into {table} ({}) values ", columns.join(", "));
    for at in 0..rows * columns.len() {
        let before = match (at, at % columns.len()) {
            (0, _) => "(",
            (_, 0) => "), (",
            _ => ", ",
        };
        sql.push_str(before);
        match engine {
            // Through sqlx, each numbered parameter is looked up in a list of all: thousands of them
            // cost seconds. Nameless ones cost nothing.
            Engine::Sqlite => sql.push('?'),
            Engine::Postgres => {
                sql.push('$');
                sql.push_str(&(at + 1).to_string());
            }
        }
    }
    sql.push(')');
    sql
}
