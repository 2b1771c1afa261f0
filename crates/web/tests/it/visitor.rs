//! A browser of a kind: one router, a clock that can be set, cookies, the forms of a page.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use archive::Why;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, Response, StatusCode};
use format::id::PersonId;
use tower::ServiceExt as _;
use web::app::{App, Listener};
use web::guard::origin::Origins;
use web::guard::token::Secret;
use web::problem::Problem;
use web::routes::{Access, Routes, map};

use crate::fixture::{FILES, Fixture, fixture, fixture_at};
use testkit::Where;

pub(crate) const HOST: &str = "127.0.0.1:8080";
pub(crate) const ORIGIN: &str = "http://127.0.0.1:8080";
pub(crate) const UPLOAD_LIMIT: u64 = 64 * 1024;

/// A server with every route, and one more that breaks.
pub(crate) struct Server {
    pub(crate) app: App,
    pub(crate) router: Router,
    pub(crate) broken: Arc<Mutex<Vec<String>>>,
    pub(crate) fixture: Fixture,
    item: String,
    dossier: String,
    job: String,
    minutes: Arc<AtomicU64>,
}

/// A server of an archive with a few items and an open dossier.
pub(crate) async fn server(listener: Listener) -> Server {
    server_at(listener, Origins::new([ORIGIN])).await
}

/// The same at other addresses.
pub(crate) async fn server_at(listener: Listener, origins: Origins) -> Server {
    serving(fixture().await, listener, origins).await
}

/// A server of an archive in a folder, for tests that harm its files.
pub(crate) async fn server_in_folder(listener: Listener) -> Server {
    let fixture = fixture_at(Where::Folder).await;
    serving(fixture, listener, Origins::new([ORIGIN])).await
}

async fn serving(fixture: Fixture, listener: Listener, origins: Origins) -> Server {
    let mut item = String::new();
    for (name, bytes) in FILES {
        item = fixture.add(name, bytes).await;
    }
    let dossier = fixture.dossier().await;
    let job = fixture.cancelled_job().await;
    let minutes = Arc::new(AtomicU64::new(1_000));
    let broken = Arc::new(Mutex::new(Vec::new()));
    let (clock, heard) = (Arc::clone(&minutes), Arc::clone(&broken));
    let app = App {
        now: Arc::new(move || {
            SystemTime::UNIX_EPOCH + Duration::from_secs(60 * clock.load(Ordering::Relaxed))
        }),
        on_broken: Arc::new(move |id| heard.lock().unwrap().push(id.to_owned())),
        upload_limit: UPLOAD_LIMIT,
        ..App::new(fixture.archive.clone(), listener, origins)
    };
    let router = with_breaking(map(&app)).into_router();
    Server {
        app,
        router,
        broken,
        fixture,
        item,
        dossier,
        job,
        minutes,
    }
}

fn with_breaking(routes: Routes) -> Routes {
    async fn breaks() -> Result<Response<Body>, Problem> {
        panic!("a handler broke, as this test wants")
    }
    async fn away() -> Result<Response<Body>, Problem> {
        let gone = archive::Error::new(Why::Unreachable, "The database at rows.example is away");
        Err(gone.next("Look at rows.example").into())
    }
    async fn changed() -> Result<Response<Body>, Problem> {
        Err(archive::Error::stale(crate::sample::changed()).into())
    }
    async fn original() -> Response<Body> {
        let name = web::guard::headers::NeutralName::from_text("item-4812.bin").unwrap();
        web::guard::headers::attachment(&name, Body::from("<script>alert(1)</script>".repeat(100)))
    }
    routes
        .get("/test/breaks", Access::Public, breaks)
        .get("/test/original", Access::Public, original)
        .get("/test/away", Access::SignedIn, away)
        .post("/test/away", Access::SignedIn, away)
        .post("/test/changed", Access::SignedIn, changed)
}

impl Server {
    pub(crate) fn pass(&self, minutes: u64) {
        self.minutes.fetch_add(minutes, Ordering::Relaxed);
    }

    /// A sign-in of the owner.
    pub(crate) async fn sign_in(&self) -> Secret {
        self.sign_in_as(&self.fixture.person()).await
    }

    pub(crate) async fn sign_in_as(&self, person: &PersonId) -> Secret {
        let issued = self.app.sessions.issue(person, (self.app.now)()).await;
        issued.unwrap()
    }

    /// A pattern of the map with ids that exist.
    pub(crate) fn filled(&self, path: &str) -> String {
        path.replace("{item}", &self.item)
            .replace("{dossier}", &self.dossier)
            .replace("{job}", &self.job)
    }

    pub(crate) fn dossier(&self) -> &str {
        &self.dossier
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 10 << 20).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: bytes.to_vec(),
        }
    }

    /// A token as a page of this sign-in would carry it, read out of the page.
    pub(crate) async fn token(&self, cookie: &str) -> String {
        let page = self
            .send(
                get("/sign-in")
                    .header("cookie", cookie)
                    .body(Body::empty())
                    .unwrap(),
            )
            .await;
        token_in(&page.text())
    }
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) fn token_in(html: &str) -> String {
    let (_, rest) = html
        .split_once("name=\"token\" value=\"")
        .expect("the page has a form");
    rest.split('"').next().unwrap().to_owned()
}

pub(crate) fn get(path: &str) -> axum::http::request::Builder {
    Request::get(path).header("host", HOST)
}

pub(crate) fn post(path: &str) -> axum::http::request::Builder {
    Request::post(path).header("host", HOST)
}

pub(crate) fn session_cookie(secret: &Secret) -> String {
    format!("hf={}", secret.text())
}

/// A form with files: the parts in order, a file where a name is given.
pub(crate) fn multipart(parts: &[(&str, Option<&str>, &str)]) -> String {
    let mut body = String::new();
    for (name, file, value) in parts {
        let file = file.map_or(String::new(), |file| format!("; filename=\"{file}\""));
        body.push_str(&format!(
            "--edge\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n"
        ));
    }
    body + "--edge--\r\n"
}
