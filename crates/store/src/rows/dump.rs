//! A digest over rows, the same on every database and machine.

use std::future::poll_fn;
use std::time::Duration;
use std::{fmt, io};

use sha2::{Digest as _, Sha256};
use sqlx::{
    Column as _, ColumnIndex, Database, Executor, IntoArguments, Postgres, Row as _, Sqlite,
    TypeInfo as _, ValueRef as _,
};
use tokio::time::timeout;

/// Stands for all rows some queries yield; equal dumps mean equal rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dump {
    /// How many rows there were.
    pub rows: u64,
    /// SHA-256 over column names, types and values in order.
    pub sha256: [u8; 32],
}

impl fmt::Display for Dump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sha256
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A database whose values can be digested.
pub(super) trait Digested: Database {
    /// Adds one value that is not null.
    fn add(hash: &mut Sha256, row: &Self::Row, at: usize, kind: &str) -> sqlx::Result<()>;
}

impl Digested for Sqlite {
    fn add(hash: &mut Sha256, row: &Self::Row, at: usize, kind: &str) -> sqlx::Result<()> {
        match kind {
            "INTEGER" => int(hash, row.try_get_unchecked(at)?),
            "TEXT" => part(hash, b't', row.try_get_unchecked::<&str, _>(at)?.as_bytes()),
            "BLOB" => part(hash, b'b', row.try_get_unchecked(at)?),
            other => return Err(unknown(other)),
        }
        Ok(())
    }
}

impl Digested for Postgres {
    fn add(hash: &mut Sha256, row: &Self::Row, at: usize, kind: &str) -> sqlx::Result<()> {
        match kind {
            "INT8" => int(hash, row.try_get_unchecked(at)?),
            "INT4" => int(hash, row.try_get_unchecked::<i32, _>(at)?.into()),
            "INT2" => int(hash, row.try_get_unchecked::<i16, _>(at)?.into()),
            // Booleans are whole numbers in SQLite.
            "BOOL" => int(hash, row.try_get_unchecked::<bool, _>(at)?.into()),
            "TEXT" | "VARCHAR" => {
                part(hash, b't', row.try_get_unchecked::<&str, _>(at)?.as_bytes());
            }
            "BYTEA" => part(hash, b'b', row.try_get_unchecked(at)?),
            other => return Err(unknown(other)),
        }
        Ok(())
    }
}

/// Digests one query after the other, a row at a time; each row comes within a time.
pub(super) async fn all<DB, C>(
    on: &mut C,
    queries: &[&'static str],
    within: Duration,
) -> sqlx::Result<Dump>
where
    DB: Digested,
    for<'e> &'e mut C: Executor<'e, Database = DB>,
    DB::Arguments: IntoArguments<DB>,
    usize: ColumnIndex<DB::Row>,
{
    let mut hash = Sha256::new();
    let mut rows = 0;
    for &sql in queries {
        part(&mut hash, b'Q', &[]);
        let mut stream = sqlx::query(sql).fetch(&mut *on);
        let mut first = true;
        while let Some(row) = timeout(within, poll_fn(|cx| stream.as_mut().poll_next(cx)))
            .await
            .map_err(io::Error::from)?
        {
            let row = row?;
            if first {
                row.columns()
                    .iter()
                    .for_each(|c| part(&mut hash, b'C', c.name().as_bytes()));
                first = false;
            }
            add::<DB>(&mut hash, &row)?;
            rows += 1;
        }
    }
    Ok(Dump {
        rows,
        sha256: hash.finalize().into(),
    })
}

fn add<DB: Digested>(hash: &mut Sha256, row: &DB::Row) -> sqlx::Result<()>
where
    usize: ColumnIndex<DB::Row>,
{
    part(hash, b'R', &[]);
    for at in 0..row.len() {
        let value = row.try_get_raw(at)?;
        if value.is_null() {
            part(hash, b'n', &[]);
        } else {
            let kind = value.type_info().name().to_owned();
            DB::add(hash, row, at, &kind)?;
        }
    }
    Ok(())
}

fn unknown(kind: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("a dump knows no values of type {kind}").into())
}

fn int(hash: &mut Sha256, value: i64) {
    part(hash, b'i', &value.to_be_bytes());
}

/// Adds one tagged part with its length, so that no two lists of parts run together alike.
fn part(hash: &mut Sha256, tag: u8, bytes: &[u8]) {
    hash.update([tag]);
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}
