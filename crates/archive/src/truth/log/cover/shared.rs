//! Covering where several hosts write: one at a time by a row of the shared database, never by the object store.
//!
//! The checkpoint in force is a row, moved in one transaction with the entries it takes out of the waiting table.
//! Objects are only ever added before that, so a host that lost its turn in the middle harms nothing: its bundles are
//! the same bytes that the next one writes. Every checkpoint also stands for itself under `log/checkpoints/`, so that
//! the objects alone tell how far the log was covered, even when `log/checkpoint` was last written by a slow host.

use super::super::{Truth, name};
use crate::error::{Error, Result, Why};
use crate::truth::keep::tail_of;
use crate::truth::sql;
use format::log::checkpoint::Checkpoint;
use format::log::edge::Edge;
use format::log::hash::Hash;
use format::log::note::NoteKey;
use store::{Rows, args};

/// What to do about a database that was restored from an older copy.
pub(crate) const OLDER_COPY: &str = "Stop every server and worker, then run `holdfast rebuild`: it makes the rows again from the objects and names what the database alone held";

/// Where every checkpoint stands under its size.
const CHECKPOINTS: &str = "log/checkpoints/";

impl Truth {
    /// Brings at least the first `recorded` entries under a signed checkpoint, and says how many are.
    pub(crate) async fn cover_shared(
        &self,
        rows: &Rows,
        key: &NoteKey,
        recorded: u64,
    ) -> Result<u64> {
        let covered = self.covered_row(rows).await?;
        if covered >= recorded {
            return Ok(covered); // somebody else's checkpoint took ours along
        }
        let mut tx = rows.begin().await?;
        let taken: Option<(i64, Option<Vec<u8>>)> = tx.one(sql::COVER_TAKE, args![]).await?;
        let (size, old) = taken.ok_or_else(|| {
            Error::new(Why::Damaged, "The rows have lost the checkpoint of the log")
                .next("Run `holdfast rebuild`: it takes the newest one from the objects")
        })?;
        if size.cast_unsigned() >= recorded {
            tx.rollback().await?;
            return Ok(size.cast_unsigned());
        }
        let old = old.map(|bytes| self.verified(&bytes)).transpose()?;
        let tail = tail_of(tx.all(sql::TAIL, args![size]).await?);
        let (size, end) = (size.cast_unsigned(), tail.end(size.cast_unsigned()));
        if tail.frames.len() as u64 != end - size || end < recorded {
            return Err(Error::new(
                Why::Damaged,
                format!("The rows do not hold entries {size} to {recorded}"),
            )
            .next("Run `holdfast check --full`; do not add anything before that"));
        }
        let laid = match self.newest_beyond(size).await {
            Ok(seen) => self.lay(old.as_ref(), &tail.frames, seen.as_ref()).await,
            Err(e) => Err(e),
        };
        if laid.is_err() {
            // Whoever stood still for so long that the database ended its turn meets a log that others moved on: that
            // is no damage, and the transaction says so before anybody is told that it is.
            let _ours: Option<(i64,)> = tx.one(sql::COVERED, args![]).await?;
        }
        let checkpoint = laid?;
        let signed = self.signed(&checkpoint, key)?;
        let own = name(&own_path(checkpoint.size))?;
        self.objects.put_once(&own, &signed).await?;
        let end = checkpoint.size.cast_signed();
        tx.run(sql::COVER_SET, args![end, signed.clone()]).await?;
        tx.run(sql::TAIL_DROP, args![end]).await?;
        tx.commit().await?;
        // From here the entries are covered. What follows is tidying, made good by the next checkpoint if it fails.
        let _passing = self.publish(&signed, size, checkpoint.size).await;
        Ok(checkpoint.size)
    }

    async fn covered_row(&self, rows: &Rows) -> Result<u64> {
        let row: Option<(i64,)> = rows.one(sql::COVERED, args![]).await?;
        Ok(row.map_or(0, |(size,)| size.cast_unsigned()))
    }

    async fn publish(&self, signed: &[u8], old: u64, new: u64) -> Result<()> {
        let checkpoint = name("log/checkpoint")?;
        let (published, older) = tokio::join!(
            self.objects.replace(&checkpoint, signed),
            self.objects.list(CHECKPOINTS),
        );
        // What the checkpoint before needed goes only once readers are led to this one.
        published?;
        let older = older?;
        let older = older.iter().map(|n| n.as_str().to_owned());
        let older = older.filter(|path| *path < own_path(old)).collect();
        let (dropped, discarded) =
            tokio::join!(self.drop_partials(old, new), self.discard_all(older));
        dropped.and(discarded)
    }

    /// The widest checkpoint among the objects, when it covers more than `size`.
    pub(crate) async fn newest_beyond(&self, size: u64) -> Result<Option<Checkpoint>> {
        let names = self.objects.list(CHECKPOINTS).await?;
        let Some(newest) = names
            .last()
            .filter(|n| n.as_str() > own_path(size).as_str())
        else {
            return Ok(None);
        };
        let bytes = self.objects.get(newest).await?;
        self.verified(&bytes).map(Some)
    }

    /// The bytes of the widest checkpoint among the objects; none before the first.
    pub(crate) async fn newest_published(&self) -> Result<Option<(Checkpoint, Vec<u8>)>> {
        let names = self.objects.list(CHECKPOINTS).await?;
        let Some(newest) = names.last() else {
            return Ok(None);
        };
        let bytes = self.objects.get(newest).await?;
        Ok(Some((self.verified(&bytes)?, bytes)))
    }
}

/// Where the checkpoint of this size stands; names sort as the numbers do.
pub(crate) fn own_path(size: u64) -> String {
    format!("{CHECKPOINTS}{size:020}")
}

/// Refuses to sign where the objects hold a checkpoint that the rows' entries do not lead to: the rows are an older
/// copy, and going on would make a second log under the same name.
pub(super) fn must_continue(seen: &Checkpoint, edge: &Edge, leaves: &[Hash]) -> Result<()> {
    let first = seen.size.checked_sub(edge.size());
    let first = first.and_then(|n| leaves.get(..usize::try_from(n).ok()?));
    let same = first.is_some_and(|first| {
        let mut edge = edge.clone();
        edge.append(first);
        edge.root() == seen.root
    });
    if same {
        return Ok(());
    }
    Err(Error::new(
        Why::Damaged,
        format!(
            "The objects hold a signed log of {} entries that the database does not know: it is an older copy of itself",
            seen.size
        ),
    )
    .next(OLDER_COPY))
}
