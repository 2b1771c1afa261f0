//! Every line of the URL map, tried by everybody who might come by.

use axum::body::Body;
use axum::http::StatusCode;
use web::app::Listener;
use web::paths;
use web::routes::{Access, Line, Takes, map};

use crate::visitor::{Server, UPLOAD_LIMIT, get, multipart, post, server, session_cookie};

/// What a complete, honest form holds besides its token.
fn fields(server: &Server, path: &str) -> String {
    match path {
        paths::LOOK => "&theme=dark&back=%2Flog".into(),
        paths::SIGN_IN => "&name=rev1&passphrase=x&next=%2F".into(),
        paths::SEARCH => "&query=school".into(),
        paths::SHARE => "&recipient=r&purpose=p".into(),
        paths::DOSSIER_ITEMS => "&items=1+2".into(),
        paths::DOSSIER_SEAL => "&confirm=D-1".into(),
        paths::ITEM_DOSSIER => format!("&dossier={}", server.dossier()),
        paths::HEALTH_CHECK => "&depth=quick".into(),
        paths::JOBS => "&kind=sweep".into(),
        _ => String::new(),
    }
}

/// What an honest request of the owner gets.
fn expected(line: &Line) -> u16 {
    match (line.path, line.takes) {
        (paths::HOME, _) => 303,
        (
            paths::LOOK
            | paths::SIGN_OUT
            | paths::SHARE
            | paths::JOBS
            | paths::JOB_AGAIN
            | paths::JOB_CANCEL
            | paths::ITEM_CHECK
            | paths::ITEM_DOSSIER
            | paths::DOSSIER_ITEMS,
            Takes::Form,
        ) => 303,
        _ => 200,
    }
}

#[derive(Clone, Copy)]
struct Try<'a> {
    cookie: &'a str,
    token: &'a str,
    headers: &'a [(&'a str, &'a str)],
    extra: &'a str,
}

async fn status(server: &Server, line: &Line, with: &Try<'_>) -> u16 {
    let path = server.filled(line.path);
    let mut request = match line.takes {
        Takes::Nothing => get(&path),
        Takes::Form => post(&path).header("content-type", "application/x-www-form-urlencoded"),
        Takes::Files => post(&path).header("content-type", "multipart/form-data; boundary=edge"),
    };
    request = request.header("cookie", with.cookie);
    for (name, value) in with.headers {
        request = request.header(*name, *value);
    }
    let body = match line.takes {
        Takes::Nothing => String::new(),
        Takes::Form => format!(
            "token={}{}{}",
            with.token,
            fields(server, line.path),
            with.extra
        ),
        Takes::Files if with.extra.is_empty() => multipart(&[
            ("token", None, with.token),
            ("source", None, "s"),
            ("files", Some("a.bin"), "abc"),
        ]),
        Takes::Files => multipart(&[
            ("token", None, with.token),
            ("unknown", None, "x"),
            ("files", Some("a.bin"), "abc"),
        ]),
    };
    server
        .send(request.body(Body::from(body)).unwrap())
        .await
        .status
        .as_u16()
}

fn lines(server: &Server) -> Vec<Line> {
    map(&server.app).lines().to_vec()
}

const OURS: [(&str, &str); 2] = [
    ("origin", "http://127.0.0.1:8080"),
    ("sec-fetch-site", "same-origin"),
];
const FOREIGN: [(&str, &str); 1] = [("origin", "http://evil.example")];
const CROSS: [(&str, &str); 1] = [("sec-fetch-site", "cross-site")];

/// What somebody gets who is not signed in: pages lead to the sign-in, forms are refused.
fn anonymous(line: &Line) -> u16 {
    match (line.access, line.takes) {
        (Access::Public, Takes::Nothing) => 200,
        (Access::SignedIn | Access::May(_), Takes::Nothing) => 303,
        (_, Takes::Form | Takes::Files) => 403,
    }
}

#[tokio::test]
async fn every_route_answers_an_honest_sign_in_and_nobody_else() {
    let server = server(Listener::Loopback).await;
    let lines = lines(&server);
    assert!(lines.len() >= 22, "the map lost lines");
    for line in &lines {
        // signing out ends the sign-in, so each line gets its own
        let cookie = session_cookie(&server.sign_in().await);
        let token = server.token(&cookie).await;
        let honest = Try {
            cookie: &cookie,
            token: &token,
            headers: &OURS,
            extra: "",
        };
        let mut tries = vec![(
            "anonymous",
            Try {
                cookie: "",
                ..honest
            },
            anonymous(line),
        )];
        if line.takes != Takes::Nothing {
            tries.push((
                "no token",
                Try {
                    token: "",
                    ..honest
                },
                403,
            ));
            tries.push((
                "foreign origin",
                Try {
                    headers: &FOREIGN,
                    ..honest
                },
                403,
            ));
            tries.push((
                "cross site",
                Try {
                    headers: &CROSS,
                    ..honest
                },
                403,
            ));
            tries.push((
                "unknown field",
                Try {
                    extra: "&unknown=1",
                    ..honest
                },
                400,
            ));
        }
        tries.push(("honest", honest, expected(line)));
        for (why, with, wanted) in &tries {
            assert_eq!(status(&server, line, with).await, *wanted, "{why} {line:?}");
        }
    }
}

#[tokio::test]
async fn an_account_that_may_do_nothing_gets_nothing() {
    let server = server(Listener::Loopback).await;
    let gone = server.fixture.suspended().await;
    for line in lines(&server) {
        let cookie = session_cookie(&server.sign_in_as(&gone).await);
        let token = server.token(&cookie).await;
        let honest = Try {
            cookie: &cookie,
            token: &token,
            headers: &OURS,
            extra: "",
        };
        let wanted = match line.access {
            Access::May(_) => 403,
            Access::Public | Access::SignedIn => expected(&line),
        };
        assert_eq!(status(&server, &line, &honest).await, wanted, "{line:?}");
    }
}

#[tokio::test]
async fn what_is_not_there_and_what_is_no_id_look_the_same() {
    let server = server(Listener::Loopback).await;
    let cookie = session_cookie(&server.sign_in().await);
    let mut pages = Vec::new();
    for path in [
        "/items/999",
        "/items/i-0000000000000",
        "/items/..%2Flog",
        "/share/D-9",
    ] {
        let request = get(path).header("cookie", &cookie);
        let answer = server.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        let text = answer.text();
        let (_, main) = text.split_once("<main").unwrap();
        pages.push(main.split_once("</main>").unwrap().0.to_owned());
    }
    assert!(pages.iter().all(|page| *page == pages[0]));
}

#[tokio::test]
async fn an_ended_sign_in_is_no_sign_in() {
    let server = server(Listener::Loopback).await;
    let cookie = session_cookie(&server.sign_in().await);
    let ask = || {
        get("/search")
            .header("cookie", &cookie)
            .body(Body::empty())
            .unwrap()
    };
    assert_eq!(server.send(ask()).await.status, StatusCode::OK);
    server.pass(31);
    let later = server.send(ask()).await;
    assert_eq!(
        (later.status, later.header("location")),
        (StatusCode::SEE_OTHER, "/sign-in?next=%2Fsearch")
    );
}

#[tokio::test]
async fn signing_out_ends_the_sign_in_here_and_there() {
    let server = server(Listener::Loopback).await;
    let cookie = session_cookie(&server.sign_in().await);
    let token = server.token(&cookie).await;
    let form = post("/sign-out")
        .header("cookie", &cookie)
        .header("content-type", "application/x-www-form-urlencoded");
    let answer = server
        .send(form.body(Body::from(format!("token={token}"))).unwrap())
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(answer.header("set-cookie").starts_with("hf=; Max-Age=0"));
    assert!(answer.header("clear-site-data").contains("cache"));
    let again = server
        .send(
            get("/search")
                .header("cookie", &cookie)
                .body(Body::empty())
                .unwrap(),
        )
        .await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_query_nobody_asked_for_is_refused() {
    let server = server(Listener::Loopback).await;
    let cookie = session_cookie(&server.sign_in().await);
    for bad in [
        "/log?kind=a&kind=b",
        "/log?x=1",
        "/inbox?before=-1",
        "/inbox?before=1&before=1",
        "/log?kind=%ff",
    ] {
        let answer = server
            .send(
                get(bad)
                    .header("cookie", &cookie)
                    .body(Body::empty())
                    .unwrap(),
            )
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}");
    }
}

#[tokio::test]
async fn too_much_is_refused_with_its_limit() {
    let server = server(Listener::Loopback).await;
    let cookie = session_cookie(&server.sign_in().await);
    let token = server.token(&cookie).await;
    let form = post("/search")
        .header("cookie", &cookie)
        .header("content-type", "application/x-www-form-urlencoded");
    let large = format!("token={token}&query={}", "a".repeat(300_000));
    assert_eq!(
        server
            .send(form.body(Body::from(large)).unwrap())
            .await
            .status,
        StatusCode::PAYLOAD_TOO_LARGE
    );

    let files = "x".repeat(usize::try_from(UPLOAD_LIMIT).unwrap() + 1);
    let body = multipart(&[
        ("token", None, &token),
        ("source", None, "s"),
        ("files", Some("a"), &files),
    ]);
    let length = body.len();
    let form = post("/inbox/files")
        .header("cookie", &cookie)
        .header("content-type", "multipart/form-data; boundary=edge");
    let answer = server
        .send(
            form.header("content-length", length)
                .body(Body::from(body))
                .unwrap(),
        )
        .await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.text().contains("What you sent was not stored"));
}

#[tokio::test]
async fn a_seal_needs_the_number_typed() {
    let server = server(Listener::Loopback).await;
    let cookie = session_cookie(&server.sign_in().await);
    let token = server.token(&cookie).await;
    let form = post("/share/D-1/seal")
        .header("cookie", &cookie)
        .header("content-type", "application/x-www-form-urlencoded");
    let answer = server
        .send(
            form.body(Body::from(format!("token={token}&confirm=D-11")))
                .unwrap(),
        )
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text().contains("it was not sealed"));
}

#[tokio::test]
async fn the_look_is_kept_and_shown() {
    let server = server(Listener::Loopback).await;
    let page = server
        .send(
            get("/sign-in")
                .header("cookie", "hf-look=dark")
                .body(Body::empty())
                .unwrap(),
        )
        .await;
    assert!(page.text().contains(r#"data-theme="dark""#));
    for odd in ["hf-look=evil", "hf-look=dark; hf-look=light"] {
        let page = server
            .send(
                get("/sign-in")
                    .header("cookie", odd)
                    .body(Body::empty())
                    .unwrap(),
            )
            .await;
        assert!(page.text().contains(r#"data-theme="auto""#), "{odd}");
    }
}
