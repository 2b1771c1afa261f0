//! One field of an entry with its salt, as RFC 9901 §4.2.1 writes it (format.md §2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::entry::EntryError;
use crate::json::{self, Value};

/// Levels left for a value inside the array `[salt, name, value]`.
const VALUE_LEVELS: usize = json::LEVELS - 1;

/// Holds one shown field; `text` is what was hashed, name and value are what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Disclosure {
    /// The base64url text, exactly as made or received.
    pub text: String,
    /// Name of the field.
    pub name: String,
    /// Value of the field.
    pub value: Value,
}

impl Disclosure {
    /// Makes the disclosure of one field; the salt must be fresh random bytes for each field.
    pub fn make(salt: [u8; 16], name: &str, value: Value) -> Result<Self, EntryError> {
        check_name(name)?;
        json::check(&value, VALUE_LEVELS).map_err(|why| EntryError::Value {
            field: name.to_owned(),
            why,
        })?;
        check_members(name, &value)?;
        let mut json = Vec::with_capacity(96);
        json.extend_from_slice(b"[\"");
        json.extend_from_slice(URL_SAFE_NO_PAD.encode(salt).as_bytes());
        json.extend_from_slice(b"\",");
        serde_json::to_writer(&mut json, name).expect("text is always JSON");
        json.push(b',');
        serde_json::to_writer(&mut json, &value).expect("a value is always JSON");
        json.push(b']');
        Ok(Self {
            text: URL_SAFE_NO_PAD.encode(json),
            name: name.to_owned(),
            value,
        })
    }

    /// Reads a disclosure strictly; whether a record names its digest is not checked here.
    pub fn parse(text: &str) -> Result<Self, EntryError> {
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .or(Err(EntryError::DisclosureBase64))?;
        let json = json::parse(&bytes).map_err(EntryError::DisclosureJson)?;
        let Value::Array(parts) = json else {
            return Err(EntryError::DisclosureShape);
        };
        let Ok([Value::String(salt), Value::String(name), value]) = <[Value; 3]>::try_from(parts)
        else {
            return Err(EntryError::DisclosureShape);
        };
        let salt = URL_SAFE_NO_PAD.decode(salt).or(Err(EntryError::Salt))?;
        if salt.len() != 16 {
            return Err(EntryError::Salt);
        }
        check_name(&name)?;
        check_members(&name, &value)?;
        Ok(Self {
            text: text.to_owned(),
            name,
            value,
        })
    }

    /// Returns the digest that the record holds in its place.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.text.as_bytes()).into()
    }
}

fn check_name(name: &str) -> Result<(), EntryError> {
    match name {
        "_sd" | "..." | "_sd_alg" | "iss" | "v" => Err(EntryError::ReservedName(name.to_owned())),
        _ => Ok(()),
    }
}

/// Refuses disclosures inside disclosures, which another reader might expand and this one would not.
fn check_members(field: &str, value: &Value) -> Result<(), EntryError> {
    match value {
        Value::Array(inner) => inner.iter().try_for_each(|v| check_members(field, v)),
        Value::Object(inner) => inner.iter().try_for_each(|(name, v)| match name.as_str() {
            "_sd" | "..." => Err(EntryError::Nested(field.to_owned())),
            _ => check_members(field, v),
        }),
        _ => Ok(()),
    }
}
