//! Who asks, with what look, and the page that answers an error: around every route and every failure.

use std::time::SystemTime;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::app::App;
use crate::frame::{Dir, Frame, Place, Theme};
use crate::guard::cookies::{self, Kind};
use crate::guard::sessions::Session;
use crate::guard::sessions::Who;
use crate::guard::token::{Secret, SecretKey};
use crate::paths::Local;
use crate::problem::{self, Problem};
use crate::text::Moment;

/// One request's visitor, signed in or not.
#[derive(Clone)]
pub struct Visit {
    app: App,
    bound_to: SecretKey,
    session: Option<Session>,
    theme: Theme,
    back: Local,
}

impl Visit {
    /// Who is signed in, if anybody.
    pub fn who(&self) -> Option<&Who> {
        self.session.as_ref().map(|session| &session.who)
    }

    /// The key of the open sign-in, if there is one.
    pub fn session_key(&self) -> Option<SecretKey> {
        self.session.as_ref().map(|_| self.bound_to)
    }

    /// The page somebody asked for, to return to it.
    pub fn back(&self) -> &Local {
        &self.back
    }

    /// Says whether a form token was made for this visitor.
    pub(crate) fn accepts(&self, token: &str) -> bool {
        self.app.form_key.accepts(self.bound_to, token)
    }

    /// What surrounds a page of this visit, with a fresh form token.
    pub fn frame(&self, place: Place) -> Frame {
        Frame {
            lang: "en",
            dir: Dir::Ltr,
            theme: self.theme,
            place,
            person: self.who().map(Who::shown),
            compartment: None,
            token: self.app.form_key.token(self.bound_to),
            until: self.session.as_ref().map(|session| clock(session.ends)),
            back: self.back.to_string(),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        // absent only if a route was mounted outside the guard, which must not be served
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or(Problem::Refused)
    }
}

/// Finds out who asks, lets the routes answer, and puts the page to every error.
pub(crate) async fn enter(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let theme = cookies::theme(headers);
    let is_page = request.method().is_safe();
    let asked = request
        .uri()
        .path_and_query()
        .map_or("/", |place| place.as_str());
    let back = Local::from_text(asked)
        .filter(|_| is_page)
        .unwrap_or_else(Local::home);
    let ((session, secret, is_new), trouble) = match recognise(&app, headers).await {
        Ok(known) => (known, None),
        Err(e) => ((None, Secret::new(), false), Some(Problem::from(e))),
    };
    let is_ours = app.origins.is_our_host(headers);
    let visit = Visit {
        app: app.clone(),
        bound_to: secret.key(),
        session,
        theme,
        back,
    };
    request.extensions_mut().insert(visit.clone());

    let response = match trouble {
        None if is_ours => next.run(request).await,
        Some(problem) if is_ours => problem.into_response(),
        _ => Problem::bad(
            "This address is not one this archive answers to",
            "Use the address that was given at start",
        )
        .into_response(),
    };
    let mut response = with_page(&visit, response);
    if is_new && !response.headers().contains_key("clear-site-data") && shows_a_form(&response) {
        cookies::give(response.headers_mut(), Kind::Visitor, app.listener, &secret);
    }
    response
}

/// The open sign-in, or else the visitor's secret, drawn now if there is none.
async fn recognise(
    app: &App,
    headers: &HeaderMap,
) -> archive::Result<(Option<Session>, Secret, bool)> {
    if let Some(secret) = cookies::secret(headers, Kind::Session, app.listener)
        && let Some(session) = app.sessions.look_up(secret.key(), (app.now)()).await?
    {
        return Ok((Some(session), secret, false));
    }
    Ok(
        match cookies::secret(headers, Kind::Visitor, app.listener) {
            Some(secret) => (None, secret, false),
            None => (None, Secret::new(), true),
        },
    )
}

fn shows_a_form(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// Replaces the body of an error by its page, whoever answered it.
fn with_page(visit: &Visit, mut response: Response) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let problem = response
        .extensions_mut()
        .remove::<Problem>()
        .unwrap_or_else(|| Problem::from_status(status));
    let html = problem::page(&problem.page(visit.frame(Place::Elsewhere)));
    let Ok(mut page) = html else {
        return response;
    };
    *page.status_mut() = problem.status();
    if let Some(seconds) = problem.retry_after() {
        page.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    if let Some(allow) = response.headers_mut().remove(ALLOW) {
        page.headers_mut().insert(ALLOW, allow);
    }
    page.headers_mut().remove(CONTENT_LENGTH);
    page
}

/// A time of day with its zone, from the server's clock.
fn clock(time: SystemTime) -> Moment {
    let seconds = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    Moment::new(format!(
        "{:02}:{:02} UTC",
        seconds / 3600 % 24,
        seconds / 60 % 60
    ))
}
