//! Whether an archive may be written, and its views brought up to date while it is opened.

use crate::error::{Error, Result, Why};
use crate::open::Archive;
use crate::views::Applied;
use crate::{rebuild, views, work};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{Rows, Tx, args};

/// Why nothing is written any more until the archive is opened anew.
#[derive(Debug, Clone)]
pub(crate) struct Stopped {
    why: Why,
    reason: String,
    next: Option<String>,
}

/// Runs work to its end even when the caller no longer waits, so that no lock is given back in the middle of it.
pub(crate) async fn finished<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    tokio::spawn(work)
        .await
        .map_err(|e| Error::bug("Writing stopped half-way").because(e))?
}

impl Archive {
    /// Brings the views up to date with the log. A damaged log opens all the same, to read and to check: writing
    /// is refused with the damage as the reason.
    pub(crate) async fn bring_up_to_date(&mut self) -> Result<()> {
        let there = views::version(&self.rows).await? == Some(views::VERSION);
        let done = match (there, self.read_only) {
            (true, false) => self.caught_up().await,
            (false, _) => rebuild::from_log(self).await.map(drop),
            (true, true) => match self.is_current().await {
                Ok(true) => Ok(()),
                Ok(false) => return self.in_memory().await,
                Err(e) => Err(e),
            },
        };
        match done {
            Err(e) if e.why == Why::Damaged && there => {
                drop(self.stop_writing(e));
                Ok(())
            }
            other => other,
        }
    }

    async fn caught_up(&self) -> Result<()> {
        let mut tx = self.rows.begin().await?;
        self.catch_up(&mut tx).await?;
        // An archive from before a table of work was thought of gets it here; nothing of it is truth.
        work::make(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whether rows that may not be written say all that the log says.
    async fn is_current(&self) -> Result<bool> {
        let head: Option<(i64, i64)> = self.rows.one(views::sql::HEAD, args![]).await?;
        let Some((seq, _)) = head else {
            return Ok(false);
        };
        let end = self.truth.end().await?;
        if seq.cast_unsigned() > end {
            return Err(rebuild::ahead(seq.cast_unsigned(), end));
        }
        Ok(seq.cast_unsigned() == end)
    }

    /// Makes the views in memory, for an archive that may not be written and whose rows are behind.
    async fn in_memory(&mut self) -> Result<()> {
        let rows = Rows::memory().await?;
        let inner = Arc::get_mut(&mut self.inner)
            .ok_or_else(|| Error::bug("An archive is shared while it is opened"))?;
        inner.rows = rows;
        rebuild::from_log(self).await.map(drop)
    }

    /// Begins to write; a database that does not answer, as while it is started anew, is waited for a little.
    pub(crate) async fn begin_patiently(&self) -> Result<Tx> {
        let until = Instant::now() + self.patience;
        let mut pause = Duration::from_millis(50);
        loop {
            match self.rows.begin().await {
                Err(e @ store::Error::Unreachable { .. }) if Instant::now() + pause > until => {
                    return Err(e.into());
                }
                Err(store::Error::Unreachable { .. }) => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(2));
                }
                done => return Ok(done?),
            }
        }
    }

    /// Finds out whether a commit happened whose answer got lost. Whoever holds the head of the log knows: the
    /// transaction in doubt held it too, so it has ended one way or the other.
    pub(crate) async fn settle_doubt(
        &self,
        error: store::Error,
        last: Option<&Applied>,
    ) -> Result<()> {
        let (Some(last), true, true) = (last, self.is_shared(), error.is_passing()) else {
            return Err(error.into());
        };
        let found = async {
            let mut tx = self.begin_patiently().await?;
            views::take_head(&mut tx).await?;
            let leaf: Option<(Vec<u8>,)> = tx
                .one(views::sql::LEAF, args![last.index.cast_signed()])
                .await?;
            tx.rollback().await?;
            Ok::<_, Error>(leaf.is_some_and(|(leaf,)| leaf == last.leaf.0))
        };
        match found.await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Error::new(
                Why::Unreachable,
                "The database went away before this was recorded; nothing of it was",
            )
            .next("Do it again")
            .because(error)),
            Err(_still_away) => Err(Error::new(
                Why::Unreachable,
                "The database went away while this was recorded; whether it was is not known",
            )
            .next("When the database answers, look whether it is there before doing it again")
            .because(error)),
        }
    }

    /// Why nothing is written any more, when that is so: damage found while opening, or a disk that failed.
    pub fn trouble(&self) -> Option<String> {
        let stopped = self.stopped.lock().ok()?;
        stopped.as_ref().map(|s| s.reason.clone())
    }

    pub(crate) fn writable(&self) -> Result<()> {
        match self.stopped.lock().ok().and_then(|s| s.clone()) {
            None if self.read_only => Err(Error::new(
                Why::ReadOnly,
                "This archive is open to read only",
            )
            .next("Make its folder writable for you, or work on a copy")),
            None => Ok(()),
            Some(Stopped {
                why: Why::Damaged,
                reason,
                next,
            }) => Err(Error::new(
                Why::Damaged,
                format!("Nothing is written to a damaged archive: {reason}"),
            )
            .next(next.unwrap_or_else(|| "Run `holdfast check --full`, put back what it names from a backup, then start the program again".to_owned()))),
            Some(Stopped {
                why: Why::ReadOnly,
                reason,
                next,
            }) => Err(Error::new(Why::ReadOnly, reason).next(next.unwrap_or_default())),
            Some(Stopped { why, reason, .. }) => Err(Error::new(
                why,
                format!("Writing was stopped because the disk failed: {reason}"),
            )
            .next("Look at the disk, then start the program again; what was acknowledged is kept")),
        }
    }

    /// After a failed write to a disk of ours nothing is written any more by this process: a retry that seems to work
    /// proves nothing. A shared database or object store answers for its own disks: there only damage stops us.
    pub(crate) fn stop_writing(&self, e: Error) -> Error {
        if e.why == Why::Damaged || (e.why == Why::Disk && !self.is_shared()) {
            self.stop(e)
        } else {
            e
        }
    }

    /// Nothing is written any more by this process, whatever the reason.
    pub(crate) fn stop(&self, e: Error) -> Error {
        if let Ok(mut stopped) = self.stopped.lock() {
            stopped.get_or_insert_with(|| Stopped {
                why: e.why,
                reason: e.to_string(),
                next: e.next.clone(),
            });
        }
        e
    }
}
