//! Paths of tiles and bundles: one spelling each, three digits per folder.

use std::fmt;
use std::str::FromStr;

use super::{BundleId, TileError, TileId, WIDTH};
use crate::log::decimal;

const ENTRIES: &str = "tile/entries/";
const DISCLOSURES: &str = "disclosures/";

impl BundleId {
    /// The path of the records, below `log/`.
    #[must_use]
    pub fn entries_path(self) -> String {
        format!("{ENTRIES}{}", Number(self.index, self.width))
    }

    /// The path of the disclosures, below the archive folder.
    #[must_use]
    pub fn disclosures_path(self) -> String {
        format!("{DISCLOSURES}{}", Number(self.index, self.width))
    }

    /// Reads the path of the records; refuses every other spelling.
    pub fn parse_entries(path: &str) -> Result<Self, TileError> {
        parse_bundle(path, ENTRIES)
    }

    /// Reads the path of the disclosures; refuses every other spelling.
    pub fn parse_disclosures(path: &str) -> Result<Self, TileError> {
        parse_bundle(path, DISCLOSURES)
    }
}

fn parse_bundle(path: &str, folder: &str) -> Result<BundleId, TileError> {
    let number = path.strip_prefix(folder).and_then(number);
    let bundle = number.and_then(|(index, width)| BundleId::new(index, width));
    bundle.ok_or_else(|| TileError::Path(path.to_owned()))
}

impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/{}", self.level, Number(self.index, self.width))
    }
}

impl FromStr for TileId {
    type Err = TileError;

    fn from_str(path: &str) -> Result<Self, TileError> {
        parse_tile(path).ok_or_else(|| TileError::Path(path.to_owned()))
    }
}

fn parse_tile(path: &str) -> Option<TileId> {
    let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
    let (index, width) = number(rest)?;
    TileId::new(u8::try_from(decimal(level)?).ok()?, index, width)
}

/// An index and a width, shown as `x001/x234/067.p/17`.
struct Number(u64, u16);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(index, width) = *self;
        let mut folders = Vec::new();
        let mut above = index / 1000;
        while above > 0 {
            folders.push(above % 1000);
            above /= 1000;
        }
        folders
            .iter()
            .rev()
            .try_for_each(|part| write!(f, "x{part:03}/"))?;
        write!(f, "{:03}", index % 1000)?;
        if width < WIDTH {
            write!(f, ".p/{width}")?;
        }
        Ok(())
    }
}

fn number(text: &str) -> Option<(u64, u16)> {
    let (digits, width) = match text.split_once(".p/") {
        Some((digits, width)) => (digits, u16::try_from(decimal(width)?).ok()?),
        None => (text, WIDTH),
    };
    let mut index: u64 = 0;
    for part in digits.split('/') {
        let part = part.strip_prefix('x').unwrap_or(part);
        let value = part
            .bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| part.parse::<u64>());
        index = index.checked_mul(1000)?.checked_add(value?.ok()?)?;
    }
    // Only the one right spelling comes out the same when it is written again.
    (Number(index, width).to_string() == text).then_some((index, width))
}
