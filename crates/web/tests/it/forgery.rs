//! Forged forms: every lock of W2 by itself, and all that a browser may send.

use axum::body::Body;
use axum::http::StatusCode;
use web::app::Listener;

use crate::visitor::{
    Answer, ORIGIN, Server, get, multipart, post, server, session_cookie, token_in,
};

const FORM: &str = "application/x-www-form-urlencoded";
const FILES: &str = "multipart/form-data; boundary=edge";

/// One line of `forgery.txt`.
struct Case<'a> {
    why: &'a str,
    token: &'a str,
    origins: &'a str,
    site: &'a str,
    kind: &'a str,
    expected: u16,
}

fn cases() -> Vec<Case<'static>> {
    let lines = include_str!("forgery.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#') && !line.is_empty());
    let cell = |line: &'static str| line.split('|').map(str::trim).collect::<Vec<_>>();
    let case = |cells: Vec<&'static str>| match cells[..] {
        [why, token, origins, site, kind, expected] => Case {
            why,
            token,
            origins,
            site,
            kind,
            expected: expected.parse().unwrap(),
        },
        _ => panic!("a line of forgery.txt has six cells: {cells:?}"),
    };
    lines.map(cell).map(case).collect()
}

async fn status(
    server: &Server,
    cookie: &str,
    token: &str,
    case: &Case<'_>,
    path: &str,
    kind: &str,
) -> u16 {
    let kind = if case.kind == "right" {
        kind
    } else {
        case.kind
    };
    let mut request = post(path)
        .header("cookie", cookie)
        .header("content-type", kind);
    for origin in case.origins.split_whitespace() {
        request = request.header("origin", if origin == "ours" { ORIGIN } else { origin });
    }
    if !case.site.is_empty() {
        request = request.header("sec-fetch-site", case.site);
    }
    let body = match path {
        "/inbox/files" => multipart(&[
            ("token", None, token),
            ("source", None, "s"),
            ("files", Some("a"), "b"),
        ]),
        _ => format!("token={token}&query=x"),
    };
    server
        .send(request.body(Body::from(body)).unwrap())
        .await
        .status
        .as_u16()
}

#[tokio::test]
async fn each_of_the_three_locks_holds_by_itself() {
    let server = server(Listener::Loopback).await;
    let mine = session_cookie(&server.sign_in().await);
    let yours = session_cookie(&server.sign_in().await);
    let (own, other) = (server.token(&mine).await, server.token(&yours).await);
    let cases = cases();
    assert!(cases.len() >= 18);
    for case in &cases {
        let token = match case.token {
            "own" => &own,
            "other" => &other,
            _ => "",
        };
        for (path, kind) in [("/search", FORM), ("/inbox/files", FILES)] {
            assert_eq!(
                status(&server, &mine, token, case, path, kind).await,
                case.expected,
                "{} at {path}",
                case.why
            );
        }
    }
}

async fn upload(server: &Server, cookie: &str, body: String) -> Answer {
    server
        .send(
            post("/inbox/files")
                .header("cookie", cookie)
                .header("content-type", FILES)
                .body(Body::from(body))
                .unwrap(),
        )
        .await
}

#[tokio::test]
async fn the_token_of_an_upload_comes_before_everything_else() {
    let server = server(Listener::Loopback).await;
    let cookie = session_cookie(&server.sign_in().await);
    let token = server.token(&cookie).await;
    let late = multipart(&[("files", Some("a"), "b"), ("token", None, &token)]);
    assert_eq!(
        upload(&server, &cookie, late).await.status,
        StatusCode::FORBIDDEN
    );
    let as_file = multipart(&[("token", Some("t"), &token), ("files", Some("a"), "b")]);
    assert_eq!(
        upload(&server, &cookie, as_file).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        upload(&server, &cookie, "--edge--\r\n".into()).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn an_upload_refuses_what_its_form_does_not_have() {
    let server = server(Listener::Loopback).await;
    let cookie = session_cookie(&server.sign_in().await);
    let token = server.token(&cookie).await;
    let first = ("token", None, token.as_str());
    for (why, rest) in [
        ("twice", vec![("source", None, "a"), ("source", None, "b")]),
        ("second token", vec![("token", None, "x")]),
        ("field as file", vec![("source", Some("a"), "b")]),
        ("file as field", vec![("files", None, "b")]),
        (
            "no file chosen",
            vec![("source", None, "a"), ("files", Some(""), "")],
        ),
        ("no file at all", vec![("source", None, "a")]),
        ("long field", vec![("source", None, LONG)]),
        ("no source", vec![("files", Some("a"), "b")]),
        (
            "empty source",
            vec![("source", None, " "), ("files", Some("a"), "b")],
        ),
    ] {
        let parts: Vec<_> = std::iter::once(first).chain(rest).collect();
        assert_eq!(
            upload(&server, &cookie, multipart(&parts)).await.status,
            StatusCode::BAD_REQUEST,
            "{why}"
        );
    }
    let cut = multipart(&[first, ("source", None, "a")]).replace("--edge--\r\n", "");
    assert_eq!(
        upload(&server, &cookie, cut).await.status,
        StatusCode::BAD_REQUEST
    );
}

const LONG: &str = match std::str::from_utf8(&[b'a'; 20_000]) {
    Ok(text) => text,
    Err(_) => "",
};

#[tokio::test]
async fn the_sign_in_form_too_has_a_token_bound_to_its_visitor() {
    let server = server(Listener::Loopback).await;
    let page = server
        .send(get("/sign-in").body(Body::empty()).unwrap())
        .await;
    let line = page.header("set-cookie").to_owned();
    assert!(
        line.starts_with("hf-visitor=") && line.ends_with("; HttpOnly; SameSite=Strict; Path=/"),
        "{line}"
    );
    let cookie = line.split(';').next().unwrap().to_owned();
    let token = token_in(&page.text());
    let form = |cookie: &str| {
        let request = post("/sign-in")
            .header("cookie", cookie)
            .header("content-type", FORM);
        request
            .body(Body::from(format!("token={token}&name=rev1&passphrase=x")))
            .unwrap()
    };
    assert_eq!(server.send(form(&cookie)).await.status, StatusCode::OK);
    assert_eq!(server.send(form("")).await.status, StatusCode::FORBIDDEN);
    // a cookie planted twice is nobody's
    assert_eq!(
        server
            .send(form(&format!("{cookie}; {cookie}")))
            .await
            .status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn over_https_the_cookies_are_bound_to_the_host() {
    let server = server(Listener::Secure).await;
    let page = server
        .send(get("/sign-in").body(Body::empty()).unwrap())
        .await;
    let line = page.header("set-cookie");
    assert!(
        line.starts_with("__Host-hf-visitor=")
            && line.ends_with("; Secure; HttpOnly; SameSite=Strict; Path=/"),
        "{line}"
    );
    let secret = server.sign_in().await;
    let ask = |cookie: String| {
        get("/search")
            .header("cookie", cookie)
            .body(Body::empty())
            .unwrap()
    };
    assert_eq!(
        server
            .send(ask(format!("__Host-hf={}", secret.text())))
            .await
            .status,
        StatusCode::OK
    );
    assert_eq!(
        server
            .send(ask(format!("hf={}", secret.text())))
            .await
            .status,
        StatusCode::SEE_OTHER,
        "the loopback name counts only there"
    );
}

#[tokio::test]
async fn two_pages_of_one_sign_in_never_carry_the_same_token() {
    let server = server(Listener::Loopback).await;
    let cookie = session_cookie(&server.sign_in().await);
    assert_ne!(server.token(&cookie).await, server.token(&cookie).await);
}

#[tokio::test]
async fn a_foreign_name_for_this_machine_is_refused() {
    let server = server(Listener::Loopback).await;
    for host in [
        "evil.example",
        "127.0.0.1",
        "127.0.0.1:9090",
        "localhost:8080",
    ] {
        let request = axum::http::Request::get("/sign-in")
            .header("host", host)
            .body(Body::empty())
            .unwrap();
        assert_eq!(
            server.send(request).await.status,
            StatusCode::BAD_REQUEST,
            "{host}"
        );
    }
}
