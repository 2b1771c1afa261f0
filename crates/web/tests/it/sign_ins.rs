//! Sign-ins: how long, how many, and that they end.

use std::time::{Duration, SystemTime};

use web::guard::sessions::Sessions;
use web::guard::token::Secret;

use crate::fixture::fixture;

fn at(minutes: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(minutes * 60)
}

async fn open(sessions: &Sessions, secret: &Secret, minute: u64) -> bool {
    sessions
        .look_up(secret.key(), at(minute))
        .await
        .unwrap()
        .is_some()
}

#[tokio::test]
async fn a_sign_in_ends_after_thirty_idle_minutes() {
    let fixture = fixture().await;
    let sessions = Sessions::new(fixture.archive.clone());
    let secret = sessions.issue(&fixture.person(), at(100)).await.unwrap();
    assert!(open(&sessions, &secret, 129).await);
    assert!(open(&sessions, &secret, 158).await);
    assert!(!open(&sessions, &secret, 188).await);
    assert!(
        !open(&sessions, &secret, 160).await,
        "an ended one stays ended"
    );
}

#[tokio::test]
async fn a_busy_sign_in_ends_after_twelve_hours() {
    let fixture = fixture().await;
    let sessions = Sessions::new(fixture.archive.clone());
    let secret = sessions.issue(&fixture.person(), at(100)).await.unwrap();
    for minute in (100..820).step_by(20) {
        assert!(open(&sessions, &secret, minute).await, "minute {minute}");
    }
    let last = sessions.look_up(secret.key(), at(819)).await.unwrap();
    assert_eq!(last.unwrap().ends, at(820));
    assert!(!open(&sessions, &secret, 820).await);
}

#[tokio::test]
async fn a_clock_set_back_never_lengthens_a_sign_in() {
    let fixture = fixture().await;
    let sessions = Sessions::new(fixture.archive.clone());
    let secret = sessions.issue(&fixture.person(), at(100)).await.unwrap();
    assert!(!open(&sessions, &secret, 99).await);
}

#[tokio::test]
async fn a_fourth_sign_in_ends_the_oldest_and_nobody_elses() {
    let fixture = fixture().await;
    let sessions = Sessions::new(fixture.archive.clone());
    let other = fixture.suspended().await;
    let theirs = sessions.issue(&other, at(100)).await.unwrap();
    let mut secrets = Vec::new();
    for minute in 100..104 {
        secrets.push(sessions.issue(&fixture.person(), at(minute)).await.unwrap());
    }
    let mut kept = Vec::new();
    for secret in &secrets {
        kept.push(open(&sessions, secret, 105).await);
    }
    assert_eq!(kept, [false, true, true, true]);
    assert!(open(&sessions, &theirs, 105).await);
}

#[tokio::test]
async fn a_revoked_sign_in_and_one_before_a_new_passphrase_are_dead() {
    let fixture = fixture().await;
    let sessions = Sessions::new(fixture.archive.clone());
    let one = sessions.issue(&fixture.person(), at(100)).await.unwrap();
    let two = sessions.issue(&fixture.person(), at(100)).await.unwrap();
    sessions.revoke(one.key()).await.unwrap();
    assert!(!open(&sessions, &one, 101).await);
    assert!(open(&sessions, &two, 101).await);
    fixture
        .archive
        .set_passphrase(&fixture.person(), "five words that nobody knows")
        .await
        .unwrap();
    assert!(!open(&sessions, &two, 101).await);
}

#[tokio::test]
async fn reading_within_a_minute_writes_nothing() {
    let fixture = fixture().await;
    let sessions = Sessions::new(fixture.archive.clone());
    let secret = sessions.issue(&fixture.person(), at(100)).await.unwrap();
    let key = secret.key();
    let used = async || {
        let login = fixture.archive.login(key.bytes()).await.unwrap();
        login.unwrap().used_at
    };
    let before = used().await;
    sessions
        .look_up(key, at(100) + Duration::from_secs(59))
        .await
        .unwrap();
    assert_eq!(used().await, before);
    sessions.look_up(key, at(101)).await.unwrap();
    assert_eq!(used().await, before + 60_000_000);
}
