//! Single flipped bits: every one is found and the right file named; without one there is no alarm (R3).

use crate::support::{checked, copied, names, real, record};
use archive::{Archive, Draft, Opening, Who, Why};
use format::id::{SessionId, Subject};
use format::kind::{SessionNoted, SessionStarted};
use preserve::{Place, Scope};
use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use testkit::{SeededRandom, TestArchive, Where};

/// Flips at the least, and as many more as fit in the time, up to the figure of the promise.
const AT_LEAST: usize = 1_000;
const PROMISED: usize = 20_000;
/// How many flip at once, each in a copy of its own.
const CREW: usize = 4;
const PATIENCE: Duration = Duration::from_secs(60);

/// About 64 KiB in a few files, with an uncovered tail.
async fn reference() -> TestArchive {
    let t = TestArchive::new(Where::Folder, 71).await;
    let random = SeededRandom::new(71);
    let session = SessionId::from_random(t.archive.draw());
    let start = SessionStarted::new("a day at the harbour".into());
    let first = Draft::first(Subject::Session(session), start.into());
    record(&t.archive, &t.who, vec![first]).await;
    for len in [14_000, 15_000, 16_000] {
        t.add("a/file", &random.bytes(len)).await.unwrap();
    }
    let note = SessionNoted::new("uncovered".into());
    let note = Draft::about(Subject::Session(session), note.into());
    record(&t.archive, &t.who, vec![note]).await;
    t
}

/// Every file of the archive but the rows and the locks, with its length.
fn files(root: &Path) -> Vec<(String, u64)> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let len = std::fs::metadata(&path).unwrap().len();
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            if path.is_dir() {
                open.push(path);
            } else if len > 0 && !name.starts_with("rows.sqlite") {
                found.push((name, len));
            }
        }
    }
    found.sort();
    found
}

fn flip(path: &Path, bit: u64) {
    let file = File::options().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, bit / 8).unwrap();
    byte[0] ^= 1 << (bit % 8);
    file.write_all_at(&byte, bit / 8).unwrap();
}

/// Every other flip anywhere in the archive, the rest spread over the files: small ones count too.
fn drawn(files: &[(String, u64)], random: &SeededRandom, n: usize) -> (usize, u64) {
    if n.is_multiple_of(2) {
        let total: u64 = files.iter().map(|(_, len)| len * 8).sum();
        let mut bit = random.next() % total;
        let mut at = 0;
        while bit >= files[at].1 * 8 {
            bit -= files[at].1 * 8;
            at += 1;
        }
        return (at, bit);
    }
    let at = random.below(files.len());
    (at, random.next() % (files[at].1 * 8))
}

/// Flips bits of its own copy until the time or the share is over; says how many in each file.
async fn flipped(root: PathBuf, files: Vec<(String, u64)>, who: Who, seed: u64) -> Vec<usize> {
    let archive = Archive::open(&root, real(seed, true)).await.unwrap();
    let clean = checked(&archive, &who, Scope::Full).await;
    assert!(clean.damage.is_empty(), "a false alarm: {clean:#?}");
    let random = SeededRandom::new(seed);
    let start = Instant::now();
    let mut per_file = vec![0_usize; files.len()];
    for n in 0..PROMISED / CREW {
        if n >= AT_LEAST / CREW && start.elapsed() > PATIENCE {
            break;
        }
        let (at, bit) = drawn(&files, &random, n);
        let path = root.join(&files[at].0);
        flip(&path, bit);
        let report = checked(&archive, &who, Scope::Full).await;
        flip(&path, bit);
        let wanted = [files[at].0.clone()];
        let found = &report.damage;
        assert_eq!(names(found), wanted, "seed {seed}, bit {bit}: {found:#?}");
        per_file[at] += 1;
    }
    let clean = checked(&archive, &who, Scope::Full).await;
    assert!(clean.damage.is_empty(), "a false alarm: {clean:#?}");
    per_file
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_flipped_bit_is_found_and_its_file_named() {
    let t = reference().await;
    let files = files(t.root());
    let start = Instant::now();
    let mut crew = tokio::task::JoinSet::new();
    for n in 0..CREW {
        let root = t.scratch().join(format!("copy-{n}"));
        copied(t.root(), &root);
        crew.spawn(flipped(root, files.clone(), t.who.clone(), 72 + n as u64));
    }
    let mut per_file = vec![0; files.len()];
    while let Some(joined) = crew.join_next().await {
        let each = joined.unwrap();
        per_file.iter_mut().zip(each).for_each(|(a, b)| *a += b);
    }
    let done: usize = per_file.iter().sum();
    let total: u64 = files.iter().map(|(_, len)| len).sum();
    println!(
        "{done} flips over {total} bytes in {:.1?}: {per_file:?}",
        start.elapsed()
    );
    assert!(
        per_file.iter().all(|n| *n > 0),
        "a file was never flipped: {files:?} {per_file:?}"
    );
}

/// What became of a flip in the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    ChangesNothing,
    NamedByCheck,
    RefusedWithReason,
}

/// Opens an archive with harmed rows, as the next command would; says whether the check became an entry too.
async fn tried(at: &Path, who: &Who, live: &str, what: &str) -> (Fate, bool) {
    let archive = match Archive::open(at, real(74, false)).await {
        Ok(archive) => archive,
        Err(e) => {
            assert_eq!(e.why, Why::Damaged, "{what}: {e}");
            return (Fate::RefusedWithReason, false);
        }
    };
    if archive.check_rows().await.is_none() && archive.dump().await.is_ok_and(|d| d == live) {
        return (Fate::ChangesNothing, false);
    }
    match preserve::check(&archive, who, &Scope::Full, &Arc::default(), &mut |_| {}).await {
        Ok(report) => {
            let said = report.damage.iter().any(|d| d.place == Place::Views);
            assert!(said, "{what}: {report:#?}");
            (Fate::NamedByCheck, report.recorded.is_some())
        }
        Err(e) => {
            assert_eq!(e.why, Why::Damaged, "{what}: {e}");
            (Fate::RefusedWithReason, false)
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flipped_bit_in_the_rows_changes_nothing_or_is_said_and_a_rebuild_mends_it() {
    let t = reference().await;
    let live = t.archive.dump().await.unwrap();
    let base = t.scratch().join("base");
    copied(t.root(), &base);
    // Everything into the one file.
    let rows = store::Rows::sqlite(&base.join("rows.sqlite"), store::Mode::ReadWrite)
        .await
        .unwrap();
    let sql = "pragma wal_checkpoint(truncate)";
    let _: Option<(i64, i64, i64)> = rows.one(sql, vec![]).await.unwrap_or(None);
    rows.close().await;
    let len = std::fs::metadata(base.join("rows.sqlite")).unwrap().len();
    let random = SeededRandom::new(73);
    let mut fates = BTreeMap::new();
    let start = Instant::now();
    let mut n = 0;
    while n < 60 || (n < 400 && start.elapsed() < Duration::from_secs(12)) {
        n += 1;
        let at = t.scratch().join("harmed");
        drop(std::fs::remove_dir_all(&at));
        copied(&base, &at);
        let bit = random.next() % (len * 8);
        flip(&at.join("rows.sqlite"), bit);
        let what = format!("bit {bit}");
        let (fate, recorded) = tried(&at, &t.who, &live, &what).await;
        *fates.entry(fate).or_insert(0) += 1;
        let alone = Opening {
            alone: true,
            ..real(75, false)
        };
        // The handle above is gone, so whoever mends has the archive alone.
        let mended = Archive::open(&at, alone).await.unwrap();
        mended.rebuild(&t.who).await.unwrap();
        // A check that found the damage is an entry of its own.
        let wanted = if recorded {
            mended.rebuilt_in_memory().await.unwrap()
        } else {
            live.clone()
        };
        assert_eq!(mended.dump().await.unwrap(), wanted, "{what}");
    }
    println!("{n} flips of {len} bytes of rows: {fates:?}");
    assert!(
        fates.len() > 1,
        "no flip came to light: the rows are too small"
    );
}
