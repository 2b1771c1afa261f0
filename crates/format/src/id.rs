//! Names that machines give: ids, subjects, digests (format.md §1, §3).

mod digest;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

pub use digest::{Blake3, Digests, HexError, Sha256};
pub(crate) use digest::{hex, unhex};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const CHARACTERS: usize = 12;

/// Says that a text is not the id that was expected.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{text:?} is not {expected}; copy the id as it was printed")]
pub struct IdError {
    text: String,
    expected: &'static str,
}

/// Writes `Serialize` and `Deserialize` as the string that `Display` and `FromStr` agree on.
macro_rules! serde_as_text {
    ($($name:ty),*) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
pub(crate) use serde_as_text;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $letter:literal $expected:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// Makes an id of the first 60 of these random bits.
            pub fn from_random(bytes: [u8; 8]) -> Self {
                Self(u64::from_be_bytes(bytes) >> 4)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_id(f, $letter, self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let refused = || IdError { text: text.to_owned(), expected: $expected };
                read_id($letter, text).map(Self).ok_or_else(refused)
            }
        }

        serde_as_text!($name);
    )*};
}

ids! {
    /// Names one item: `i-` and 12 characters.
    ItemId 'i' "an item id (i- and 12 characters)";
    /// Names one session of collecting: `s-` and 12 characters.
    SessionId 's' "a session id (s- and 12 characters)";
    /// Names one dossier: `d-` and 12 characters.
    DossierId 'd' "a dossier id (d- and 12 characters)";
    /// Names one person who acts in the archive: `p-` and 12 characters.
    PersonId 'p' "a person id (p- and 12 characters)";
}

/// Says what an entry is about; entries about one subject form a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The archive as a whole, written `archive`.
    Archive,
    /// One item.
    Item(ItemId),
    /// One session.
    Session(SessionId),
    /// One dossier.
    Dossier(DossierId),
    /// One person.
    Person(PersonId),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Archive => f.write_str("archive"),
            Self::Item(id) => id.fmt(f),
            Self::Session(id) => id.fmt(f),
            Self::Dossier(id) => id.fmt(f),
            Self::Person(id) => id.fmt(f),
        }
    }
}

impl FromStr for Subject {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.as_bytes().first() {
            Some(b'i') => text.parse().map(Self::Item),
            Some(b's') => text.parse().map(Self::Session),
            Some(b'd') => text.parse().map(Self::Dossier),
            Some(b'p') => text.parse().map(Self::Person),
            _ if text == "archive" => Ok(Self::Archive),
            _ => {
                let expected = "a subject (an item, session, dossier or person id, or archive)";
                Err(IdError {
                    text: text.to_owned(),
                    expected,
                })
            }
        }
    }
}

serde_as_text!(Subject);

fn write_id(f: &mut fmt::Formatter<'_>, letter: char, bits: u64) -> fmt::Result {
    let mut text = String::with_capacity(CHARACTERS + 2);
    text.push(letter);
    text.push('-');
    for place in (0..CHARACTERS).rev() {
        let five = (bits >> (place * 5)) & 31;
        let at = usize::try_from(five).expect("five bits fit a usize");
        text.push(char::from(ALPHABET[at]));
    }
    f.pad(&text)
}

fn read_id(letter: char, text: &str) -> Option<u64> {
    let digits = text.strip_prefix(letter)?.strip_prefix('-')?.as_bytes();
    if digits.len() != CHARACTERS {
        return None;
    }
    digits.iter().try_fold(0_u64, |bits, digit| {
        let five = ALPHABET.iter().position(|character| character == digit)?;
        Some(bits << 5 | u64::try_from(five).ok()?)
    })
}
