//! The headers of W3 on every response, whoever answers it.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use web::app::Listener;
use web::guard::headers::{ALWAYS, ORIGINAL_POLICY, PAGE_POLICY};
use web::paths;
use web::routes::{Takes, map};

use crate::visitor::{Answer, HOST, get, server, session_cookie};

fn assert_headers(answer: &Answer, policy: &str, what: &str) {
    assert_eq!(answer.header("content-security-policy"), policy, "{what}");
    for (name, value) in ALWAYS {
        assert_eq!(
            answer.headers.get_all(name).iter().count(),
            1,
            "{what} {name}"
        );
        assert_eq!(answer.header(name), value, "{what}");
    }
    assert!(!answer.headers.contains_key("server"), "{what}");
    if !answer.body.is_empty() {
        let kind = answer.header("content-type");
        let exact = [
            "text/html; charset=utf-8",
            "text/css; charset=utf-8",
            "text/plain; charset=utf-8",
            "application/octet-stream",
        ];
        assert!(exact.contains(&kind), "{what}: {kind}");
    }
}

#[tokio::test]
async fn every_route_and_method_has_every_header() {
    let server = server(Listener::Loopback).await;
    let cookie = session_cookie(&server.sign_in().await);
    for line in map(&server.app).lines() {
        for cookie in ["", cookie.as_str()] {
            for method in [
                Method::GET,
                Method::POST,
                Method::HEAD,
                Method::OPTIONS,
                Method::DELETE,
                Method::TRACE,
            ] {
                let request = Request::builder()
                    .method(&method)
                    .uri(server.filled(line.path))
                    .header("host", HOST)
                    .header("cookie", cookie);
                let answer = server.send(request.body(Body::empty()).unwrap()).await;
                let is_file = line.path == paths::LOG_CHECKPOINT && answer.status == StatusCode::OK;
                let policy = if is_file {
                    ORIGINAL_POLICY
                } else {
                    PAGE_POLICY
                };
                assert_headers(&answer, policy, &format!("{method} {}", line.path));
                assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
                let known = map(&server.app).lines().iter().any(|other| {
                    other.path == line.path
                        && (other.takes == Takes::Nothing) == (method != Method::POST)
                });
                if !known || !matches!(method, Method::GET | Method::HEAD | Method::POST) {
                    assert_eq!(
                        answer.status,
                        StatusCode::METHOD_NOT_ALLOWED,
                        "{method} {}",
                        line.path
                    );
                    assert!(!answer.header("allow").is_empty());
                }
            }
        }
    }
}

#[tokio::test]
async fn an_unknown_address_and_a_broken_handler_have_every_header_and_a_page() {
    let server = server(Listener::Loopback).await;
    let missing = server
        .send(get("/no/such/page").body(Body::empty()).unwrap())
        .await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert_headers(&missing, PAGE_POLICY, "404");
    let broken = server
        .send(get("/test/breaks").body(Body::empty()).unwrap())
        .await;
    assert_eq!(broken.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_headers(&broken, PAGE_POLICY, "500");
    let heard = server.broken.lock().unwrap().clone();
    assert_eq!(heard.len(), 1);
    assert!(
        broken.text().contains(&heard[0]),
        "the page names the number the operator hears"
    );
    assert!(
        !broken.text().contains("as this test wants"),
        "the page does not repeat what broke"
    );
    for answer in [missing, broken] {
        for part in ["What happened", "Is the evidence safe?", "What to do"] {
            assert!(answer.text().contains(part));
        }
    }
}

#[tokio::test]
async fn an_original_is_a_sandboxed_file_and_never_compressed() {
    let server = server(Listener::Loopback).await;
    let original = server
        .send(
            get("/test/original")
                .header("accept-encoding", "gzip")
                .body(Body::empty())
                .unwrap(),
        )
        .await;
    assert_headers(&original, ORIGINAL_POLICY, "original");
    assert_eq!(
        original.header("content-disposition"),
        "attachment; filename=\"item-4812.bin\""
    );
    assert_eq!(original.header("content-encoding"), "");
}

#[tokio::test]
async fn pages_and_style_are_compressed_when_the_browser_can() {
    let server = server(Listener::Loopback).await;
    for path in ["/sign-in", "/static/style.css", "/no/such/page"] {
        let small = server
            .send(
                get(path)
                    .header("accept-encoding", "gzip")
                    .body(Body::empty())
                    .unwrap(),
            )
            .await;
        let plain = server.send(get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(small.header("content-encoding"), "gzip", "{path}");
        assert!(
            small.body.len() * 10 < plain.body.len() * 7,
            "{path}: {} of {}",
            small.body.len(),
            plain.body.len()
        );
        assert_headers(&small, PAGE_POLICY, path);
    }
}
