//! Hosts with folders of their own on one database and bucket (R8): one order, one log, and no stale act.

use crate::support::{begun, noted, record};
use archive::{Archive, Opening, Who, Why};
use format::id::Subject;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use testkit::{Stores, TestArchive, Where};

/// The folder of one more host: a copy of the first one's.
fn copied(t: &TestArchive, name: &str) -> PathBuf {
    let to: &Path = &t.scratch().join(name);
    let done = Command::new("cp").arg("-a").arg(t.root()).arg(to).status();
    assert!(done.unwrap().success());
    to.to_owned()
}

async fn host(t: &TestArchive, name: &str, seed: u64) -> (Archive, Who) {
    let archive = Archive::open(&copied(t, name), t.opening(seed))
        .await
        .unwrap();
    let who = archive.owner().await.unwrap();
    (archive, who)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn hosts_that_append_and_cover_at_once_make_one_order_without_gaps() {
    let Some(stores) = Stores::new() else { return };
    let t = TestArchive::new(Where::Shared(Arc::new(stores)), 81).await;
    let (session, draft) = begun(&t.archive);
    record(&t.archive, &t.who, vec![draft]).await.unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..3 {
        let (archive, who) = host(&t, &format!("host-{n}"), 82 + n).await;
        for m in 0..2 {
            let (archive, who) = (archive.clone(), who.clone());
            writers.spawn(async move {
                for k in 0..3 {
                    let note = noted(session, &format!("{n} {m} {k}"));
                    record(&archive, &who, vec![note]).await.unwrap();
                    let size = archive.cover().await.unwrap();
                    // What this host covered every host reads.
                    assert!(archive.truth().covered().await.unwrap() >= size);
                }
            });
        }
    }
    while let Some(done) = writers.join_next().await {
        done.unwrap();
    }
    let size = t.archive.truth().covered().await.unwrap();
    assert_eq!(
        size,
        2 + 1 + 3 * 2 * 3,
        "everything is under one checkpoint"
    );
    let seen = t.archive.seen_by(&t.who);
    let chain = seen.chain(&Subject::Session(session)).await.unwrap();
    let numbers: Vec<i64> = chain.iter().map(|e| e.n).collect();
    assert_eq!(numbers, (0..=18).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_hosts_that_decide_on_the_same_page_the_second_is_shown_both() {
    let Some(stores) = Stores::new() else { return };
    let t = TestArchive::new(Where::Shared(Arc::new(stores)), 91).await;
    let (other, who) = host(&t, "other", 92).await;
    let (session, draft) = begun(&t.archive);
    let about = Subject::Session(session);
    record(&t.archive, &t.who, vec![draft]).await.unwrap();
    for round in 0..3 {
        // Both were shown the same, and each decides by the door's own check.
        let decide = |archive: Archive, who: Who, text: &'static str| async move {
            let mut now = archive.begin(&who).await?;
            now.must_be_unchanged(&about, "S-1", Some(round), &[])
                .await?;
            now.record(vec![noted(session, text)]).await.map(drop)
        };
        let both = tokio::join!(
            decide(t.archive.clone(), t.who.clone(), "one"),
            decide(other.clone(), who.clone(), "two"),
        );
        let refused = match both {
            (Ok(()), Err(e)) | (Err(e), Ok(())) => e,
            other => panic!("round {round}: {other:?}"),
        };
        assert_eq!(refused.why, Why::Stale, "{refused}");
        let stale = refused.changes().unwrap();
        assert_eq!((stale.seen, stale.now), (round, round + 1));
        assert_eq!(stale.since[0].what, "session noted");
        assert_eq!(stale.since[0].who, "owner");
    }
    let seen = other.seen_by(&who);
    let chain = seen.chain(&about).await.unwrap();
    assert_eq!(chain.len(), 1 + 3, "who was refused left nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_foundings_in_one_database_no_more_than_one_is_said_to_be_made() {
    let Some(stores) = Stores::new() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut making = tokio::task::JoinSet::new();
    for n in 0..2_u64 {
        let mut founding = testkit::founding();
        let mut shared = stores.shared();
        shared.objects = format!("{}/{n}", shared.objects);
        founding.shared = Some(shared);
        founding.keep_secrets = true;
        let opening = Opening {
            secrets: stores.secrets(),
            ..Opening::default()
        };
        let root = folder.path().join(n.to_string());
        making.spawn(async move {
            let made = Archive::found(&root, &founding, opening).await;
            (root, made)
        });
    }
    let (mut won, mut lost) = (Vec::new(), Vec::new());
    while let Some(done) = making.join_next().await {
        match done.unwrap() {
            (root, Ok(_made)) => won.push(root),
            (_, Err(e)) => lost.push(e),
        }
    }
    assert!(won.len() <= 1 && won.len() + lost.len() == 2, "{lost:?}");
    // Whoever was told it is made can work with it.
    for root in won {
        let made = Archive::open(&root, Opening::default()).await.unwrap();
        let who = made.owner().await.unwrap();
        assert_eq!(made.seen_by(&who).log_size().await.unwrap(), 2);
    }
}
