//! A job in the hands of a worker. Whatever is written here is fenced: a lost lease changes nothing.

use super::{JobRow, LEASE, MOST_TRIES, micros, sql};
use crate::access::Who;
use crate::error::{Error, Result, Why};
use crate::open::Archive;
use serde::de::DeserializeOwned;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use store::{Arg, Tx, args};

/// The cause inside an error about a job that is no longer ours: stop, another has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseLost;

impl LeaseLost {
    /// Whether this is why something was not done.
    pub fn caused(error: &Error) -> bool {
        std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<Self>)
    }

    fn error(number: i64) -> Error {
        Error::new(
            Why::Stale,
            format!("Job {number} was taken over by another worker, or cancelled"),
        )
        .next("Nothing was changed; see how it stands with `holdfast job ls`")
        .because(Self)
    }
}

impl fmt::Display for LeaseLost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("The lease is lost")
    }
}

impl std::error::Error for LeaseLost {}

/// A claimed job. Clones are the same claim.
#[derive(Debug, Clone)]
pub struct Held {
    archive: Archive,
    job: Arc<JobRow>,
    /// What the clock of leases is ahead of ours, in microseconds.
    ahead: i64,
    done: Arc<AtomicI64>,
    all: Arc<AtomicI64>,
    stop: Arc<AtomicBool>,
}

const UNKNOWN: i64 = -1;
/// More of a reason is not kept.
const LONGEST: usize = 1_000;

impl Held {
    /// `now` is what the clock of leases said at the claim.
    pub(super) fn new(archive: &Archive, job: JobRow, now: i64) -> Self {
        Self {
            archive: archive.clone(),
            ahead: now.saturating_sub(archive.now().micros()),
            done: Arc::default(),
            all: Arc::new(AtomicI64::new(job.all_units.unwrap_or(UNKNOWN))),
            stop: Arc::default(),
            job: Arc::new(job),
        }
    }

    /// The job as it was claimed.
    pub fn job(&self) -> &JobRow {
        &self.job
    }

    /// Its parameters.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.job.body).map_err(|e| {
            let what = format!("Job {} has parameters that are none: {e}", self.job.number);
            Error::new(Why::Invalid, what).next("Cancel it and ask for it anew")
        })
    }

    /// Whoever asked for it, with the rights they have now.
    pub async fn who(&self) -> Result<Who> {
        match &self.job.made_by {
            Some(person) => self.archive.who(person).await,
            None => self.archive.owner().await,
        }
    }

    /// The parts it waited for, in the order they were asked for.
    pub async fn parts(&self) -> Result<Vec<JobRow>> {
        Ok(self
            .archive
            .rows
            .all(sql::PARTS, args![&self.job.id])
            .await?)
    }

    /// Set when the job shall end early: the worker is asked to stop, or the lease is lost.
    pub fn stop(&self) -> &Arc<AtomicBool> {
        &self.stop
    }

    /// Tells how far it is; written with the next renewal.
    pub fn tell(&self, done: u64, all: u64) {
        self.done
            .store(i64::try_from(done).unwrap_or(i64::MAX), Ordering::Relaxed);
        self.all
            .store(i64::try_from(all).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// Writes how far it is, and renews.
    pub async fn progress(&self, done: u64, all: u64) -> Result<()> {
        self.tell(done, all);
        self.renew().await
    }

    /// Makes the lease last anew from now on.
    pub async fn renew(&self) -> Result<()> {
        let until = self.now().saturating_add(micros(LEASE));
        let (done, all) = self.units();
        self.fenced(sql::RENEW, args![until, done, all]).await
    }

    /// Keeps something between tries, such as what was found before it is recorded; see [`JobRow::result`].
    pub async fn keep(&self, result: &str) -> Result<()> {
        self.fenced(sql::KEEP, args![result]).await
    }

    /// Ends the job: its effect is there.
    pub async fn finish(&self, result: Option<String>) -> Result<()> {
        let mut tx = self.archive.rows.begin().await?;
        self.ending(result).mark(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Says that it failed: it is tried again later, or set aside when that was the last try. Says which.
    pub async fn fail(&self, reason: &str) -> Result<super::State> {
        let attempts = self.job.attempts + 1;
        if attempts >= MOST_TRIES {
            self.fenced(sql::FAILED_LAST, args![attempts, short(reason)])
                .await?;
            return Ok(super::State::SetAside);
        }
        let at = self.now().saturating_add(self.pause(attempts));
        self.fenced(sql::FAILED, args![attempts, short(reason), at])
            .await?;
        Ok(super::State::Waiting)
    }

    /// Says that no try will help: a person decides.
    pub async fn set_aside(&self, reason: &str) -> Result<()> {
        self.fenced(sql::SET_ASIDE, args![short(reason)]).await
    }

    /// Gives it back undone, for the next worker; it counts as no try.
    pub async fn give_back(&self) -> Result<()> {
        self.fenced(sql::GIVE_BACK, args![]).await
    }

    /// What marks this job done inside a transaction that holds its effect.
    pub(crate) fn ending(&self, result: Option<String>) -> Ending {
        Ending {
            held: self.clone(),
            result,
        }
    }

    fn now(&self) -> i64 {
        self.archive.now().micros().saturating_add(self.ahead)
    }

    fn units(&self) -> (i64, Option<i64>) {
        let all = self.all.load(Ordering::Relaxed);
        let done = self.done.load(Ordering::Relaxed);
        (done, Some(all).filter(|all| *all != UNKNOWN))
    }

    /// 1, 4, 16, 64 seconds, each a quarter more or less, so that many that failed together do not return together.
    fn pause(&self, attempts: i64) -> i64 {
        let seconds = 4_i64.pow(u32::try_from(attempts - 1).unwrap_or(0).min(8));
        let random = i64::from(u16::from_le_bytes(self.archive.draw()));
        let whole = seconds * 1_000_000;
        whole * 3 / 4 + whole / 2 * random / i64::from(u16::MAX)
    }

    async fn fenced(&self, sql: &'static str, rest: Vec<Arg>) -> Result<()> {
        let mut args = args![&self.job.id, self.job.lease_no];
        args.extend(rest);
        match self.archive.rows.run(sql, args).await? {
            0 => Err(LeaseLost::error(self.job.number)),
            _ => Ok(()),
        }
    }
}

fn short(reason: &str) -> String {
    reason.chars().take(LONGEST).collect()
}

/// The end of a job, to be marked in the transaction that holds its effect.
#[derive(Debug)]
pub struct Ending {
    held: Held,
    result: Option<String>,
}

impl Ending {
    /// Marks the job done, or refuses when the lease is lost.
    pub(crate) async fn mark(&self, tx: &mut Tx) -> Result<()> {
        let held = &self.held;
        let (_, all) = held.units();
        let args = args![
            &held.job.id,
            held.job.lease_no,
            all,
            self.result.clone(),
            held.now()
        ];
        match tx.run(sql::DONE, args).await? {
            0 => Err(LeaseLost::error(held.job.number)),
            _ => Ok(()),
        }
    }
}
