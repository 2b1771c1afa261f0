//! Errors to a status and a page: the only place that chooses either.

mod asked;
mod changed;
mod words;

use archive::{Stale, Why};
use askama::Template;
use axum::http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::frame::Frame;
use crate::paths::Local;
use crate::text::visible;
pub use asked::{Asked, Got, Typed};
pub use changed::{ChangedPage, Line};

/// What can go wrong, in the words the reader needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The request cannot be read as it is.
    Bad {
        /// What is wrong with it.
        what: String,
        /// What to do.
        next: String,
    },
    /// The form did not prove that it came from our page and this sign-in.
    NotOurForm,
    /// Nobody is signed in, or not for this act.
    Refused,
    /// There is nothing here that this person may see.
    NotFound,
    /// The address exists, but not for this way of asking.
    WrongMethod,
    /// Something else changed first.
    Conflict {
        /// What changed.
        what: String,
    },
    /// Somebody else recorded something about the same thing since the page of this form was shown.
    Changed(Box<Stale>),
    /// The database or the object store does not answer.
    Away {
        /// Which of them.
        what: String,
        /// What to do.
        next: String,
    },
    /// More was sent than is taken at once.
    TooLarge {
        /// The most that is taken, in bytes.
        limit: u64,
    },
    /// The form is of another kind than this address takes.
    WrongKind,
    /// The account may not do this.
    NotAllowed {
        /// What it may not do.
        what: String,
        /// What to do.
        next: String,
    },
    /// It was tried too often.
    TooOften {
        /// After how many seconds it may be tried again.
        seconds: u16,
    },
    /// Somebody else holds what is needed.
    Busy {
        /// Who, or what.
        what: String,
    },
    /// The archive can be read, not written, or not at all for now.
    Closed {
        /// What is not possible.
        what: String,
        /// What to do.
        next: String,
    },
    /// The disk refused.
    Disk {
        /// How.
        what: String,
        /// What to do.
        next: String,
    },
    /// Something stored is not what was stored.
    Damaged {
        /// What.
        what: String,
        /// What to do.
        next: String,
    },
    /// We broke.
    Broken {
        /// The report number.
        id: String,
    },
}

impl Problem {
    /// A request that cannot be read, and what to do about it.
    pub fn bad(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self::Bad {
            what: what.into(),
            next: next.into(),
        }
    }

    /// The status it is answered with.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Bad { .. } => StatusCode::BAD_REQUEST,
            Self::NotOurForm | Self::Refused | Self::NotAllowed { .. } => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict { .. } | Self::Changed(_) => StatusCode::CONFLICT,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::WrongKind => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooOften { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy { .. } | Self::Closed { .. } | Self::Away { .. } => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Disk { .. } => StatusCode::INSUFFICIENT_STORAGE,
            Self::Damaged { .. } | Self::Broken { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// After how many seconds it is worth asking again, if waiting helps.
    pub const fn retry_after(&self) -> Option<u16> {
        match self {
            Self::TooOften { seconds } => Some(*seconds),
            Self::Busy { .. } => Some(5),
            Self::Away { .. } => Some(10),
            _ => None,
        }
    }

    /// Names an error that a library answered without us.
    pub(crate) fn from_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => Self::Refused,
            StatusCode::METHOD_NOT_ALLOWED => Self::WrongMethod,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge { limit: 0 },
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::WrongKind,
            status if status.is_server_error() => Self::Broken {
                id: "none".to_owned(),
            },
            _ => Self::bad(
                "The request could not be read",
                "Go back, reload the page and try again",
            ),
        }
    }

    /// The same for somebody who is not signed in: without the names of our machines.
    pub(crate) fn for_strangers(self) -> Self {
        match self {
            Self::Away { .. } => Self::Away {
                what: "The database or the object store of this archive does not answer".to_owned(),
                next: "If it stays away, tell whoever runs this server".to_owned(),
            },
            other => other,
        }
    }

    /// Says whether the page shows what was typed: it was a good form, and its page may be gone from the browser.
    pub(crate) const fn keeps_typed(&self) -> bool {
        matches!(
            self,
            Self::Conflict { .. }
                | Self::Changed(_)
                | Self::Away { .. }
                | Self::Busy { .. }
                | Self::Closed { .. }
                | Self::Disk { .. }
                | Self::Broken { .. }
        )
    }

    /// The page that says it: what happened, is the evidence safe, what to do.
    pub fn page(&self, frame: Frame, asked: &Asked) -> ProblemPage {
        let (heading, happened, safe, next) = self.words(asked);
        let id = match self {
            Self::Broken { id } => Some(id.clone()),
            _ => None,
        };
        // a sentence may quote what was sent or stored
        let (happened, next) = (visible(&happened), visible(&next));
        ProblemPage {
            frame,
            status: self.status().as_u16(),
            heading,
            happened,
            safe,
            next,
            id,
            typed: asked.typed.clone(),
            again: self.retry_after().map(|_| match asked.form {
                Got::NoForm => asked.place.clone(),
                Got::TurnedAway | Got::InHand => asked.place.page_of_form(),
            }),
        }
    }

    /// The page as it is sent, without status and headers.
    pub(crate) fn answer(&self, frame: Frame, asked: &Asked) -> Result<Response, Self> {
        match self {
            Self::Changed(stale) => page(&ChangedPage::new(frame, stale, asked)),
            _ => page(&self.page(frame, asked)),
        }
    }
}

impl From<archive::Error> for Problem {
    /// The one place where the archive's reasons become answers.
    fn from(e: archive::Error) -> Self {
        let changed = e.changes().cloned();
        let what = e.what;
        let next = e
            .next
            .unwrap_or_else(|| "Go back and do it differently".to_owned());
        match e.why {
            Why::Invalid => Self::Bad { what, next },
            // absent and not to be seen are one answer, without a word of which
            Why::NotFound => Self::NotFound,
            Why::Refused => Self::NotAllowed { what, next },
            Why::Stale => match changed {
                Some(stale) => Self::Changed(Box::new(stale)),
                None => Self::Conflict { what },
            },
            Why::Unreachable => Self::Away { what, next },
            Why::Busy => Self::Busy { what },
            Why::ReadOnly | Why::NoArchive | Why::WrongKey => Self::Closed { what, next },
            Why::Disk => Self::Disk { what, next },
            Why::Damaged | Why::Unproven => Self::Damaged { what, next },
            Why::Bug => Self::Broken {
                id: "archive".to_owned(),
            },
        }
    }
}

/// The error page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/problem.html")]
pub struct ProblemPage {
    /// What surrounds the content.
    pub frame: Frame,
    /// The status.
    pub status: u16,
    /// The heading.
    pub heading: &'static str,
    /// What happened.
    pub happened: String,
    /// Whether the evidence is safe.
    pub safe: &'static str,
    /// What to do.
    pub next: String,
    /// The report number.
    pub id: Option<String>,
    /// What was typed into the form, so that it is not lost.
    pub typed: Vec<Typed>,
    /// The page asked for, or that of the form, where asking again may help.
    pub again: Option<Local>,
}

/// Answers with a page of its own that says what went wrong, under the problem's status.
pub(crate) fn beside(problem: &Problem, template: &impl Template) -> Result<Response, Problem> {
    let mut response = page(template)?;
    *response.status_mut() = problem.status();
    if let Some(seconds) = problem.retry_after() {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response.extensions_mut().insert(Whole);
    Ok(response)
}

/// Marks an answer that is complete although its status is an error: no page takes its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whole;

impl IntoResponse for Problem {
    /// Answers with the status alone; the guard around every route adds the page, which needs the visit.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Turns a page into a response.
pub fn page(template: &impl Template) -> Result<Response, Problem> {
    let html = template.render().map_err(|_why| Problem::Broken {
        id: "page".to_owned(),
    })?;
    Ok(([(CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response())
}

/// Sends the browser to another page of ours after a form.
pub fn see_other(url: &str) -> Response {
    match HeaderValue::from_str(url) {
        Ok(place) => (StatusCode::SEE_OTHER, [(LOCATION, place)]).into_response(),
        // every URL comes from `paths`, which leaves only printable ASCII
        Err(_) => Problem::Broken {
            id: "address".to_owned(),
        }
        .into_response(),
    }
}
