//! Edits of the log by somebody who knows the format: every one shows (R4), and where an "if" is said, both sides of it.

use crate::support::{Sample, checked, copied, real, record, write};
use archive::{Archive, Draft, Opening, Why};
use format::disclosure::Disclosure;
use format::id::{SessionId, Subject};
use format::kind::SessionStarted;
use format::log::tile::{BundleId, decode_bundle, encode_bundle};
use preserve::{Scope, export_log, grown_since, verify_copy};
use std::path::Path;
use std::time::{Duration, Instant};
use testkit::{SeededRandom, TestArchive, Where};

const AT_LEAST: usize = 200;
const PROMISED: usize = 5_000;
const PATIENCE: Duration = Duration::from_secs(25);

/// A bundle as an editor has it: records and lines side by side.
struct Open {
    records: Vec<Vec<u8>>,
    lines: Vec<Vec<u8>>,
}

fn read(at: &Path, id: BundleId) -> Open {
    let records = std::fs::read(at.join("log").join(id.entries_path())).unwrap();
    let records = decode_bundle(&records, id.width()).unwrap();
    let lines = std::fs::read(at.join(id.disclosures_path())).unwrap();
    let lines = lines.strip_suffix(b"\n").unwrap().split(|b| *b == b'\n');
    Open {
        records: records.into_iter().map(<[u8]>::to_vec).collect(),
        lines: lines.map(<[u8]>::to_vec).collect(),
    }
}

fn put(at: &Path, id: BundleId, open: &Open) {
    let records = encode_bundle(&open.records).unwrap_or_default();
    write(&at.join("log").join(id.entries_path()), &records);
    let mut lines = open.lines.join(&b'\n');
    lines.push(b'\n');
    write(&at.join(id.disclosures_path()), &lines);
}

/// Changes a bundle in one of the ways there are; says how.
fn edit(open: &mut Open, other: &Open, random: &SeededRandom) -> &'static str {
    let at = random.below(open.records.len());
    let to = random.below(open.records.len());
    match random.below(9) {
        0 => {
            open.records.remove(at);
            open.lines.remove(at);
            "removed"
        }
        1 => {
            open.records.insert(at, open.records[to].clone());
            open.lines.insert(at, open.lines[to].clone());
            "inserted"
        }
        2 => {
            open.records.swap(at, to);
            open.lines.swap(at, to);
            "reordered"
        }
        3 => {
            let n = random.below(other.records.len());
            open.records[at].clone_from(&other.records[n]);
            open.lines[at].clone_from(&other.lines[n]);
            "replaced by another of the same log"
        }
        4 => {
            let byte = random.below(open.records[at].len());
            open.records[at][byte] ^= 1 << random.below(7);
            "changed a record"
        }
        5 => {
            let byte = random.below(open.lines[at].len());
            open.lines[at][byte] ^= 1 << random.below(7);
            "changed a disclosure"
        }
        6 => {
            open.lines.swap(at, to);
            "reordered the disclosures"
        }
        7 => {
            let text = open.lines[at].clone();
            let first = text.iter().position(|b| *b == b'~').unwrap_or(0);
            open.lines[at] = text[first + 1..].to_vec();
            "took a disclosure away"
        }
        _ => {
            let len = random.below(open.records[at].len());
            open.records[at].truncate(len);
            "cut a record"
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_edit_of_the_log_shows() {
    let s = Sample::in_folder(81).await;
    let at = s.copy("edited");
    let archive = Archive::open(&at, real(82, true)).await.unwrap();
    let random = SeededRandom::new(83);
    let size = archive.truth().covered().await.unwrap();
    let ids: Vec<BundleId> = BundleId::all(size).collect();
    let start = Instant::now();
    let mut done = std::collections::BTreeMap::new();
    let mut n = 0;
    while n < AT_LEAST || (n < PROMISED && start.elapsed() < PATIENCE) {
        let which = random.below(2);
        let (id, good) = (ids[which], read(&at, ids[which]));
        let mut bad = read(&at, id);
        let how = edit(&mut bad, &read(&at, ids[1 - which]), &random);
        if bad.records == good.records && bad.lines == good.lines {
            continue;
        }
        put(&at, id, &bad);
        let report = preserve::check_log(&archive, &s.t.who).await.unwrap();
        put(&at, id, &good);
        let named = [format!("log/{}", id.entries_path()), id.disclosures_path()];
        assert!(
            !report.damage.is_empty(),
            "edit {n}: {how} in {id:?} does not show"
        );
        assert!(
            report.damage.iter().all(|d| named.contains(&d.name)),
            "edit {n}: {how}: {:#?}",
            report.damage
        );
        *done.entry(how).or_insert(0) += 1;
        n += 1;
    }
    println!("{n} edits in {:.1?}: {done:?}", start.elapsed());
    assert_eq!(done.len(), 9);
    assert!(
        preserve::check_log(&archive, &s.t.who)
            .await
            .unwrap()
            .damage
            .is_empty()
    );
}

/// Puts the log of an older copy in the place of the newer one.
fn roll_back(older: &Path, at: &Path, with_rows: bool) {
    for folder in ["log", "disclosures"] {
        std::fs::remove_dir_all(at.join(folder)).unwrap();
        copied(&older.join(folder), &at.join(folder));
    }
    if with_rows {
        for end in ["", "-wal", "-shm"] {
            drop(std::fs::remove_file(at.join(format!("rows.sqlite{end}"))));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_whole_copy_shows_by_the_rows_or_by_an_outside_checkpoint_and_only_then() {
    let s = Sample::in_folder(84).await;
    // An outside checkpoint: kept on another disk when the log was at its newest.
    let newest = s.t.scratch().join("newest-checkpoint");
    let (_, bytes) = s.t.archive.truth().checkpoint().await.unwrap().unwrap();
    write(&newest, &bytes);
    let older = s.older.join("log/checkpoint");
    let key = s.t.archive.home().log_key.clone();

    // With newer rows kept, the check says that the end is gone.
    let at = s.copy("kept-rows");
    roll_back(&s.older, &at, false);
    let archive = Archive::open(&at, real(85, false)).await.unwrap();
    let report = checked(&archive, &s.t.who, Scope::Full).await;
    assert_eq!(report.damage.len(), 1, "{:#?}", report.damage);
    assert_eq!(report.damage[0].name, "log/tail");
    assert!(
        report.damage[0].detail.contains("older copy"),
        "{}",
        report.damage[0].detail
    );
    let e = archive.begin(&s.t.who).await.unwrap_err();
    assert_eq!(
        e.why,
        Why::Damaged,
        "nothing is added to a log that was rolled back: {e}"
    );

    // Without them it is a good log that ends earlier: nothing in the folder can say otherwise.
    let at = s.copy("no-rows");
    roll_back(&s.older, &at, true);
    let archive = Archive::open(&at, real(86, false)).await.unwrap();
    let report = checked(&archive, &s.t.who, Scope::Full).await;
    assert!(report.damage.is_empty(), "{:#?}", report.damage);
    // The outside checkpoint does say it; one that is as old as the copy does not.
    let copy = s.t.scratch().join("exported");
    export_log(&archive, &s.t.who, &copy).await.unwrap();
    verify_copy(&copy, &key).unwrap();
    grown_since(&copy, &key, &older).unwrap();
    let e = grown_since(&copy, &key, &newest).unwrap_err();
    assert_eq!(e.why, Why::Unproven);
    assert!(e.to_string().contains("cut off"), "{e}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_tail_shows_by_the_rows_and_only_then() {
    let s = Sample::in_folder(87).await;
    let tail = std::fs::read(s.t.root().join("log/tail")).unwrap();
    let first = 4 + u32::from_be_bytes(tail[..4].try_into().unwrap()) as usize;
    for (cut, whole) in [
        (0, true),
        (first, true),
        (first / 2, false),
        (tail.len() - 1, false),
    ] {
        let at = s.copy("cut");
        write(&at.join("log/tail"), &tail[..cut]);
        let archive = Archive::open(&at, real(88, false)).await.unwrap();
        let report = checked(&archive, &s.t.who, Scope::Full).await;
        assert_eq!(
            crate::support::names(&report.damage),
            ["log/tail"],
            "cut at {cut}"
        );
        let e = archive.begin(&s.t.who).await.unwrap_err();
        assert_eq!(e.why, Why::Damaged, "{e}");
        // Without the rows only half a frame shows; what it held had no receipt.
        let rows_at = Some(s.t.scratch().join(format!("fresh-{cut}.sqlite")));
        let fresh = Opening {
            rows_at,
            ..real(89, false)
        };
        let archive = Archive::open(&at, fresh).await.unwrap();
        let report = checked(&archive, &s.t.who, Scope::Full).await;
        assert_eq!(
            report.damage.is_empty(),
            whole,
            "cut at {cut}: {:#?}",
            report.damage
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_past_that_was_rewritten_shows_against_any_older_checkpoint() {
    let s = Sample::in_folder(90).await;
    let key = s.t.archive.home().log_key.clone();
    let copy = s.t.scratch().join("exported");
    export_log(&s.t.archive, &s.t.who, &copy).await.unwrap();
    let older = s.older.join("log/checkpoint");
    assert!(grown_since(&copy, &key, &older).unwrap() > 256);
    // Two records of the past change places in the copy: both checks refuse it.
    let id = BundleId::all(s.t.archive.truth().covered().await.unwrap())
        .next()
        .unwrap();
    let path = copy.join(id.entries_path());
    let bytes = std::fs::read(&path).unwrap();
    let mut records = decode_bundle(&bytes, id.width()).unwrap();
    records.swap(10, 11);
    write(&path, &encode_bundle(&records).unwrap());
    assert_eq!(verify_copy(&copy, &key).unwrap_err().why, Why::Unproven);
    let e = grown_since(&copy, &key, &older).unwrap_err();
    assert!(e.to_string().contains("rewritten"), "{e}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_optional_field_taken_away_shows_with_the_rows_and_without_them() {
    let t = TestArchive::new(Where::Folder, 91).await;
    let session = SessionId::from_random(t.archive.draw());
    let start = SessionStarted {
        authority: Some("an invented mandate".into()),
        ..SessionStarted::new("a day at the harbour".into())
    };
    let draft = Draft::first(Subject::Session(session), start.into());
    record(&t.archive, &t.who, vec![draft]).await;
    let size = t.archive.cover().await.unwrap();
    let id = BundleId::holding(size - 1, size).unwrap();
    let at = t.scratch().join("edited");
    copied(t.root(), &at);
    let mut open = read(&at, id);
    let line = String::from_utf8(open.lines.pop().unwrap()).unwrap();
    let is_it = |d: &&str| Disclosure::parse(d).is_ok_and(|d| d.name == "authority");
    let gone = line.split('~').find(is_it).unwrap();
    let rest = line.replace(&format!("{gone}~"), "");
    open.lines.push(rest.into_bytes());
    put(&at, id, &open);
    let archive = Archive::open(&at, real(92, true)).await.unwrap();
    let report = checked(&archive, &t.who, Scope::Full).await;
    let file = id.disclosures_path();
    assert_eq!(
        crate::support::names(&report.damage),
        std::slice::from_ref(&file)
    );
    let detail = &report.damage[0].detail;
    assert!(detail.contains("authority is gone"), "{detail}");
    // Nothing but the entry itself says so: rows made anew from what is left know no better.
    let rows_at = Some(t.scratch().join("fresh.sqlite"));
    let fresh = Opening {
        rows_at,
        ..real(93, false)
    };
    let archive = Archive::open(&at, fresh).await.unwrap();
    let report = checked(&archive, &t.who, Scope::Full).await;
    assert_eq!(crate::support::names(&report.damage), [file]);
}
