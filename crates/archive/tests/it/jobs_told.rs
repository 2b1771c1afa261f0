//! What the queue says about itself, what it forgets, and how its tables grow.

use crate::jobs::{asked, claimed};
use archive::work::jobs::{self, Ask, Filter, State};
use archive::{Archive, Why};
use testkit::{TestArchive, Where};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_time_left_is_unknown_until_something_was_done_and_somebody_works() {
    let t = TestArchive::new(Where::Real, 121).await;
    for n in 0..4 {
        let ask = Ask::new("test", format!("thing {n}")).units(100);
        jobs::ask(&t.archive, &t.who, ask).await.unwrap();
    }
    let counted = || async {
        let all = jobs::summary(&t.archive, &t.who).await.unwrap();
        all.into_iter().next().unwrap()
    };
    let at_first = counted().await;
    assert_eq!(
        (at_first.waiting, at_first.left, at_first.eta),
        (4, Some(400), None)
    );
    let held = claimed(&t.archive, "one").await.unwrap();
    assert_eq!(counted().await.eta, None, "nothing was done yet");
    t.clock.jump_seconds(50);
    held.finish(None).await.unwrap();
    assert_eq!(counted().await.eta, None, "nobody works");
    let held = claimed(&t.archive, "one").await.unwrap();
    held.progress(40, 100).await.unwrap();
    let then = counted().await;
    assert_eq!((then.running, then.done, then.left), (1, 1, Some(260)));
    // 100 units in 50 seconds: 260 take 130.
    assert_eq!(then.lately.map(|(units, _)| units), Some(100));
    assert!((128..=134).contains(&then.eta.unwrap()), "{then:?}");
    t.clock.jump_seconds(3_600);
    assert_eq!(
        counted().await.eta,
        None,
        "what was done an hour ago says nothing"
    );
    jobs::ask(&t.archive, &t.who, Ask::new("test", "of unknown size"))
        .await
        .unwrap();
    assert_eq!(counted().await.left, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_narrowed_by_state_and_kind() {
    let t = TestArchive::new(Where::Real, 122).await;
    asked(&t, 3).await;
    jobs::ask(&t.archive, &t.who, Ask::new("other", "x"))
        .await
        .unwrap();
    claimed(&t.archive, "one")
        .await
        .unwrap()
        .finish(None)
        .await
        .unwrap();
    let numbers = async |filter: Filter| {
        let rows = jobs::list(&t.archive, &t.who, &filter).await.unwrap();
        rows.iter().map(|row| row.number).collect::<Vec<_>>()
    };
    let all = Filter::default();
    assert_eq!(numbers(all.clone()).await, [4, 3, 2, 1]);
    let done = Some(State::Done);
    assert_eq!(
        numbers(Filter {
            state: done,
            ..all.clone()
        })
        .await,
        [1]
    );
    let (kind, before) = ("test".to_owned(), 3);
    assert_eq!(
        numbers(Filter {
            kind,
            before,
            ..all.clone()
        })
        .await,
        [2, 1]
    );
    let parts = |id: &str| vec![Ask::new("test", id)];
    let whole = jobs::ask_batch(&t.archive, &t.who, Ask::new("end", "all"), parts).await;
    assert_eq!(whole.unwrap().job.number, 5);
    let wholes = Filter {
        whole: true,
        ..all.clone()
    };
    assert_eq!(numbers(wholes.clone()).await, [5, 4, 3, 2, 1]);
    for _ in 0..3 {
        claimed(&t.archive, "one").await.unwrap();
    }
    assert_eq!(
        numbers(wholes).await,
        [6, 5, 4, 3, 2, 1],
        "a part that runs is shown"
    );
    assert_eq!(numbers(Filter { limit: 2, ..all }).await, [6, 5]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ended_jobs_are_forgotten_after_a_week_and_their_numbers_are_not_given_again() {
    let t = TestArchive::new(Where::Real, 123).await;
    asked(&t, 3).await;
    claimed(&t.archive, "one")
        .await
        .unwrap()
        .finish(None)
        .await
        .unwrap();
    jobs::cancel(&t.archive, &t.who, "3").await.unwrap();
    t.clock.jump_seconds(6 * 86_400);
    assert_eq!(jobs::prune(&t.archive).await.unwrap(), 0);
    t.clock.jump_seconds(2 * 86_400);
    assert_eq!(jobs::prune(&t.archive).await.unwrap(), 2);
    let left = jobs::list(&t.archive, &t.who, &Filter::default())
        .await
        .unwrap();
    assert_eq!(left.iter().map(|job| job.number).collect::<Vec<_>>(), [2]);
    let asked = jobs::ask(&t.archive, &t.who, Ask::new("test", "new"))
        .await
        .unwrap();
    assert_eq!(asked.job.number, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_stay_as_long_as_the_job_that_reads_them() {
    let t = TestArchive::new(Where::Real, 124).await;
    let parts = |id: &str| vec![Ask::new("test", id)];
    let asked = jobs::ask_batch(&t.archive, &t.who, Ask::new("end", "all"), parts).await;
    assert!(asked.unwrap().fresh);
    claimed(&t.archive, "one")
        .await
        .unwrap()
        .finish(None)
        .await
        .unwrap();
    t.clock.jump_seconds(30 * 86_400);
    assert_eq!(jobs::prune(&t.archive).await.unwrap(), 0);
    let end = jobs::claim(&t.archive, "one", &["end"], "here")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(end.parts().await.unwrap().len(), 1);
    end.finish(None).await.unwrap();
    t.clock.jump_seconds(30 * 86_400);
    assert_eq!(jobs::prune(&t.archive).await.unwrap(), 2);
}

async fn rows(t: &TestArchive) -> store::Rows {
    let path = t.root().join("rows.sqlite");
    store::Rows::sqlite(&path, store::Mode::ReadWrite)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_tables_of_an_earlier_program_grow_and_lose_nothing() {
    let t = TestArchive::new(Where::Folder, 125).await;
    let me = *t.who.person().unwrap();
    t.archive
        .set_passphrase(&me, "six words nobody ever guesses")
        .await
        .unwrap();
    let old = rows(&t).await;
    for sql in [
        "drop table work_job",
        "drop table work_job_last",
        "drop table work_meta",
    ] {
        old.run(sql, vec![]).await.unwrap();
    }
    old.close().await;
    let t = t.reopened().await;
    asked(&t, 1).await;
    let who = t
        .archive
        .sign_in("owner", "six words nobody ever guesses")
        .await;
    assert_eq!(who.unwrap(), me);
    // Opened once more they are as they were.
    let t = t.reopened().await;
    assert!(claimed(&t.archive, "one").await.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_tables_of_a_newer_program_are_refused_by_name() {
    let mut t = TestArchive::new(Where::Folder, 126).await;
    let newer = rows(&t).await;
    newer
        .run("update work_meta set version = 3", vec![])
        .await
        .unwrap();
    newer.close().await;
    let e = Archive::open(t.root(), t.opening(127)).await.unwrap_err();
    assert_eq!(e.why, Why::Stale);
    assert!(
        e.what
            .contains("work tables of version 3, this program knows 2"),
        "{e}"
    );
    assert!(e.next.unwrap().contains("newer program"));
    t.harmed();
}
