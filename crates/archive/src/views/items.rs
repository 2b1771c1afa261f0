//! Items as rows: one compartment at a time, up to a level.

use super::sql;
use crate::error::Result;
use format::id::{ItemId, Sha256};
use store::{Rows, Tx, args};

/// One item as the views know it. A field that was withheld or erased is absent.
#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of format.md §4, `collected`")]
pub struct ItemRow {
    pub id: String,
    pub number: i64,
    pub seq: i64,
    pub compartment: String,
    pub level: i64,
    pub sha256: Option<Vec<u8>>,
    pub blake3: Option<Vec<u8>>,
    pub bytes: Option<i64>,
    pub name: Option<String>,
    pub name_raw: Option<Vec<u8>>,
    pub path: Option<String>,
    pub path_raw: Option<Vec<u8>>,
    pub source: Option<String>,
    pub session: Option<String>,
    pub collected_at: Option<String>,
    pub modified: Option<i64>,
    pub media: Option<String>,
    pub added_at: i64,
    pub added_by: Option<String>,
}

impl ItemRow {
    /// The item's id.
    pub fn item(&self) -> Result<ItemId> {
        self.id.parse().map_err(|_other| {
            crate::Error::bug(format!("The views hold {:?} as an item id", self.id))
        })
    }

    /// The digest that names the original, when it is known.
    pub fn digest(&self) -> Option<Sha256> {
        self.sha256
            .as_deref()
            .and_then(|b| b.try_into().ok())
            .map(Sha256)
    }

    /// The bytes of the path as they came in.
    pub fn path_bytes(&self) -> Vec<u8> {
        self.path_raw
            .clone()
            .unwrap_or_else(|| self.path.clone().unwrap_or_default().into_bytes())
    }
}

/// Which items to list: newest first, before a number.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The compartment.
    pub compartment: String,
    /// Only numbers below this one; `i64::MAX` begins at the newest.
    pub before: i64,
    /// How many at the most.
    pub limit: i64,
}

pub(crate) async fn list(rows: &Rows, l: &Listing, level: i64) -> Result<Vec<ItemRow>> {
    Ok(rows
        .all(
            sql::ITEMS,
            args![l.compartment.clone(), l.before, level, l.limit],
        )
        .await?)
}

pub(crate) async fn by_id(rows: &Rows, id: &str) -> Result<Option<ItemRow>> {
    Ok(rows.one(sql::ITEM, args![id]).await?)
}

pub(crate) async fn by_prefix(rows: &Rows, from: &str, to: &str) -> Result<Vec<ItemRow>> {
    Ok(rows.all(sql::ITEMS_NAMED, args![from, to]).await?)
}

pub(crate) async fn by_number(rows: &Rows, number: i64) -> Result<Vec<ItemRow>> {
    Ok(rows.all(sql::ITEMS_NUMBERED, args![number]).await?)
}

pub(crate) async fn by_digest(rows: &Rows, digest: &Sha256) -> Result<Vec<ItemRow>> {
    Ok(rows.all(sql::ITEMS_OF, args![digest.0.to_vec()]).await?)
}

pub(crate) async fn by_digest_now(tx: &mut Tx, digest: &Sha256) -> Result<Vec<ItemRow>> {
    Ok(tx.all(sql::ITEMS_OF, args![digest.0.to_vec()]).await?)
}

/// Digests and lengths of originals whose SHA-256 begins with this byte, of items below a log number.
pub(crate) async fn in_shard(rows: &Rows, shard: u8, below: i64) -> Result<Vec<ShardRow>> {
    let (from, to) = shard_ends(shard);
    Ok(rows.all(sql::SHARD, args![from, to, below]).await?)
}

/// How many there are.
pub(crate) async fn shard_size(rows: &Rows, shard: u8, below: i64) -> Result<i64> {
    let (from, to) = shard_ends(shard);
    let n: Option<(i64,)> = rows.one(sql::SHARD_SIZE, args![from, to, below]).await?;
    Ok(n.map_or(0, |(n,)| n))
}

pub(crate) type ShardRow = (Vec<u8>, Option<Vec<u8>>, Option<i64>, i64);

fn shard_ends(shard: u8) -> (Vec<u8>, Vec<u8>) {
    // Beyond the last shard lies what is longer than any digest.
    let end = shard
        .checked_add(1)
        .map_or_else(|| vec![0xff; 33], |next| vec![next]);
    (vec![shard], end)
}

pub(crate) async fn after(rows: &Rows, seq: i64, limit: i64) -> Result<Vec<ItemRow>> {
    Ok(rows.all(sql::ITEMS_AFTER, args![seq, limit]).await?)
}

pub(crate) async fn count(rows: &Rows, compartment: &str, level: i64) -> Result<i64> {
    let n: Option<(i64,)> = rows.one(sql::ITEM_COUNT, args![compartment, level]).await?;
    Ok(n.map_or(0, |(n,)| n))
}
