//! Names of objects, safe as paths and as keys.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// The folder of temporary objects, which no name may enter.
pub(super) const INCOMING: &str = "incoming";

/// Names one object: `a-z 0-9 . _ -` in parts divided by `/`, none empty or beginning with a dot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// Checks a name; `incoming/` is refused, as are parts over 200 and names over 900 characters.
    pub fn new(name: impl Into<String>) -> Result<Self> {
        let name = name.into();
        let good = |part: &str| {
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
            (1..=200).contains(&part.len()) && !part.starts_with('.') && part.bytes().all(plain)
        };
        if name.len() <= 900
            && name.split('/').all(good)
            && name.split('/').next() != Some(INCOMING)
        {
            Ok(Self(name))
        } else {
            Err(Error::invalid(format!(
                "{name:?} cannot name an object; use a-z, 0-9, '.', '_', '-' and '/', no part empty, hidden or 'incoming' first"
            )))
        }
    }

    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether the object loses its write permission when placed.
    pub(super) fn is_original(&self) -> bool {
        self.0.starts_with("originals/")
    }
}

impl FromStr for Name {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::new(name)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
