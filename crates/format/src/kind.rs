//! Kinds of entries and their typed fields (format.md §3, §4). Kinds are for ever: add, never change.

mod common;
mod list;
mod parts;

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::json::Value;

pub use common::{Chain, Common};
pub use list::{
    Checked, Collected, DossierItemAdded, DossierOpened, DossierSealed, Exported, Founded, Kind,
    NAMES, NotCollected, PersonAdded, SessionEnded, SessionNoted, SessionStarted,
};
pub use parts::{
    Content, Damage, FileFacts, Head, Keys, Level, Media, Reason, Recognised, Withheld,
};

/// Says why shown fields are not what their kind says they are.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KindError {
    /// The field `kind` is withheld, so the body cannot be read.
    #[error("The kind of the entry is withheld; read its fields one by one")]
    Withheld,
    /// The kind is not one of this version.
    #[error("The kind {0:?} is not known here; check it with a newer Holdfast")]
    Unknown(String),
    /// A shown field has a value that its kind does not allow.
    #[error("The field {field:?} is not as its kind says ({why}); treat the entry as not ours")]
    Field {
        /// Name of the field.
        field: &'static str,
        /// What is wrong with its value.
        why: String,
    },
}

/// Reads one shown field; `None` when it is withheld or was left out.
fn take<T: DeserializeOwned>(
    fields: &BTreeMap<String, Value>,
    field: &'static str,
) -> Result<Option<T>, KindError> {
    let Some(value) = fields.get(field) else {
        return Ok(None);
    };
    match T::deserialize(value) {
        Ok(value) => Ok(Some(value)),
        Err(why) => Err(KindError::Field {
            field,
            why: why.to_string(),
        }),
    }
}

/// Adds one field to a body, unless it is absent.
fn put<T: Serialize>(body: &mut Vec<(String, Value)>, field: &str, value: Option<&T>) {
    if let Some(value) = value {
        let value = serde_json::to_value(value).expect("fields have text names and no floats");
        body.push((field.to_owned(), value));
    }
}
