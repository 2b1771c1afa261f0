//! A caller that goes away half-way (a closed browser, a dropped request) leaves no half of anything.

use crate::support::{begun, noted, record};
use archive::{Archive, Opening};
use std::io;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use store::{Disk, Listed, Lock, LockKind, NewFile, OldFile, Replace, Stat, Wait};
use testkit::{FaultDisk, TestArchive, Where};

/// Polls a future this often, then drops it. Says whether it was done before.
async fn only<T>(polls: usize, work: impl Future<Output = T>) -> bool {
    let mut work = pin!(work);
    let mut left = polls;
    std::future::poll_fn(|cx| {
        if work.as_mut().poll(cx).is_ready() {
            return std::task::Poll::Ready(true);
        }
        if left == 0 {
            return std::task::Poll::Ready(false);
        }
        left -= 1;
        std::task::Poll::Pending
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_goes_away_half_way_leaves_no_gap_and_loses_nothing() {
    let disk = FaultDisk::new(6);
    let t = TestArchive::new(Where::Fault(disk.clone()), 6).await;
    let slow = Opening {
        disk: Arc::new(Slow(disk)),
        ..t.opening(8)
    };
    let slow = Archive::open(t.root(), slow).await.unwrap();
    let (session, draft) = begun(&slow);
    record(&slow, &t.who, vec![draft]).await.unwrap();
    let mut dropped = 0;
    for round in 0..120_usize {
        let work = async {
            record(&slow, &t.who, vec![noted(session, "half")]).await?;
            slow.cover().await
        };
        dropped += usize::from(!Box::pin(only(round % 30, work)).await);
        // Somebody else goes on at once.
        record(&slow, &t.who, vec![noted(session, "whole")])
            .await
            .unwrap_or_else(|e| panic!("round {round}: {e}"));
    }
    assert!(
        dropped > 20,
        "{dropped} were dropped: too few to say anything"
    );
    slow.cover().await.unwrap();
    let size = t.archive.truth().covered().await.unwrap();
    let seen = t.archive.seen_by(&t.who);
    assert_eq!(seen.log_size().await.unwrap(), size);
    let notes = seen.session_notes(&session.to_string()).await.unwrap();
    let whole = notes.iter().filter(|n| n.note.as_deref() == Some("whole"));
    assert_eq!(whole.count(), 120);
}

/// A disk whose tail takes its time, so that whoever does not wait is far ahead.
#[derive(Debug)]
struct Slow(FaultDisk);

#[derive(Debug)]
struct SlowFile(Box<dyn NewFile>);

fn wait() {
    std::thread::sleep(std::time::Duration::from_millis(3));
}

impl NewFile for SlowFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        wait();
        self.0.write(bytes)
    }
    fn truncate(&mut self, len: u64) -> io::Result<()> {
        wait();
        self.0.truncate(len)
    }
    fn sync(&mut self) -> io::Result<()> {
        wait();
        self.0.sync()
    }
    fn finish(self: Box<Self>) -> io::Result<()> {
        self.0.finish()
    }
}

impl Disk for Slow {
    fn append(&self, path: &Path) -> io::Result<Box<dyn NewFile>> {
        Ok(Box::new(SlowFile(self.0.append(path)?)))
    }
    fn create(&self, path: &Path, expected: u64) -> io::Result<Box<dyn NewFile>> {
        self.0.create(path, expected)
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn OldFile>> {
        self.0.open(path)
    }
    fn rename(&self, from: &Path, to: &Path, replace: Replace) -> io::Result<()> {
        self.0.rename(from, to, replace)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.0.remove(path)
    }
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.0.create_dir_all(path)
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.0.sync_dir(path)
    }
    fn sync_all(&self, path: &Path) -> io::Result<()> {
        self.0.sync_all(path)
    }
    fn list(&self, dir: &Path) -> io::Result<Vec<Listed>> {
        self.0.list(dir)
    }
    fn stat(&self, path: &Path) -> io::Result<Option<Stat>> {
        self.0.stat(path)
    }
    fn set_read_only(&self, path: &Path) -> io::Result<()> {
        self.0.set_read_only(path)
    }
    fn free_bytes(&self, path: &Path) -> io::Result<u64> {
        self.0.free_bytes(path)
    }
    fn lock(&self, path: &Path, kind: LockKind, wait: Wait) -> io::Result<Box<dyn Lock>> {
        self.0.lock(path, kind, wait)
    }
}
