//! Strict JSON (format.md §1): what two readers could read differently is refused.

mod scan;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use thiserror::Error;

pub use serde_json::{Map, Value};

/// Levels of arrays and objects that strict JSON may have.
pub const LEVELS: usize = 16;
/// Every integer of strict JSON is smaller than this in magnitude.
pub const INTEGER_LIMIT: u64 = 1 << 53;

/// Says which rule of strict JSON a text breaks.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum JsonError {
    /// The bytes are not UTF-8.
    #[error("The JSON is not UTF-8; write it as UTF-8")]
    NotUtf8,
    /// A byte order mark stands first.
    #[error("The JSON begins with a byte order mark; leave it out")]
    ByteOrderMark,
    /// One object names a member twice.
    #[error("The JSON names the member {0:?} twice in one object; keep one")]
    NameTwice(String),
    /// A number has a fraction or an exponent.
    #[error("The JSON has a number with a fraction or an exponent; write an integer")]
    NotInteger,
    /// An integer is 2^53 or more in magnitude.
    #[error("The JSON has an integer of 2^53 or more in magnitude; write it as a string")]
    TooBig,
    /// Arrays and objects are nested more than 16 levels deep.
    #[error("The JSON is more than 16 levels deep; make it flatter")]
    TooDeep,
    /// Something other than white space follows the value.
    #[error("The JSON has bytes after its one value; remove them")]
    Trailing,
    /// An escape names half of a surrogate pair.
    #[error("The JSON has an escape for half a surrogate pair; write the whole character")]
    LoneSurrogate,
    /// The text is not JSON at all.
    #[error("This is not JSON from line {line}, column {column}; check the text there")]
    Syntax {
        /// Line of the first byte that does not fit, from 1.
        line: usize,
        /// Column of that byte.
        column: usize,
    },
}

/// Reads one strict JSON value and refuses everything else, each for its own reason.
pub fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
        return Err(JsonError::ByteOrderMark);
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(JsonError::NotUtf8);
    };
    scan::scan(bytes)?;
    let twice = RefCell::new(None);
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Strict { twice: &twice }.deserialize(&mut reader);
    if let Some(name) = twice.into_inner() {
        return Err(JsonError::NameTwice(name));
    }
    let value = value.map_err(|error| syntax(&error))?;
    reader.end().or(Err(JsonError::Trailing))?;
    Ok(value)
}

/// Checks that a value, written as JSON, would be read again by [`parse`] within `levels` levels.
pub fn check(value: &Value, levels: usize) -> Result<(), JsonError> {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(n), _) if n < INTEGER_LIMIT => Ok(()),
            (_, Some(n)) if n.unsigned_abs() < INTEGER_LIMIT => Ok(()),
            (None, None) => Err(JsonError::NotInteger),
            _ => Err(JsonError::TooBig),
        },
        Value::Array(_) | Value::Object(_) if levels == 0 => Err(JsonError::TooDeep),
        Value::Array(inner) => inner.iter().try_for_each(|v| check(v, levels - 1)),
        Value::Object(inner) => inner.values().try_for_each(|v| check(v, levels - 1)),
    }
}

fn syntax(error: &serde_json::Error) -> JsonError {
    JsonError::Syntax {
        line: error.line(),
        column: error.column(),
    }
}

/// Builds a `Value` and notes a name given twice, which `serde_json` alone would overwrite.
#[derive(Clone, Copy)]
struct Strict<'a> {
    twice: &'a RefCell<Option<String>>,
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    /// The scan has refused every other float: `-0` is the one integer that comes as one.
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        if value == 0.0 {
            Ok(0_u64.into())
        } else {
            Err(E::custom("a float"))
        }
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = from.next_element_seed(self)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = from.next_key::<String>()? {
            if members.contains_key(&name) {
                self.twice.replace(Some(name));
                return Err(A::Error::custom("a name given twice"));
            }
            let value = from.next_value_seed(self)?;
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}
