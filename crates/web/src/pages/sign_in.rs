//! Signing in and out.

use archive::Why;
use archive::work::Try;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use format::id::PersonId;

use crate::app::App;
use crate::frame::{Frame, Place};
use crate::guard::cookies;
use crate::guard::form::{Empty, Fields, Form, FromFields, Query};
use crate::guard::sessions::micros;
use crate::guard::visit::Visit;
use crate::paths::{self, Local};
use crate::problem::{Problem, beside, page, see_other};
use crate::text::Evidence;

/// The sign-in page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/sign_in.html")]
pub struct SignInPage {
    /// What surrounds the content.
    pub frame: Frame,
    /// What to say above the form.
    pub notice: Option<String>,
    /// The name typed before.
    pub name: Evidence,
    /// Where to go afterwards.
    pub next: Local,
}

/// Where somebody wanted to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The place, if it is one of ours.
    pub next: Local,
}

impl FromFields for Ask {
    fn read(fields: &mut Fields) -> Result<Self, Problem> {
        let next = fields.optional("next", 2000)?;
        Ok(Self {
            next: Local::from_text(&next).unwrap_or_else(Local::home),
        })
    }
}

/// A name and a passphrase.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The name.
    pub name: String,
    /// The passphrase.
    pub passphrase: String,
    /// Where to go afterwards.
    pub next: Local,
}

impl FromFields for Credentials {
    fn read(fields: &mut Fields) -> Result<Self, Problem> {
        let Ask { next } = Ask::read(fields)?;
        Ok(Self {
            name: fields.text("name", 1..=200)?,
            passphrase: fields.text("passphrase", 1..=1000)?,
            next,
        })
    }
}

/// Shows the form.
pub async fn get(visit: Visit, Query(ask): Query<Ask>) -> Result<Response, Problem> {
    let frame = visit.frame(Place::Elsewhere);
    page(&SignInPage {
        frame,
        notice: None,
        name: Evidence::new(""),
        next: ask.next,
    })
}

/// How long somebody waits for a free lane before being asked to come again.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(15);

/// Signs somebody in; an unknown name and a wrong passphrase are one answer, after the same work.
pub async fn post(
    State(app): State<App>,
    visit: Visit,
    headers: HeaderMap,
    Form(credentials): Form<Credentials>,
) -> Result<Response, Problem> {
    let Ok(Ok(lane)) = tokio::time::timeout(PATIENCE, app.lanes.sign_ins.acquire()).await else {
        return Err(Problem::Busy {
            what: "Too many people sign in at this moment".to_owned(),
        });
    };
    let name = credentials.name.clone();
    let counter = app
        .browsers
        .counter(&name, cookies::mark(&headers, app.listener));
    let signed_in = sign_in(&app, &counter, &credentials).await;
    drop(lane);
    let shown = |notice: String| SignInPage {
        frame: visit.frame(Place::Elsewhere),
        notice: Some(notice),
        name: Evidence::new(&name),
        next: credentials.next.clone(),
    };
    let person = match signed_in {
        Ok(Ok(person)) => person,
        Ok(Err(wait)) => {
            let seconds = seconds(wait);
            let often = Problem::TooOften { seconds };
            return beside(&often, &shown(too_often(seconds)));
        }
        Err(e) if e.why == Why::WrongKey => return page(&shown(WRONG.to_owned())),
        Err(e) if e.why == Why::Unreachable => {
            return beside(&Problem::from(e), &shown(AWAY.to_owned()));
        }
        Err(e) => return Err(e.into()),
    };
    if let Some(earlier) = visit.session_key() {
        app.sessions.revoke(earlier).await?;
    }
    let secret = app.sessions.issue(&person, (app.now)()).await?;
    let mut response = see_other(&credentials.next.to_string());
    let headers = response.headers_mut();
    cookies::give(headers, cookies::Kind::Session, app.listener, &secret);
    cookies::give_mark(headers, app.listener, &app.browsers.mark(&name));
    Ok(response)
}

/// Compares the passphrase, if another one may be tried now; or else says how many microseconds are to be waited.
async fn sign_in(
    app: &App,
    counter: &[u8; 32],
    credentials: &Credentials,
) -> archive::Result<Result<PersonId, i64>> {
    if let Try::Later(wait) = app
        .archive
        .try_sign_in(counter, micros((app.now)()))
        .await?
    {
        return Ok(Err(wait));
    }
    let (name, passphrase) = (&credentials.name, &credentials.passphrase);
    let person = app.archive.sign_in(name, passphrase).await?;
    app.archive.sign_in_worked(counter).await?;
    Ok(Ok(person))
}

/// Whole seconds, of which the last has begun.
fn seconds(micros: i64) -> u16 {
    u16::try_from(micros.max(1).saturating_add(999_999) / 1_000_000).unwrap_or(u16::MAX)
}

fn too_often(seconds: u16) -> String {
    let (seconds, word) = match seconds {
        1 => ("1".to_owned(), "second"),
        more => (more.to_string(), "seconds"),
    };
    format!(
        "This name was tried too often with passphrases that do not fit, by you or by somebody else. \
         Nobody is locked out: wait {seconds} {word}, then try again."
    )
}

const WRONG: &str = "This name and passphrase do not belong together. Try again; whoever runs this machine can set a new passphrase with holdfast user passphrase.";

const AWAY: &str = "The database of this archive does not answer. Nothing that was acknowledged is lost, and nobody was signed in. Wait a little, then try again; if it stays away, tell whoever runs this server.";

/// Ends the sign-in, here and in the browser.
pub async fn post_out(
    State(app): State<App>,
    visit: Visit,
    Form(Empty): Form<Empty>,
) -> Result<Response, Problem> {
    if let Some(key) = visit.session_key() {
        app.sessions.revoke(key).await?;
    }
    let mut response = see_other(paths::SIGN_IN);
    cookies::forget_session(response.headers_mut(), app.listener);
    let clear = HeaderValue::from_static(r#""cache", "cookies", "storage""#);
    response.headers_mut().insert("clear-site-data", clear);
    Ok(response)
}
