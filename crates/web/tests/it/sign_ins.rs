//! Sign-ins: how long, how many, and that they end.

use std::time::{Duration, SystemTime};

use archive::work::Try;
use archive::{Archive, Opening};
use axum::body::Body;
use web::app::Listener;
use web::guard::sessions::Sessions;
use web::guard::token::Secret;

use crate::fixture::fixture;
use crate::visitor::{Answer, Server, get, post, server, token_in};

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
async fn a_server_whose_clock_is_a_little_behind_neither_refuses_nor_ends_a_new_sign_in() {
    let fixture = fixture().await;
    let (one, other) = (
        Sessions::new(fixture.archive.clone()),
        Sessions::new(fixture.archive.clone()),
    );
    let secret = one.issue(&fixture.person(), at(100)).await.unwrap();
    let behind = at(100) - Duration::from_secs(20);
    assert!(other.look_up(secret.key(), behind).await.unwrap().is_some());
    assert!(open(&one, &secret, 129).await);
    assert!(
        !open(&one, &secret, 160).await,
        "its end stays where it was"
    );
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

/// A browser before the sign-in page of a server whose owner has a passphrase.
struct Door {
    server: Server,
    visitor: String,
    token: String,
}

const RIGHT: &str = "five+words+that+nobody+knows";

async fn door() -> Door {
    let server = server(Listener::Loopback).await;
    let (person, passphrase) = (server.fixture.person(), RIGHT.replace('+', " "));
    let set = server.fixture.archive.set_passphrase(&person, &passphrase);
    set.await.unwrap();
    let page = server.send(get("/sign-in").body(Body::empty()).unwrap());
    let page = page.await;
    let visitor = page.header("set-cookie").split(';').next().unwrap();
    Door {
        visitor: visitor.to_owned(),
        token: token_in(&page.text()),
        server,
    }
}

impl Door {
    async fn knock(&self, name: &str, passphrase: &str, mark: &str) -> Answer {
        let form = post("/sign-in")
            .header("cookie", format!("{}; {mark}", self.visitor))
            .header("content-type", "application/x-www-form-urlencoded");
        let body = format!("token={}&name={name}&passphrase={passphrase}", self.token);
        self.server.send(form.body(Body::from(body)).unwrap()).await
    }

    async fn guess(&self, name: &str, times: usize) -> Vec<u16> {
        let mut answers = Vec::new();
        for _ in 0..times {
            answers.push(self.knock(name, "guess", "").await.status.as_u16());
        }
        answers
    }
}

/// The mark that a browser gets when it signs in.
fn mark(answer: &Answer) -> String {
    let cookies = answer.headers.get_all("set-cookie").into_iter();
    let mut lines = cookies.map(|line| line.to_str().unwrap());
    let line = lines.find(|line| line.starts_with("hf-browser=")).unwrap();
    assert!(
        !line.contains("Max-Age"),
        "it ends with the browser: {line}"
    );
    line.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn after_five_wrong_passphrases_the_next_waits_and_nobody_is_locked_out() {
    let door = door().await;
    assert_eq!(
        door.guess("rev1", 7).await,
        [200, 200, 200, 200, 200, 429, 429]
    );
    let early = door.knock("rev1", RIGHT, "").await;
    assert_eq!(
        (early.status.as_u16(), early.header("retry-after")),
        (429, "1")
    );
    assert!(
        early
            .text()
            .contains("Nobody is locked out: wait 1 second,")
    );
    assert!(early.text().contains("value=\"rev1\""), "the name stays");
    // another name is another count, and one that does not exist is counted the same
    assert_eq!(
        door.guess("nobody", 6).await,
        [200, 200, 200, 200, 200, 429]
    );
    door.server.pass(2);
    let right = door.knock("rev1", RIGHT, "").await;
    assert_eq!(right.status.as_u16(), 303);
    // and then everything is forgotten
    assert_eq!(door.guess("rev1", 6).await, [200, 200, 200, 200, 200, 429]);
}

#[tokio::test]
async fn the_wait_grows_to_a_minute_and_no_further() {
    let door = door().await;
    door.guess("rev1", 5).await;
    let mut waits = Vec::new();
    for _ in 0..8 {
        let early = door.knock("rev1", "guess", "").await;
        waits.push(early.header("retry-after").to_owned());
        door.server.pass(1);
        door.guess("rev1", 1).await;
    }
    assert_eq!(waits, ["1", "2", "4", "8", "16", "32", "60", "60"]);
}

#[tokio::test]
async fn whoever_guesses_at_a_name_does_not_slow_a_browser_that_was_signed_in_under_it() {
    let door = door().await;
    let mine = mark(&door.knock("rev1", RIGHT, "").await);
    door.guess("rev1", 6).await;
    assert_eq!(door.knock("rev1", RIGHT, "").await.status.as_u16(), 429);
    assert_eq!(door.knock("rev1", RIGHT, &mine).await.status.as_u16(), 303);
    // a mark counts for its own name, not for another, and not when it is forged or too often wrong itself
    door.guess("nobody", 6).await;
    assert_eq!(door.knock("nobody", "x", &mine).await.status.as_u16(), 429);
    let forged = format!("hf-browser={}", "A".repeat(86));
    assert_eq!(
        door.knock("rev1", RIGHT, &forged).await.status.as_u16(),
        429
    );
    let mut own = Vec::new();
    for _ in 0..6 {
        own.push(door.knock("rev1", "guess", &mine).await.status.as_u16());
    }
    assert_eq!(own, [200, 200, 200, 200, 200, 429]);
}

#[tokio::test]
async fn tries_sent_at_once_to_two_servers_count_together() {
    let door = door().await;
    let counter = [7; 32];
    let other = Archive::open(door.server.fixture.archive.root(), Opening::default());
    let other = other.await.unwrap();
    let one = &door.server.fixture.archive;
    let mut tries = Vec::new();
    for n in 0..40 {
        let archive = if n % 2 == 0 {
            one.clone()
        } else {
            other.clone()
        };
        tries.push(tokio::spawn(async move {
            archive.try_sign_in(&counter, 1_000_000).await.unwrap()
        }));
    }
    let mut passed = 0;
    for one in tries {
        passed += usize::from(one.await.unwrap() == Try::Now);
    }
    assert_eq!(passed, 5);
}
