//! Rows in tables: portable SQL, written once.
//!
//! SQLite and PostgreSQL are inside, as the variants of two private enums, reached by the same `each!`.
//! SQL uses `$1` parameters and the portable card (style.md §3.8), and only integers, text, bytes and
//! booleans, which both databases store alike. A whole number loads as `i64` from PostgreSQL only if it
//! is a `bigint` there: `length(x)` and a bare `1` are not, so write `cast(… as bigint)`.
//!
//! **Durability.** A commit is atomic and survives the end of the process.
//! SQLite: by itself **not** a power cut: the last commits may be missing afterwards, never a part of
//! one. That is enough because a synced tail file precedes every commit and is replayed (design.md §7b);
//! no receipt may rest on a commit alone. PostgreSQL: it is synced on the server, if the server was not
//! told to lie (`fsync = off`).
//!
//! **Consistency.** [`Rows::all`] and [`Rows::one`] see the last commit at their start, never half of
//! one; inside a [`Tx`] its own writes show as well.
//!
//! **Concurrency.** SQLite: one write transaction at a time per database: [`Rows::begin`] waits for
//! others, in this process and elsewhere, up to a minute, then [`Error::Busy`]. Readers neither wait nor
//! are waited for (a memory database has one connection, so there they wait). PostgreSQL: transactions
//! run side by side and see what others commit meanwhile, until they change the same row, where the
//! second waits for the first, up to a minute, then [`Error::Busy`]. So whoever decides by what is there
//! changes the head row first (style.md §3.6): that is the lock on both.
//!
//! **Reaching a server.** A call on PostgreSQL waits 20 seconds for a connection and 90 for its answer,
//! then [`Error::Unreachable`]; a server that comes back is used again without hands. A transaction in
//! which nothing happens for a minute is ended by the server, so that a host that is cut off holds no
//! lock. Every session has settings of its own, which a pooler in between (pgbouncer) would lose: connect
//! straight to the server.

use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use sqlx::FromRow;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;

pub use self::arg::Arg;
pub use self::database::{Database, Tls};
pub use self::dump::Dump;
pub use self::tx::Tx;
use crate::error::{Error, Result};

mod arg;
mod bulk;
mod database;
mod dump;
mod fault;
mod postgres;
mod script;
mod sqlite;
mod tx;

/// How long one statement on a server may take, its way there and back included.
const CALL: Duration = Duration::from_secs(90);

/// One thing under way on a connection.
type Call<'c, T> = Pin<Box<dyn Future<Output = sqlx::Result<T>> + Send + 'c>>;

/// Chooses the variant.
macro_rules! each {
    ($on:expr, $kind:ident, $x:ident => $do:expr) => {
        match $on {
            $kind::Sqlite($x) => $do,
            $kind::Postgres($x) => $do,
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
pub trait Row:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static
{
}

impl<T> Row for T where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static
{
}

/// Which database is inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// A file, or memory, of this process.
    Sqlite,
    /// A server that several hosts share.
    Postgres,
}

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
    Postgres(postgres::Pool),
}

impl Rows {
    /// Opens a database file, with its folder already there; readable by its owner only.
    pub async fn sqlite(path: &Path, mode: Mode) -> Result<Self> {
        let place = path.display().to_string();
        let pools = sqlite::Pools::open(path, mode)
            .await
            .map_err(|e| Error::sqlite(&place, e))?;
        Ok(Self::over(On::Sqlite(pools), &place))
    }

    /// Opens an empty database that is gone with the last clone; for tests and scratch work.
    pub async fn memory() -> Result<Self> {
        let place = "The database in memory";
        let pools = sqlite::Pools::memory()
            .await
            .map_err(|e| Error::sqlite(place, e))?;
        Ok(Self::over(On::Sqlite(pools), place))
    }

    /// Connects to a database of a PostgreSQL server, which must be there and take this user.
    ///
    /// A server before version 15, a database that is not in UTF-8, and a way without encryption to
    /// another machine are [`Error::Invalid`].
    pub async fn postgres(at: &Database) -> Result<Self> {
        let pool = postgres::Pool::open(at).await?;
        Ok(Self::over(On::Postgres(pool), &at.to_string()))
    }

    fn over(on: On, place: &str) -> Self {
        Self {
            on,
            place: place.into(),
            texts: bulk::Texts::default(),
        }
    }

    /// Tells which database is inside.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.on {
            On::Sqlite(_) => Engine::Sqlite,
            On::Postgres(_) => Engine::Postgres,
        }
    }

    /// Loads every row a query yields, as of the last commit; a query that would write is refused.
    pub async fn all<T: Row>(&self, sql: &'static str, args: Vec<Arg>) -> Result<Vec<T>> {
        let rows = each!(&self.on, On, pool => {
            pool.read(|on| Box::pin(bind!(sqlx::query_as(sql), args.clone()).fetch_all(on))).await
        });
        rows.map_err(|e| self.fault(e))
    }

    /// Loads the first row a query yields, if any, as of the last commit; a query that would write is refused.
    pub async fn one<T: Row>(&self, sql: &'static str, args: Vec<Arg>) -> Result<Option<T>> {
        let row = each!(&self.on, On, pool => {
            pool.read(|on| Box::pin(bind!(sqlx::query_as(sql), args.clone()).fetch_optional(on))).await
        });
        row.map_err(|e| self.fault(e))
    }

    /// Runs one statement as a transaction of its own, and says how many rows it touched.
    ///
    /// After [`Error::Unreachable`] it is open whether it did, as after [`Tx::commit`].
    pub async fn run(&self, sql: &'static str, args: Vec<Arg>) -> Result<u64> {
        let mut tx = self.begin().await?;
        let touched = tx.run(sql, args).await?;
        tx.commit().await?;
        Ok(touched)
    }

    /// Begins to write. SQLite: waits for its turn, then holds the database's one place for a writer.
    /// PostgreSQL: at once; its turn comes with the first row that another transaction changed too.
    pub async fn begin(&self) -> Result<Tx> {
        let begun = match &self.on {
            On::Sqlite(pools) => pools.begin().await.map(|b| b.map(tx::On::Sqlite)),
            On::Postgres(pool) => pool.begin().await.map(|b| b.map(tx::On::Postgres)),
        };
        let place = std::sync::Arc::clone(&self.place);
        match begun {
            Ok(Some(on)) => Ok(Tx::new(on, place, self.texts.clone())),
            Ok(None) => Err(Error::ReadOnly {
                place: place.to_string(),
            }),
            Err(e) => Err(self.fault(e)),
        }
    }

    /// Digests all rows of these queries in one snapshot, whatever the size; for "rebuilt equals live".
    ///
    /// Each query must order its rows fully and name its columns. Equal digests mean equal column names,
    /// values and types, whichever the database; booleans count as 0 and 1.
    pub async fn dump(&self, queries: &[&'static str]) -> Result<Dump> {
        let dumped = each!(&self.on, On, pool => pool.dump(queries).await);
        dumped.map_err(|e| self.fault(e))
    }

    /// Lets the database parse a statement without running it; names and types must fit its tables.
    pub async fn prepare(&self, sql: &'static str) -> Result<()> {
        let done = each!(&self.on, On, pool => pool.prepare(sql).await);
        done.map_err(|e| self.fault(e))
    }

    /// Tells the time by the clock of the database server, in microseconds since 1970; `None` on SQLite.
    pub async fn server_time(&self) -> Result<Option<i64>> {
        if self.engine() == Engine::Sqlite {
            return Ok(None);
        }
        let sql = "select cast(extract(epoch from clock_timestamp()) * 1000000 as bigint)";
        Ok(self.one::<(i64,)>(sql, vec![]).await?.map(|(now,)| now))
    }

    /// Tells the version of the database server as it names itself; `None` on SQLite.
    pub async fn server_version(&self) -> Result<Option<String>> {
        if self.engine() == Engine::Sqlite {
            return Ok(None);
        }
        let sql = "select current_setting('server_version')";
        Ok(self.one::<(String,)>(sql, vec![]).await?.map(|(v,)| v))
    }

    /// Lists the tables of this database by name; on PostgreSQL those of the current schema.
    pub async fn tables(&self) -> Result<Vec<String>> {
        let sql = match self.engine() {
            Engine::Sqlite => {
                "select name from sqlite_master where type = 'table' and substr(name, 1, 7) <> 'sqlite_'"
            }
            Engine::Postgres => {
                "select cast(tablename as text) from pg_catalog.pg_tables where schemaname = current_schema()"
            }
        };
        let mut names: Vec<String> = self
            .all::<(String,)>(sql, vec![])
            .await?
            .into_iter()
            .map(|(name,)| name)
            .collect();
        names.sort();
        Ok(names)
    }

    /// Closes every connection after its work, so that a file may be moved or removed; a [`Tx`] is waited for.
    pub async fn close(&self) {
        each!(&self.on, On, pool => pool.close().await);
    }

    fn fault(&self, error: sqlx::Error) -> Error {
        match self.on {
            On::Sqlite(_) => Error::sqlite(&self.place, error),
            On::Postgres(_) => Error::postgres(&self.place, error),
        }
    }
}
