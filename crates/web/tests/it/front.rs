//! Several servers behind a front that encrypts: which names are answered, what is believed, what every server shares.

use archive::{Archive, Opening};
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use tower::ServiceExt as _;
use web::app::{App, Listener};
use web::guard::headers::HTTPS_ONLY;
use web::guard::origin::Origins;
use web::routes::map;

use crate::visitor::{Answer, Server, server_at, token_in};

const SITE: &str = "https://archive.example";
const ONION: &str = "http://abcdefghij.onion";
const FORM: &str = "application/x-www-form-urlencoded";

fn origins() -> Origins {
    Origins::of_site(&[SITE.to_owned(), ONION.to_owned()]).unwrap()
}

async fn site() -> Server {
    server_at(Listener::Secure, origins()).await
}

async fn ask(server: &Server, path: &str, headers: &[(&str, &str)]) -> Answer {
    let with = |request: axum::http::request::Builder, (name, value): &(&str, &str)| {
        request.header(*name, *value)
    };
    let request = headers.iter().fold(Request::get(path), with);
    server.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn only_the_names_of_the_site_are_answered() {
    let server = site().await;
    for host in ["archive.example", "abcdefghij.onion"] {
        let answer = ask(&server, "/sign-in", &[("host", host)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{host}");
    }
    for host in [
        "127.0.0.1:8080",
        "localhost:8080",
        "10.0.0.5:8420",
        "archive.example:8420",
        "archive.example.evil.example",
        "",
    ] {
        for path in ["/sign-in", "/inbox", "/static/style.css"] {
            let answer = ask(&server, path, &[("host", host)]).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{host} {path}");
            assert!(!answer.headers.contains_key("set-cookie"), "{host} {path}");
        }
    }
}

#[tokio::test]
async fn this_machine_is_answered_beside_the_site_only_if_it_is_listed() {
    let listed = [SITE.to_owned(), "http://127.0.0.1:8080".to_owned()];
    let origins = Origins::of_site(&listed).unwrap();
    let server = server_at(Listener::Secure, origins).await;
    let answer = ask(&server, "/sign-in", &[("host", "127.0.0.1:8080")]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("strict-transport-security"), "");
}

#[tokio::test]
async fn what_a_front_adds_is_never_believed() {
    let server = site().await;
    let claims = [
        ("x-forwarded-host", "archive.example"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-real-ip", "127.0.0.1"),
        ("forwarded", "host=archive.example;proto=https"),
    ];
    let wrong = [&[("host", "evil.example")], &claims[..]].concat();
    let answer = ask(&server, "/sign-in", &wrong).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);

    let claims = claims.map(|(name, value)| {
        (
            name,
            value.replace("archive", "evil").replace("https", "http"),
        )
    });
    let claims = claims.iter().map(|(name, value)| (*name, value.as_str()));
    let right: Vec<_> = std::iter::once(("host", "archive.example"))
        .chain(claims)
        .collect();
    let plain = ask(&server, "/sign-in", &right[..1]).await;
    let claimed = ask(&server, "/sign-in", &right).await;
    assert_eq!(claimed.status, StatusCode::OK);
    assert!(!claimed.text().contains("evil"));
    let shape = |answer: &Answer| {
        let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        let cookie = answer.header("set-cookie").split_once(';');
        (names, cookie.map(|(_, flags)| flags.to_owned()))
    };
    assert_eq!(shape(&claimed), shape(&plain));
}

#[tokio::test]
async fn https_is_insisted_on_where_browsers_use_it_and_nowhere_else() {
    let server = site().await;
    for (host, wanted) in [
        ("archive.example", HTTPS_ONLY),
        ("abcdefghij.onion", ""),
        ("evil.example", ""),
    ] {
        for path in ["/sign-in", "/static/style.css", "/nowhere", "/inbox"] {
            let answer = ask(&server, path, &[("host", host)]).await;
            let sent = answer.header("strict-transport-security");
            assert_eq!(sent, wanted, "{host} {path}");
        }
    }
}

#[tokio::test]
async fn every_cookie_of_a_site_is_bound_to_https_and_to_its_host() {
    let server = site().await;
    let host = ("host", "archive.example");
    let page = ask(&server, "/sign-in", &[host]).await;
    let line = page.header("set-cookie").to_owned();
    assert!(line.starts_with("__Host-hf-visitor="), "{line}");
    assert!(
        line.ends_with("; Secure; HttpOnly; SameSite=Strict; Path=/"),
        "{line}"
    );
    let passphrase = "five words that nobody knows";
    let person = server.fixture.person();
    let set = server.fixture.archive.set_passphrase(&person, passphrase);
    set.await.unwrap();
    let body = format!(
        "token={}&name=rev1&passphrase={}",
        token_in(&page.text()),
        passphrase.replace(' ', "+")
    );
    let form = Request::post("/sign-in")
        .header("host", "archive.example")
        .header("origin", SITE)
        .header("sec-fetch-site", "same-origin")
        .header("cookie", line.split(';').next().unwrap())
        .header("content-type", FORM);
    let answer = server.send(form.body(Body::from(body)).unwrap()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let line = answer.header("set-cookie");
    assert!(line.starts_with("__Host-hf="), "{line}");
    assert!(
        line.ends_with("; Secure; HttpOnly; SameSite=Strict; Path=/"),
        "{line}"
    );
    let cookie = line.split(';').next().unwrap();
    let inbox = ask(&server, "/inbox", &[host, ("cookie", cookie)]).await;
    assert_eq!(inbox.status, StatusCode::OK);
}

#[tokio::test]
async fn a_form_comes_from_the_very_address_it_goes_to() {
    let server = site().await;
    let cookie = format!("__Host-hf={}", server.sign_in().await.text());
    for (host, origin, wanted) in [
        ("archive.example", SITE, 200),
        ("abcdefghij.onion", ONION, 200),
        ("archive.example", ONION, 403),
        ("abcdefghij.onion", SITE, 403),
        ("archive.example", "http://archive.example", 403),
        ("archive.example", "https://archive.example:8443", 403),
        ("archive.example", "http://127.0.0.1:8080", 403),
        ("archive.example", "null", 200),
    ] {
        let page = ask(&server, "/search", &[("host", host), ("cookie", &cookie)]).await;
        let form = Request::post("/search")
            .header("host", host)
            .header("origin", origin)
            .header("cookie", &cookie)
            .header("content-type", FORM);
        let body = format!("token={}&query=school", token_in(&page.text()));
        let answer = server.send(form.body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.status.as_u16(), wanted, "{origin} to {host}");
    }
}

/// A second server of the same archive, opened by itself as another process would.
async fn another(server: &Server) -> App {
    let root = server.fixture.archive.root();
    let archive = Archive::open(root, Opening::default()).await.unwrap();
    App {
        now: std::sync::Arc::clone(&server.app.now),
        ..App::new(archive, Listener::Secure, origins())
    }
}

#[tokio::test]
async fn a_page_of_one_server_is_answered_by_another_and_after_a_restart() {
    let one = site().await;
    let other = map(&another(&one).await).into_router();
    let cookie = format!("__Host-hf={}", one.sign_in().await.text());
    let head = [("host", "archive.example"), ("cookie", cookie.as_str())];
    let page = ask(&one, "/search", &head).await;
    for (token, wanted) in [(token_in(&page.text()), 200), ("A".repeat(86), 403)] {
        let form = Request::post("/search")
            .header("host", "archive.example")
            .header("cookie", &cookie)
            .header("content-type", FORM)
            .body(Body::from(format!("token={token}&query=school")))
            .unwrap();
        let answer = other.clone().oneshot(form).await.unwrap();
        assert_eq!(answer.status().as_u16(), wanted);
    }
    // and the visitor who is not signed in yet
    let page = ask(&one, "/sign-in", &head[..1]).await;
    let visitor = page
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let form = Request::post("/sign-in")
        .header("host", "archive.example")
        .header("cookie", visitor)
        .header("content-type", FORM);
    let body = format!("token={}&name=rev1&passphrase=x", token_in(&page.text()));
    let answer = other
        .oneshot(form.body(Body::from(body)).unwrap())
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let text = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    assert!(String::from_utf8_lossy(&text).contains("do not belong together"));
}

#[tokio::test]
async fn the_form_key_is_the_archives_own_and_no_other_archives() {
    let (one, two) = (site().await, site().await);
    let label = "web form token";
    let secret = one.fixture.archive.derive_secret(label).unwrap();
    let again = another(&one).await.archive.derive_secret(label).unwrap();
    assert_eq!(secret, again);
    assert_ne!(Some(secret), two.fixture.archive.derive_secret(label));
    assert_ne!(Some(secret), one.fixture.archive.derive_secret("another"));
    let reading = Opening {
        read_only: true,
        ..Opening::default()
    };
    let read_only = Archive::open(one.fixture.archive.root(), reading)
        .await
        .unwrap();
    assert_eq!(
        read_only.derive_secret(label),
        None,
        "without the keys there is none"
    );
}

#[tokio::test]
async fn a_front_asks_each_server_by_any_name_and_learns_two_words() {
    let server = site().await;
    for path in ["/health/live", "/health/ready"] {
        for host in ["archive.example", "10.0.0.5:8420"] {
            let answer = ask(&server, path, &[("host", host), ("cookie", "__Host-hf=x")]).await;
            assert_eq!(
                (answer.status, answer.text().as_str()),
                (StatusCode::OK, "ok\n")
            );
            assert!(!answer.headers.contains_key("set-cookie"));
        }
    }
    let loopback = crate::visitor::server(Listener::Loopback).await;
    let answer = ask(&loopback, "/health/live", &[("host", "evil.example")]).await;
    assert_eq!(
        answer.status,
        StatusCode::BAD_REQUEST,
        "no front, no other name"
    );
}
