//! One write transaction.

use std::sync::Arc;

use sqlx::AssertSqlSafe;

use super::{Arg, CALL, Dump, Engine, Row, bind, bulk, each, postgres, sqlite};
use crate::error::{Error, Result};

/// Writes until committed; dropped, it is rolled back. [`super::Rows::begin`] says who waits for whom.
///
/// After a statement that failed, nothing of it can be committed any more.
#[derive(Debug)]
pub struct Tx {
    on: On,
    place: Arc<str>,
    texts: bulk::Texts,
    /// Whether a statement failed. PostgreSQL then rolls back, whatever is said, and calls that a success.
    failed: bool,
}

#[derive(Debug)]
pub(super) enum On {
    Sqlite(sqlite::Begun),
    Postgres(postgres::Lent),
}

impl On {
    fn fault(&self, place: &str, error: sqlx::Error) -> Error {
        match self {
            Self::Sqlite(_) => Error::sqlite(place, error),
            Self::Postgres(_) => Error::postgres(place, error),
        }
    }
}

impl Tx {
    pub(super) fn new(on: On, place: Arc<str>, texts: bulk::Texts) -> Self {
        Self {
            on,
            place,
            texts,
            failed: false,
        }
    }

    /// Loads every row a statement yields, what this transaction wrote included.
    pub async fn all<T: Row>(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<Vec<T>> {
        let rows = each!(&mut self.on, On, c => {
            c.call(CALL, |on| Box::pin(bind!(sqlx::query_as(sql), args).fetch_all(on))).await
        });
        self.note(rows)
    }

    /// Loads the first row a statement yields, if any, what this transaction wrote included.
    pub async fn one<T: Row>(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<Option<T>> {
        let row = each!(&mut self.on, On, c => {
            c.call(CALL, |on| Box::pin(bind!(sqlx::query_as(sql), args).fetch_optional(on))).await
        });
        self.note(row)
    }

    /// Runs one statement, and says how many rows it touched.
    pub async fn run(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<u64> {
        let done = each!(&mut self.on, On, c => {
            c.call(CALL, |on| Box::pin(bind!(sqlx::query(sql), args).execute(on)))
                .await
                .map(|done| done.rows_affected())
        });
        self.note(done)
    }

    /// Inserts many rows, hundreds a statement, and says how many; each has one value per column.
    pub async fn bulk(
        &mut self,
        table: &'static str,
        columns: &'static [&'static str],
        rows: Vec<Vec<Arg>>,
    ) -> Result<u64> {
        if !bulk::fits(table, columns) || rows.iter().any(|row| row.len() != columns.len()) {
            let what = format!(
                "A row for {table} does not fit its columns; give one value for each, plainly named"
            );
            return Err(Error::invalid(what));
        }
        let engine = self.engine();
        let mut left = rows.len();
        let mut rows = rows.into_iter();
        let mut inserted = 0;
        while left > 0 {
            let step = bulk::step(engine, columns.len(), left);
            // The only text made at run time: names the program spells out, and placeholders.
            let text = AssertSqlSafe(self.texts.insert(engine, table, columns, step));
            let args: Vec<Arg> = rows.by_ref().take(step).flatten().collect();
            let done = each!(&mut self.on, On, c => {
                c.call(CALL, |on| Box::pin(bind!(sqlx::query(text), args).execute(on)))
                    .await
                    .map(|done| done.rows_affected())
            });
            inserted += self.note(done)?;
            left -= step;
        }
        Ok(inserted)
    }

    /// Runs a script of statements that make or drop tables, in the dialect of SQLite.
    ///
    /// PostgreSQL: `blob` becomes `bytea` and text columns `collate "C"` here, and nowhere else.
    pub async fn script(&mut self, sql: &'static str) -> Result<()> {
        let done = each!(&mut self.on, On, c => c.script(sql).await);
        self.note(done)
    }

    /// Digests all rows of these queries as this transaction sees them; see [`super::Rows::dump`].
    pub async fn dump(&mut self, queries: &[&'static str]) -> Result<Dump> {
        let dumped = each!(&mut self.on, On, c => c.dump(queries).await);
        self.note(dumped)
    }

    /// Makes everything visible to others, at once; after an error it is open whether it did.
    ///
    /// After a statement that failed it does nothing and is [`Error::Statement`].
    pub async fn commit(self) -> Result<()> {
        let place = self.place;
        if self.failed {
            let source = "a statement failed before, so nothing is committed".into();
            return Err(Error::Statement {
                place: place.to_string(),
                source,
            });
        }
        match self.on {
            On::Sqlite(c) => c.commit().await.map_err(|e| Error::sqlite(&place, e)),
            On::Postgres(c) => c.commit().await.map_err(|e| Error::postgres(&place, e)),
        }
    }

    /// Forgets everything, and says when that is done; dropping does the same a little later.
    pub async fn rollback(self) -> Result<()> {
        let place = self.place;
        match self.on {
            On::Sqlite(c) => c.rollback().await.map_err(|e| Error::sqlite(&place, e)),
            On::Postgres(c) => c.rollback().await.map_err(|e| Error::postgres(&place, e)),
        }
    }

    fn engine(&self) -> Engine {
        match self.on {
            On::Sqlite(_) => Engine::Sqlite,
            On::Postgres(_) => Engine::Postgres,
        }
    }

    fn note<T>(&mut self, done: sqlx::Result<T>) -> Result<T> {
        done.map_err(|e| {
            self.failed = true;
            self.on.fault(&self.place, e)
        })
    }
}
