//! Who asks, with what look, and the page that answers an error: around every route and every failure.

use std::time::SystemTime;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::app::{App, Listener};
use crate::frame::{Dir, Frame, Place, Theme};
use crate::guard::cookies::{self, Kind};
use crate::guard::gate::InHand;
use crate::guard::sessions::Session;
use crate::guard::sessions::Who;
use crate::guard::token::{Secret, SecretKey};
use crate::paths::{self, Local};
use crate::problem::{Asked, Got, Problem, Typed, Whole};
use crate::text::{Evidence, Moment};

/// One request's visitor, signed in or not.
#[derive(Clone)]
pub struct Visit {
    app: App,
    bound_to: SecretKey,
    session: Option<Session>,
    trouble: Option<Problem>,
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

    /// Why it is not known who is signed in, when that could not be found out.
    pub(crate) fn trouble(&self) -> Option<&Problem> {
        self.trouble.as_ref()
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
            // it may name files of the machine, which is nothing for visitors
            stopped: self
                .who()
                .and_then(|_| self.app.archive.trouble())
                .map(Evidence::new),
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
    let path = request.uri().path();
    let is_probe = [paths::HEALTH_LIVE, paths::HEALTH_READY].contains(&path);
    let asked = request
        .uri()
        .path_and_query()
        .map_or("/", |place| place.as_str());
    let place = Local::from_text(asked).unwrap_or_else(Local::home);
    let back = if is_page {
        place.clone()
    } else {
        Local::home()
    };
    let known = if is_probe || path == paths::STYLE {
        // the same for everybody, so they need nothing that could be away
        Known::nobody(Secret::new(), false)
    } else {
        recognise(&app, headers).await
    };
    // a front looks at each server by itself, by no name of the site
    let is_ours =
        app.origins.is_our_host(headers) || (is_probe && app.listener == Listener::Secure);
    let visit = Visit {
        app: app.clone(),
        bound_to: known.secret.key(),
        session: known.session,
        trouble: known.trouble,
        theme,
        back,
    };
    request.extensions_mut().insert(visit.clone());

    let response = if is_ours {
        next.run(request).await
    } else {
        Problem::bad(
            "This address is not one this archive answers to",
            "Use the address that was given at start",
        )
        .into_response()
    };
    let mut response = with_page(&visit, place, is_page, response);
    let is_new = is_ours && known.is_new && !response.headers().contains_key("clear-site-data");
    if is_new && shows_a_form(&response) {
        let headers = response.headers_mut();
        cookies::give(headers, Kind::Visitor, app.listener, &known.secret);
    }
    response
}

/// What the cookies say, and what could not be found out.
struct Known {
    session: Option<Session>,
    secret: Secret,
    is_new: bool,
    trouble: Option<Problem>,
}

impl Known {
    fn nobody(secret: Secret, is_new: bool) -> Self {
        Self {
            session: None,
            secret,
            is_new,
            trouble: None,
        }
    }
}

/// The open sign-in, or else the visitor's secret, drawn now if there is none.
async fn recognise(app: &App, headers: &HeaderMap) -> Known {
    if let Some(secret) = cookies::secret(headers, Kind::Session, app.listener) {
        match app.sessions.look_up(secret.key(), (app.now)()).await {
            Ok(None) => {}
            Ok(session) => {
                return Known {
                    session,
                    ..Known::nobody(secret, false)
                };
            }
            // forms stay bound to the sign-in, so that a page shown now can be used when it is known again
            Err(e) => {
                return Known {
                    trouble: Some(e.into()),
                    ..Known::nobody(secret, false)
                };
            }
        }
    }
    match cookies::secret(headers, Kind::Visitor, app.listener) {
        Some(secret) => Known::nobody(secret, false),
        None => Known::nobody(Secret::new(), true),
    }
}

fn shows_a_form(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// Replaces the body of an error by its page, whoever answered it. Needs no database: what is known of the visit is known.
fn with_page(visit: &Visit, place: Local, is_page: bool, mut response: Response) -> Response {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let extensions = response.extensions_mut();
    if !is_error || extensions.remove::<Whole>().is_some() {
        return response;
    }
    let asked = Asked {
        form: match (is_page, extensions.remove::<InHand>()) {
            (true, _) => Got::NoForm,
            (false, None) => Got::TurnedAway,
            (false, Some(InHand)) => Got::InHand,
        },
        place,
        typed: extensions.remove::<Vec<Typed>>().unwrap_or_default(),
    };
    let problem = extensions
        .remove::<Problem>()
        .unwrap_or_else(|| Problem::from_status(status));
    let problem = match visit.who() {
        Some(_) => problem,
        None => problem.for_strangers(),
    };
    let Ok(mut page) = problem.answer(visit.frame(Place::Elsewhere), &asked) else {
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
