//! One write transaction.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, Sqlite, Transaction};

use super::{Arg, Dump, Row, bind, bulk, dump, each};
use crate::error::{Error, Result};

/// Holds the database's one place for a writer until committed; dropped, it is rolled back.
#[derive(Debug)]
pub struct Tx {
    on: On,
    place: Arc<str>,
    texts: bulk::Texts,
}

#[derive(Debug)]
enum On {
    Sqlite(Transaction<'static, Sqlite>),
}

impl Tx {
    pub(super) fn sqlite(
        begun: Transaction<'static, Sqlite>,
        place: Arc<str>,
        texts: bulk::Texts,
    ) -> Self {
        Self {
            on: On::Sqlite(begun),
            place,
            texts,
        }
    }

    /// Loads every row a statement yields, what this transaction wrote included.
    pub async fn all<T: Row>(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<Vec<T>> {
        let rows = each!(&mut self.on, On, c => bind!(sqlx::query_as(sql), args).fetch_all(&mut **c).await);
        rows.map_err(|e| Error::rows(&self.place, e))
    }

    /// Loads the first row a statement yields, if any, what this transaction wrote included.
    pub async fn one<T: Row>(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<Option<T>> {
        let row = each!(&mut self.on, On, c => bind!(sqlx::query_as(sql), args).fetch_optional(&mut **c).await);
        row.map_err(|e| Error::rows(&self.place, e))
    }

    /// Runs one statement, and says how many rows it touched.
    pub async fn run(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<u64> {
        let done =
            each!(&mut self.on, On, c => bind!(sqlx::query(sql), args).execute(&mut **c).await);
        done.map(|d| d.rows_affected())
            .map_err(|e| Error::rows(&self.place, e))
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
        let mut left = rows.len();
        let mut rows = rows.into_iter();
        let mut inserted = 0;
        while left > 0 {
            let step = bulk::step(columns.len(), left);
            // The only text made at run time: names the program spells out, and placeholders.
            let text = AssertSqlSafe(self.texts.insert(table, columns, step));
            let args = rows.by_ref().take(step).flatten();
            let done = each!(&mut self.on, On, c => bind!(sqlx::query(text), args).execute(&mut **c).await);
            inserted += done
                .map_err(|e| Error::rows(&self.place, e))?
                .rows_affected();
            left -= step;
        }
        Ok(inserted)
    }

    /// Runs a script of statements that make or drop tables, in the dialect of SQLite.
    ///
    /// PostgreSQL: `blob` becomes `bytea` and text columns `collate "C"` here, and nowhere else.
    pub async fn script(&mut self, sql: &'static str) -> Result<()> {
        let done = each!(&mut self.on, On, c => sqlx::raw_sql(sql).execute(&mut **c).await);
        done.map(drop).map_err(|e| Error::rows(&self.place, e))
    }

    /// Digests all rows of these queries as this transaction sees them; see [`super::Rows::dump`].
    pub async fn dump(&mut self, queries: &[&'static str]) -> Result<Dump> {
        let dumped = each!(&mut self.on, On, c => dump::all(c, queries).await);
        dumped.map_err(|e| Error::rows(&self.place, e))
    }

    /// Makes everything visible to others, at once; after an error it is open whether it did.
    pub async fn commit(self) -> Result<()> {
        each!(self.on, On, c => c.commit().await).map_err(|e| Error::rows(&self.place, e))
    }

    /// Forgets everything, and says when that is done; dropping does the same a little later.
    pub async fn rollback(self) -> Result<()> {
        each!(self.on, On, c => c.rollback().await).map_err(|e| Error::rows(&self.place, e))
    }
}
