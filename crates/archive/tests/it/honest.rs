//! Time is a claim (R9), and what is read is what was preserved (R5).

use crate::support::{begun, noted, record};
use archive::truth::originals;
use archive::{Original, Result, Why};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::fs::Permissions;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::Path;
use testkit::{SeededRandom, TestArchive, Where};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_ten_years_changes_no_order_and_breaks_nothing() {
    let t = TestArchive::new(Where::Folder, 21).await;
    let (session, draft) = begun(&t.archive);
    record(&t.archive, &t.who, vec![draft]).await.unwrap();
    let mut items = Vec::new();
    for (n, years) in (0_u8..).zip([10, -10, -10, 20, 0, -30]) {
        t.clock.jump_years(years);
        let note = noted(session, &format!("note {n}"));
        record(&t.archive, &t.who, vec![note]).await.unwrap();
        items.push(t.add(&format!("day/{n}"), &[n]).await.unwrap());
    }
    let t = t.reopened().await;
    let seen = t.archive.seen_by(&t.who);
    let notes = seen.session_notes(&session.to_string()).await.unwrap();
    let texts: Vec<_> = notes.into_iter().filter_map(|n| n.note).collect();
    let wanted: Vec<String> = (0..6).map(|n| format!("note {n}")).collect();
    assert_eq!(texts, wanted);
    let entries = seen.entries(i64::MAX, "", 100).await.unwrap();
    assert!(entries.windows(2).all(|w| w[0].seq == w[1].seq + 1));
    assert!(
        entries.windows(2).any(|w| w[0].at < w[1].at),
        "the jump backwards must show in the stated times"
    );
    for (n, id) in (1..).zip(&items) {
        assert_eq!(seen.item(id).await.unwrap().number, n);
    }
    let listing = archive::views::Listing {
        compartment: archive::MAIN.into(),
        before: i64::MAX,
        limit: 100,
    };
    let listed = seen.items(&listing).await.unwrap();
    let listed: Vec<String> = listed.into_iter().map(|i| i.id).collect();
    let newest_first: Vec<String> = items.iter().rev().map(ToString::to_string).collect();
    assert_eq!(listed, newest_first);
}

fn harm(path: &Path, at: u64) -> u8 {
    let file = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    byte[0] ^= 1 << (at % 8);
    file.write_all_at(&byte, at).unwrap();
    byte[0]
}

fn read(original: &Original) -> (Vec<u8>, Result<u64>) {
    let mut given = Vec::new();
    let read = original.read_verified(&mut |part| {
        given.extend_from_slice(part);
        Ok(())
    });
    (given, read)
}

/// Harms one original bit by bit, and reads it each time.
async fn harmed(t: &TestArchive, bytes: &[u8], with_tree: bool) {
    let id = t.add("file.bin", bytes).await.unwrap();
    let seen = t.archive.seen_by(&t.who);
    let digest = seen.item(&id).await.unwrap().digest().unwrap();
    let path = t.root().join(originals::path(&digest));
    std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    if !with_tree {
        std::fs::remove_file(t.root().join(originals::tree_path(&digest))).unwrap();
    }
    let runtime = tokio::runtime::Handle::current();
    let check = |at: u64| {
        harm(&path, at);
        let original = runtime.block_on(seen.original_within(&id)).unwrap();
        let (given, outcome) = read(&original);
        harm(&path, at);
        let e = outcome.expect_err("a flipped bit was given out");
        prop_assert_eq!(e.why, Why::Damaged);
        prop_assert!(bytes.starts_with(&given), "{} wrong bytes", given.len());
        // Without a tree all is checked before anything is given.
        prop_assert!(with_tree || given.is_empty());
        Ok(())
    };
    let config = Config {
        cases: if bytes.len() > 2_000_000 { 12 } else { 40 },
        failure_persistence: None,
        ..Config::default()
    };
    let all = 0..bytes.len() as u64;
    tokio::task::block_in_place(|| TestRunner::new(config).run(&all, check)).unwrap();
    let (given, outcome) = read(&seen.original(&id, "get", None).await.unwrap());
    assert_eq!(outcome.unwrap(), bytes.len() as u64);
    assert!(given == bytes, "an intact original reads as it came");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_wrong_byte_of_an_original_is_ever_given_out() {
    let t = TestArchive::new(Where::Folder, 22).await;
    let random = SeededRandom::new(22);
    // Below a piece, at its edge, several pieces; the last one without its tree.
    let lengths = [70_000, 1 << 20, 3_500_000, 2_200_000];
    for (len, with_tree) in lengths.into_iter().zip([true, true, true, false]) {
        harmed(&t, &random.bytes(len), with_tree).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn taking_out_an_original_is_in_the_log_before_its_first_byte() {
    let t = TestArchive::new(Where::Real, 23).await;
    let id = t.add("a.txt", b"words").await.unwrap();
    let before = t.archive.truth().covered().await.unwrap();
    let seen = t.archive.seen_by(&t.who);
    let original = seen
        .original(&id, "get", Some("a court".into()))
        .await
        .unwrap();
    assert_eq!(t.archive.truth().covered().await.unwrap(), before + 1);
    assert_eq!(seen.exports(&id).await.unwrap().len(), 1);
    assert_eq!(original.read_verified(&mut |_| Ok(())).unwrap(), 5);
}
