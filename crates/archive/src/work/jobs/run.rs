//! The loop of a worker: claim, do, renew meanwhile, end.

use super::claim::{Claimed, next};
use super::held::{Held, LeaseLost};
use super::{JobRow, RENEWAL, State, prune};
use crate::error::{Error, Result, Why};
use crate::open::Archive;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use store::args;
use tokio::task::JoinSet;

/// How a piece of work ended, as the function that does it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Its effect is there; the runner ends the job and keeps this result.
    Done(Option<String>),
    /// Its effect is an entry, recorded with the end of the job.
    Recorded,
    /// It was asked to stop and did: the job is given back.
    Stopped,
    /// No try will help, for this reason: a person decides.
    SetAside(String),
}

type Doing = Pin<Box<dyn Future<Output = Result<Ended>> + Send>>;
type Work = Arc<dyn Fn(Archive, Held) -> Doing + Send + Sync>;

/// Which kinds of jobs a worker can do, and the function for each.
#[derive(Clone, Default)]
pub struct Kinds(BTreeMap<&'static str, Work>);

impl std::fmt::Debug for Kinds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Kinds {
    /// Adds a kind. Its function may be begun many times for one job, also beside a lost try that does not know it
    /// yet, and must have its effect once.
    #[must_use]
    pub fn with<F, D>(mut self, kind: &'static str, work: F) -> Self
    where
        F: Fn(Archive, Held) -> D + Send + Sync + 'static,
        D: Future<Output = Result<Ended>> + Send + 'static,
    {
        let work: Work = Arc::new(move |archive, held| Box::pin(work(archive, held)));
        self.0.insert(kind, work);
        self
    }

    /// Only these of them; one that is not there is refused by name.
    pub fn only(self, wanted: &[String]) -> Result<Self> {
        for kind in wanted {
            if !self.0.contains_key(kind.as_str()) {
                let what = format!("No worker of this program does jobs of kind {kind:?}");
                let known = self.names().join(", ");
                return Err(Error::new(Why::Invalid, what).next(format!("There are: {known}")));
            }
        }
        let kept = self.0.into_iter();
        Ok(Self(
            kept.filter(|(kind, _)| wanted.iter().any(|w| w == kind))
                .collect(),
        ))
    }

    /// Their names.
    pub fn names(&self) -> Vec<&'static str> {
        self.0.keys().copied().collect()
    }
}

/// When a worker ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Never: only when it is stopped.
    Stopped,
    /// When no job of its kinds is left to be done by anybody.
    Empty,
    /// After one job, or when none is due.
    One,
}

/// How a worker works.
#[derive(Debug, Clone)]
pub struct Crew {
    /// Its name, unlike any other worker's.
    pub worker: String,
    /// The host it runs on.
    pub host: String,
    /// Jobs at a time.
    pub at_once: usize,
    /// When it ends.
    pub until: Until,
    /// How often leases are renewed.
    pub renewal: Duration,
    /// How often it looks for jobs while none is due, and whether it shall stop.
    pub look: Duration,
}

impl Crew {
    /// One job at a time until stopped.
    pub fn new(worker: impl Into<String>, host: impl Into<String>) -> Self {
        Self {
            worker: worker.into(),
            host: host.into(),
            at_once: 1,
            until: Until::Stopped,
            renewal: RENEWAL,
            look: Duration::from_millis(500),
        }
    }
}

impl Crew {
    /// Whether it waits for what failed: a database that is away comes back, and who works until stopped is there then.
    fn outlasts(&self, e: &Error) -> bool {
        self.until == Until::Stopped && e.is_passing()
    }
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The effect is there and the job is done.
    Done,
    /// It failed, and stands like this now.
    Failed(State, String),
    /// It was given back.
    GivenBack,
    /// Another took it over, or it was cancelled.
    Lost,
    /// How it ended could not be written; its lease will run out.
    Unsaid(String),
}

/// What a worker did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Jobs done.
    pub done: u64,
    /// Tries that failed.
    pub failed: u64,
    /// Jobs set aside among them.
    pub set_aside: u64,
    /// Jobs given back.
    pub given_back: u64,
    /// Jobs lost to another worker, or whose end could not be written.
    pub lost: u64,
}

impl Tally {
    fn count(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Done => self.done += 1,
            Outcome::Failed(state, _) => {
                self.failed += 1;
                self.set_aside += u64::from(*state == State::SetAside);
            }
            Outcome::GivenBack => self.given_back += 1,
            Outcome::Lost | Outcome::Unsaid(_) => self.lost += 1,
        }
    }
}

/// Works until it is to end; `tell` hears of every claim what became of it. Dropped, it stops at once: what it held
/// goes to others when the leases run out.
pub async fn run(
    archive: &Archive,
    kinds: &Kinds,
    crew: &Crew,
    stop: &Arc<AtomicBool>,
    tell: &mut (dyn FnMut(&JobRow, &Outcome) + Send),
) -> Result<Tally> {
    let names = kinds.names();
    let (mut tally, mut begun) = (Tally::default(), 0_u64);
    let mut hands: JoinSet<(Held, Outcome)> = JoinSet::new();
    let mut pruned: Option<Instant> = None;
    loop {
        if pruned.is_none_or(|at| at.elapsed() > PRUNING) {
            match prune(archive).await {
                Ok(_gone) => pruned = Some(Instant::now()),
                Err(e) if crew.outlasts(&e) => {}
                Err(e) => return Err(e),
            }
        }
        let stopping = || stop.load(Ordering::Relaxed);
        let more = |begun: u64| !stopping() && (crew.until != Until::One || begun == 0);
        while more(begun) && hands.len() < crew.at_once.max(1) {
            let held = match next(archive, &crew.worker, &names, &crew.host).await {
                Ok(Claimed::Held(held)) => held,
                Ok(Claimed::SetAside(held, reason)) => {
                    let outcome = Outcome::Failed(State::SetAside, reason);
                    tally.count(&outcome);
                    tell(held.job(), &outcome);
                    continue;
                }
                Ok(Claimed::Nothing) => break,
                // Others write for longer than a claim waits: no reason to end.
                Err(e) if e.why == Why::Busy => break,
                Err(e) if crew.outlasts(&e) => break,
                Err(e) => return Err(e),
            };
            begun += 1;
            let work = kinds.0.get(held.job().kind.as_str()).map(Arc::clone);
            hands.spawn(carry(
                archive.clone(),
                held,
                work,
                crew.renewal,
                Arc::clone(stop),
            ));
        }
        if hands.is_empty() {
            let over = match crew.until {
                Until::One => true,
                Until::Empty => !is_left(archive, &names, &crew.host).await?,
                Until::Stopped => false,
            };
            if over || stopping() {
                return Ok(tally);
            }
        }
        tokio::select! {
            Some(joined) = hands.join_next(), if !hands.is_empty() => {
                let (held, outcome) = joined.map_err(|e| Error::bug("A worker's hand stopped").because(e))?;
                tally.count(&outcome);
                tell(held.job(), &outcome);
            }
            () = tokio::time::sleep(crew.look) => {}
        }
    }
}

/// How often jobs that ended long ago are forgotten.
const PRUNING: Duration = Duration::from_secs(3_600);
/// How often a job under way is asked whether it shall stop.
const GLANCE: Duration = Duration::from_millis(100);

/// Does one job while renewing its lease, and writes how it ended.
async fn carry(
    archive: Archive,
    held: Held,
    work: Option<Work>,
    renewal: Duration,
    stop: Arc<AtomicBool>,
) -> (Held, Outcome) {
    let Some(work) = work else {
        let kind = held.job().kind.clone();
        let given = held
            .set_aside(&format!("No worker here does jobs of kind {kind}"))
            .await;
        return (held, said(given.map(|()| Outcome::GivenBack)));
    };
    // In a set of its own: dropped with this future, it is ended with it.
    let mut doing = JoinSet::new();
    doing.spawn(work(archive, held.clone()));
    let mut renewed = Instant::now();
    let ended = loop {
        tokio::select! {
            Some(joined) = doing.join_next() => {
                break joined.unwrap_or_else(|e| Err(Error::bug("The work broke off").because(e)));
            }
            () = tokio::time::sleep(renewal.min(GLANCE)) => {}
        }
        if stop.load(Ordering::Relaxed) {
            held.stop().store(true, Ordering::Relaxed);
        }
        if renewed.elapsed() < renewal {
            continue;
        }
        match held.renew().await {
            Err(e) if LeaseLost::caused(&e) => {
                held.stop().store(true, Ordering::Relaxed);
                doing.shutdown().await;
                return (held, Outcome::Lost);
            }
            // Tried again at the next turn: the lease outlasts several.
            Err(_) => {}
            Ok(()) => renewed = Instant::now(),
        }
    };
    let written = match ended {
        Ok(Ended::Done(result)) => held.finish(result).await.map(|()| Outcome::Done),
        Ok(Ended::Recorded) => Ok(Outcome::Done),
        Ok(Ended::SetAside(reason)) => {
            let put = held.set_aside(&reason).await;
            put.map(|()| Outcome::Failed(State::SetAside, reason))
        }
        Ok(Ended::Stopped) => held.give_back().await.map(|()| Outcome::GivenBack),
        Err(e) if LeaseLost::caused(&e) => Err(e),
        Err(e) => {
            let next = e.next.as_deref().unwrap_or_default();
            let reason = format!("{}. {next}", e.what);
            let reason = reason.trim_end_matches([' ', '.']);
            let failed = held.fail(reason).await;
            failed.map(|state| Outcome::Failed(state, reason.to_owned()))
        }
    };
    (held, said(written))
}

fn said(written: Result<Outcome>) -> Outcome {
    written.unwrap_or_else(|e| {
        if LeaseLost::caused(&e) {
            Outcome::Lost
        } else {
            Outcome::Unsaid(e.what)
        }
    })
}

/// Whether a job of these kinds is running, or waits for anything but a person.
async fn is_left(archive: &Archive, kinds: &[&str], host: &str) -> Result<bool> {
    let mut args = args![host];
    args.extend(super::claim::padded(kinds));
    let left: Option<(String,)> = archive.rows.one(super::sql::LEFT, args).await?;
    Ok(left.is_some())
}
