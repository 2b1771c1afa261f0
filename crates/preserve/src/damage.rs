//! One piece of damage, in words that name it.

use serde::{Deserialize, Serialize};

/// Where damage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The file `HOLDFAST`.
    Home,
    /// A signing key.
    Key,
    /// The signed checkpoint.
    Checkpoint,
    /// A hash tile.
    Tile,
    /// An entry bundle.
    Bundle,
    /// The disclosures of an entry bundle.
    Disclosures,
    /// An entry that does not fit the others.
    Entry,
    /// Entries not yet covered.
    Tail,
    /// An original.
    Original,
    /// The BLAKE3 tree of an original.
    Tree,
    /// The rows; they can be rebuilt.
    Views,
}

impl Place {
    /// The word kept in entries and shown to people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Key => "key",
            Self::Checkpoint => "checkpoint",
            Self::Tile => "tile",
            Self::Bundle => "bundle",
            Self::Disclosures => "disclosures",
            Self::Entry => "entry",
            Self::Tail => "tail",
            Self::Original => "original",
            Self::Tree => "tree",
            Self::Views => "views",
        }
    }
}

/// Something stored is not what was stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Damage {
    /// What kind of thing.
    pub place: Place,
    /// The file, relative to the archive's folder.
    pub name: String,
    /// What is wrong.
    pub detail: String,
    /// Which 1 MiB pieces, counted from 0, when that is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chunks: Vec<u64>,
    /// Items it touches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<String>,
    /// Dossiers those items were chosen for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dossiers: Vec<String>,
    /// Whether it can be made again from what is intact.
    pub recomputable: bool,
}

impl Damage {
    pub(crate) fn new(place: Place, name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            place,
            name: name.into(),
            detail: detail.into(),
            chunks: Vec::new(),
            items: Vec::new(),
            dossiers: Vec::new(),
            recomputable: matches!(place, Place::Tile | Place::Tree | Place::Views),
        }
    }
}
