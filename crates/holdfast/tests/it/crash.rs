//! The power is cut at every operation of the disk, in five ways: nothing acknowledged is lost (R1).

use crate::workload::{Ack, Material, Worker, on, prove, root};
use archive::Archive;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Instant;
use testkit::{Crash, FaultDisk};

/// One crash point in so many is looked at, each under all five behaviours; `HOLDFAST_LONG` looks at every one.
const EVERY: usize = 3;

fn thinned(every: usize) -> usize {
    if std::env::var_os("HOLDFAST_LONG").is_some() {
        1
    } else {
        every
    }
}

fn runtime() -> tokio::runtime::Runtime {
    let built = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    built.unwrap()
}

/// Copies the rows as they stand, with what is beside them.
fn copy_rows(from: &Path, to: &Path) {
    for end in ["", "-wal"] {
        let name = |p: &Path| PathBuf::from(format!("{}{end}", p.display()));
        if name(from).exists() {
            std::fs::copy(name(from), name(to)).unwrap();
        }
    }
}

/// Does the day's work on a disk that does not fail; gives the acknowledgements and dated copies of the rows.
fn worked(disk: &FaultDisk, material: &Material) -> (Vec<Ack>, Vec<(usize, PathBuf)>) {
    let rows = material.scratch().join("rows.sqlite");
    let copies = Mutex::new(Vec::new());
    let then = |ops: usize| {
        let mut copies = copies.lock().unwrap();
        let at = material.scratch().join(format!("rows-at-{ops}.sqlite"));
        if copies.last().is_none_or(|(last, _)| *last != ops) {
            copy_rows(&rows, &at);
            copies.push((ops, at));
        }
    };
    let mut worker = Worker {
        disk,
        acks: Vec::new(),
        then: &then,
    };
    runtime().block_on(async {
        worker.found(&rows).await.unwrap();
        let archive = Archive::open(root(), on(disk, &rows, 3)).await.unwrap();
        worker.day(&archive, material).await.unwrap();
    });
    let acks = worker.acks;
    (acks, copies.into_inner().unwrap())
}

/// Proves crash after crash, on as many threads as there are cores. Says how many.
fn sweep(
    disk: &FaultDisk,
    every: usize,
    acks: &[Ack],
    rows: &(dyn Fn(&Crash, usize) -> Option<PathBuf> + Sync),
) -> usize {
    let (give, take) = mpsc::sync_channel::<Crash>(8);
    let take = Arc::new(Mutex::new(take));
    let done = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (take, done) = (Arc::clone(&take), &done);
            scope.spawn(move || {
                let runtime = runtime();
                loop {
                    let next = take.lock().unwrap().recv();
                    let Ok(crash) = next else { return };
                    let n = done.fetch_add(1, Ordering::SeqCst);
                    let Some(rows) = rows(&crash, n) else {
                        continue;
                    };
                    let held: Vec<&Ack> = acks.iter().filter(|a| a.ops <= crash.at_op).collect();
                    let what =
                        format!("after operation {} with {:?}", crash.at_op, crash.behaviour);
                    runtime.block_on(prove(&crash.disk, &rows, &held, &what));
                }
            });
        }
        // Once every thread has failed, sending fails too.
        drop(take);
        let (mut point, mut last) = (0, usize::MAX);
        disk.every_crash(41, |crash| {
            if crash.at_op != last {
                last = crash.at_op;
                point += 1;
            }
            if point % every == 0 {
                // Nobody takes any more only when a proof failed; the scope says which.
                drop(give.send(crash));
            }
        });
        drop(give);
    });
    done.into_inner()
}

#[test]
fn nothing_acknowledged_is_lost_when_the_power_fails_and_the_rows_are_gone() {
    let material = Material::new(6, 8, 41);
    let disk = FaultDisk::new(41);
    let (acks, _) = worked(&disk, &material);
    assert!(acks.len() >= 50 + 1 + 6);
    let start = Instant::now();
    let fresh = tempfile::tempdir().unwrap();
    let states = sweep(&disk, thinned(EVERY), &acks, &|_, n| {
        Some(fresh.path().join(format!("{n}.sqlite")))
    });
    println!(
        "{states} crash states of {} operations in {:.1?}",
        disk.ops(),
        start.elapsed()
    );
    assert!(states >= 500, "only {states} crash states");
}

#[test]
fn nothing_acknowledged_is_lost_when_the_power_fails_and_the_rows_stay() {
    let material = Material::new(3, 3, 42);
    let disk = FaultDisk::new(42);
    let (acks, copies) = worked(&disk, &material);
    let start = Instant::now();
    let fresh = tempfile::tempdir().unwrap();
    let states = sweep(&disk, thinned(2), &acks, &|crash, n| {
        let (_, copy) = copies.iter().rev().find(|(ops, _)| *ops <= crash.at_op)?;
        let at = fresh.path().join(format!("{n}.sqlite"));
        copy_rows(copy, &at);
        Some(at)
    });
    println!(
        "{states} crash states of {} operations with rows kept in {:.1?}",
        disk.ops(),
        start.elapsed()
    );
    assert!(states >= 200, "only {states} crash states");
}

#[test]
fn a_receipt_given_before_its_sync_is_caught_by_this_very_proof() {
    let material = Material::new(1, 2, 43);
    let disk = FaultDisk::new(43);
    let (mut acks, _) = worked(&disk, &material);
    // Dated as if the receipt had been printed before the last syncs of its cover.
    acks.iter_mut()
        .for_each(|a| a.ops = a.ops.saturating_sub(40));
    let fresh = tempfile::tempdir().unwrap();
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        sweep(&disk, 1, &acks, &|_, n| {
            Some(fresh.path().join(format!("{n}.sqlite")))
        })
    }));
    assert!(caught.is_err(), "an early receipt passed");
}
