//! What a check can find wrong, each with a code that stays the same for ever.

use std::fmt;

use serde::Serialize;

/// Names one class of damage; the text form is stable and may be relied upon by other programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each name is the documented code")]
pub enum Code {
    // The whole
    NotADossier,
    TooLarge,
    TooManyFiles,
    NotAFile,
    Unreadable,
    // Paths
    EmptyPath,
    LongPath,
    AbsolutePath,
    HomePath,
    DrivePath,
    ClimbingPath,
    DotPath,
    EmptySegment,
    BackslashPath,
    ControlPath,
    PercentPath,
    OddPath,
    DuplicatePath,
    CollidingPath,
    // Bag
    BadBagitTxt,
    BadBagInfo,
    MissingManifest,
    BadManifest,
    OutsidePayload,
    MissingFile,
    ExtraFile,
    WrongLength,
    WrongDigest,
    WrongOxum,
    FetchFile,
    WeakDigest,
    // Checkpoint and time
    BadCheckpoint,
    UnknownLog,
    QuorumUnmet,
    BadTimestamp,
    // Inclusion
    StaleCheckpoint,
    BadProof,
    SwappedProof,
    MissingProof,
    ExtraProof,
    // Entries
    BadEntry,
    BadFounded,
    WrongOrigin,
    WrongSeal,
    BrokenChain,
    MissingEntry,
    ExtraEntry,
    WithheldDiffers,
    EvidenceDiffers,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fault {
    /// The stable code.
    pub code: Code,
    /// The file of the dossier it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The line in that file, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The item it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// The log index of the entry it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// One plain sentence without its full stop.
    pub detail: String,
}

impl Fault {
    /// States a fault that belongs to no single file.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            path: None,
            line: None,
            item: None,
            index: None,
            detail: detail.into(),
        }
    }

    /// Adds the file; control and direction characters are made visible.
    #[must_use]
    pub fn at(mut self, path: &str) -> Self {
        self.path = Some(super::visible(path));
        self
    }

    /// Adds the line of the file.
    #[must_use]
    pub fn line(mut self, number: usize) -> Self {
        self.line = Some(number);
        self
    }

    /// Adds the item.
    #[must_use]
    pub fn item(mut self, item: impl fmt::Display) -> Self {
        self.item = Some(item.to_string());
        self
    }

    /// Adds the log index.
    #[must_use]
    pub fn index(mut self, index: u64) -> Self {
        self.index = Some(index);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{path}")?;
            if let Some(line) = self.line {
                write!(f, ", line {line}")?;
            }
            write!(f, ": ")?;
        }
        write!(f, "{}", self.detail)
    }
}
