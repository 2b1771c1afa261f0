//! Digests as typed values, written in lower-case hex.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::serde_as_text;

/// Says that a text is not 32 bytes in lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not 64 lower-case hex digits; copy the digest whole")]
pub struct HexError(pub(crate) String);

macro_rules! digests {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 32]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&hex(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self)
            }
        }

        impl FromStr for $name {
            type Err = HexError;

            fn from_str(text: &str) -> Result<Self, HexError> {
                unhex(text).map(Self)
            }
        }

        serde_as_text!($name);
    )*};
}

digests! {
    /// Holds a SHA-256 digest, written as 64 lower-case hex digits.
    Sha256;
    /// Holds a BLAKE3 digest, written as 64 lower-case hex digits.
    Blake3;
}

/// Holds what an original is known by: two digests of two families and its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Digests {
    /// SHA-256 of the whole original: its public name.
    pub sha256: Sha256,
    /// BLAKE3 of the whole original.
    pub blake3: Blake3,
    /// Length in bytes.
    pub bytes: u64,
}

/// Writes bytes as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(half)]));
        }
    }
    text
}

/// Reads exactly 32 bytes of lower-case hex.
pub(crate) fn unhex(text: &str) -> Result<[u8; 32], HexError> {
    read(text.as_bytes()).ok_or_else(|| HexError(text.to_owned()))
}

fn read(text: &[u8]) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        for &digit in pair {
            let half = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'f' => digit - b'a' + 10,
                _ => return None,
            };
            *byte = *byte << 4 | half;
        }
    }
    Some(bytes)
}
