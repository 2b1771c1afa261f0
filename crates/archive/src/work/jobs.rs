//! Work that can wait: one queue with leases, for any number of workers on any number of hosts.
//!
//! **Asking** ([`ask`]) is idempotent: while a job of the same kind about the same thing has not ended, asking again
//! gives that job. **Claiming** ([`claim`]) gives a job to one worker for [`LEASE`]; the worker renews the lease while
//! it works, and a job whose lease ran out goes to the next one. Every claim takes the next `lease_no`, and whatever a
//! holder writes is fenced by it: who lost its lease changes nothing and is told so ([`LeaseLost`]).
//!
//! **Once in effect.** A job may be begun many times; its effect may be there once. An effect that is an entry ends
//! its job in the same transaction ([`crate::Now::record_ending`]), and looks first, with the head held, whether an
//! earlier try left the entry behind (see [`crate::Now::checks_from`] for the pattern).
//!
//! The rows are work: losing them costs time, never a record. They hold no personal data and no secrets.

mod ask;
mod claim;
mod effects;
mod held;
mod list;
mod run;
pub(crate) mod sql;
mod summary;

pub use ask::{Ask, Asked, ask, ask_batch};
pub use claim::claim;
pub use held::{Ending, Held, LeaseLost};
pub use list::{Filter, again, cancel, list, prune, show};
pub use run::{Crew, Ended, Kinds, Outcome, Tally, Until, run};
pub use summary::{Counted, summary};

use crate::error::{Error, Result};
use crate::open::Archive;
use std::time::Duration;

/// How long a claim lasts unless it is renewed.
pub const LEASE: Duration = Duration::from_secs(60);
/// How often a working worker renews it.
pub const RENEWAL: Duration = Duration::from_secs(15);
/// Failures, and likewise deaths of workers, after which a job waits for a person.
pub const MOST_TRIES: i64 = 5;
/// How long ended jobs are kept.
pub const KEPT: Duration = Duration::from_secs(7 * 86_400);

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It may be claimed, at its time.
    Waiting,
    /// A worker has it.
    Running,
    /// It failed too often: a person decides.
    SetAside,
    /// Its effect is there.
    Done,
    /// A person took it back.
    Cancelled,
}

impl State {
    /// Every state, in the order of a life.
    pub const ALL: [Self; 5] = [
        Self::Waiting,
        Self::Running,
        Self::SetAside,
        Self::Done,
        Self::Cancelled,
    ];

    /// The word in rows, on pages and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::SetAside => "set_aside",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the word back.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A job as it is kept. Times are microseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct JobRow {
    /// Its id, never given twice.
    pub id: String,
    /// Its number, for people: job 91.
    pub number: i64,
    /// What sort of work.
    pub kind: String,
    /// What it is for; one job of a kind that has not ended.
    pub about: String,
    /// Its parameters, as JSON.
    pub body: String,
    /// The only host that may run it; any, when none is named.
    pub host: Option<String>,
    /// The job that waits until this one has ended.
    pub part_of: Option<String>,
    /// Lower goes first.
    pub priority: i64,
    /// See [`State`].
    pub state: String,
    /// When it was asked for.
    pub made_at: i64,
    /// By whom.
    pub made_by: Option<String>,
    /// Before this time it is not claimed.
    pub not_before: i64,
    /// How often it failed.
    pub attempts: i64,
    /// How often its worker died.
    pub deaths: i64,
    /// The number of its last claim: the fence.
    pub lease_no: i64,
    /// The worker that has it.
    pub lease_by: Option<String>,
    /// Until when, unless renewed.
    pub lease_until: Option<i64>,
    /// Units done.
    pub done_units: i64,
    /// Units in all, when that is known.
    pub all_units: Option<i64>,
    /// When it was last begun.
    pub started_at: Option<i64>,
    /// When it was done or cancelled.
    pub ended_at: Option<i64>,
    /// Why it failed last, or was set aside.
    pub reason: Option<String>,
    /// What came of it, as JSON.
    pub result: Option<String>,
}

impl JobRow {
    /// Its state; a word this program does not know counts as set aside, which nobody claims.
    pub fn state(&self) -> State {
        State::named(&self.state).unwrap_or(State::SetAside)
    }
}

/// The time that leases, retries and rates are counted by, in microseconds since 1970.
///
/// The clocks of several hosts differ, and a lease read by another clock ends too early or too late: where the rows
/// have a clock of their own, it is the one.
async fn lease_clock(archive: &Archive) -> Result<i64> {
    archive.lease_clock().await
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

fn no_such(number: impl std::fmt::Display) -> Error {
    Error::not_found(format!("job {number}")).next("See what there is with `holdfast job ls`")
}
