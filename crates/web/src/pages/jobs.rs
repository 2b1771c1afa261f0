//! Jobs: what waits, who is at it, how long it will take, and what a person must decide.

use archive::work::jobs::{self, Counted, Filter, JobRow, State as Stand};
use archive::{Archive, Result as Done, Who as Access, Why};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use crate::app::App;
use crate::frame::{Frame, Place};
use crate::guard::form::{Empty, Fields, Form, FromFields};
use crate::guard::sessions::Who;
use crate::guard::visit::Visit;
use crate::pages::words;
use crate::paths;
use crate::problem::{Problem, page, see_other};
use crate::text::{Count, Evidence, Moment};

/// The queue as shown.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/jobs.html")]
pub struct JobsPage {
    /// What surrounds the content.
    pub frame: Frame,
    /// Counts by kind.
    pub kinds: Vec<Kind>,
    /// Jobs in the hands of workers.
    pub running: Vec<Row>,
    /// Jobs that wait for a person.
    pub aside: Vec<Row>,
    /// Jobs that wait for a worker, the newest of them.
    pub waiting: Vec<Row>,
    /// Jobs done or cancelled, the newest of them.
    pub ended: Vec<Row>,
}

/// The jobs of one kind, counted.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the states say it")]
pub struct Kind {
    /// The kind.
    pub kind: String,
    pub waiting: Count,
    pub running: Count,
    pub set_aside: Count,
    pub done: Count,
    pub cancelled: Count,
    /// How long it will take, when that is known.
    pub eta: Option<String>,
    /// Whether any is left.
    pub open: bool,
}

/// One job.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its number.
    pub number: Count,
    /// What sort of work.
    pub kind: String,
    /// What it is for.
    pub about: Evidence,
    /// How it stands, in words.
    pub state: &'static str,
    /// When it was asked for.
    pub made: Moment,
    /// The worker that has it.
    pub worker: Option<Evidence>,
    /// Why it failed last, or was set aside.
    pub reason: Option<Evidence>,
    /// Units done.
    pub done: Count,
    /// Units in all, when that is known.
    pub all: Option<Count>,
    /// The form that puts it back, where that can be done.
    pub again: Option<String>,
    /// The form that cancels it, where that can be done.
    pub cancel: Option<String>,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sweep;

impl FromFields for Sweep {
    fn read(fields: &mut Fields) -> Result<Self, Problem> {
        match fields.text("kind", 1..=20)?.as_str() {
            "sweep" => Ok(Self),
            _ => Err(Problem::bad(
                "This kind of job cannot be asked for here",
                "Press “Check every byte” on the page of jobs",
            )),
        }
    }
}

/// Jobs of one state shown at most.
const SHOWN: i64 = 50;

/// Shows the queue.
pub async fn get(State(app): State<App>, visit: Visit, who: Who) -> Result<Response, Problem> {
    let (archive, access) = (&app.archive, who.access());
    let kinds = jobs::summary(archive, access).await?;
    let mut ended = rows(archive, access, Stand::Done, 10).await?;
    ended.extend(rows(archive, access, Stand::Cancelled, 10).await?);
    ended.sort_by_key(|row| std::cmp::Reverse(row.number.0));
    page(&JobsPage {
        frame: visit.frame(Place::Jobs),
        kinds: kinds.iter().map(counted).collect(),
        running: rows(archive, access, Stand::Running, SHOWN).await?,
        aside: rows(archive, access, Stand::SetAside, SHOWN).await?,
        waiting: rows(archive, access, Stand::Waiting, 10).await?,
        ended,
    })
}

/// Asks for a full check.
pub async fn post(
    State(app): State<App>,
    who: Who,
    Form(Sweep): Form<Sweep>,
) -> Result<Response, Problem> {
    preserve::sweep::ask(&app.archive, who.access()).await?;
    Ok(see_other(paths::JOBS))
}

/// Puts a job back.
pub async fn post_again(
    State(app): State<App>,
    Path(job): Path<String>,
    who: Who,
    Form(Empty): Form<Empty>,
) -> Result<Response, Problem> {
    tended(jobs::again(&app.archive, who.access(), &job).await)
}

/// Cancels a job.
pub async fn post_cancel(
    State(app): State<App>,
    Path(job): Path<String>,
    who: Who,
    Form(Empty): Form<Empty>,
) -> Result<Response, Problem> {
    tended(jobs::cancel(&app.archive, who.access(), &job).await)
}

/// Back to the queue; what changed meanwhile is seen there as it is.
fn tended(done: Done<JobRow>) -> Result<Response, Problem> {
    match done {
        Err(e) if e.why != Why::Stale => Err(e.into()),
        _ => Ok(see_other(paths::JOBS)),
    }
}

async fn rows(archive: &Archive, who: &Access, state: Stand, limit: i64) -> Done<Vec<Row>> {
    let filter = Filter {
        state: Some(state),
        whole: true,
        limit,
        ..Filter::default()
    };
    let rows = jobs::list(archive, who, &filter).await?;
    Ok(rows.iter().map(row).collect())
}

fn row(job: &JobRow) -> Row {
    let state = job.state();
    Row {
        number: words::count(job.number),
        kind: named(&job.kind),
        about: Evidence::new(&job.about),
        state: match state {
            Stand::Waiting => "waiting",
            Stand::Running => "running",
            Stand::SetAside => "set aside",
            Stand::Done => "done",
            Stand::Cancelled => "cancelled",
        },
        made: words::moment(job.made_at),
        worker: job.lease_by.as_ref().map(Evidence::new),
        reason: job.reason.as_ref().map(Evidence::new),
        done: words::count(job.done_units),
        all: job.all_units.filter(|all| *all > 0).map(words::count),
        again: matches!(state, Stand::SetAside | Stand::Cancelled)
            .then(|| paths::job_again(&job.id)),
        cancel: matches!(state, Stand::Waiting | Stand::Running | Stand::SetAside)
            .then(|| paths::job_cancel(&job.id)),
    }
}

fn counted(c: &Counted) -> Kind {
    Kind {
        kind: named(&c.kind),
        waiting: words::count(c.waiting),
        running: words::count(c.running),
        set_aside: words::count(c.set_aside),
        done: words::count(c.done),
        cancelled: words::count(c.cancelled),
        eta: c.eta.map(span),
        open: c.waiting + c.running > 0,
    }
}

/// A stretch of time in its two largest units.
fn span(seconds: i64) -> String {
    match seconds {
        ..60 => format!("about {seconds} s"),
        60..3_600 => format!("about {} min {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("about {} h {} min", seconds / 3_600, seconds / 60 % 60),
        _ => format!("about {} d {} h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

/// What people call a kind of work; one that this page does not know is called as it is.
fn named(kind: &str) -> String {
    match kind {
        "sweep" => "full check: one part of 256",
        "sweep_end" => "full check: the result",
        "dossier" => "dossier",
        "index" => "search index of one host",
        other => other,
    }
    .to_owned()
}
