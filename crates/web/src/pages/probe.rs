//! Two words for fronts and load balancers: whether this server runs, and whether the database answers it.
//!
//! Nobody signs in for them, so they say nothing about the archive and cost nothing: however many ask, the
//! database is asked once a second at the most, by one of them, and the others wait for that answer.

use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::response::{IntoResponse as _, Response};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::app::App;
use crate::problem::Whole;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long an answer counts.
const FRESH: Duration = Duration::from_secs(1);

/// The last answer of the database, and when it came.
#[derive(Debug)]
pub struct Ready {
    last: Mutex<Option<(Instant, bool)>>,
    fresh: Duration,
}

impl Ready {
    /// Lets an answer count for so long.
    pub fn for_as_long_as(fresh: Duration) -> Self {
        Self {
            last: Mutex::new(None),
            fresh,
        }
    }
}

impl Default for Ready {
    fn default() -> Self {
        Self::for_as_long_as(FRESH)
    }
}

/// Says `ok` as long as this server answers anything.
pub async fn get_live() -> Response {
    said(true)
}

/// Says `ok` if the database answers within two seconds, and `away` if not.
pub async fn get_ready(State(app): State<App>) -> Response {
    let mut last = app.ready.last.lock().await;
    let answers = match *last {
        Some((when, answer)) if when.elapsed() < app.ready.fresh => answer,
        _ => {
            // a sign-in that nobody has: one look into one index
            let asked = timeout(PATIENCE, app.archive.login(&[])).await;
            let answer = matches!(asked, Ok(Ok(_)));
            *last = Some((Instant::now(), answer));
            answer
        }
    };
    said(answers)
}

fn said(is_ok: bool) -> Response {
    let kind = [(CONTENT_TYPE, "text/plain; charset=utf-8")];
    if is_ok {
        return (kind, "ok\n").into_response();
    }
    let again = [(RETRY_AFTER, "2")];
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, kind, again, "away\n").into_response();
    response.extensions_mut().insert(Whole);
    response
}
