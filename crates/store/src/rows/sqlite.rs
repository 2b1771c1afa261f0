//! How SQLite is opened and written to.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, Transaction};

use super::Mode;

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

    pub(super) fn reader(&self) -> &SqlitePool {
        &self.readers
    }

    /// Takes the write lock at once; `None` if opened read-only.
    pub(super) async fn begin(&self) -> sqlx::Result<Option<Transaction<'static, Sqlite>>> {
        match &self.writer {
            Some(writer) => Ok(Some(writer.begin_with("BEGIN IMMEDIATE").await?)),
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
