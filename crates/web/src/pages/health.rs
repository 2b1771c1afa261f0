//! Health: is everything still there and whole, and what does this machine lack.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use archive::Error;
use archive::views::CheckRow;
use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::app::App;
use crate::frame::{Frame, Place};
use crate::guard::form::{Fields, Form, FromFields};
use crate::guard::sessions::Who;
use crate::guard::visit::Visit;
use crate::pages::{log, words};
use crate::paths;
use crate::problem::{Problem, page};
use crate::text::{Code, Count, Evidence, Moment};

/// The state of the archive as shown.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/health.html")]
pub struct HealthPage {
    /// What surrounds the content.
    pub frame: Frame,
    /// The archive's id.
    pub archive: Code,
    /// How many items.
    pub items: Count,
    /// How many originals they have.
    pub originals: Count,
    /// How many bytes those hold together.
    pub bytes: Count,
    /// How often something was named and not taken.
    pub refused: Count,
    /// Free bytes where they are stored, when the disk tells.
    pub free: Option<Count>,
    /// The check that counts: the one just made, or else the last that was recorded.
    pub last_check: Option<LastCheck>,
    /// Recorded checks, newest first.
    pub checks: Vec<LastCheck>,
    /// The last signed head, if it can be read.
    pub head: Option<SignedHead>,
    /// How far the views follow the log.
    pub views: Count,
    /// What this machine's clock says.
    pub clock: Moment,
    /// How it differs from the shared database's, where there is one.
    pub apart: Option<String>,
    /// Optional programs, found or not.
    pub programs: Vec<Program>,
}

/// Under this many free bytes the page warns.
const LOW: u64 = 5 << 30;

impl HealthPage {
    fn low_disk(&self) -> bool {
        self.free.is_some_and(|free| free.0 < LOW)
    }
}

/// The last signed head of the log.
#[derive(Clone, Debug)]
pub struct SignedHead {
    /// How many entries it covers.
    pub size: Count,
    /// Its root hash.
    pub root: Code,
}

/// What a check covered and found.
#[derive(Clone, Debug)]
pub struct LastCheck {
    /// What it read, in words.
    pub scope: String,
    /// When, with zone.
    pub when: Moment,
    /// How many originals it looked at.
    pub originals: Count,
    /// How many bytes of them it read.
    pub bytes: Count,
    /// Whether the log holds the result.
    pub recorded: bool,
    /// What it found.
    pub damage: Vec<Damage>,
}

/// One piece of damage.
#[derive(Clone, Debug)]
pub struct Damage {
    /// Where it is.
    pub place: Evidence,
    /// What is wrong there.
    pub what: Evidence,
    /// The page of an item it touches.
    pub item: Option<String>,
}

/// One optional program.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its name.
    pub name: &'static str,
    /// Whether it is there.
    pub found: bool,
    /// What is missing without it.
    pub without: &'static str,
}

/// How deep a check from the page goes; the word is part of the form so that more can follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quick;

impl FromFields for Quick {
    fn read(fields: &mut Fields) -> Result<Self, Problem> {
        match fields.text("depth", 1..=20)?.as_str() {
            "quick" => Ok(Self),
            _ => Err(Problem::bad(
                "This depth of check is not known",
                "Press “Check now (quick)” on the health page",
            )),
        }
    }
}

/// Shows the state of the archive.
pub async fn get(State(app): State<App>, visit: Visit, who: Who) -> Result<Response, Problem> {
    show(&app, &visit, &who, None).await
}

/// Runs the quick check and shows what it found.
pub async fn post_check(
    State(app): State<App>,
    visit: Visit,
    who: Who,
    Form(Quick): Form<Quick>,
) -> Result<Response, Problem> {
    let lane = app.lanes.checks.try_acquire();
    let lane = lane.map_err(|_taken| log::at_work())?;
    let stop = Arc::new(AtomicBool::new(false));
    let scope = preserve::Scope::Quick;
    let report = preserve::check(&app.archive, who.access(), &scope, &stop, &mut |_| {}).await?;
    drop(lane);
    let made = LastCheck {
        scope: depth(&report.scope),
        when: words::now(&app.archive),
        originals: Count(report.originals),
        bytes: Count(report.bytes),
        recorded: report.recorded.is_some(),
        damage: report.damage.iter().map(found).collect(),
    };
    show(&app, &visit, &who, Some(made)).await
}

async fn show(
    app: &App,
    visit: &Visit,
    who: &Who,
    made: Option<LastCheck>,
) -> Result<Response, Problem> {
    let seen = app.archive.seen_by(who.access());
    let counts = seen.counts().await?;
    let checks: Vec<_> = seen.checks(5).await?.iter().map(recorded).collect();
    // this page says what is wrong, so what is wrong must not take it away
    let head = match log::head(app, who).await {
        Err(Problem::Damaged { .. }) => None,
        head => head.map(Some)?,
    };
    let programs = tokio::task::spawn_blocking(programs).await;
    page(&HealthPage {
        frame: visit.frame(Place::Health),
        archive: Code::new(&app.archive.home().origin),
        items: words::count(counts.items),
        originals: words::count(counts.originals),
        bytes: words::count(counts.bytes),
        refused: words::count(counts.refused),
        free: app.archive.free_bytes().await.map(Count),
        last_check: made.or_else(|| checks.first().cloned()),
        checks,
        head: head.map(|head| SignedHead {
            size: head.size,
            root: head.root,
        }),
        views: Count(seen.log_size().await?),
        clock: words::now(&app.archive),
        apart: app.archive.clock_ahead().await?.map(archive::compared),
        programs: programs.map_err(|e| Error::bug("Looking for programs stopped").because(e))?,
    })
}

fn depth(scope: &str) -> String {
    match scope {
        "quick" => "quick (the whole log; originals by their length)".to_owned(),
        "full" => "full (every byte)".to_owned(),
        one => one.to_owned(),
    }
}

fn recorded(row: &CheckRow) -> LastCheck {
    let kept: Vec<format::kind::Damage> = serde_json::from_str(&row.damage).unwrap_or_default();
    LastCheck {
        scope: depth(&row.scope),
        when: words::moment(row.at),
        originals: words::count(row.originals),
        bytes: words::count(row.bytes),
        recorded: true,
        damage: kept
            .iter()
            .map(|damage| Damage {
                place: Evidence::new(format!("{} {}", damage.what, damage.name)),
                what: Evidence::new(&damage.detail),
                item: damage.item.map(|id| paths::item(&id.to_string())),
            })
            .collect(),
    }
}

fn found(damage: &preserve::Damage) -> Damage {
    Damage {
        place: Evidence::new(format!("{} {}", damage.place.word(), damage.name)),
        what: Evidence::new(&damage.detail),
        item: damage.items.first().map(|id| paths::item(id)),
    }
}

/// What may lie beside Holdfast, under which names, and what is missing without it.
const PROGRAMS: [(&str, &[&str], &str); 3] = [
    (
        "ffmpeg",
        &["ffmpeg"],
        "no frames, sound levels or previews of video",
    ),
    (
        "Chromium",
        &["chromium", "chromium-browser"],
        "no captures of web pages",
    ),
    ("Tesseract", &["tesseract"], "no text from pictures"),
];

/// Looks along PATH without starting anything. Blocking.
fn programs() -> Vec<Program> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    let is_there = |name: &&str| folders.iter().any(|folder| runs(&folder.join(name)));
    PROGRAMS
        .iter()
        .map(|(name, files, without)| Program {
            name,
            found: files.iter().any(is_there),
            without,
        })
        .collect()
}

fn runs(file: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata()
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}
