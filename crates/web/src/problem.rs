//! Errors to a status and a page: the only place that chooses either.

use archive::Why;
use askama::Template;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::frame::Frame;
use crate::text::visible;

const UNTOUCHED: &str = "Yes. Nothing was changed by this request.";

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
            Self::Conflict { .. } => StatusCode::CONFLICT,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::WrongKind => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Busy { .. } | Self::Closed { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Disk { .. } => StatusCode::INSUFFICIENT_STORAGE,
            Self::Damaged { .. } | Self::Broken { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// After how many seconds it is worth asking again, if waiting helps.
    pub const fn retry_after(&self) -> Option<u16> {
        match self {
            Self::Busy { .. } => Some(5),
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

    /// The page that says it: what happened, is the evidence safe, what to do.
    pub fn page(&self, frame: Frame) -> ProblemPage {
        let (heading, happened, safe, next) = self.words();
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
        }
    }

    fn words(&self) -> (&'static str, String, &'static str, String) {
        match self {
            Self::Bad { what, next } => {
                ("This could not be done as asked", format!("{what}."), UNTOUCHED, format!("{next}."))
            }
            Self::NotOurForm => (
                "The form was not accepted",
                "The form did not carry the proof that it came from this page and this sign-in. Forms lose it when the sign-in ends or changes.".into(),
                UNTOUCHED,
                "Go back, copy what you typed, reload the page and send it again. If you did not send a form, close the page that did.".into(),
            ),
            Self::Refused => (
                "Not possible with this sign-in",
                "This needs a sign-in that is still open.".into(),
                UNTOUCHED,
                "Sign in and open the page again.".into(),
            ),
            Self::NotFound => (
                "Nothing here that you can see",
                "There is no such page, or nothing at this address that you can see.".into(),
                UNTOUCHED,
                "Check the address, or search for what you need.".into(),
            ),
            Self::WrongMethod => (
                "This address takes another kind of request",
                "The address exists, but it cannot be asked in this way.".into(),
                UNTOUCHED,
                "Use the links and buttons of the pages.".into(),
            ),
            Self::Conflict { what } => (
                "Something changed first",
                format!("{what}."),
                "Yes. What was recorded first stands; your change was not recorded.",
                "Open the page again, look at what is new, and decide anew.".into(),
            ),
            Self::TooLarge { limit } => (
                "Too much at once",
                if *limit == 0 { "More was sent than is taken at once.".into() } else { format!("More was sent than is taken at once: the limit here is {} bytes.", crate::text::Count(*limit)) },
                "Yes. What is in the archive is untouched. What you sent was not stored; keep your copies.",
                "Send fewer or smaller files, or add them on the machine itself with holdfast add.".into(),
            ),
            Self::WrongKind => (
                "The form is of another kind",
                "This address does not take this kind of form.".into(),
                UNTOUCHED,
                "Use the form on our page.".into(),
            ),
            _ => self.words_of_the_archive(),
        }
    }

    /// The same for what the archive answered.
    fn words_of_the_archive(&self) -> (&'static str, String, &'static str, String) {
        match self {
            Self::NotAllowed { what, next } => {
                ("Not possible with this account", format!("{what}."), UNTOUCHED, format!("{next}."))
            }
            Self::Busy { what } => (
                "Something else is at work",
                format!("{what}."),
                UNTOUCHED,
                "Wait a few seconds, then do the same again.".into(),
            ),
            Self::Closed { what, next } => (
                "The archive does not take this now",
                format!("{what}."),
                "Yes. Nothing was written.",
                format!("{next}."),
            ),
            Self::Disk { what, next } => (
                "The disk refused",
                format!("{what}."),
                "Yes. Everything that was acknowledged before is on the disk; what was asked now is not.",
                format!("{next}."),
            ),
            Self::Damaged { what, next } => (
                "Something stored is damaged",
                format!("{what}."),
                "Nothing was changed by this request. What is named here cannot be relied on; everything else is as it was.",
                format!("{next}."),
            ),
            _ => (
                "Something broke on our side",
                "The request stopped half-way. What was asked may or may not have been recorded.".into(),
                "Yes. Originals and log are only ever added to; a broken request cannot change them.",
                "Look in the log whether your act is there before you repeat it. Give the report number to whoever runs this machine.".into(),
            ),
        }
    }
}

impl From<archive::Error> for Problem {
    /// The one place where the archive's reasons become answers.
    fn from(e: archive::Error) -> Self {
        let what = e.what;
        let next = e
            .next
            .unwrap_or_else(|| "Go back and do it differently".to_owned());
        match e.why {
            Why::Invalid => Self::Bad { what, next },
            // absent and not to be seen are one answer, without a word of which
            Why::NotFound => Self::NotFound,
            Why::Refused => Self::NotAllowed { what, next },
            Why::Stale => Self::Conflict { what },
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
}

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
