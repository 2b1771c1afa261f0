//! What is recorded is neither lost nor covered over by damage, whoever died when.

use crate::support::{begun, noted, record};
use archive::{Archive, Why};
use std::path::Path;
use testkit::{Behaviour, Fault, FaultDisk, TestArchive, Where, opening, read_file, write_file};

fn flipped(mut bytes: Vec<u8>, at: usize) -> Vec<u8> {
    bytes[at] ^= 1;
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_frame_of_the_tail_is_never_covered_away() {
    let mut t = TestArchive::new(Where::Fault(FaultDisk::new(1)), 1).await;
    let (session, draft) = begun(&t.archive);
    record(&t.archive, &t.who, vec![draft]).await.unwrap();
    for text in ["one", "two"] {
        record(&t.archive, &t.who, vec![noted(session, text)])
            .await
            .unwrap();
    }
    let tail = Path::new("/archive/log/tail");
    let good = read_file(&*t.disk(), tail);
    let bad = flipped(good.clone(), good.len() - 5);
    write_file(&*t.disk(), tail, &bad);
    t.harmed();
    let e = t.archive.cover().await.unwrap_err();
    assert_eq!(e.why, Why::Damaged, "{e}");
    assert_eq!(
        read_file(&*t.disk(), tail),
        bad,
        "the only copy of a recorded entry was thrown away"
    );
    assert_eq!(t.archive.truth().covered().await.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_never_know_more_than_the_disk_when_a_writer_died_before_its_sync() {
    let disk = FaultDisk::new(2);
    let mut t = TestArchive::new(Where::Fault(disk.clone()), 2).await;
    t.harmed(); // Its disk is about to lose power.
    let other = Archive::open(t.root(), t.opening(7)).await.unwrap();
    let (_, draft) = begun(&other);
    let now = other.begin(&t.who).await.unwrap();
    // stat, append, write, then the sync.
    disk.fail_at(disk.ops() + 3, Fault::Eio);
    let e = now.record(vec![draft]).await.unwrap_err();
    assert_eq!(e.why, Why::Disk, "{e}: {:?}", disk.trace().last());
    drop(other);
    // The living process catches up with what the dead one left, and then the power fails.
    drop(t.archive.begin(&t.who).await.unwrap());
    let after = disk.crash_state(disk.ops(), Behaviour::DropUnsynced);
    let rows = t.scratch().join("rows.sqlite");
    let opening = opening(std::sync::Arc::new(after), Some(rows), 3);
    let again = Archive::open(Path::new("/archive"), opening).await.unwrap();
    again.begin(&t.who).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_partial_bundle_is_not_copied_into_the_next() {
    for file in ["log/tile/entries/000.p/2", "disclosures/000.p/2"] {
        let mut t = TestArchive::new(Where::Fault(FaultDisk::new(3)), 3).await;
        t.harmed();
        let path = t.root().join(file);
        let bytes = read_file(&*t.disk(), &path);
        // The signature of the first record, the value of a disclosure: neither changes the shape of the file.
        write_file(&*t.disk(), &path, &flipped(bytes, 300));
        let (_, draft) = begun(&t.archive);
        record(&t.archive, &t.who, vec![draft]).await.unwrap();
        let e = t.archive.cover().await.unwrap_err();
        assert_eq!(e.why, Why::Damaged, "{file}: {e}");
        assert_eq!(t.archive.truth().covered().await.unwrap(), 2);
        assert!(
            t.disk().stat(&path).unwrap().is_some(),
            "{file} was removed"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_log_still_opens_to_read_and_takes_no_writes() {
    let disk = FaultDisk::new(4);
    let mut t = TestArchive::new(Where::Fault(disk), 4).await;
    let id = t.add("folder/a.txt", b"what was said").await.unwrap();
    let path = t.root().join("log/checkpoint");
    let bytes = read_file(&*t.disk(), &path);
    write_file(&*t.disk(), &path, &flipped(bytes, 60));
    t.harmed();
    let again = Archive::open(t.root(), t.opening(8)).await.unwrap();
    let who = again.owner().await.unwrap();
    assert_eq!(again.seen_by(&who).item(&id).await.unwrap().bytes, Some(13));
    for e in [
        again.begin(&who).await.unwrap_err(),
        again.cover().await.unwrap_err(),
    ] {
        assert_eq!(e.why, Why::Damaged, "{e}");
        assert!(e.to_string().contains("checkpoint"), "{e}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_failed_write_nothing_more_is_taken_and_the_reason_is_said() {
    let disk = FaultDisk::new(5);
    let mut t = TestArchive::new(Where::Fault(disk.clone()), 5).await;
    t.harmed();
    disk.set_capacity(1);
    let (_, draft) = begun(&t.archive);
    let e = record(&t.archive, &t.who, vec![draft]).await.unwrap_err();
    assert_eq!(e.why, Why::Disk, "{e}");
    disk.set_capacity(u64::MAX);
    let e = t.archive.begin(&t.who).await.unwrap_err();
    assert_eq!(e.why, Why::Disk);
    assert!(e.to_string().contains("full"), "{e}");
    let again = Archive::open(t.root(), t.opening(8)).await.unwrap();
    assert_eq!(
        again.dump().await.unwrap(),
        again.rebuilt_in_memory().await.unwrap()
    );
    let (_, draft) = begun(&again);
    record(&again, &t.who, vec![draft]).await.unwrap();
    assert_eq!(again.cover().await.unwrap(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_views_cannot_take_never_gets_into_the_log() {
    let t = TestArchive::new(Where::Fault(FaultDisk::new(9)), 9).await;
    let (session, draft) = begun(&t.archive);
    record(&t.archive, &t.who, vec![draft.clone()])
        .await
        .unwrap();
    // The same id drawn twice: by a broken generator, or an import.
    record(&t.archive, &t.who, vec![draft]).await.unwrap_err();
    record(&t.archive, &t.who, vec![noted(session, "it goes on")])
        .await
        .unwrap();
    assert_eq!(t.archive.cover().await.unwrap(), 4);
    t.reopened().await;
}
