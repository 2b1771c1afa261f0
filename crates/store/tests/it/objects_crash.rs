//! Nothing acknowledged is lost: the power fails at every operation, or one operation fails.

use std::path::Path;

use store::{Error, Objects, Result, Stored};
use testkit::{Behaviour, Crash, Fault, FaultDisk};

use crate::support::{name, open, stage, wait};

const ROOT: &str = "/archive/root";

fn bytes(of: &str) -> Vec<u8> {
    of.bytes().cycle().take(1500 + of.len()).collect()
}

/// What was acknowledged, and how many operations had been done by then.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    Kept(&'static str),
    Checkpoint(u8),
    Gone(&'static str),
}

#[derive(Debug, Default)]
struct Heard {
    said: Vec<(usize, Said)>,
    errors: Vec<Error>,
}

impl Heard {
    fn note<T>(&mut self, disk: &FaultDisk, outcome: Result<T>, said: &[Said]) {
        match outcome {
            Ok(_) => self
                .said
                .extend(said.iter().map(|s| (disk.ops(), s.clone()))),
            Err(e) => self.errors.push(e),
        }
    }
}

const SMALL: [&str; 6] = [
    "log/tile/0/001",
    "log/tile/0/002",
    "log/tile/1/001",
    "disclosures/1",
    "log/one",
    "log/gone",
];
const ORIGINALS: [&str; 3] = ["originals/ab/abc", "originals/ab/abd", "originals/cd/cde"];

/// Does a bit of everything, going on after errors like a server that serves others.
async fn work(disk: &FaultDisk) -> Heard {
    let mut heard = Heard::default();
    let objects = match Objects::local(std::sync::Arc::new(disk.clone()), Path::new(ROOT)) {
        Ok(objects) => objects,
        Err(e) => {
            return Heard {
                errors: vec![e],
                ..heard
            };
        }
    };
    heard.note(
        disk,
        objects.put_once(&name("log/one"), &bytes("log/one")).await,
        &[Said::Kept("log/one")],
    );
    heard.note(
        disk,
        objects
            .put_once(&name("log/gone"), &bytes("log/gone"))
            .await,
        &[],
    );
    heard.note(
        disk,
        objects.replace(&name("log/checkpoint"), &[1; 700]).await,
        &[Said::Checkpoint(1)],
    );
    work_on_many(disk, &objects, &mut heard).await;
    let again = objects.put_once(&name("log/one"), &bytes("log/one")).await;
    heard.note(disk, again, &[]);
    heard.note(
        disk,
        objects.discard(&name("log/gone")).await,
        &[Said::Gone("log/gone")],
    );
    let third = objects.replace(&name("log/checkpoint"), &[3; 800]).await;
    heard.note(disk, third, &[Said::Checkpoint(3)]);
    heard
}

async fn work_on_many(disk: &FaultDisk, objects: &Objects, heard: &mut Heard) {
    let put = |n: &'static str| (name(n), bytes(n));
    let many = SMALL[..4].to_vec();
    let kept: Vec<Said> = many.iter().map(|n| Said::Kept(n)).collect();
    heard.note(
        disk,
        objects.put_all(many.into_iter().map(put).collect()).await,
        &kept,
    );
    heard.note(
        disk,
        objects.replace(&name("log/checkpoint"), &[2; 900]).await,
        &[Said::Checkpoint(2)],
    );
    let batch = objects.batch();
    let mut placed = Vec::new();
    for at in ORIGINALS {
        match stage(&batch, at, &bytes(at)).and_then(|_| stage(&batch, at, &bytes(at))) {
            Ok(_) => placed.push(Said::Kept(at)),
            Err(e) => heard.errors.push(e),
        }
    }
    heard.note(disk, batch.settle().await, &placed);
}

async fn read(objects: &Objects, at: &str) -> Option<Vec<u8>> {
    match objects.get(&name(at)).await {
        Ok(bytes) => Some(bytes),
        Err(Error::NotFound { .. }) => None,
        Err(e) => panic!("{at}: {e}"),
    }
}

/// Checks what a crash left: everything acknowledged is there, and nothing small is torn.
async fn check(objects: &Objects, said: &[Said], where_: &str) {
    let gone = said.contains(&Said::Gone("log/gone"));
    for at in SMALL.into_iter().chain(ORIGINALS) {
        let found = read(objects, at).await;
        let kept = said.contains(&Said::Kept(at));
        let may_be_torn = at.starts_with("originals/") && !kept;
        assert!(found.is_some() || !kept, "{at} is lost {where_}");
        assert!(
            found.is_none_or(|f| f == bytes(at)) || may_be_torn,
            "{at} is torn {where_}"
        );
    }
    assert!(
        !gone || read(objects, "log/gone").await.is_none(),
        "what was discarded is back {where_}"
    );
    let least = said
        .iter()
        .filter_map(|s| {
            if let Said::Checkpoint(n) = s {
                Some(*n)
            } else {
                None
            }
        })
        .max();
    let whole = [(1, 700), (2, 900), (3, 800)].map(|(n, len)| (n, vec![n; len]));
    match (read(objects, "log/checkpoint").await, least) {
        (None, None) => {}
        (None, Some(n)) => panic!("checkpoint {n} is lost {where_}"),
        (Some(found), least) => {
            let n = whole.iter().find(|(_, w)| *w == found).map(|(n, _)| *n);
            assert!(
                n.is_some() && n >= least,
                "checkpoint {n:?} after {least:?} {where_}"
            );
        }
    }
}

/// Does the same work again after the power is back, then loses everything unsynced once more.
async fn recover(disk: &FaultDisk, where_: &str) {
    let objects = open(disk, Path::new(ROOT));
    objects.sweep_incoming().await.unwrap();
    for at in SMALL {
        objects
            .put_once(&name(at), &bytes(at))
            .await
            .unwrap_or_else(|e| panic!("{at}: {e} {where_}"));
    }
    for at in ORIGINALS {
        stage(&objects.batch(), at, &bytes(at)).unwrap();
    }
    objects.batch().settle().await.unwrap();
    for behaviour in [Behaviour::DropUnsynced, Behaviour::Reorder] {
        let after = open(&disk.crash_state(disk.ops(), behaviour), Path::new(ROOT));
        for at in SMALL.into_iter().chain(ORIGINALS) {
            assert!(
                read(&after, at).await.is_some_and(|f| f == bytes(at)),
                "{at} after recovery {where_}"
            );
        }
    }
}

fn heard_by(heard: &Heard, at_op: usize) -> Vec<Said> {
    heard
        .said
        .iter()
        .filter(|(at, _)| *at <= at_op)
        .map(|(_, s)| s.clone())
        .collect()
}

fn each_crash(disk: &FaultDisk, seed: u64, mut see: impl FnMut(Crash, &str)) -> usize {
    let trace = disk.trace();
    disk.every_crash(seed, |crash| {
        let last = crash.at_op.checked_sub(1).map(|at| &trace[at]);
        let where_ = format!(
            "({:?} after operation {}, {last:?}, seed {seed})",
            crash.behaviour, crash.at_op
        );
        see(crash, &where_);
    })
}

#[test]
fn a_power_cut_at_any_operation_loses_nothing_acknowledged() {
    let mut states = 0;
    for seed in 0..3 {
        let disk = FaultDisk::new(seed);
        let heard = wait(work(&disk));
        assert!(heard.errors.is_empty(), "{:?}", heard.errors);
        assert_eq!(heard.said.len(), 12);
        states += each_crash(&disk, seed, |crash, where_| {
            let said = heard_by(&heard, crash.at_op);
            wait(async {
                if Objects::read_only(std::sync::Arc::new(crash.disk.clone()), Path::new(ROOT))
                    .is_ok()
                {
                    check(&open(&crash.disk, Path::new(ROOT)), &said, where_).await;
                } else {
                    assert!(said.is_empty(), "the folder is lost {where_}");
                }
                recover(&crash.disk, where_).await;
            });
        });
    }
    assert!(states > 1000, "only {states} power cuts were tried");
}

#[test]
fn a_failing_operation_is_never_acknowledged_and_a_failed_sync_is_the_last_write() {
    let undisturbed = FaultDisk::new(1);
    wait(work(&undisturbed));
    for (op, fault) in (0..undisturbed.ops()).flat_map(|op| Fault::ALL.map(|fault| (op, fault))) {
        let disk = FaultDisk::new(1);
        disk.fail_at(op, fault);
        let heard = wait(work(&disk));
        let halted = heard
            .errors
            .iter()
            .position(|e| matches!(e, Error::Unsynced { .. }));
        if let Some(at) = halted {
            let after = &heard.errors[at + 1..];
            assert!(
                after.iter().all(|e| matches!(e, Error::Halted { .. })),
                "{after:?} after {fault:?} at {op}"
            );
        }
        for behaviour in Behaviour::ALL {
            let left = disk.crash_state(disk.ops(), behaviour);
            let said = heard_by(&heard, disk.ops());
            let where_ = format!("({fault:?} at operation {op}, then {behaviour:?})");
            wait(async { check(&open(&left, Path::new(ROOT)), &said, &where_).await });
        }
    }
}

#[test]
fn bytes_another_process_acknowledged_are_not_replaced_by_unsynced_ones() {
    let disk = FaultDisk::new(1);
    let (one, two) = (open(&disk, Path::new(ROOT)), open(&disk, Path::new(ROOT)));
    stage(&one.batch(), "originals/x", &bytes("x")).unwrap();
    wait(one.batch().settle()).unwrap();
    let acknowledged = disk.ops();
    stage(&two.batch(), "originals/x", &bytes("x")).unwrap();
    each_crash(&disk, 1, |crash, where_| {
        if crash.at_op >= acknowledged {
            let found = wait(open(&crash.disk, Path::new(ROOT)).get(&name("originals/x"))).unwrap();
            assert_eq!(found, bytes("x"), "{where_}");
        }
    });
}

#[test]
fn the_same_bytes_again_are_durable_even_if_somebody_else_had_not_synced_them() {
    let disk = FaultDisk::new(1);
    let (one, two) = (open(&disk, Path::new(ROOT)), open(&disk, Path::new(ROOT)));
    stage(&one.batch(), "log/x", &bytes("x")).unwrap();
    assert_eq!(
        wait(two.put_once(&name("log/x"), &bytes("x"))).unwrap(),
        Stored::Same
    );
    let after = open(
        &disk.crash_state(disk.ops(), Behaviour::DropUnsynced),
        Path::new(ROOT),
    );
    assert_eq!(wait(after.get(&name("log/x"))).unwrap(), bytes("x"));
}

#[test]
fn while_damage_is_healed_the_name_stands_for_the_old_bytes_or_the_new_and_no_others() {
    for seed in 0..4 {
        let disk = FaultDisk::new(seed);
        let objects = open(&disk, Path::new(ROOT));
        let damaged: Vec<u8> = bytes("x").into_iter().map(|b| b ^ 1).collect();
        stage(&objects.batch(), "originals/x", &damaged).unwrap();
        wait(objects.batch().settle()).unwrap();
        let before = disk.ops();
        stage(&objects.batch(), "originals/x", &bytes("x")).unwrap();
        wait(objects.batch().settle()).unwrap();
        let settled = disk.ops();
        each_crash(&disk, seed, |crash, where_| {
            if crash.at_op >= before {
                let found =
                    wait(open(&crash.disk, Path::new(ROOT)).get(&name("originals/x"))).unwrap();
                let old = crash.at_op < settled && found == damaged;
                assert!(old || found == bytes("x"), "{where_}");
            }
        });
    }
}
