//! A check while others work: no false alarm (R3, R8).

use crate::support::{checked, record};
use archive::{Archive, Draft, Opening};
use format::id::{SessionId, Subject};
use format::kind::{SessionNoted, SessionStarted};
use preserve::Scope;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use testkit::{TestArchive, Where};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_check_while_others_write_gives_no_false_alarm() {
    let t = TestArchive::new(Where::Real, 95).await;
    let other = Archive::open(t.root(), t.opening(96)).await.unwrap();
    let session = SessionId::from_random(t.archive.draw());
    let start = SessionStarted::new("a day at the harbour".into());
    let first = Draft::first(Subject::Session(session), start.into());
    record(&t.archive, &t.who, vec![first]).await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut writers = tokio::task::JoinSet::new();
    for archive in [t.archive.clone(), other.clone()] {
        let (who, stop) = (t.who.clone(), Arc::clone(&stop));
        writers.spawn(async move {
            let mut written = 0_u32;
            while written < 100 && !stop.load(Ordering::SeqCst) {
                let note = SessionNoted::new(format!("note {written}"));
                let note = Draft::about(Subject::Session(session), note.into());
                record(&archive, &who, vec![note]).await;
                archive.cover().await.unwrap();
                written += 1;
            }
            written
        });
    }
    let opening = Opening {
        read_only: true,
        ..t.opening(97)
    };
    let reader = Archive::open(t.root(), opening).await.unwrap();
    for n in 0..24 {
        let archive = if n % 4 == 0 { &reader } else { &other };
        let report = preserve::check_log(archive, &t.who).await.unwrap();
        assert!(report.damage.is_empty(), "check {n}: {:#?}", report.damage);
        if n % 8 == 1 {
            let report = checked(archive, &t.who, Scope::Full).await;
            assert!(report.damage.is_empty(), "full {n}: {:#?}", report.damage);
        }
    }
    stop.store(true, Ordering::SeqCst);
    let mut written = 0;
    while let Some(n) = writers.join_next().await {
        written += n.unwrap();
    }
    assert!(written > 5, "only {written} entries were written meanwhile");
}
