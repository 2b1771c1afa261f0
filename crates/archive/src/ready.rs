//! Whether an archive may be written, and its views brought up to date while it is opened.

use crate::error::{Error, Result, Why};
use crate::open::Archive;
use crate::{rebuild, views};
use std::sync::Arc;
use store::{Rows, args};

/// Why nothing is written any more until the archive is opened anew.
#[derive(Debug, Clone)]
pub(crate) struct Stopped {
    why: Why,
    reason: String,
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
            (false, _) => rebuild::from_log(self).await,
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
        tx.commit().await?;
        Ok(())
    }

    /// Whether rows that may not be written say all that the log says.
    async fn is_current(&self) -> Result<bool> {
        let sql = "select seq, tail_len from log_head where one = 1";
        let head: Option<(i64, i64)> = self.rows.one(sql, args![]).await?;
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
        rebuild::from_log(self).await
    }

    /// Why nothing is written any more, when that is so: damage found while opening, or a disk that failed.
    pub fn trouble(&self) -> Option<String> {
        let stopped = self.stopped.lock().ok()?;
        stopped.as_ref().map(|s| s.reason.clone())
    }

    pub(crate) fn writable(&self) -> Result<()> {
        if self.read_only {
            return Err(
                Error::new(Why::ReadOnly, "This archive is open to read only")
                    .next("Make its folder writable for you, or work on a copy"),
            );
        }
        match self.stopped.lock().ok().and_then(|s| s.clone()) {
            None => Ok(()),
            Some(Stopped {
                why: Why::Damaged,
                reason,
            }) => Err(Error::new(
                Why::Damaged,
                format!("Nothing is written to a damaged archive: {reason}"),
            )
            .next("Run `holdfast check --full`, put back what it names from a backup, then start the program again")),
            Some(Stopped { why, reason }) => Err(Error::new(
                why,
                format!("Writing was stopped because the disk failed: {reason}"),
            )
            .next("Look at the disk, then start the program again; what was acknowledged is kept")),
        }
    }

    /// After a failed write nothing is written any more by this process: a retry that seems to work proves nothing.
    pub(crate) fn stop_writing(&self, e: Error) -> Error {
        if matches!(e.why, Why::Disk | Why::Damaged)
            && let Ok(mut stopped) = self.stopped.lock()
        {
            stopped.get_or_insert_with(|| Stopped {
                why: e.why,
                reason: e.to_string(),
            });
        }
        e
    }
}
