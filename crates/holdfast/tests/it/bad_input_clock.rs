//! A clock that jumps by decades: times are claims, order comes from the log.

use crate::support::Place;
use archive::{Archive, Clock, Founding, Opening};
use collect::Request;
use format::time::Instant;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

/// A clock that stands where the test puts it.
struct Jumping(AtomicI64);

impl Clock for Jumping {
    fn now(&self) -> Instant {
        Instant::from_micros(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

const YEAR: i64 = 365 * 24 * 3_600 * 1_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_by_decades_costs_no_entry_and_no_order() {
    let place = Place::bare();
    let clock = Arc::new(Jumping(AtomicI64::new(50 * YEAR)));
    let opening = || Opening {
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        ..Opening::default()
    };
    let founding = Founding {
        name: "Test".into(),
        domain: "archive.invalid".into(),
        owner: "owner".into(),
        tool: "test".into(),
        shared: None,
        keep_secrets: false,
    };
    let root = place.at("archive");
    drop(Archive::found(&root, &founding, opening()).await.unwrap());
    let years = [50, 9, 130, -40, 50, 7_000, 51];
    for (i, year) in years.iter().enumerate() {
        clock.0.store(year * YEAR, Ordering::Relaxed);
        let archive = Archive::open(&root, opening()).await.unwrap();
        let who = archive.owner().await.unwrap();
        let request = Request {
            paths: vec![place.put(format!("{i}.txt"), format!("file {i}"))],
            source: "test".into(),
            session: None,
            collected_at: None,
            workers: 1,
            dry_run: false,
            fresh_copies: false,
        };
        let stop = Arc::new(AtomicBool::new(false));
        let summary = collect::add(&archive, &who, &request, &stop, &mut |_| {})
            .await
            .unwrap();
        assert_eq!(summary.preserved, 1);
    }
    let archive = Archive::open(&root, opening()).await.unwrap();
    let who = archive.owner().await.unwrap();
    let mut entries = archive
        .seen_by(&who)
        .entries(i64::MAX, "collected", 100)
        .await
        .unwrap();
    entries.reverse();
    let said: Vec<i64> = entries.iter().map(|e| e.at / YEAR).collect();
    assert_eq!(said, years);
    assert!(entries.is_sorted_by_key(|e| e.seq));
    drop(archive);
    // The program itself, with the machine's own clock, finds nothing wrong and the same rows.
    place.is_whole();
    place.json(&["rebuild"]).ends(0);
    place.json(&["ls"]).ends(0);
    place.run(&["show", "1"]).ends(0);
}

#[test]
fn files_dated_in_other_centuries_are_taken_with_their_date() {
    let place = Place::new();
    for (name, time) in [
        (
            "old",
            SystemTime::UNIX_EPOCH - Duration::from_secs(60 * 365 * 86_400),
        ),
        (
            "far",
            SystemTime::UNIX_EPOCH + Duration::from_secs(300 * 365 * 86_400),
        ),
        (
            "farther",
            SystemTime::UNIX_EPOCH + Duration::from_secs(9_000 * 365 * 86_400),
        ),
    ] {
        let path = place.put(format!("in/{name}"), name);
        let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
        file.set_modified(time).unwrap();
    }
    let said = place.add(&["in"]).ends(0);
    assert_eq!(said.summary()["preserved"], 3);
    let dated = place.json(&["ls"]).ends(0);
    let year = |name: &str| {
        let item = dated
            .typed("item")
            .into_iter()
            .find(|l| l["name"] == name)
            .unwrap();
        item["modified"]
            .as_str()
            .map(|t| t.chars().take(4).collect::<String>())
    };
    assert_eq!(year("old").as_deref(), Some("1910"));
    assert_eq!(year("far").as_deref(), Some("2269"));
    assert_eq!(place.add(&["in"]).ends(0).summary()["known"], 3);
}
