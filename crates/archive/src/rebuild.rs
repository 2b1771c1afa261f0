//! Making the views again from the log, and proving that they are the same.

use crate::access::{self, Act, Who};
use crate::error::{Error, Result, Why};
use crate::open::Archive;
use crate::truth::log::WIDTH;
use crate::views::{self, Applied};
use crate::work;
use format::entry::Entry;
use rayon::prelude::*;
use store::{Tx, args};

/// Bundles read and applied at once: enough to keep every core busy, little enough memory.
const AT_ONCE: u64 = 16;

/// What a rebuild did.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Rebuilt {
    /// Entries replayed.
    pub entries: u64,
    /// Digest over every row before, when there were views.
    pub before: Option<String>,
    /// Digest over every row after.
    pub after: String,
    /// Whether the two are the same.
    pub equal: bool,
}

impl Archive {
    /// Deletes every view and makes it again. The archive must have been opened alone.
    pub async fn rebuild(&self, who: &Who) -> Result<Rebuilt> {
        access::may(who, Act::Rebuild)?;
        self.writable()?;
        let before = self.dump().await.ok();
        from_log(self).await?;
        let after = self.dump().await?;
        let entries = views::log::head(&self.rows).await?;
        let equal = before.as_ref().is_none_or(|b| *b == after);
        Ok(Rebuilt {
            entries,
            before,
            after,
            equal,
        })
    }

    /// The dump that a rebuild would give, made in memory beside the live views.
    pub async fn rebuilt_in_memory(&self) -> Result<String> {
        let rows = store::Rows::memory().await?;
        let mut tx = rows.begin().await?;
        views::make(&mut tx).await?;
        replay(self, &mut tx).await?;
        tx.commit().await?;
        Ok(rows.dump(views::ALL).await?.to_string())
    }

    /// A digest over every row of every view, in an order that does not depend on how they were made.
    pub async fn dump(&self) -> Result<String> {
        Ok(self.rows.dump(views::ALL).await?.to_string())
    }
}

pub(crate) async fn from_log(archive: &Archive) -> Result<()> {
    let mut tx = archive.rows.begin().await?;
    views::make(&mut tx).await?;
    work::make(&mut tx).await?;
    replay(archive, &mut tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Applies whatever the log and the tail hold beyond the rows.
pub(crate) async fn replay(archive: &Archive, tx: &mut Tx) -> Result<()> {
    let head: Option<(i64, i64)> = tx.one(views::HEAD_TAKE, args![]).await?;
    let (seq, tail_len) =
        head.ok_or_else(|| Error::bug("The head of the log is gone from the rows"))?;
    let mut at = seq.cast_unsigned();
    let tail_len = tail_len.cast_unsigned();
    let covered = archive.truth.covered().await?;
    let same_tail = archive.truth.tail_size().await? == tail_len;
    if same_tail && (at == covered || (at > covered && tail_len > 0)) {
        return Ok(());
    }
    let tail = archive.truth.tail().await?;
    let end = tail.end(covered);
    if at > end {
        return Err(ahead(at, end));
    }
    while at < covered {
        at = bundles(archive, tx, at, covered).await?;
    }
    let frames: Vec<(u64, String)> = tail
        .frames
        .into_iter()
        .filter(|f| f.index >= at)
        .map(|f| (f.index, f.sd_jwt))
        .collect();
    if frames.iter().zip(at..).any(|((i, _), want)| *i != want) {
        return Err(gap(at));
    }
    if !frames.is_empty() && !archive.read_only {
        // Whoever wrote them may have died before the sync: rows must never know what the disk may forget.
        archive.truth.sync_tail().await?;
    }
    let applied = read(frames)?;
    at += applied.len() as u64;
    views::apply(tx, &applied).await?;
    tx.run(
        views::HEAD_SET,
        args![at.cast_signed(), tail.good_len.cast_signed()],
    )
    .await?;
    Ok(())
}

pub(crate) fn ahead(rows: u64, log: u64) -> Error {
    Error::new(
        Why::Damaged,
        format!("The views know {rows} entries, the log holds only {log}"),
    )
    .next("Put `log/` back from a backup. To go on without what is lost, delete rows.sqlite")
}

fn gap(at: u64) -> Error {
    Error::new(
        Why::Damaged,
        format!("Entry {at} is missing between the checkpoint and the tail"),
    )
    .next("Run `holdfast check --full`; put log/tail back from a backup")
}

async fn bundles(archive: &Archive, tx: &mut Tx, at: u64, covered: u64) -> Result<u64> {
    let first = at / WIDTH;
    let last = (first + AT_ONCE).min(covered.div_ceil(WIDTH));
    let mut entries = Vec::new();
    for n in first..last {
        let bundle = archive.truth.bundle(n, covered).await?;
        entries.extend(bundle.entries().filter(|(i, _)| *i >= at));
    }
    let applied = read(entries)?;
    let next = at + applied.len() as u64;
    views::apply(tx, &applied).await?;
    tx.run(views::HEAD_SET, args![next.cast_signed(), 0])
        .await?;
    Ok(next)
}

/// Parses and checks entries side by side. Signatures are covered by the signed root; `check` looks at each.
fn read(entries: Vec<(u64, String)>) -> Result<Vec<Applied>> {
    entries
        .into_par_iter()
        .map(|(index, text)| {
            let entry = Entry::open(&text, None).map_err(|e| {
                Error::new(Why::Damaged, format!("Entry {index} is not good: {e}"))
                    .next("Run `holdfast check --full`; put its bundle back from a backup")
            })?;
            Ok(Applied::read(index, entry))
        })
        .collect()
}
