//! A digest over rows, the same on every database and machine.

use std::fmt;
use std::future::poll_fn;

use sha2::{Digest as _, Sha256};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{Column as _, Row as _, TypeInfo as _, ValueRef as _};

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

/// Digests one query after the other, a row at a time.
pub(super) async fn all(on: &mut SqliteConnection, queries: &[&'static str]) -> sqlx::Result<Dump> {
    let mut hash = Sha256::new();
    let mut rows = 0;
    for &sql in queries {
        part(&mut hash, b'Q', &[]);
        let mut stream = sqlx::query(sql).fetch(&mut *on);
        let mut first = true;
        while let Some(row) = poll_fn(|cx| stream.as_mut().poll_next(cx)).await {
            let row = row?;
            if first {
                row.columns()
                    .iter()
                    .for_each(|c| part(&mut hash, b'C', c.name().as_bytes()));
                first = false;
            }
            add(&mut hash, &row)?;
            rows += 1;
        }
    }
    Ok(Dump {
        rows,
        sha256: hash.finalize().into(),
    })
}

fn add(hash: &mut Sha256, row: &SqliteRow) -> sqlx::Result<()> {
    part(hash, b'R', &[]);
    for at in 0..row.len() {
        let value = row.try_get_raw(at)?;
        if value.is_null() {
            part(hash, b'n', &[]);
            continue;
        }
        match value.type_info().name() {
            // Booleans are whole numbers in SQLite; elsewhere they must be rendered as 0 and 1 too.
            "INTEGER" => part(
                hash,
                b'i',
                &row.try_get_unchecked::<i64, _>(at)?.to_be_bytes(),
            ),
            "TEXT" => part(hash, b't', row.try_get_unchecked::<&str, _>(at)?.as_bytes()),
            "BLOB" => part(hash, b'b', row.try_get_unchecked::<&[u8], _>(at)?),
            other => {
                return Err(sqlx::Error::Decode(
                    format!("a dump knows no values of type {other}").into(),
                ));
            }
        }
    }
    Ok(())
}

/// Adds one tagged part with its length, so that no two lists of parts run together alike.
fn part(hash: &mut Sha256, tag: u8, bytes: &[u8]) {
    hash.update([tag]);
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}
