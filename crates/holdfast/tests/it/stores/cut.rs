//! The network between a host and its database, or its bucket, is cut or swallows everything for a while.

use super::pages::Pages;
use super::{Kept, all_is_there, tell};
use crate::support::{ended, noise, signal};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::time::{Duration, Instant};
use testkit::services::{Line, Mode};

/// Longer than any page may take while a store is away: what people wait for before they press again.
const PAGE: Duration = Duration::from_secs(25);
/// How soon everything works again once the network does.
const BACK: Duration = Duration::from_secs(45);

/// How long the network is away.
fn a_while(short: u64) -> Duration {
    let long = std::env::var_os("HOLDFAST_LONG").is_some();
    Duration::from_secs(if long { 60 } else { short })
}

/// Which way is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum To {
    Database,
    Bucket,
}

/// An archive with some items, and the folder `far` of a host that reaches its stores over two lines.
struct Far {
    kept: Kept,
    rows: Line,
    objects: Line,
}

impl Far {
    fn new(files: u64) -> Option<Self> {
        let kept = Kept::new()?;
        let rows = Line::before(&kept.shared.rows);
        let objects = Line::before(kept.shared.objects_endpoint.as_deref().unwrap());
        kept.host("far");
        let mut shared = kept.shared.clone();
        shared.rows = rows.url();
        shared.objects_endpoint = Some(objects.url());
        kept.point("far", &shared);
        for n in 0..files {
            let len = 4_000 + usize::try_from(n).unwrap() % 11 * 9_000;
            kept.place.put(format!("in/{n:04}.bin"), noise(n, len));
        }
        Some(Self {
            kept,
            rows,
            objects,
        })
    }

    fn line(&self, to: To) -> &Line {
        match to {
            To::Database => &self.rows,
            To::Bucket => &self.objects,
        }
    }
}

fn pages_come_back(to: To, mode: Mode, away: Duration) {
    let Some(far) = Far::new(3) else { return };
    far.kept
        .on("archive", &["add", "in", "--source", "test"])
        .ends(0);
    let item = far.kept.on("archive", &["ls"]).ends(0).typed("item")[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let pages = Pages::serve(&far.kept, "far");
    let own = format!("/items/{item}");
    let (original, form) = pages.original(&item);
    let ask = &|path: &str| {
        if path == original {
            pages.post(path, &form)
        } else {
            pages.get(path)
        }
    };
    let all = ["/inbox", "/health", "/log", "/jobs", &own, &original];
    for path in all {
        let answer = ask(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    }

    far.line(to).switch(mode);
    let cut = Instant::now();
    let mut away_said = 0;
    while cut.elapsed() < away {
        std::thread::scope(|threads| {
            let asked: Vec<_> = all
                .map(|path| (path, threads.spawn(move || ask(path))))
                .into();
            for (path, asked) in asked {
                let answer = asked.join().unwrap();
                tell(&format!(
                    "{to:?} {mode:?} {path}: {} after {:?}",
                    answer.status, answer.took
                ));
                assert!(answer.took < PAGE, "{path} took {:?}", answer.took);
                // Nothing may be shown in part: a page is there, or it says that a store is away.
                assert!(
                    matches!(answer.status, 200 | 503),
                    "{path}: {}",
                    answer.text
                );
                if to == To::Database {
                    assert_eq!(answer.status, 503, "{path}: {}", answer.text);
                }
                if answer.status == 503 {
                    away_said += 1;
                    let head = answer.text.to_lowercase();
                    assert!(head.contains("retry-after: "), "{path}: {}", answer.text);
                }
            }
            let (ready, live) = (pages.get("/health/ready"), pages.get("/health/live"));
            assert_eq!(live.status, 200);
            assert_eq!(ready.status, if to == To::Database { 503 } else { 200 });
        });
    }
    assert!(away_said > 0, "no page needed what was away");

    far.line(to).switch(Mode::Pass);
    let back = Instant::now();
    for path in all {
        let mut answer = ask(path);
        while answer.status != 200 {
            assert!(back.elapsed() < BACK, "{path}: {}", answer.text);
            std::thread::sleep(Duration::from_millis(100));
            answer = ask(path);
        }
    }
    tell(&format!("{to:?} {mode:?}: back after {:?}", back.elapsed()));
    pages.end();
    far.kept.is_whole();
}

#[test]
fn pages_say_in_time_that_the_database_is_cut_off_and_come_back_by_themselves() {
    pages_come_back(To::Database, Mode::Cut, a_while(6));
}

#[test]
fn pages_say_in_time_that_the_database_is_silent_and_come_back_by_themselves() {
    pages_come_back(To::Database, Mode::Stall, a_while(10));
}

#[test]
fn pages_say_in_time_that_the_bucket_is_cut_off_and_come_back_by_themselves() {
    pages_come_back(To::Bucket, Mode::Cut, a_while(6));
}

#[test]
fn pages_say_in_time_that_the_bucket_is_silent_and_come_back_by_themselves() {
    pages_come_back(To::Bucket, Mode::Stall, a_while(10));
}

/// Adds over a line that breaks after the first receipt; whatever was acknowledged stands, and the same command goes on.
fn adding_goes_on(to: To, mode: Mode, away: Duration) {
    let files = 300;
    let Some(far) = Far::new(files) else { return };
    far.kept.place.put("in/large.bin", noise(9_999, 20 << 20));
    let words = [
        "--archive",
        "far",
        "--json",
        "add",
        "in",
        "--source",
        "test",
    ];
    far.rows.switch(Mode::Late(Duration::from_millis(3)));
    let mut child = far.kept.place.command(&words).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut acknowledged = Vec::new();
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    assert!(
        child.try_wait().unwrap().is_none(),
        "ended before the line broke: {line}"
    );
    far.line(to).switch(mode);
    let cut = Instant::now();
    // Reads on while the network is away, as a person at a terminal would.
    let reader = std::thread::spawn(move || {
        let mut said = vec![line];
        said.extend(lines.lines().map(|l| l.unwrap()));
        said
    });
    while cut.elapsed() < away {
        std::thread::sleep(Duration::from_millis(50));
    }
    far.rows.switch(Mode::Pass);
    far.objects.switch(Mode::Pass);
    let said = ended(child);
    for line in reader.join().unwrap() {
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        if value["outcome"] == "preserved" {
            acknowledged.push(value["path"].as_str().unwrap().to_owned());
        }
        if value["type"] == "error" {
            tell(&format!(
                "| add, {to:?} {mode:?} | {} | {value} |",
                said.code
            ));
            assert!(
                !value["next"].as_str().unwrap_or_default().is_empty(),
                "{value}"
            );
        }
    }
    tell(&format!(
        "{to:?} {mode:?}: ended {} after {:?}, {} acknowledged",
        said.code,
        cut.elapsed(),
        acknowledged.len()
    ));
    assert!(matches!(said.code, 0 | 13), "{} {}", said.code, said.stderr);
    let again = far
        .kept
        .on("far", &["add", "in", "--source", "test"])
        .ends(0);
    let told = again.outcomes();
    for path in &acknowledged {
        assert_eq!(told[path], "known", "{path} was acknowledged");
    }
    let (items, mut once) = (far.kept.items(), BTreeMap::new());
    for path in &items {
        *once.entry(path).or_insert(0) += 1;
    }
    assert_eq!(items.len() as u64, files + 1);
    assert!(once.values().all(|n| *n == 1), "{once:?}");
    if mode == Mode::Stall {
        all_is_there(&far.kept);
    } else {
        far.kept.is_whole();
    }
}

#[test]
fn adding_over_a_database_that_is_cut_off_loses_and_doubles_nothing() {
    adding_goes_on(To::Database, Mode::Cut, a_while(5));
}

#[test]
fn adding_over_a_database_that_is_silent_loses_and_doubles_nothing() {
    adding_goes_on(To::Database, Mode::Stall, a_while(8));
}

#[test]
fn adding_over_a_bucket_that_is_cut_off_loses_and_doubles_nothing() {
    adding_goes_on(To::Bucket, Mode::Cut, a_while(5));
}

#[test]
fn adding_over_a_bucket_that_is_silent_loses_and_doubles_nothing() {
    adding_goes_on(To::Bucket, Mode::Stall, a_while(8));
}

/// Jobs asked for while a worker is cut off are done by it afterwards. Normally small ones; a full check in parts,
/// whose result must be recorded once, where there is time.
fn worker_goes_on(to: To, mode: Mode, away: Duration) {
    let Some(far) = Far::new(40) else { return };
    far.kept
        .on("archive", &["add", "in", "--source", "test"])
        .ends(0);
    let child = far
        .kept
        .place
        .command(&["--archive", "far", "worker"])
        .spawn()
        .unwrap();
    let long = std::env::var_os("HOLDFAST_LONG").is_some();
    let kind = if long { "sweep" } else { "index" };
    let done = || {
        let said = far.kept.on("archive", &["job", "ls"]).ends(0);
        let kinds = said.typed("kind");
        let one = kinds.iter().find(|k| k["kind"] == kind);
        one.map_or(0, |k| k["done"].as_u64().unwrap())
    };
    // A job that was claimed when the line broke is claimed again when its lease of a minute is over.
    let patience = Duration::from_secs(if long { 600 } else { 100 });
    let wait = |count: u64| {
        let start = Instant::now();
        while done() < count {
            assert!(start.elapsed() < patience, "the worker does no more jobs");
            std::thread::sleep(Duration::from_millis(300));
        }
    };
    let ask = || drop(far.kept.on("archive", &["job", "add", kind]).ends(0));
    ask();
    wait(1);
    far.line(to).switch(mode);
    let cut = Instant::now();
    ask();
    while cut.elapsed() < away {
        std::thread::sleep(Duration::from_millis(50));
    }
    far.line(to).switch(Mode::Pass);
    let back = Instant::now();
    wait(2);
    tell(&format!(
        "worker {to:?} {mode:?}: went on {:?} after the network",
        back.elapsed()
    ));
    ask();
    wait(3);
    if long {
        let checks = far
            .kept
            .on("archive", &["log", "ls", "--kind", "checked"])
            .ends(0);
        assert_eq!(
            checks.typed("entry").len(),
            3,
            "each result is recorded once"
        );
    }
    signal(&child, "TERM");
    ended(child).ends(0);
    far.kept.is_whole();
}

#[test]
fn a_worker_whose_database_was_cut_off_goes_on_by_itself() {
    worker_goes_on(To::Database, Mode::Cut, a_while(5));
}

#[test]
fn a_worker_whose_database_was_silent_goes_on_by_itself() {
    worker_goes_on(To::Database, Mode::Stall, a_while(8));
}

#[test]
fn a_worker_whose_bucket_was_cut_off_goes_on_by_itself() {
    worker_goes_on(To::Bucket, Mode::Cut, a_while(5));
}
