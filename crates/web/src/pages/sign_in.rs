//! Signing in and out.

use archive::Why;
use askama::Template;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::response::Response;

use crate::app::App;
use crate::frame::{Frame, Place};
use crate::guard::cookies;
use crate::guard::form::{Empty, Fields, Form, FromFields, Query};
use crate::guard::visit::Visit;
use crate::paths::{self, Local};
use crate::problem::{Problem, page, see_other};
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
    Form(credentials): Form<Credentials>,
) -> Result<Response, Problem> {
    let Ok(Ok(lane)) = tokio::time::timeout(PATIENCE, app.lanes.sign_ins.acquire()).await else {
        return Err(Problem::Busy {
            what: "Too many people sign in at this moment".to_owned(),
        });
    };
    let Credentials {
        name,
        passphrase,
        next,
    } = credentials;
    let person = match app.archive.sign_in(&name, &passphrase).await {
        Ok(person) => person,
        Err(e) if e.why == Why::WrongKey => {
            return page(&SignInPage {
                frame: visit.frame(Place::Elsewhere),
                notice: Some(WRONG.to_owned()),
                name: Evidence::new(name),
                next,
            });
        }
        Err(e) => return Err(e.into()),
    };
    drop(lane);
    if let Some(earlier) = visit.session_key() {
        app.sessions.revoke(earlier).await?;
    }
    let secret = app.sessions.issue(&person, (app.now)()).await?;
    let mut response = see_other(&next.to_string());
    cookies::give(
        response.headers_mut(),
        cookies::Kind::Session,
        app.listener,
        &secret,
    );
    Ok(response)
}

const WRONG: &str = "This name and passphrase do not belong together. Try again; whoever runs this machine can set a new passphrase with holdfast user passphrase.";

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
