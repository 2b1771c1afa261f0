//! Many writers, one order (R8).

use crate::support::{begun, noted, record};
use archive::{Archive, Error, Opening, Result, Who, Why};
use format::id::{SessionId, Subject};
use format::kind::{Kind, SessionEnded};
use std::collections::HashSet;
use std::time::Duration;
use testkit::{FaultDisk, TestArchive, Where};

/// Ends a session unless it has ended: a rule that lets one win.
async fn end(archive: &Archive, who: &Who, session: SessionId) -> Result<()> {
    let mut now = archive.begin(who).await?;
    let row = now.session(&session.to_string()).await?.unwrap();
    if row.ended_at.is_some() {
        return Err(Error::new(Why::Stale, "It has ended"));
    }
    let kind = Kind::from(SessionEnded::new());
    let draft = archive::Draft::about(Subject::Session(session), kind);
    now.record(vec![draft]).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_writers_through_two_handles_make_one_order_without_gaps() {
    for place in [Where::Real, Where::Fault(FaultDisk::new(11))] {
        let t = TestArchive::new(place, 11).await;
        let other = Archive::open(t.root(), t.opening(12)).await.unwrap();
        let (shared, draft) = begun(&t.archive);
        record(&t.archive, &t.who, vec![draft]).await.unwrap();
        let mut writers = tokio::task::JoinSet::new();
        for n in 0..8 {
            let archive = if n % 2 == 0 { &t.archive } else { &other }.clone();
            let who = t.who.clone();
            writers.spawn(async move {
                for m in 0..12 {
                    let drafts = vec![noted(shared, &format!("{n} {m}")), begun(&archive).1];
                    record(&archive, &who, drafts).await.unwrap();
                    if m % 3 == n % 3 {
                        archive.cover().await.unwrap();
                    }
                }
            });
        }
        while let Some(done) = writers.join_next().await {
            done.unwrap();
        }
        let size = t.archive.cover().await.unwrap();
        assert_eq!(size, 2 + 1 + 8 * 12 * 2);
        let seen = t.archive.seen_by(&t.who);
        let chain = seen.chain(&Subject::Session(shared)).await.unwrap();
        let numbers: Vec<i64> = chain.iter().map(|e| e.n).collect();
        assert_eq!(numbers, (0..=96).collect::<Vec<_>>());
        let entries = seen.entries(i64::MAX, "", 1_000).await.unwrap();
        let indexes: Vec<i64> = entries.iter().rev().map(|e| e.seq).collect();
        assert_eq!(indexes, (0..size.cast_signed()).collect::<Vec<_>>());
        let numbers = seen.sessions().await.unwrap();
        let numbers: HashSet<i64> = numbers.iter().map(|s| s.number).collect();
        assert_eq!(numbers.len(), 97);
        assert_eq!(other.dump().await.unwrap(), t.archive.dump().await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_eight_who_end_a_session_at_once_exactly_one_wins() {
    let t = TestArchive::new(Where::Real, 13).await;
    let other = Archive::open(t.root(), t.opening(14)).await.unwrap();
    for round in 0..10 {
        let (session, draft) = begun(&t.archive);
        record(&t.archive, &t.who, vec![draft]).await.unwrap();
        let mut ending = tokio::task::JoinSet::new();
        for n in 0..8 {
            let archive = if n % 2 == 0 { &t.archive } else { &other }.clone();
            let who = t.who.clone();
            ending.spawn(async move { end(&archive, &who, session).await });
        }
        let mut won = 0;
        while let Some(done) = ending.join_next().await {
            match done.unwrap() {
                Ok(()) => won += 1,
                Err(e) => assert_eq!(e.why, Why::Stale, "round {round}: {e}"),
            }
        }
        assert_eq!(won, 1, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_comes_second_to_the_head_waits_until_the_first_is_done() {
    let t = TestArchive::new(Where::Real, 15).await;
    let other = Archive::open(t.root(), t.opening(16)).await.unwrap();
    let (_, draft) = begun(&t.archive);
    let now = t.archive.begin(&t.who).await.unwrap();
    let first = now.next_index();
    let (waiting, who) = (other.clone(), t.who.clone());
    let (_, second) = begun(&other);
    let waiter = tokio::spawn(async move {
        let now = waiting.begin(&who).await?;
        let index = now.next_index();
        now.record(vec![second]).await.map(|_| index)
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!waiter.is_finished(), "it took the head while it was held");
    now.record(vec![draft]).await.unwrap();
    assert_eq!(waiter.await.unwrap().unwrap(), first + 1);
    // Dropped without recording, the head is given back.
    drop(t.archive.begin(&t.who).await.unwrap());
    assert_eq!(other.begin(&t.who).await.unwrap().next_index(), first + 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn opening_alone_while_another_has_it_open_says_busy() {
    let t = TestArchive::new(Where::Real, 17).await;
    let alone = |seed| Opening {
        alone: true,
        ..t.opening(seed)
    };
    let e = Archive::open(t.root(), alone(18)).await.unwrap_err();
    assert_eq!(e.why, Why::Busy, "{e}");
    assert!(e.next.is_some());
}
