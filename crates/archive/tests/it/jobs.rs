//! One queue: who asks twice gets one job, who claims has it alone, who lost it changes nothing.

use archive::work::jobs::{self, Ask, Crew, Ended, Filter, Held, Kinds, LeaseLost, State, Until};
use archive::{Archive, Opening, Who, Why};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use testkit::{TestArchive, Where};

/// Longer than any lease and any pause between tries.
const LONG: i64 = 120;

pub(crate) async fn asked(t: &TestArchive, many: usize) {
    for n in 0..many {
        let ask = Ask::new("test", format!("thing {n}"));
        jobs::ask(&t.archive, &t.who, ask).await.unwrap();
    }
}

pub(crate) async fn claimed(archive: &Archive, worker: &str) -> Option<Held> {
    jobs::claim(archive, worker, &["test"], "here")
        .await
        .unwrap()
}

pub(crate) async fn state(archive: &Archive, who: &Who, number: i64) -> State {
    let job = jobs::show(archive, who, &number.to_string()).await.unwrap();
    job.state()
}

/// Another process with the same archive and the same time of day.
pub(crate) async fn other(t: &TestArchive, seed: u64) -> Archive {
    let opening = Opening {
        clock: Arc::clone(&t.clock) as _,
        ..t.opening(seed)
    };
    Archive::open(t.root(), opening).await.unwrap()
}

fn lost(result: archive::Result<()>) {
    let e = result.expect_err("a lost lease must be refused");
    assert!(LeaseLost::caused(&e), "{e}");
    assert_eq!(e.why, Why::Stale);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_job_asked_for_twice_is_one_until_it_has_ended() {
    let t = TestArchive::new(Where::Real, 101).await;
    let ask = || Ask::new("test", "the same thing");
    let mut asking = tokio::task::JoinSet::new();
    let two = other(&t, 102).await;
    for n in 0..8 {
        let archive = if n % 2 == 0 { &t.archive } else { &two }.clone();
        let who = t.who.clone();
        asking.spawn(async move { jobs::ask(&archive, &who, ask()).await.unwrap() });
    }
    let (mut ids, mut fresh) = (BTreeSet::new(), 0);
    while let Some(done) = asking.join_next().await {
        let asked = done.unwrap();
        ids.insert(asked.job.id);
        fresh += usize::from(asked.fresh);
    }
    assert_eq!((ids.len(), fresh), (1, 1));
    let held = claimed(&t.archive, "one").await.unwrap();
    let again = jobs::ask(&t.archive, &t.who, ask()).await.unwrap();
    assert!(!again.fresh, "a running job has not ended");
    held.finish(None).await.unwrap();
    let next = jobs::ask(&t.archive, &t.who, ask()).await.unwrap();
    assert!(next.fresh);
    assert_eq!(next.job.number, 2, "numbers follow one another");
    let elsewhere = Ask::new("other", "the same thing");
    assert!(
        jobs::ask(&t.archive, &t.who, elsewhere)
            .await
            .unwrap()
            .fresh
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_claimers_never_get_the_same_job() {
    let t = TestArchive::new(Where::Real, 103).await;
    asked(&t, 200).await;
    let two = other(&t, 104).await;
    let mut claiming = tokio::task::JoinSet::new();
    for n in 0..8 {
        let archive = if n % 2 == 0 { &t.archive } else { &two }.clone();
        claiming.spawn(async move {
            let mut mine = Vec::new();
            while let Some(held) = claimed(&archive, &format!("worker {n}")).await {
                mine.push(held.job().number);
            }
            mine
        });
    }
    let mut all = Vec::new();
    while let Some(done) = claiming.join_next().await {
        all.extend(done.unwrap());
    }
    all.sort_unstable();
    assert_eq!(all, (1..=200).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_that_ends_is_taken_over_and_the_first_holder_changes_nothing_more() {
    let t = TestArchive::new(Where::Real, 105).await;
    asked(&t, 1).await;
    let first = claimed(&t.archive, "first").await.unwrap();
    assert!(claimed(&t.archive, "second").await.is_none());
    t.clock.jump_seconds(50);
    first.renew().await.unwrap();
    t.clock.jump_seconds(50);
    assert!(
        claimed(&t.archive, "second").await.is_none(),
        "it was renewed"
    );
    t.clock.jump_seconds(LONG);
    let second = claimed(&t.archive, "second").await.unwrap();
    assert_eq!(second.job().deaths, 1);
    let before = jobs::show(&t.archive, &t.who, "1").await.unwrap();
    lost(first.renew().await);
    lost(first.progress(1, 2).await);
    lost(first.keep("x").await);
    lost(first.finish(Some("late".into())).await);
    lost(first.fail("late").await.map(drop));
    lost(first.set_aside("late").await);
    lost(first.give_back().await);
    assert_eq!(jobs::show(&t.archive, &t.who, "1").await.unwrap(), before);
    second.finish(Some("\"right\"".into())).await.unwrap();
    let after = jobs::show(&t.archive, &t.who, "1").await.unwrap();
    assert_eq!(
        (after.state(), after.result.as_deref()),
        (State::Done, Some("\"right\""))
    );
    lost(second.finish(None).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_was_wrong_keeps_no_job_from_anybody() {
    let t = TestArchive::new(Where::Real, 106).await;
    t.clock.jump_years(10);
    asked(&t, 2).await;
    drop(claimed(&t.archive, "first").await.unwrap());
    t.clock.jump_years(-10);
    assert!(claimed(&t.archive, "second").await.is_some());
    assert!(claimed(&t.archive, "second").await.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_fails_five_times_is_set_aside_with_its_reason_and_can_be_revived() {
    let t = TestArchive::new(Where::Real, 107).await;
    asked(&t, 1).await;
    for (tries, pause) in [(1, 1), (2, 4), (3, 16), (4, 64)] {
        let held = claimed(&t.archive, "one").await.unwrap();
        let state = held
            .fail(&format!("the river is high {tries}"))
            .await
            .unwrap();
        assert_eq!(state, State::Waiting);
        let job = jobs::show(&t.archive, &t.who, "1").await.unwrap();
        assert_eq!(job.attempts, tries);
        let waits = job.not_before - t.archive.now().micros();
        let whole = pause * 1_000_000;
        assert!(
            (whole / 2..whole * 5 / 4 + 1).contains(&waits),
            "try {tries} waits {waits} µs"
        );
        assert!(claimed(&t.archive, "one").await.is_none());
        t.clock.jump_seconds(pause * 2);
    }
    let held = claimed(&t.archive, "one").await.unwrap();
    assert_eq!(
        held.fail("the bridge is gone").await.unwrap(),
        State::SetAside
    );
    t.clock.jump_seconds(LONG);
    assert!(claimed(&t.archive, "one").await.is_none());
    let job = jobs::show(&t.archive, &t.who, "1").await.unwrap();
    assert_eq!(job.reason.as_deref(), Some("the bridge is gone"));
    let asked = jobs::ask(&t.archive, &t.who, Ask::new("test", "thing 0")).await;
    assert!(!asked.unwrap().fresh, "a person decides first");
    let job = jobs::again(&t.archive, &t.who, "1").await.unwrap();
    assert_eq!((job.state(), job.attempts), (State::Waiting, 0));
    let held = claimed(&t.archive, "one").await.unwrap();
    held.finish(None).await.unwrap();
    let e = jobs::again(&t.archive, &t.who, "1").await.unwrap_err();
    assert_eq!(e.why, Why::Stale);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_whose_worker_dies_five_times_is_set_aside_as_that() {
    let t = TestArchive::new(Where::Real, 108).await;
    asked(&t, 1).await;
    for _ in 0..5 {
        drop(claimed(&t.archive, "one").await.unwrap());
        t.clock.jump_seconds(LONG);
    }
    let kinds = Kinds::default().with("test", |_, _| async { Ok(Ended::Done(None)) });
    let crew = Crew {
        until: Until::Empty,
        ..Crew::new("one", "here")
    };
    let mut told = Vec::new();
    let mut tell = |_job: &jobs::JobRow, outcome: &jobs::Outcome| told.push(outcome.clone());
    let tally = jobs::run(&t.archive, &kinds, &crew, &Arc::default(), &mut tell).await;
    assert_eq!(
        (tally.unwrap().set_aside, told.len()),
        (1, 1),
        "it is said, not passed over"
    );
    assert!(claimed(&t.archive, "one").await.is_none());
    let job = jobs::show(&t.archive, &t.who, "1").await.unwrap();
    assert_eq!(
        (job.state(), job.attempts, job.deaths),
        (State::SetAside, 0, 5)
    );
    assert!(job.reason.unwrap().contains("worker died 5 times"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_job_is_lost_to_its_worker_and_its_parts_go_with_it() {
    let t = TestArchive::new(Where::Real, 109).await;
    let parts = |id: &str| {
        (0..3)
            .map(|n| Ask::new("test", format!("{id} {n}")))
            .collect()
    };
    let last = Ask::new("test", "the whole");
    let asked = jobs::ask_batch(&t.archive, &t.who, last, parts)
        .await
        .unwrap();
    assert_eq!(asked.job.number, 1);
    let held = claimed(&t.archive, "one").await.unwrap();
    assert_ne!(held.job().number, 1, "the whole waits for its parts");
    jobs::cancel(&t.archive, &t.who, "1").await.unwrap();
    lost(held.finish(None).await);
    assert!(claimed(&t.archive, "one").await.is_none());
    for n in 1..=4 {
        assert_eq!(state(&t.archive, &t.who, n).await, State::Cancelled, "{n}");
    }
    jobs::again(&t.archive, &t.who, "1").await.unwrap();
    for _ in 0..3 {
        let held = claimed(&t.archive, "one").await.unwrap();
        assert_ne!(held.job().number, 1);
        held.finish(None).await.unwrap();
    }
    let whole = claimed(&t.archive, "one").await.unwrap();
    assert_eq!(
        (whole.job().number, whole.parts().await.unwrap().len()),
        (1, 3)
    );
    let e = jobs::cancel(&t.archive, &t.who, "91").await.unwrap_err();
    assert_eq!(e.why, Why::NotFound);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_goes_to_its_own_host_in_the_order_of_its_priority() {
    let t = TestArchive::new(Where::Real, 110).await;
    for ask in [
        Ask::new("test", "late").priority(5),
        Ask::new("test", "elsewhere").on("there").priority(-5),
        Ask::new("test", "soon"),
    ] {
        jobs::ask(&t.archive, &t.who, ask).await.unwrap();
    }
    let mut order = Vec::new();
    while let Some(held) = claimed(&t.archive, "one").await {
        order.push(held.job().about.clone());
    }
    assert_eq!(order, ["soon", "late"]);
    let held = jobs::claim(&t.archive, "two", &["test"], "there")
        .await
        .unwrap();
    assert_eq!(held.unwrap().job().about, "elsewhere");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_without_the_right_sees_asks_or_tends() {
    let t = TestArchive::new(Where::Real, 111).await;
    asked(&t, 1).await;
    let suspended = Who {
        roles: vec![archive::Role::Suspended],
        ..t.who.clone()
    };
    for who in [&suspended, &Who::nobody()] {
        let refused = |e: archive::Error| assert_eq!(e.why, Why::Refused, "{e}");
        refused(
            jobs::ask(&t.archive, who, Ask::new("test", "x"))
                .await
                .unwrap_err(),
        );
        refused(
            jobs::list(&t.archive, who, &Filter::default())
                .await
                .unwrap_err(),
        );
        refused(jobs::show(&t.archive, who, "1").await.unwrap_err());
        refused(jobs::summary(&t.archive, who).await.unwrap_err());
        refused(jobs::again(&t.archive, who, "1").await.unwrap_err());
        refused(jobs::cancel(&t.archive, who, "1").await.unwrap_err());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_worker_renews_while_it_works_and_gives_back_when_it_is_stopped() {
    let t = TestArchive::new(Where::Real, 112).await;
    asked(&t, 1).await;
    let begun = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&begun);
    let kinds = Kinds::default().with("test", move |_archive, held| {
        let begun = Arc::clone(&begun);
        async move {
            begun.store(true, Ordering::SeqCst);
            while !held.stop().load(Ordering::SeqCst) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            Ok(Ended::Stopped)
        }
    });
    let crew = Crew {
        renewal: Duration::from_millis(2),
        look: Duration::from_millis(2),
        ..Crew::new("one", "here")
    };
    let stop = Arc::new(AtomicBool::new(false));
    let (archive, ask) = (t.archive.clone(), Arc::clone(&stop));
    let running = tokio::spawn(async move {
        jobs::run(&archive, &kinds, &crew, &ask, &mut |_job, _outcome| {}).await
    });
    while !seen.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    for _ in 0..5 {
        t.clock.jump_seconds(30);
        let now = t.archive.now().micros();
        let renewed = || async {
            let job = jobs::show(&t.archive, &t.who, "1").await.unwrap();
            job.lease_until
                .is_some_and(|until| until > now + 55_000_000)
        };
        while !renewed().await {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    stop.store(true, Ordering::SeqCst);
    let tally = running.await.unwrap().unwrap();
    assert_eq!((tally.given_back, tally.done), (1, 0));
    let job = jobs::show(&t.archive, &t.who, "1").await.unwrap();
    assert_eq!(
        (job.state(), job.deaths, job.attempts),
        (State::Waiting, 0, 0)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn work_that_breaks_off_is_a_failure_with_a_reason_and_a_worker_ends_when_nothing_is_left() {
    let t = TestArchive::new(Where::Real, 113).await;
    asked(&t, 6).await;
    let tried = Arc::new(AtomicU64::new(0));
    let kinds = Kinds::default().with("test", move |_archive, held| {
        let n = tried.fetch_add(1, Ordering::SeqCst);
        async move {
            assert!(n > 0, "the first one breaks off");
            held.tell(1, 1);
            Ok(Ended::Done(None))
        }
    });
    let crew = Crew {
        at_once: 3,
        until: Until::Empty,
        look: Duration::from_millis(5),
        ..Crew::new("one", "here")
    };
    let (clock, mut reasons) = (Arc::clone(&t.clock), Vec::new());
    let mut tell = |_job: &jobs::JobRow, outcome: &jobs::Outcome| {
        if let jobs::Outcome::Failed(_, reason) = outcome {
            reasons.push(reason.clone());
        }
        clock.jump_seconds(2);
    };
    let tally = jobs::run(&t.archive, &kinds, &crew, &Arc::default(), &mut tell).await;
    let tally = tally.unwrap();
    assert_eq!((tally.done, tally.failed), (6, 1));
    assert!(reasons[0].starts_with("The work broke off"), "{reasons:?}");
}
