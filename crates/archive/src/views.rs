//! Tables for questions: pure functions of entries, deleted and rebuilt at will.
//!
//! `apply` reads nothing but the entries it is given and the views themselves, so that replaying the log
//! gives the same rows, byte for byte (see `Archive::dump`).

pub mod items;
pub mod log;
pub mod more;
mod write;

pub use items::{ItemRow, Listing};
pub use log::EntryRow;
pub use more::{
    CheckRow, Counts, DossierItemRow, DossierRow, ExportRow, PersonRow, RefusedRow, SessionNoteRow,
    SessionRow,
};
pub(crate) use write::apply;

use crate::error::Result;
use format::entry::Entry;
use format::id::Subject;
use format::kind::{Common, Kind};
use format::log::hash::{Hash, leaf};
use store::{Rows, Tx, args};

/// Raised whenever a view changes shape or meaning; views of another version are rebuilt at open.
pub(crate) const VERSION: i64 = 1;

const TABLES: &str = include_str!("views/tables.sql");
pub(crate) const HEAD_TAKE: &str =
    "update log_head set seq = seq where one = 1 returning seq, tail_len";
pub(crate) const HEAD_SET: &str = "update log_head set seq = $1, tail_len = $2 where one = 1";
pub(crate) const CHAIN_HEAD: &str =
    "select n, seq, leaf from view_entry where subject = $1 order by n desc limit 1";

/// Every view, in an order that makes its dump the same wherever it is made.
pub(crate) const ALL: &[&str] = &[
    "select * from view_check order by seq",
    "select * from view_dossier order by id",
    "select * from view_dossier_item order by dossier, seq",
    "select * from view_entry order by seq",
    "select * from view_export order by seq",
    "select * from view_item order by id",
    "select * from view_person order by id",
    "select * from view_refused order by seq",
    "select * from view_session order by id",
    "select * from view_session_note order by seq",
];

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
    tx.script(include_str!("views/drop.sql")).await?;
    tx.script(TABLES).await?;
    tx.run(
        "insert into view_meta (one, version) values (1, $1)",
        args![VERSION],
    )
    .await?;
    tx.run(
        "insert into log_head (one, seq, tail_len) values (1, 0, 0)",
        args![],
    )
    .await?;
    Ok(())
}

/// The version of the views that stand there, if any do.
pub(crate) async fn version(rows: &Rows) -> Result<Option<i64>> {
    if !as_made(rows).await? {
        return Ok(None);
    }
    // Without a head nobody knows how far the views are: that is no version either.
    let sql = "select m.version from view_meta m join log_head h on h.one = m.one where m.one = 1";
    let version: Option<(i64,)> = rows.one(sql, args![]).await?;
    Ok(version.map(|(v,)| v))
}

/// Whether the tables are, word for word, those that [`make`] makes: a damaged definition makes every answer doubtful.
async fn as_made(rows: &Rows) -> Result<bool> {
    // As bytes: what is damaged need not be text.
    let sql = "select cast(sql as blob) from sqlite_master where sql is not null and (name like 'view_%' or name = 'log_head')";
    let there: Vec<(Vec<u8>,)> = rows.all(sql, args![]).await?;
    let mut there: Vec<Vec<u8>> = there.into_iter().map(|(sql,)| sql).collect();
    // The database keeps the text from the name on and writes the words before it itself.
    let kept = |sql: &str| {
        let sql = sql.trim();
        ["create table ", "create index "].iter().find_map(|words| {
            let rest = sql.strip_prefix(words)?;
            Some([words.to_uppercase().as_str(), rest].concat().into_bytes())
        })
    };
    let mut wanted: Vec<Vec<u8>> = TABLES.split(';').filter_map(kept).collect();
    there.sort();
    wanted.sort();
    Ok(there == wanted)
}
