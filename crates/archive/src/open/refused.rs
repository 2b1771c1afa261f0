//! What it means for whoever opens an archive that its database or its bucket does not let them in, or is not there.

use crate::error::{Error, Why};
use crate::place::SECRETS;

/// The database as `holdfast.toml` or a command names it.
pub(crate) fn by_database(e: store::Error, with_password: bool) -> Error {
    let next = match &e {
        store::Error::NotFound { .. } => {
            "Look at the name of the database. A new archive needs an empty one, which whoever runs the server makes; if it was lost, make it again and run `holdfast rebuild`".to_owned()
        }
        e if e.is_refusal() && with_password => format!(
            "Look at the user, and at the password given for it: HOLDFAST_ROWS_PASSWORD, or rows_password in {SECRETS}"
        ),
        e if e.is_refusal() => format!(
            "No password was given: set HOLDFAST_ROWS_PASSWORD, or write rows_password into {SECRETS}; and look at the user"
        ),
        _ => return e.into(),
    };
    named(e).next(next)
}

/// The bucket, at the first thing asked of it.
pub(crate) fn by_bucket(e: store::Error) -> Error {
    let next = match &e {
        store::Error::NotFound { .. } => {
            "Look at the name of the bucket and at the address of the object store; whoever runs the store makes a bucket".to_owned()
        }
        e if e.is_refusal() => format!(
            "Look at the access key and its secret (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or {SECRETS}), and whether this key may read and write in the bucket"
        ),
        _ => return e.into(),
    };
    named(e).next(next)
}

/// What is not there when an archive is opened is the place itself, not a part that was lost.
fn named(e: store::Error) -> Error {
    let absent = matches!(e, store::Error::NotFound { .. });
    let mut e = Error::from(e);
    if absent {
        e.why = Why::NoArchive;
    }
    e
}
