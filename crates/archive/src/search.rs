//! The search index: a rebuildable view over items, with its own position.
//!
//! It follows the log; a slow index never blocks a write, and a lost one is
//! made anew by reading the log again from 0. It holds names and texts in
//! clear, so whoever feeds it hands over **nothing Sealed, ever**, and calls
//! [`Index::forget`] when the text of an item is erased.
//!
//! - Words: ICU borders, one folded spelling, light stems for Ukrainian,
//!   Russian, English and Arabic beside the exact form. Other scripts are
//!   found by their folded form.
//! - Order: by whole numbers that depend on the question and the document
//!   alone, then newest first, so that nothing outside a scope moves anything
//!   inside it (see `rank`).

mod ask;
mod find;
mod fold;
pub(crate) mod follow;
mod index;
mod query;
mod rank;
mod schema;
mod snippet;
mod stem;
mod words;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

pub use index::Index;

/// The most text of one document that is indexed, in bytes; the rest is left out.
pub const TEXT_BYTES: usize = 4 * 1024 * 1024;

/// The most of a name, path or source that is indexed, in bytes.
pub const NAME_BYTES: usize = 64 * 1024;

/// What the index knows of one item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Doc {
    /// The log number of the item; adding it again replaces the document.
    pub seq: u64,
    /// The id of the item.
    pub item: String,
    /// The compartment it is in.
    pub compartment: String,
    /// The level within the compartment.
    pub level: u8,
    /// The file name or title.
    pub name: String,
    /// The folder it lay in.
    pub path: String,
    /// Where it comes from, in words.
    pub source: String,
    /// The text in it.
    pub text: String,
    /// The SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// Its media type.
    pub media: String,
    /// When it was collected, in microseconds since 1970.
    pub collected_at: i64,
}

/// What the asker may see: compartments, each with the highest level.
///
/// A document outside it adds to no count, no order and no snippet; an empty
/// scope finds nothing.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// Compartment and highest level.
    pub compartments: &'a [(String, u8)],
}

/// One page of what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// How many documents inside the scope match, on all pages.
    pub total: usize,
    /// The documents of this page, best first.
    pub hits: Vec<Hit>,
}

/// One document that matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The log number of the item.
    pub seq: u64,
    /// The id of the item.
    pub item: String,
    /// What it is ordered by: depends on the question and this document alone.
    pub score_rank: u32,
    /// The field that holds most of the question.
    pub field: Field,
    /// An extract of that field, in pieces; plain text, as stored.
    pub snippet: Vec<Piece>,
}

/// The field of a document in which a question was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The id of the item.
    Item,
    /// The SHA-256.
    Sha256,
    /// The file name or title.
    Name,
    /// Where it comes from.
    Source,
    /// The folder it lay in.
    Path,
    /// The text in it.
    Text,
}

/// A stretch of a snippet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The stored characters, control and direction characters included.
    pub text: String,
    /// Whether the question asked for this.
    pub marked: bool,
}

/// Why the index cannot answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing to look for.
    #[error("The search holds no word; write a word, a phrase in quotes, a hash or an item id")]
    Empty,
    /// Everything minus something.
    #[error("The search only excludes; add at least one word to look for, without a minus")]
    OnlyExclusions,
    /// A phrase without an end.
    #[error(
        "The search has a quotation mark that is not closed; write \"the exact phrase\" between two marks, with a space after the second"
    )]
    UnclosedQuote,
    /// OR at a border.
    #[error(
        "OR needs a word on each side; write one OR two, or put \"OR\" in quotes to look for it"
    )]
    LooseOr,
    /// A star after next to nothing.
    #[error("The star needs more before it; write at least two letters, as in ho*")]
    ShortPrefix,
    /// More than anybody types.
    #[error("The search is too long; use at most 2,000 characters and 128 words")]
    TooLong,
    /// Somebody else writes.
    #[error("The search index {} is being written by another process; stop it or wait, then try again", .0.display())]
    Busy(PathBuf),
    /// A position that was passed already.
    #[error(
        "The search index has read the log up to {known} and cannot go back to {asked}; reset it to read again from the start"
    )]
    Backwards {
        /// The position of the index.
        known: u64,
        /// The position that was given.
        asked: u64,
    },
    /// The file system says no.
    #[error("The search index {} cannot be opened; check that the folder exists and may be written", .folder.display())]
    Folder {
        /// The folder of the index.
        folder: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Anything the engine reports.
    #[error(
        "The search index failed ({0}); check the space on the disk, or delete the index folder to have it made anew"
    )]
    Engine(#[from] tantivy::TantivyError),
}

impl Error {
    /// Tells whether the question is at fault, so that rewriting it helps.
    #[must_use]
    pub const fn is_about_the_query(&self) -> bool {
        matches!(
            self,
            Self::Empty
                | Self::OnlyExclusions
                | Self::UnclosedQuote
                | Self::LooseOr
                | Self::ShortPrefix
                | Self::TooLong
        )
    }
}

/// What this module returns.
pub type Result<T> = std::result::Result<T, Error>;
