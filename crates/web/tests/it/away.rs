//! A store that is away, and a thing that somebody else changed first: what the pages say, and what is kept.

use std::sync::Arc;
use std::time::Duration;

use archive::{Archive, Opening};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use web::app::{App, Listener};
use web::guard::origin::Origins;
use web::pages::probe::Ready;
use web::routes::map;

use crate::fixture::turn_a_bit;
use crate::visitor::{
    Answer, HOST, ORIGIN, Server, get, post, server, server_in_folder, session_cookie, token_in,
};

const FORM: &str = "application/x-www-form-urlencoded";
const UNKNOWN: &str = "not known to be recorded";

async fn page(server: &Server, path: &str, cookie: &str) -> Answer {
    let request = get(path).header("cookie", cookie);
    server.send(request.body(Body::empty()).unwrap()).await
}

async fn send(server: &Server, path: &str, cookie: &str, body: String) -> Answer {
    let form = post(path)
        .header("cookie", cookie)
        .header("content-type", FORM);
    server.send(form.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn a_page_that_needs_a_store_that_is_away_says_so_and_that_nothing_changed() {
    let server = server(Listener::Loopback).await;
    let cookie = session_cookie(&server.sign_in().await);
    let answer = page(&server, "/test/away", &cookie).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("retry-after"), "10");
    let text = answer.text();
    for words in [
        "The database at rows.example is away.",
        "Nothing that was acknowledged is lost.",
        "Nothing was changed by this request.",
        "<a href=\"/test/away\">Open this page again</a>",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains(UNKNOWN));
}

#[tokio::test]
async fn a_form_that_was_under_way_is_not_called_recorded_or_lost_and_what_was_typed_stays() {
    let server = server(Listener::Loopback).await;
    let cookie = session_cookie(&server.sign_in().await);
    let token = server.token(&cookie).await;
    let body = format!(
        "token={token}&after=41&items=i-77%0D%0A%3Cb%3E&passphrase=open+sesame&purpose=Request+7"
    );
    let answer = send(&server, "/test/away", &cookie, body).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("retry-after"), "10");
    let text = answer.text();
    for words in [
        UNKNOWN,
        "Look before sending it again",
        "i-77\n&#60;b&#62;",
        "Request 7",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("open sesame"), "a secret never comes back");
    assert!(!text.contains("Nothing was changed"));
}

#[tokio::test]
async fn a_form_that_was_turned_away_is_not_shown_and_not_called_under_way() {
    let server = server(Listener::Loopback).await;
    let cookie = session_cookie(&server.sign_in().await);
    let body = "token=forged&items=planted".to_owned();
    let answer = send(&server, "/test/away", &cookie, body).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(!answer.text().contains("planted"));
}

/// Takes the tables away, so that whatever the database is asked fails.
async fn break_the_database(server: &Server) {
    let place = server.fixture.archive.root().join("rows.sqlite");
    let rows = store::Rows::sqlite(&place, store::Mode::ReadWrite).await;
    let mut tx = rows.unwrap().begin().await.unwrap();
    let gone = "drop table work_login; drop table view_item; drop table view_person;";
    tx.script(gone).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn without_the_database_errors_still_have_a_page_a_style_and_a_word_for_the_front() {
    let server = server_in_folder(Listener::Loopback).await;
    let cookie = session_cookie(&server.sign_in().await);
    let before = page(&server, "/search", &cookie).await;
    assert_eq!(before.status, StatusCode::OK);
    break_the_database(&server).await;

    let inbox = page(&server, "/inbox", &cookie).await;
    assert!(inbox.status.is_server_error(), "{}", inbox.status);
    let text = inbox.text();
    assert!(text.contains("What happened") && text.contains("</html>"));
    assert!(
        !text.contains("rev1"),
        "who asks is not known, so nobody is named"
    );
    assert!(
        !inbox.headers.contains_key("set-cookie"),
        "the sign-in stays"
    );
    for path in ["/static/style.css", "/health/live", "/sign-in"] {
        assert_eq!(
            page(&server, path, &cookie).await.status,
            StatusCode::OK,
            "{path}"
        );
    }
    let ready = page(&server, "/health/ready", &cookie).await;
    assert_eq!(
        (
            ready.status,
            ready.text().as_str(),
            ready.header("content-type")
        ),
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "away\n",
            "text/plain; charset=utf-8"
        )
    );
    // a page from before, sent now: nobody is known, so it is refused before anything is done with it
    let body = format!("token={}&recipient=r&purpose=p", token_in(&before.text()));
    let form = send(&server, "/share", &cookie, body).await;
    assert!(form.status.is_server_error());
    assert!(!form.text().contains(UNKNOWN));
}

#[tokio::test]
async fn readiness_is_asked_once_however_many_ask_and_anew_when_its_time_is_over() {
    for (seconds, wanted) in [(3_600, "ok\n"), (0, "away\n")] {
        let mut server = server_in_folder(Listener::Loopback).await;
        server.app.ready = Arc::new(Ready::for_as_long_as(Duration::from_secs(seconds)));
        server.router = map(&server.app).into_router();
        assert_eq!(page(&server, "/health/ready", "").await.text(), "ok\n");
        break_the_database(&server).await;
        // while the first answer counts, a flood of questions never reaches the database
        for _ in 0..20 {
            assert_eq!(page(&server, "/health/ready", "").await.text(), wanted);
        }
    }
}

#[tokio::test]
async fn what_changed_meanwhile_stands_beside_what_was_sent_and_can_be_sent_again() {
    let server = server(Listener::Loopback).await;
    let cookie = session_cookie(&server.sign_in().await);
    let token = server.token(&cookie).await;
    let body = format!("token={token}&after=4&items=12%0D%0A13&confirm=D-91");
    let answer = send(&server, "/test/changed", &cookie, body).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let text = answer.text();
    for words in [
        "D-91",
        "rev2",
        "rev3",
        "item added to dossier",
        "action=\"/test/changed\"",
        "name=\"after\" value=\"6\"",
        "name=\"items\" rows=\"4\" dir=\"auto\">\n12\n13</textarea>",
        "name=\"confirm\" rows=\"1\" dir=\"auto\">\nD-91</textarea>",
        "Nothing of what you sent was recorded",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_eq!(text.matches("name=\"after\"").count(), 1);
}

/// The hidden number in a form of a page.
fn after(text: &str) -> &str {
    let (_, rest) = text.split_once("name=\"after\" value=\"").unwrap();
    rest.split('"').next().unwrap()
}

async fn add(server: &Server, cookie: &str, items: &str, after: &str) -> Answer {
    let token = server.token(cookie).await;
    let body = format!("token={token}&items={items}{after}");
    send(server, "/share/D-1/items", cookie, body).await
}

#[tokio::test]
async fn a_dossier_that_somebody_else_filled_meanwhile_is_filled_only_by_who_has_seen_it() {
    let server = server(Listener::Loopback).await;
    let (mine, theirs) = (
        session_cookie(&server.sign_in().await),
        session_cookie(&server.sign_in().await),
    );
    let shown = page(&server, "/share/D-1", &mine).await.text();
    let stale = format!("&after={}", after(&shown));
    let first = add(&server, &theirs, "1", &stale).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER);

    let late = add(&server, &mine, "2+3", &stale).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text().contains("item 1 added"));
    let items = async || {
        let seen = server.fixture.archive.seen_by(&server.fixture.owner);
        seen.dossier_items(server.dossier()).await.unwrap().len()
    };
    assert_eq!(items().await, 1, "nothing of the late form was recorded");

    let fresh = format!("&after={}", after(&late.text()));
    let again = add(&server, &mine, "2+3", &fresh).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    assert_eq!(items().await, 3);

    for odd in ["&after=999", "&after=-1", "&after=x", "&after=1&after=1"] {
        let answer = add(&server, &mine, "4", odd).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{odd}");
    }
}

#[tokio::test]
async fn a_dossier_is_sealed_as_it_was_seen_or_not_at_all() {
    let server = server(Listener::Loopback).await;
    let cookie = session_cookie(&server.sign_in().await);
    assert_eq!(
        add(&server, &cookie, "1", "").await.status,
        StatusCode::SEE_OTHER
    );
    let old = page(&server, "/share/D-1", &cookie).await.text();
    add(&server, &cookie, "2", "").await;
    let seal = async |after: &str| {
        let token = server.token(&cookie).await;
        let body = format!("token={token}&confirm=D-1&after={after}");
        send(&server, "/share/D-1/seal", &cookie, body).await
    };
    let late = seal(after(&old)).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    let now = page(&server, "/share/D-1", &cookie).await.text();
    assert!(now.contains("Open: items can still be added"));
    let sealed = seal(after(&now)).await;
    assert_eq!(sealed.status, StatusCode::OK);
    assert!(sealed.header("content-disposition").contains("D-1.tar"));
    // pressed again on the same page, because the download broke off: the same contents, not a conflict
    assert_eq!(seal(after(&now)).await.status, StatusCode::OK);
    assert_eq!(seal(after(&old)).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_request_without_a_host_is_nobodys() {
    let server = server(Listener::Loopback).await;
    for request in [
        Request::get("/sign-in"),
        Request::get("/sign-in")
            .header("host", HOST)
            .header("host", HOST),
    ] {
        let answer = server.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn an_archive_that_takes_nothing_says_so_on_every_page_to_whoever_is_signed_in() {
    let mut server = server_in_folder(Listener::Loopback).await;
    let cookie = session_cookie(&server.sign_in().await);
    let said = "Nothing can be recorded now";
    let calm = page(&server, "/inbox", &cookie).await;
    assert!(!calm.text().contains(said));

    let root = server.fixture.archive.root().to_owned();
    turn_a_bit(&root.join("log/checkpoint"), 100);
    let archive = Archive::open(&root, Opening::default()).await.unwrap();
    assert!(archive.trouble().is_some());
    server.app = App {
        now: Arc::clone(&server.app.now),
        ..App::new(archive, Listener::Loopback, Origins::new([ORIGIN]))
    };
    server.router = map(&server.app).into_router();
    for path in ["/inbox", "/search", "/share", "/share/D-1", "/nowhere"] {
        let text = page(&server, path, &cookie).await.text();
        let (_, after) = text.split_once("</header>").unwrap();
        let (banner, _) = after.split_once("<main").unwrap();
        assert!(banner.contains(said), "{path}");
        assert!(banner.contains("checkpoint"), "{path}: the reason is named");
    }
    let health = page(&server, "/health", &cookie).await;
    assert_eq!(health.status, StatusCode::OK);
    let text = health.text();
    let (_, main) = text.split_once("<h1>Health</h1>").unwrap();
    assert!(
        main.trim_start()
            .starts_with("<div class=\"notice critical\"")
    );
    assert_eq!(text.matches(said).count(), 1, "first, and once");
    let visitor = page(&server, "/sign-in", "").await;
    assert!(
        !visitor.text().contains(said),
        "reasons name files of the machine"
    );
}

#[tokio::test]
async fn the_style_and_the_words_for_a_front_ask_nothing_about_who_asks() {
    let server = server(Listener::Loopback).await;
    let secret = server.sign_in().await;
    let cookie = session_cookie(&secret);
    let used = async || {
        let login = server.fixture.archive.login(secret.key().bytes()).await;
        login.unwrap().unwrap().used_at
    };
    let before = used().await;
    server.pass(5);
    for path in ["/static/style.css", "/health/live", "/health/ready"] {
        page(&server, path, &cookie).await;
        assert_eq!(used().await, before, "{path}");
    }
    page(&server, "/search", &cookie).await;
    assert!(used().await > before);
}
