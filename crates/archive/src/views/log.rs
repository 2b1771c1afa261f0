//! Entries as rows.

use super::sql;
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

pub(crate) async fn before(rows: &Rows, seq: i64, kind: &str, limit: i64) -> Result<Vec<EntryRow>> {
    Ok(if kind.is_empty() {
        rows.all(sql::ENTRIES_BEFORE, args![seq, limit]).await?
    } else {
        rows.all(sql::ENTRIES_OF_KIND, args![seq, kind, limit])
            .await?
    })
}

pub(crate) async fn chain(rows: &Rows, subject: &str) -> Result<Vec<EntryRow>> {
    Ok(rows.all(sql::CHAIN, args![subject]).await?)
}

pub(crate) async fn head(rows: &Rows) -> Result<u64> {
    let head: Option<(i64,)> = rows.one(sql::HEAD_SEQ, args![]).await?;
    Ok(head.map_or(0, |(n,)| n.cast_unsigned()))
}
