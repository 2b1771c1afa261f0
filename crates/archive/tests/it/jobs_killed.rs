//! Workers die at any moment: every job is done once in effect, and none is lost.

use crate::jobs::{other, state};
use archive::work::jobs::{self, Ask, Crew, Ended, Filter, Held, Kinds, State, Until};
use archive::{Archive, Draft, Opening, Result, Who};
use format::id::{SessionId, Subject};
use format::kind::{Kind, SessionStarted};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use testkit::{FaultDisk, TestArchive, Where};

/// The subject a job's one entry is about: its natural key.
fn subject(number: i64) -> SessionId {
    // An id keeps the first 60 bits.
    SessionId::from_random((number << 4).to_be_bytes())
}

/// Records one entry for the job, unless an earlier try did. `begun` counts the tries.
async fn recorded(archive: Archive, held: Held, begun: Arc<AtomicU64>) -> Result<Ended> {
    begun.fetch_add(1, Ordering::Relaxed);
    let id = subject(held.job().number);
    let who = held.who().await?;
    let mut now = archive.begin(&who).await?;
    if !now.chain(&Subject::Session(id)).await?.is_empty() {
        drop(now);
        return Ok(Ended::Done(None));
    }
    let kind = Kind::from(SessionStarted::new(held.job().about.clone()));
    let draft = Draft::first(Subject::Session(id), kind);
    now.record_ending(vec![draft], &held, None).await?;
    Ok(Ended::Recorded)
}

fn kinds(begun: &Arc<AtomicU64>) -> Kinds {
    let begun = Arc::clone(begun);
    Kinds::default().with("test", move |archive, held| {
        recorded(archive, held, Arc::clone(&begun))
    })
}

async fn asked(t: &TestArchive, many: usize) {
    let parts = |_id: &str| {
        let part = |n| Ask::new("test", format!("thing {n}")).units(1);
        (0..many).map(part).collect()
    };
    let asked = jobs::ask_batch(&t.archive, &t.who, Ask::new("end", "all"), parts).await;
    assert!(asked.unwrap().fresh);
}

/// Every job's entry is there once, and nothing else is.
async fn once_each(archive: &Archive, who: &Who, many: u64) {
    let seen = archive.seen_by(who);
    assert_eq!(seen.log_size().await.unwrap(), 2 + many, "entries recorded");
    let sessions = seen.sessions().await.unwrap();
    assert_eq!(
        sessions.len() as u64,
        many,
        "an effect is there twice, or lost"
    );
    let mut about: Vec<_> = sessions.into_iter().filter_map(|s| s.purpose).collect();
    about.sort_unstable();
    about.dedup();
    assert_eq!(about.len() as u64, many);
}

const JOBS: usize = 10_000;

/// Starts a worker that ends when nothing is left, unless it is killed before.
fn started(
    archive: &Archive,
    kinds: &Kinds,
    name: u64,
) -> tokio::task::JoinHandle<Result<jobs::Tally>> {
    let (archive, kinds) = (archive.clone(), kinds.clone());
    let crew = Crew {
        at_once: 3,
        until: Until::Empty,
        renewal: Duration::from_millis(200),
        look: Duration::from_millis(3),
        ..Crew::new(format!("worker {name}"), "here")
    };
    tokio::spawn(async move {
        jobs::run(
            &archive,
            &kinds,
            &crew,
            &Arc::default(),
            &mut |_job, _outcome| {},
        )
        .await
    })
}

/// Puts back what was set aside because too many workers died at it.
async fn revived(t: &TestArchive) {
    let filter = Filter {
        state: Some(State::SetAside),
        limit: 10_000,
        ..Filter::default()
    };
    for job in jobs::list(&t.archive, &t.who, &filter).await.unwrap() {
        let reason = job.reason.unwrap();
        assert!(
            reason.contains("died"),
            "only deaths set jobs aside here, not {reason}"
        );
        jobs::again(&t.archive, &t.who, &job.id).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_jobs_are_done_once_each_while_workers_are_killed_at_random() {
    let t = TestArchive::new(Where::Fault(FaultDisk::new(131)), 131).await;
    let two = other(&t, 132).await;
    asked(&t, JOBS).await;
    let begun = Arc::new(AtomicU64::new(0));
    let kinds = kinds(&begun);
    let (mut kills, mut names) = (0_u64, 0_u64..);
    loop {
        let archives = [&t.archive, &two, &t.archive, &two];
        let crew = archives.map(|archive| started(archive, &kinds, names.next().unwrap()));
        let mut ended = 0;
        for one in crew {
            let micros = t.random.next() % 120_000;
            tokio::time::sleep(Duration::from_micros(micros)).await;
            if one.is_finished() {
                one.await.unwrap().unwrap();
                ended += 1;
            } else {
                one.abort();
                kills += 1;
            }
        }
        // What the dead held comes back only when its lease is over, as do jobs that somebody still has.
        t.clock.jump_seconds(61);
        revived(&t).await;
        if ended == archives.len() {
            break;
        }
    }
    let counted = jobs::summary(&t.archive, &t.who).await.unwrap();
    let counted = counted.iter().find(|c| c.kind == "test").unwrap();
    assert_eq!(
        (counted.done, counted.waiting, counted.running),
        (JOBS as i64, 0, 0)
    );
    once_each(&t.archive, &t.who, JOBS as u64).await;
    let tries = begun.load(Ordering::Relaxed);
    println!("{kills} workers killed, {tries} tries at {JOBS} jobs");
    assert!(kills > 50, "{kills} kills say nothing");
    assert!(tries > JOBS as u64, "no job was ever begun twice");
    let end = jobs::claim(&t.archive, "last", &["end"], "here").await;
    assert!(end.unwrap().is_some());
}

/// Copies a folder with everything in it.
fn copied(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (at, to) = (
            entry.as_ref().unwrap().path(),
            to.join(entry.unwrap().file_name()),
        );
        if at.is_dir() {
            copied(&at, &to);
        } else {
            std::fs::copy(&at, &to).unwrap();
        }
    }
}

/// The process dies after the entry is synced and before the rows are: the entry stands, the job does not know it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_whose_job_never_learned_of_it_is_not_recorded_again() {
    let t = TestArchive::new(Where::Folder, 133).await;
    asked(&t, 1).await;
    let held = jobs::claim(&t.archive, "one", &["test"], "here")
        .await
        .unwrap()
        .unwrap();
    let (before, crashed) = (t.scratch().join("before"), t.scratch().join("crashed"));
    copied(t.root(), &before);
    let begun = Arc::new(AtomicU64::new(0));
    let ended = recorded(t.archive.clone(), held, Arc::clone(&begun))
        .await
        .unwrap();
    assert_eq!(ended, Ended::Recorded);
    assert_eq!(state(&t.archive, &t.who, 2).await, State::Done);
    copied(t.root(), &crashed);
    for end in ["", "-wal", "-shm"] {
        let name = format!("rows.sqlite{end}");
        std::fs::copy(before.join(&name), crashed.join(&name)).unwrap();
    }
    let opening = Opening {
        clock: Arc::clone(&t.clock) as _,
        ..t.opening(135)
    };
    let archive = Archive::open(&crashed, opening).await.unwrap();
    assert_eq!(state(&archive, &t.who, 2).await, State::Running);
    once_each(&archive, &t.who, 1).await;
    t.clock.jump_seconds(120);
    let crew = Crew {
        until: Until::One,
        ..Crew::new("two", "here")
    };
    let tally = jobs::run(
        &archive,
        &kinds(&begun),
        &crew,
        &Arc::default(),
        &mut |_, _| {},
    )
    .await;
    assert_eq!(tally.unwrap().done, 1);
    assert_eq!(begun.load(Ordering::Relaxed), 2);
    assert_eq!(state(&archive, &t.who, 2).await, State::Done);
    once_each(&archive, &t.who, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_taken_over_records_nothing_and_gives_its_number_back() {
    let t = TestArchive::new(Where::Folder, 134).await;
    asked(&t, 1).await;
    let claim = || async {
        let claimed = jobs::claim(&t.archive, "one", &["test"], "here").await;
        claimed.unwrap().unwrap()
    };
    let first = claim().await;
    t.clock.jump_seconds(120);
    let second = claim().await;
    let begun = Arc::new(AtomicU64::new(0));
    let e = recorded(t.archive.clone(), first, Arc::clone(&begun))
        .await
        .unwrap_err();
    assert!(jobs::LeaseLost::caused(&e), "{e}");
    once_each(&t.archive, &t.who, 0).await;
    recorded(t.archive.clone(), second, begun).await.unwrap();
    once_each(&t.archive, &t.who, 1).await;
}
