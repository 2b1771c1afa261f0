//! The disk fails at every operation, in five ways: no false receipt, a reason, and a clean archive afterwards (R2).

use crate::workload::{Ack, Material, Worker, on, prove, root};
use archive::{Archive, Why};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use testkit::{Behaviour, Fault, FaultDisk};

/// One operation in so many fails, each in all five ways; `HOLDFAST_LONG` lets every one fail.
const EVERY: usize = 6;

/// What one run with one fault came to.
#[derive(Debug, Default)]
struct Counts {
    runs: AtomicUsize,
    failed: AtomicUsize,
    stopped: AtomicUsize,
}

fn runtime() -> tokio::runtime::Runtime {
    let built = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    built.unwrap()
}

/// Founds, lets one operation of the day fail, and proves what is left. Says how many operations there were.
async fn one(
    material: &Material,
    dir: &Path,
    fault: Option<(usize, Fault)>,
    counts: &Counts,
) -> usize {
    let disk = FaultDisk::new(51);
    let rows = dir.join("rows.sqlite");
    let mut worker = Worker {
        disk: &disk,
        acks: Vec::new(),
        then: &|_| {},
    };
    worker.found(&rows).await.unwrap();
    let archive = Archive::open(root(), on(&disk, &rows, 3)).await.unwrap();
    let before = disk.ops();
    if let Some((op, fault)) = fault {
        disk.fail_at(before + op, fault);
    }
    let what = format!("{fault:?}");
    counts.runs.fetch_add(1, Ordering::SeqCst);
    let done = worker.day(&archive, material).await;
    let operations = disk.ops() - before;
    if let Err(e) = done {
        counts.failed.fetch_add(1, Ordering::SeqCst);
        assert!(
            matches!(e.why, Why::Disk | Why::Damaged),
            "{what}: {:?} {e}",
            e.why
        );
        assert!(e.next.is_some(), "{what}: no next step: {e}");
        refuses(&archive, &what, counts).await;
    }
    let acks: Vec<&Ack> = worker.acks.iter().collect();
    drop(archive);
    // The program is started again, and, separately, the power fails before that.
    let ops = disk.ops();
    let behaviour = Behaviour::ALL[ops % 5];
    let after = disk.crash_state(ops, behaviour);
    let fresh = dir.join(format!("{behaviour:?}.sqlite"));
    prove(
        &after,
        &fresh,
        &acks,
        &format!("{what}, then {behaviour:?}"),
    )
    .await;
    prove(&disk, &rows, &acks, &format!("{what}, then started again")).await;
    operations
}

/// After a failed write either nothing is written any more, and the reason is said, or what is written is good.
async fn refuses(archive: &Archive, what: &str, counts: &Counts) {
    let Ok(who) = archive.owner().await else {
        return;
    };
    match testkit::add(archive, &who, "after the fault", what.as_bytes()).await {
        Ok(id) => {
            let original = archive.seen_by(&who).original_within(&id).await.unwrap();
            original.read_verified(&mut |_| Ok(())).unwrap();
            let log = preserve::check_log(archive, &who).await.unwrap();
            assert!(log.damage.is_empty(), "{what}: {:#?}", log.damage);
        }
        Err(e) => {
            counts.stopped.fetch_add(1, Ordering::SeqCst);
            assert!(
                matches!(e.why, Why::Disk | Why::Damaged),
                "{what}: {:?} {e}",
                e.why
            );
            assert!(e.next.is_some(), "{what}: no next step: {e}");
            // Once stopped, stopped: a retry that seems to work proves nothing.
            let again = testkit::add(archive, &who, "again", what.as_bytes()).await;
            assert!(
                again.is_err(),
                "{what}: it writes again after it had stopped"
            );
        }
    }
}

#[test]
fn a_disk_that_fails_at_any_operation_never_gives_a_false_receipt() {
    let material = Material::new(2, 2, 51);
    let counts = Counts::default();
    let fresh = tempfile::tempdir().unwrap();
    let count = |n: usize| {
        let dir = fresh.path().join(n.to_string());
        std::fs::create_dir(&dir).unwrap();
        dir
    };
    let operations = runtime().block_on(one(&material, &count(usize::MAX), None, &counts));
    let every = if std::env::var_os("HOLDFAST_LONG").is_some() {
        1
    } else {
        EVERY
    };
    let start = Instant::now();
    let next = AtomicUsize::new(0);
    let cases: Vec<(usize, Fault)> = (0..operations)
        .step_by(every)
        .flat_map(|op| Fault::ALL.map(|f| (op, f)))
        .collect();
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let runtime = runtime();
                loop {
                    let n = next.fetch_add(1, Ordering::SeqCst);
                    let Some((op, fault)) = cases.get(n).copied() else {
                        return;
                    };
                    let dir = count(n);
                    runtime.block_on(one(&material, &dir, Some((op, fault)), &counts));
                    std::fs::remove_dir_all(dir).unwrap();
                }
            });
        }
    });
    println!(
        "{} runs of {operations} operations in {:.1?}: {counts:?}",
        cases.len(),
        start.elapsed()
    );
    let failed = counts.failed.into_inner();
    assert!(
        failed > cases.len() / 4,
        "only {failed} faults came to light"
    );
    assert!(counts.stopped.into_inner() > 50);
}
