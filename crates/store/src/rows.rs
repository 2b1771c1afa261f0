//! Rows in tables: portable SQL, written once.
//!
//! Today SQLite is inside; PostgreSQL becomes a second variant of two private enums, reached by the
//! same `each!`, and [`Row`] gains its row type. SQL uses `$1` parameters and the portable card
//! (style.md §3.8), and only integers, text, bytes and booleans, which both databases store alike.
//!
//! **Durability.** A commit is atomic and survives the end of the process, but by itself **not** a
//! power cut: the last commits may be missing afterwards, never a part of one. That is enough because
//! a synced tail file precedes every commit and is replayed (design.md §7b). No receipt may rest on a
//! commit alone.
//!
//! **Consistency.** [`Rows::all`] and [`Rows::one`] see the last commit at their start, never half of
//! one; inside a [`Tx`] its own writes show as well.
//!
//! **Concurrency.** One write transaction at a time per database: [`Rows::begin`] waits for others, in
//! this process and elsewhere, up to a minute, then [`Error::Busy`]. Readers neither wait nor are
//! waited for (a memory database has one connection, so there they wait).

use std::path::Path;

use sqlx::FromRow;
use sqlx::sqlite::SqliteRow;

pub use self::arg::Arg;
pub use self::dump::Dump;
pub use self::tx::Tx;
use crate::error::{Error, Result};

mod arg;
mod bulk;
mod dump;
mod sqlite;
mod tx;

/// Chooses the variant; a second database is a second arm here.
macro_rules! each {
    ($on:expr, $kind:ident, $x:ident => $do:expr) => {
        match $on {
            $kind::Sqlite($x) => $do,
        }
    };
}

/// Binds every argument in turn.
macro_rules! bind {
    ($query:expr, $args:expr) => {{
        let mut query = $query;
        for arg in $args {
            query = match arg {
                Arg::Int(v) => query.bind(v),
                Arg::Text(v) => query.bind(v),
                Arg::Bytes(v) => query.bind(v),
                Arg::Bool(v) => query.bind(v),
            };
        }
        query
    }};
}
use {bind, each};

/// Loads from a row of any database we support; derive `sqlx::FromRow` to have it.
pub trait Row: for<'r> FromRow<'r, SqliteRow> + Send + Unpin {}

impl<T: for<'r> FromRow<'r, SqliteRow> + Send + Unpin> Row for T {}

/// Whether a database may be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is created if absent and takes writes.
    ReadWrite,
    /// It must exist; every write is [`Error::ReadOnly`].
    ReadOnly,
}

/// Is one database; clones share its connections.
#[derive(Debug, Clone)]
pub struct Rows {
    on: On,
    place: std::sync::Arc<str>,
    texts: bulk::Texts,
}

#[derive(Debug, Clone)]
enum On {
    Sqlite(sqlite::Pools),
}

impl Rows {
    /// Opens a database file, with its folder already there; readable by its owner only.
    pub async fn sqlite(path: &Path, mode: Mode) -> Result<Self> {
        let place = path.display().to_string();
        let pools = sqlite::Pools::open(path, mode)
            .await
            .map_err(|e| Error::rows(&place, e))?;
        Ok(Self::over(On::Sqlite(pools), &place))
    }

    /// Opens an empty database that is gone with the last clone; for tests and scratch work.
    pub async fn memory() -> Result<Self> {
        let place = "The database in memory";
        let pools = sqlite::Pools::memory()
            .await
            .map_err(|e| Error::rows(place, e))?;
        Ok(Self::over(On::Sqlite(pools), place))
    }

    fn over(on: On, place: &str) -> Self {
        Self {
            on,
            place: place.into(),
            texts: bulk::Texts::default(),
        }
    }

    /// Loads every row a query yields, as of the last commit.
    pub async fn all<T: Row>(&self, sql: &'static str, args: Vec<Arg>) -> Result<Vec<T>> {
        let rows = each!(&self.on, On, pools => bind!(sqlx::query_as(sql), args).fetch_all(pools.reader()).await);
        rows.map_err(|e| Error::rows(&self.place, e))
    }

    /// Loads the first row a query yields, if any, as of the last commit.
    pub async fn one<T: Row>(&self, sql: &'static str, args: Vec<Arg>) -> Result<Option<T>> {
        let row = each!(&self.on, On, pools => bind!(sqlx::query_as(sql), args).fetch_optional(pools.reader()).await);
        row.map_err(|e| Error::rows(&self.place, e))
    }

    /// Runs one statement as a transaction of its own, and says how many rows it touched.
    pub async fn run(&self, sql: &'static str, args: Vec<Arg>) -> Result<u64> {
        let mut tx = self.begin().await?;
        let touched = tx.run(sql, args).await?;
        tx.commit().await?;
        Ok(touched)
    }

    /// Begins to write: waits for its turn, then holds the database's one place for a writer.
    pub async fn begin(&self) -> Result<Tx> {
        let place = std::sync::Arc::clone(&self.place);
        match each!(&self.on, On, pools => pools.begin().await) {
            Ok(Some(begun)) => Ok(Tx::sqlite(begun, place, self.texts.clone())),
            Ok(None) => Err(Error::ReadOnly {
                place: place.to_string(),
            }),
            Err(e) => Err(Error::rows(&place, e)),
        }
    }

    /// Digests all rows of these queries in one snapshot, whatever the size; for "rebuilt equals live".
    ///
    /// Each query must order its rows fully. Equal digests mean equal column names, values and types.
    pub async fn dump(&self, queries: &[&'static str]) -> Result<Dump> {
        let dumped = each!(&self.on, On, pools => match pools.reader().begin().await {
            Ok(mut snapshot) => dump::all(&mut snapshot, queries).await,
            Err(e) => Err(e),
        });
        dumped.map_err(|e| Error::rows(&self.place, e))
    }

    /// Closes every connection after its work, so that the file may be moved or removed.
    pub async fn close(&self) {
        each!(&self.on, On, pools => pools.close().await);
    }
}
