//! What an answer of a store, or its silence, means.

use std::error::Error as StdError;

use object_store::client::HttpError;

use super::address::Bucket;
use crate::error::{Error, Said};
use crate::secret::Secret;

/// Where somebody talks to, and the words that must not be repeated.
#[derive(Debug)]
pub(super) struct Whom {
    place: String,
    bucket: String,
    region: String,
    hidden: [Secret; 2],
}

/// How a request failed, as far as we can tell the kinds apart.
#[derive(Debug)]
pub(super) enum Failed {
    /// There is no such object.
    Absent,
    /// The bytes asked for lie beyond the end of the object.
    Beyond,
    /// The condition of a write was not met.
    Unmet,
    /// Everything else.
    Wrong(Error),
}

impl Failed {
    /// The error for a caller to whom this is nothing special.
    pub(super) fn of(self, name: &str) -> Error {
        let odd = |what: &str| Error::Io {
            place: name.to_owned(),
            source: what.into(),
        };
        match self {
            Self::Absent => Error::NotFound {
                place: name.to_owned(),
            },
            Self::Beyond => odd("the store has fewer bytes than it said"),
            Self::Unmet => odd("the store refused a condition nobody set"),
            Self::Wrong(error) => error,
        }
    }
}

impl Whom {
    pub(super) fn new(at: &Bucket) -> Self {
        Self {
            place: at.place(),
            bucket: at.bucket.clone(),
            region: at.region.clone(),
            hidden: [at.secret_key.clone(), at.access_key.clone()],
        }
    }

    fn bucket(&self) -> String {
        format!("the bucket {:?} at {}", self.bucket, self.place)
    }

    /// The store did not answer, or said that it cannot now.
    pub(super) fn silent(&self, why: &str) -> Error {
        Error::Unreachable {
            place: format!("The object store at {}", self.place),
            source: self.said(why).into(),
        }
    }

    /// Whatever is said passes here: a store repeats the id of the key, and another might repeat more.
    fn said(&self, what: &str) -> Said {
        let mut what = what.to_owned();
        for hidden in &self.hidden {
            what = what.replace(hidden.expose(), "…");
        }
        Said(what.chars().take(600).collect())
    }

    /// Says what a failed request means; `name` is what it was about.
    pub(super) fn failed(&self, name: &str, error: &object_store::Error) -> Failed {
        let answer = Answer::of(error);
        let code = answer.code.as_deref().unwrap_or_default();
        let told = || self.said(&answer.told).into();
        let wrong = match (answer.status, code) {
            (Some(404), "NoSuchBucket") => self.no_bucket(),
            (Some(404), _) => return Failed::Absent,
            (Some(412 | 409), _) => return Failed::Unmet,
            (Some(416), _) => return Failed::Beyond,
            (Some(_), "RequestTimeTooSkewed") => self.clocks(),
            (Some(400), _) if answer.told.contains("Date is too") => self.clocks(),
            (Some(400), "AuthorizationHeaderMalformed") => Error::invalid(format!(
                "The object store at {} does not answer to the region {:?}; set the region it was given",
                self.place, self.region
            )),
            (Some(403), _) if answer.told.to_lowercase().contains("quota") => Error::Quota {
                place: self.bucket(),
                source: told(),
            },
            (Some(401 | 403), _) => Error::Denied {
                place: self.bucket(),
                source: told(),
            },
            (Some(507), _) => Error::Full {
                place: self.bucket(),
                source: told(),
            },
            (Some(501), _) => Error::Io {
                place: name.to_owned(),
                source: told(),
            },
            (Some(408 | 429 | 500..), _) => self.silent(&answer.told),
            (None, _) if answer.on_the_way => self.silent(&answer.told),
            _ => Error::Io {
                place: name.to_owned(),
                source: told(),
            },
        };
        Failed::Wrong(wrong)
    }

    pub(super) fn no_bucket(&self) -> Error {
        Error::NotFound {
            place: format!("The bucket {:?} at {}", self.bucket, self.place),
        }
    }

    fn clocks(&self) -> Error {
        Error::Network {
            what: format!(
                "The clocks of this machine and of the object store at {} differ too much; set both by the network's time",
                self.place
            ),
            source: None,
        }
    }
}

/// A failed request as the client library tells it: its types are private, its words are not.
struct Answer {
    status: Option<u16>,
    code: Option<String>,
    told: String,
    /// Whether it never got an answer, or not a whole one.
    on_the_way: bool,
}

impl Answer {
    fn of(error: &object_store::Error) -> Self {
        let (mut told, mut on_the_way) = (String::new(), false);
        let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
        while let Some(e) = cause {
            on_the_way |= e.is::<HttpError>();
            let words = e.to_string();
            // The innermost is the plainest, but for the one that holds the answer.
            if words.contains(STATUS) || !told.contains(STATUS) {
                told = words;
            }
            cause = e.source();
        }
        let status = told
            .split_once(STATUS)
            .and_then(|(_, s)| s.get(..3)?.parse().ok());
        // Shorter words for the kinds the library has made variants of, which may come without a status.
        let status = status.or(match error {
            object_store::Error::NotFound { .. } => Some(404),
            object_store::Error::PermissionDenied { .. } => Some(403),
            object_store::Error::Unauthenticated { .. } => Some(401),
            object_store::Error::Precondition { .. }
            | object_store::Error::AlreadyExists { .. } => Some(412),
            _ => None,
        });
        let code = between(&told, "<Code>", "</Code>").map(str::to_owned);
        let message = between(&told, "<Message>", "</Message>");
        if let (Some(status), Some(code)) = (status, &code) {
            told = format!("{status} {code}: {}", message.unwrap_or_default());
        }
        Self {
            status,
            code,
            told,
            on_the_way,
        }
    }
}

const STATUS: &str = "status code: ";

fn between<'t>(text: &'t str, from: &str, to: &str) -> Option<&'t str> {
    text.split_once(from)?
        .1
        .split_once(to)
        .map(|(within, _)| within)
}
