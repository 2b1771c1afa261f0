//! Entries as rows.

use crate::error::Result;
use store::{Rows, args};

/// One entry of the log as the views know it.
#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the fields of format.md §3")]
pub struct EntryRow {
    pub seq: i64,
    pub kind: String,
    pub at: i64,
    pub who: Option<String>,
    pub subject: String,
    pub n: i64,
    pub leaf: Vec<u8>,
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select seq, kind, at, who, subject, n, leaf from view_entry ",
            $rest
        )
    };
}

pub(crate) async fn before(rows: &Rows, seq: i64, kind: &str, limit: i64) -> Result<Vec<EntryRow>> {
    Ok(if kind.is_empty() {
        rows.all(
            columns!("where seq < $1 order by seq desc limit $2"),
            args![seq, limit],
        )
        .await?
    } else {
        rows.all(
            columns!("where seq < $1 and kind = $2 order by seq desc limit $3"),
            args![seq, kind, limit],
        )
        .await?
    })
}

pub(crate) async fn chain(rows: &Rows, subject: &str) -> Result<Vec<EntryRow>> {
    Ok(rows
        .all(columns!("where subject = $1 order by n"), args![subject])
        .await?)
}

pub(crate) async fn head(rows: &Rows) -> Result<u64> {
    let head: Option<(i64,)> = rows
        .one("select seq from log_head where one = 1", args![])
        .await?;
    Ok(head.map_or(0, |(n,)| n.cast_unsigned()))
}
