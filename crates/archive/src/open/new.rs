//! Whether a database and a bucket are free for an archive that comes to be kept in them.

use super::parts::Parts;
use super::{Archive, refused};
use crate::error::{Error, Result, Why};
use crate::home::{self, Home};
use crate::truth::log::name;
use crate::truth::sql;
use store::{Objects, Rows, args};

impl Parts {
    /// Refuses a database or a prefix that an archive, or anything else, is kept in already.
    pub(crate) async fn must_be_new(&self) -> Result<()> {
        must_be_new(&self.rows, &self.objects).await
    }
}

impl Archive {
    /// The same.
    pub(crate) async fn must_be_new(&self) -> Result<()> {
        must_be_new(&self.rows, &self.truth.objects).await
    }
}

async fn must_be_new(rows: &Rows, objects: &Objects) -> Result<()> {
    if let Some(home) = home_of(rows).await? {
        return Err(taken("database", &home));
    }
    let tables = rows.tables().await?;
    if let Some(theirs) = tables.iter().find(|table| !is_ours(table)) {
        return Err(Error::new(
            Why::Invalid,
            format!("The database is not empty: it holds the table {theirs}, which is none of Holdfast's"),
        )
        .next("Name a new, empty database; nothing in this one was read or changed"));
    }
    let home = objects.get_if_there(&name(home::OBJECT)?).await;
    if let Some(home) = home.map_err(refused::by_bucket)? {
        return Err(taken("bucket under this prefix", &home));
    }
    if let Some(first) = objects.list("").await?.first() {
        return Err(Error::new(
            Why::Invalid,
            format!("The bucket is not empty under this prefix: it holds {first}"),
        )
        .next("Name another prefix; if an earlier `init` broke off here, nothing in it was acknowledged and it may be deleted"));
    }
    Ok(())
}

/// What a founding that broke off leaves behind is ours, and made again.
fn is_ours(table: &str) -> bool {
    ["log_", "view_", "work_"]
        .iter()
        .any(|room| table.starts_with(room))
}

pub(super) fn taken(what: &str, home: &[u8]) -> Error {
    let theirs = Home::read(home).map_or("an unreadable one".to_owned(), |h| h.origin);
    Error::new(
        Why::Invalid,
        format!("The {what} holds an archive already: {theirs}"),
    )
    .next("Name another one, or work with that archive: copy the folder of a host that has it")
}

/// The file HOLDFAST as the rows keep it; none before a founding is complete.
pub(super) async fn home_of(rows: &Rows) -> Result<Option<Vec<u8>>> {
    let there = rows.tables().await?;
    if !there.iter().any(|t| t == "log_home") {
        return Ok(None);
    }
    let row: Option<(Vec<u8>,)> = rows.one(sql::HOME, args![]).await?;
    Ok(row.map(|(home,)| home))
}
