//! What the errors of each database mean.

use std::borrow::Cow;

use sqlx::postgres::PgDatabaseError;

use crate::error::{Cause, Error};

#[cfg(test)]
mod tests;

impl Error {
    pub(super) fn sqlite(place: &str, error: sqlx::Error) -> Self {
        let place = place.to_owned();
        let source = match error {
            sqlx::Error::Io(e) => return Self::io(place, e),
            sqlx::Error::PoolTimedOut => return Self::Busy { place },
            other => other,
        };
        let code = source
            .as_database_error()
            .and_then(|e| e.code()?.parse::<u32>().ok());
        let source = Cause::from(source);
        // The low byte of an SQLite code is the kind; the rest says more about it.
        match code.map(|c| c & 0xff) {
            Some(5 | 6) => Self::Busy { place },
            Some(8) => Self::ReadOnly { place },
            Some(13) => Self::Full { place, source },
            Some(10) => Self::Io { place, source },
            Some(14) => Self::NotFound { place },
            Some(11 | 26) => Self::Damaged { place, source },
            Some(19) => Self::Conflict {
                place: format!("A row in {place} ({source})"),
            },
            _ => Self::Statement { place, source },
        }
    }

    pub(super) fn postgres(place: &str, error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        if plan_is_stale(&error) {
            return Self::Busy {
                place: place.to_owned(),
            };
        }
        if takes_no_writers(&error) {
            return Self::ReadOnly {
                place: place.to_owned(),
            };
        }
        let state = match &error {
            E::Database(e) => e.code().map(Cow::into_owned),
            // Whatever ended the talk itself: what the server would have said is not known.
            E::Io(_)
            | E::Tls(_)
            | E::Protocol(_)
            | E::PoolTimedOut
            | E::PoolClosed
            | E::WorkerCrashed
            | E::BeginFailed => Some("08000".to_owned()),
            _ => None,
        };
        by_state(
            place.to_owned(),
            state.as_deref().unwrap_or_default(),
            error.into(),
        )
    }
}

/// Says what an SQLSTATE means; the exact ones come before their classes.
fn by_state(place: String, state: &str, source: Cause) -> Error {
    match (state.get(..2).unwrap_or_default(), state) {
        (_, "3D000" | "57P04") => Error::NotFound { place },
        (_, "42501") | ("28", _) => Error::Denied { place, source },
        (_, "53100") => Error::Full { place, source },
        (_, "25006") => Error::ReadOnly { place },
        // Time limits and locks, deadlocks, and a server with too much to do.
        (_, "55P03" | "57014" | "40001" | "40P01") | ("53", _) => Error::Busy { place },
        ("23", _) => Error::Conflict {
            place: format!("A row in {place} ({source})"),
        },
        // 25P03 and 57P05: the server ended a session that was silent for too long.
        (_, "57P01" | "57P02" | "57P03" | "57P05" | "25P03") | ("08", _) => {
            Error::Unreachable { place, source }
        }
        (_, "XX001" | "XX002") => Error::Damaged { place, source },
        ("58", _) => Error::Io { place, source },
        // PostgreSQL keeps no U+0000 in a text, SQLite does.
        (_, "22021") => Error::invalid(format!(
            "{place} cannot keep a text with the character U+0000 in it; leave that character out"
        )),
        _ => Error::Statement { place, source },
    }
}

/// Tells whether the tables changed under a statement this connection had prepared.
///
/// By the name of the server's routine, because the message may be in any language.
pub(super) fn plan_is_stale(error: &sqlx::Error) -> bool {
    server_said(error)
        .is_some_and(|e| e.code() == "0A000" && e.routine() == Some("RevalidateCachedQuery"))
}

/// Tells whether a transaction that writes was refused because the server only follows another one.
///
/// Every other refusal to write has a state of its own.
fn takes_no_writers(error: &sqlx::Error) -> bool {
    server_said(error)
        .is_some_and(|e| e.code() == "0A000" && e.routine() == Some("call_bool_check_hook"))
}

/// Finds what a PostgreSQL server itself said.
pub(super) fn server_said(error: &sqlx::Error) -> Option<&PgDatabaseError> {
    error
        .as_database_error()?
        .try_downcast_ref::<PgDatabaseError>()
}
