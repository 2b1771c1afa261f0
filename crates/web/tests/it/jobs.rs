//! The page of jobs: what is under way, what was set aside and why, and the forms that decide.

use archive::work::jobs::{self, Ask, Held, State};
use axum::body::Body;
use web::app::Listener;

use crate::visitor::{Server, get, post, server, session_cookie};

struct Desk {
    server: Server,
    cookie: String,
    token: String,
}

async fn desk() -> Desk {
    let server = server(Listener::Loopback).await;
    let cookie = session_cookie(&server.sign_in().await);
    let token = server.token(&cookie).await;
    Desk {
        server,
        cookie,
        token,
    }
}

impl Desk {
    async fn page(&self) -> String {
        let request = get("/jobs").header("cookie", &self.cookie);
        let answer = self.server.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status.as_u16(), 200);
        answer.text()
    }

    async fn press(&self, path: &str, fields: &str) -> u16 {
        let form = post(path)
            .header("cookie", &self.cookie)
            .header("content-type", "application/x-www-form-urlencoded");
        let body = Body::from(format!("token={}{fields}", self.token));
        let answer = self.server.send(form.body(body).unwrap()).await;
        answer.status.as_u16()
    }

    async fn claimed(&self, about: &str) -> Held {
        let fixture = &self.server.fixture;
        let ask = Ask::new("test", about).units(5);
        let asked = jobs::ask(&fixture.archive, &fixture.owner, ask).await;
        assert!(asked.unwrap().fresh);
        let held = jobs::claim(&fixture.archive, "hand:7", &["test"], "here").await;
        held.unwrap().unwrap()
    }

    async fn state(&self, held: &Held) -> State {
        let fixture = &self.server.fixture;
        let job = jobs::show(&fixture.archive, &fixture.owner, &held.job().id).await;
        job.unwrap().state()
    }
}

#[tokio::test]
async fn a_running_job_shows_its_worker_and_how_far_it_is() {
    let desk = desk().await;
    let held = desk.claimed("a river").await;
    held.progress(2, 5).await.unwrap();
    let page = desk.page().await;
    assert!(page.contains("hand:7"), "{page}");
    assert!(page.contains(r#"<progress max="5" value="2""#), "{page}");
    assert!(page.contains("2 of 5"));
    assert!(page.contains(r#"data-h="Time left">unknown"#), "{page}");
    let cancel = format!("/jobs/{}/cancel", held.job().id);
    assert_eq!(desk.press(&cancel, "").await, 303);
    assert_eq!(desk.state(&held).await, State::Cancelled);
    assert!(held.finish(None).await.is_err(), "its worker has lost it");
    // Pressed twice, by two people: it is as both wanted.
    assert_eq!(desk.press(&cancel, "").await, 303);
}

#[tokio::test]
async fn what_was_set_aside_shows_its_reason_and_can_be_tried_again() {
    let desk = desk().await;
    let held = desk.claimed("a bridge").await;
    let reason = "the <b>bridge</b> is gone";
    held.set_aside(reason).await.unwrap();
    let page = desk.page().await;
    assert!(page.contains("Set aside: a person decides"), "{page}");
    assert!(page.contains("bridge") && page.contains("is gone"));
    assert!(!page.contains(reason), "a reason is text, never markup");
    let again = format!("/jobs/{}/again", held.job().id);
    assert!(page.contains(&again));
    assert_eq!(desk.press(&again, "").await, 303);
    assert_eq!(desk.state(&held).await, State::Waiting);
    assert_eq!(desk.press("/jobs/j-nothing/again", "").await, 404);
}

#[tokio::test]
async fn a_full_check_can_be_asked_for_once() {
    let desk = desk().await;
    for _ in 0..2 {
        assert_eq!(desk.press("/jobs", "&kind=sweep").await, 303);
    }
    let page = desk.page().await;
    assert!(
        page.contains(r#"data-h="Waiting" class="num">256"#),
        "{page}"
    );
    assert_eq!(desk.press("/jobs", "&kind=anything").await, 400);
}
