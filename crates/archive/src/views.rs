//! Tables for questions: pure functions of entries, deleted and rebuilt at will.
//!
//! `apply` reads nothing but the entries it is given and the views themselves, so that replaying the log
//! gives the same rows, byte for byte (see `Archive::dump`).

pub mod items;
pub mod log;
pub mod more;
pub(crate) mod sql;
mod write;

pub use items::{ItemRow, Listing};
pub use log::EntryRow;
pub use more::{
    CheckRow, Counts, DossierItemRow, DossierRow, ExportRow, PersonRow, RefusedRow, SessionNoteRow,
    SessionRow,
};
pub(crate) use sql::whole::ALL;
pub(crate) use write::apply;

use crate::error::Result;
use format::entry::Entry;
use format::id::Subject;
use format::kind::{Common, Kind};
use format::log::hash::{Hash, leaf};
use store::{Engine, Rows, Tx, args};

/// Raised whenever a view changes shape or meaning; views of another version are rebuilt at open.
pub(crate) const VERSION: i64 = 3;

/// The tables of the views.
const TABLES: &str = include_str!("views/tables.sql");
/// The table of the head of the log.
const HEAD_TABLE: &str = include_str!("views/head.sql");

/// An entry at its place in the log, read once for all views.
#[derive(Debug)]
pub struct Applied {
    /// Log index.
    pub index: u64,
    /// Leaf hash of the record.
    pub leaf: Hash,
    /// What it is about.
    pub subject: Subject,
    /// The entry itself.
    pub entry: Entry,
    common: Common,
    kind: Option<Kind>,
}

impl Applied {
    /// Reads an entry just composed.
    pub(crate) fn new(index: u64, subject: Subject, entry: Entry) -> Self {
        let common = Common::read(&entry.fields).unwrap_or_default();
        let kind = Kind::read(&entry.fields).ok();
        Self {
            index,
            leaf: leaf(entry.record.as_bytes()),
            subject,
            entry,
            common,
            kind,
        }
    }

    /// Reads an entry of the log, whose subject may be withheld or erased.
    pub(crate) fn read(index: u64, entry: Entry) -> Self {
        let subject = Common::read(&entry.fields)
            .ok()
            .and_then(|c| c.subject)
            .unwrap_or(Subject::Archive);
        Self::new(index, subject, entry)
    }

    /// Its number in the chain of its subject.
    pub(crate) fn chain_n(&self) -> u64 {
        self.common.chain.as_ref().map_or(0, |c| c.n)
    }
}

/// Makes the empty tables, in place of whatever stood there.
pub(crate) async fn make(tx: &mut Tx) -> Result<()> {
    tx.script(include_str!("views/drop_head.sql")).await?;
    tx.script(include_str!("views/drop.sql")).await?;
    tx.script(HEAD_TABLE).await?;
    tx.script(TABLES).await?;
    tx.run(sql::HEAD_START, args![]).await?;
    tx.run(sql::META_START, args![VERSION]).await?;
    Ok(())
}

/// The same where other hosts may be waiting for the head of the log: its row stays, and is held from the start.
pub(crate) async fn make_again(tx: &mut Tx) -> Result<()> {
    let held: Option<(i64, i64)> = tx.one(sql::HEAD_HOLD, args![]).await?;
    if held.is_none() {
        tx.run(sql::HEAD_START, args![]).await?;
    }
    tx.script(include_str!("views/drop.sql")).await?;
    tx.script(TABLES).await?;
    tx.run(sql::HEAD_SET, args![0, 0]).await?;
    tx.run(sql::META_START, args![VERSION]).await?;
    Ok(())
}

/// The head of the log as its holder finds it.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    /// How many entries are recorded.
    pub(crate) seq: u64,
    /// The length of `log/tail`; 0 where entries wait in a table.
    pub(crate) tail_len: u64,
    /// The version of the views beside it.
    pub(crate) version: i64,
    /// Why nobody may record anything now, such as a move to another place.
    pub(crate) closed: Option<String>,
}

/// Takes the head of the log: from here to the end of the transaction nobody else records anything.
pub(crate) async fn take_head(tx: &mut Tx) -> Result<Head> {
    type Row = (i64, i64, Option<String>, Option<i64>);
    let head: Option<Row> = tx.one(sql::HEAD_TAKE, args![]).await?;
    let (seq, tail_len, closed, version) =
        head.ok_or_else(|| crate::Error::bug("The head of the log is gone from the rows"))?;
    Ok(Head {
        seq: seq.cast_unsigned(),
        tail_len: tail_len.cast_unsigned(),
        version: version.unwrap_or(0),
        closed,
    })
}

/// The version of the views that stand there, if any do.
pub(crate) async fn version(rows: &Rows) -> Result<Option<i64>> {
    let there = match rows.engine() {
        Engine::Sqlite => as_made(rows).await?,
        // The server guards its catalogue itself.
        Engine::Postgres => {
            let tables = rows.tables().await?;
            ["view_meta", "log_head"]
                .iter()
                .all(|t| tables.iter().any(|there| there == t))
        }
    };
    if !there {
        return Ok(None);
    }
    // Without a head nobody knows how far the views are: that is no version either.
    let version: Option<(i64,)> = rows.one(sql::META_VERSION, args![]).await?;
    Ok(version.map(|(v,)| v))
}

/// Whether the tables are, word for word, those that [`make`] makes: a damaged definition makes every answer doubtful.
async fn as_made(rows: &Rows) -> Result<bool> {
    let there: Vec<(Vec<u8>,)> = rows.all(sql::sqlite::AS_MADE, args![]).await?;
    let mut there: Vec<Vec<u8>> = there.into_iter().map(|(sql,)| sql).collect();
    // The database keeps the text from the name on and writes the words before it itself.
    let kept = |sql: &str| {
        let sql = sql.trim();
        ["create table ", "create index "].iter().find_map(|words| {
            let rest = sql.strip_prefix(words)?;
            Some([words.to_uppercase().as_str(), rest].concat().into_bytes())
        })
    };
    let mut wanted: Vec<Vec<u8>> = [HEAD_TABLE, TABLES]
        .concat()
        .split(';')
        .filter_map(kept)
        .collect();
    there.sort();
    wanted.sort();
    Ok(there == wanted)
}
