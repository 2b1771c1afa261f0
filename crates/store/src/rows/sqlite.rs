//! How SQLite is opened and written to.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{Connection as _, Executor as _, SqlSafeStr as _, Sqlite, Transaction};

use super::{Call, Dump, Mode, dump};

const READERS: u32 = 4;
/// How long to wait for another writer before saying that the database is in use.
const PATIENCE: Duration = Duration::from_secs(60);

/// One connection that writes and several that read: deferred transactions that turn into writers
/// fail at once when another got there first, whatever the timeout, so none are ever begun.
#[derive(Debug, Clone)]
pub(super) struct Pools {
    writer: Option<SqlitePool>,
    readers: SqlitePool,
}

impl Pools {
    pub(super) async fn open(path: &Path, mode: Mode) -> sqlx::Result<Self> {
        let options = options().filename(path);
        let writer = match mode {
            Mode::ReadOnly => None,
            Mode::ReadWrite => {
                // Made by us so that it, and the files SQLite puts beside it, are the owner's only.
                OpenOptions::new()
                    .create(true)
                    .append(true)
                    .mode(0o600)
                    .open(path)?;
                // NORMAL may lose the last commits in a power cut, never part of one, and saves a sync
                // for each: enough, because a synced tail file precedes every commit.
                let writing = options
                    .clone()
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Normal);
                Some(pool(1).connect_with(writing).await?)
            }
        };
        let readers = pool(READERS).connect_with(options.read_only(true)).await?;
        Ok(Self { writer, readers })
    }

    pub(super) async fn memory() -> sqlx::Result<Self> {
        // A memory database belongs to its connection: there can only be one.
        let one = pool(1).connect_with(options().in_memory(true)).await?;
        Ok(Self {
            writer: Some(one.clone()),
            readers: one,
        })
    }

    /// Does one thing on one of the connections that read.
    pub(super) async fn read<T>(
        &self,
        call: impl for<'c> Fn(&'c mut SqliteConnection) -> Call<'c, T>,
    ) -> sqlx::Result<T> {
        let mut reader = self.readers.acquire().await?;
        call(&mut reader).await
    }

    /// Digests in one snapshot.
    pub(super) async fn dump(&self, queries: &[&'static str]) -> sqlx::Result<Dump> {
        let mut reader = self.readers.acquire().await?;
        let mut snapshot = reader.begin().await?;
        dump::all(&mut *snapshot, queries, Duration::MAX).await
    }

    pub(super) async fn prepare(&self, sql: &'static str) -> sqlx::Result<()> {
        self.read(|on| Box::pin(on.prepare(sql.into_sql_str())))
            .await
            .map(drop)
    }

    /// Takes the write lock at once; `None` if opened read-only.
    pub(super) async fn begin(&self) -> sqlx::Result<Option<Begun>> {
        match &self.writer {
            Some(writer) => Ok(Some(Begun(writer.begin_with("BEGIN IMMEDIATE").await?))),
            None => Ok(None),
        }
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        if let Some(writer) = &self.writer {
            writer.close().await;
        }
    }
}

/// The write lock, and the connection that has it.
#[derive(Debug)]
pub(super) struct Begun(Transaction<'static, Sqlite>);

impl Begun {
    /// Does one thing; a file needs no time limit.
    pub(super) async fn call<T>(
        &mut self,
        _within: Duration,
        call: impl for<'c> FnOnce(&'c mut SqliteConnection) -> Call<'c, T>,
    ) -> sqlx::Result<T> {
        call(&mut self.0).await
    }

    pub(super) async fn script(&mut self, sql: &'static str) -> sqlx::Result<()> {
        sqlx::raw_sql(sql).execute(&mut *self.0).await.map(drop)
    }

    pub(super) async fn dump(&mut self, queries: &[&'static str]) -> sqlx::Result<Dump> {
        dump::all(&mut *self.0, queries, Duration::MAX).await
    }

    pub(super) async fn commit(self) -> sqlx::Result<()> {
        self.0.commit().await
    }

    pub(super) async fn rollback(self) -> sqlx::Result<()> {
        self.0.rollback().await
    }
}

fn options() -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .create_if_missing(false)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        // The file may have been in other hands: its schema runs no functions with side effects.
        .pragma("trusted_schema", "off")
        .pragma("cell_size_check", "on")
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
}
