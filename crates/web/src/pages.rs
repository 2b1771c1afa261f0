//! One file per page: what it shows, the form it takes, its handlers.

use crate::text::{Evidence, Moment};

pub(crate) mod after;
pub mod dossier;
pub(crate) mod file;
pub mod health;
pub mod inbox;
pub mod item;
pub mod jobs;
pub mod log;
pub mod look;
pub mod probe;
pub mod search;
pub mod share;
pub mod sign_in;
pub mod stylesheet;
pub(crate) mod words;

/// How hard a thing is to look at; until somebody says, it is treated as unknown and veiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sensitivity {
    /// Nobody has said.
    Unknown,
    /// Nothing distressing.
    None,
    /// Distressing.
    Distressing,
    /// Graphic.
    Graphic,
    /// Extreme.
    Extreme,
}

impl Sensitivity {
    /// The word shown in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::None => "none",
            Self::Distressing => "distressing",
            Self::Graphic => "graphic",
            Self::Extreme => "extreme",
        }
    }

    /// The words that come before any picture.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Unknown => "sensitivity not yet set: treat as graphic",
            Self::None => "marked as not distressing",
            Self::Distressing => "marked distressing",
            Self::Graphic => "marked graphic",
            Self::Extreme => "marked extreme",
        }
    }
}

/// What is known about the stored bytes of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fixity {
    /// The digest matched.
    Intact {
        /// When, with zone.
        checked: Moment,
    },
    /// It is there in its full length; its bytes were not read again.
    Present {
        /// When, with zone.
        checked: Moment,
    },
    /// No check has looked at it since it was stored.
    NotChecked,
    /// The digest did not match, or the bytes are missing.
    Damaged {
        /// What was found.
        what: Evidence,
    },
}

impl Fixity {
    /// Says whether a check found the bytes whole.
    pub const fn is_intact(&self) -> bool {
        matches!(self, Self::Intact { .. })
    }

    /// Says whether a check found damage.
    pub const fn is_damaged(&self) -> bool {
        matches!(self, Self::Damaged { .. })
    }
}

/// Where the newer and the older part of a long table is.
#[derive(Clone, Debug, Default)]
pub struct Paging {
    /// The newest part, unless this is it.
    pub newer: Option<String>,
    /// The next older part, if any.
    pub older: Option<String>,
}
