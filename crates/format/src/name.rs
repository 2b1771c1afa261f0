//! File names and paths, which may be any bytes (format.md §1).

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Holds a name byte for byte; written as text where it is UTF-8, else as base64url.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BytesName(pub Vec<u8>);

impl BytesName {
    /// Returns the name for reading, with a replacement sign for what is not UTF-8.
    pub fn lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    /// Returns the name exactly as it was.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<&str> for BytesName {
    fn from(name: &str) -> Self {
        Self(name.as_bytes().to_vec())
    }
}

impl From<&[u8]> for BytesName {
    fn from(name: &[u8]) -> Self {
        Self(name.to_vec())
    }
}

impl Serialize for BytesName {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if let Ok(text) = std::str::from_utf8(&self.0) {
            return to.serialize_str(text);
        }
        let mut object = to.serialize_map(Some(1))?;
        object.serialize_entry("b64", &URL_SAFE_NO_PAD.encode(&self.0))?;
        object.end()
    }
}

impl<'de> Deserialize<'de> for BytesName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Form)
    }
}

struct Form;

impl<'de> Visitor<'de> for Form {
    type Value = BytesName;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name as text, or {\"b64\": …} when it is not UTF-8")
    }

    fn visit_str<E>(self, text: &str) -> Result<BytesName, E> {
        Ok(text.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<BytesName, A::Error> {
        let Some((member, text)) = from.next_entry::<String, String>()? else {
            return Err(A::Error::custom("the name has no b64 member"));
        };
        if member != "b64" || from.next_key::<String>()?.is_some() {
            return Err(A::Error::custom("the name has members other than b64"));
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(A::Error::custom)?;
        // One name, one spelling: else two entries about the same file would differ.
        if std::str::from_utf8(&bytes).is_ok() {
            return Err(A::Error::custom(
                "the name is UTF-8 and must be written as text",
            ));
        }
        Ok(BytesName(bytes))
    }
}
