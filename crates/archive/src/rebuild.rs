//! Making the views again from the log, and proving that they are the same.

mod shared;

use crate::access::{self, Act, Who};
use crate::error::{Error, Result, Why};
use crate::open::Archive;
use crate::truth::Bundle;
use crate::truth::log::WIDTH;
use crate::truth::tail::Tail;
use crate::views::{self, Applied};
use crate::work;
use format::entry::Entry;
use rayon::prelude::*;
use std::path::PathBuf;
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
    /// The file that keeps what a shared database alone held and the log contradicts.
    pub displaced: Option<PathBuf>,
}

impl Archive {
    /// Deletes every view and makes it again. The archive must have been opened alone.
    pub async fn rebuild(&self, who: &Who) -> Result<Rebuilt> {
        access::may(who, Act::Rebuild)?;
        // Rows that are behind the objects' log are mended by just this.
        if self.read_only || !self.is_shared() {
            self.writable()?;
        }
        let before = self.dump().await.ok();
        let displaced = from_log(self).await?;
        let after = self.dump().await?;
        let entries = views::log::head(&self.rows).await?;
        let equal = before.as_ref().is_none_or(|b| *b == after);
        Ok(Rebuilt {
            entries,
            before,
            after,
            equal,
            displaced,
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

/// Makes every view again; gives the file that keeps what contradicted the log, if anything did.
pub(crate) async fn from_log(archive: &Archive) -> Result<Option<PathBuf>> {
    let (mut tx, standing, displaced) = if archive.is_shared() {
        let begun = shared::begin(archive).await?;
        (begun.tx, Some(begun.standing), begun.displaced)
    } else {
        let mut tx = archive.rows.begin().await?;
        views::make(&mut tx).await?;
        (tx, None, None)
    };
    work::make(&mut tx).await?;
    replay_of(archive, &mut tx, standing).await?;
    tx.commit().await?;
    Ok(displaced)
}

/// How far the log is covered, and what waits for its checkpoint.
struct Standing {
    covered: u64,
    tail: Tail,
}

/// Applies whatever the log and the tail hold beyond the rows.
pub(crate) async fn replay(archive: &Archive, tx: &mut Tx) -> Result<()> {
    replay_of(archive, tx, None).await
}

/// The same of a log whose standing is known already.
async fn replay_of(archive: &Archive, tx: &mut Tx, standing: Option<Standing>) -> Result<()> {
    let head = views::take_head(tx).await?;
    let (mut at, tail_len) = (head.seq, head.tail_len);
    let Standing { covered, tail } = match standing {
        Some(standing) => standing,
        None => match standing_of(archive, at, tail_len).await? {
            Some(standing) => standing,
            None => return Ok(()),
        },
    };
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
        archive.truth.keep.sync().await?;
    }
    let applied = read(frames)?;
    at += applied.len() as u64;
    views::apply(tx, &applied).await?;
    tx.run(
        views::sql::HEAD_SET,
        args![at.cast_signed(), tail.good_len.cast_signed()],
    )
    .await?;
    Ok(())
}

/// Looks where the log stands; nothing where the rows are known to say the same.
async fn standing_of(archive: &Archive, at: u64, tail_len: u64) -> Result<Option<Standing>> {
    // The tail first: what leaves it meanwhile is under the checkpoint that is read after it.
    let kept = archive.truth.keep.len().await?;
    let shared = archive.is_shared();
    let early = if shared {
        Some(archive.truth.tail().await?)
    } else {
        None
    };
    let covered = archive.truth.covered().await?;
    let same_tail = !shared && kept == tail_len;
    if same_tail && (at == covered || (at > covered && tail_len > 0)) {
        return Ok(None);
    }
    let tail = match early {
        Some(tail) => tail,
        None => archive.truth.tail().await?,
    };
    Ok(Some(Standing { covered, tail }))
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
    let mut reading = tokio::task::JoinSet::new();
    for n in first..last {
        let archive = archive.clone();
        reading.spawn(async move { archive.truth.bundle(n, covered).await });
    }
    let mut read_bundles = Vec::new();
    while let Some(bundle) = reading.join_next().await {
        read_bundles.push(bundle.map_err(|e| Error::bug("Reading a bundle stopped").because(e))??);
    }
    read_bundles.sort_by_key(|b| b.first);
    let entries = read_bundles.iter().flat_map(Bundle::entries);
    let entries = entries.filter(|(i, _)| *i >= at).collect();
    let applied = read(entries)?;
    let next = at + applied.len() as u64;
    views::apply(tx, &applied).await?;
    tx.run(views::sql::HEAD_SET, args![next.cast_signed(), 0])
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
