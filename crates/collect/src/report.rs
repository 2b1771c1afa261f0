//! What is said about each file, and about the run.

use format::id::{ItemId, Sha256};
use serde::Serialize;

/// What became of one named file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Kept, recorded and covered by a signed checkpoint.
    Preserved,
    /// The same bytes from the same source and path are an item already.
    Known,
    /// Not taken; the reason says why.
    Refused,
    /// Would be taken; only said when nothing is kept.
    #[serde(rename = "would_add")]
    Planned,
}

/// One line of the result: a receipt when the outcome is preserved.
#[derive(Debug, Clone)]
pub struct Line {
    /// The item; none when refused.
    pub id: Option<ItemId>,
    /// SHA-256 of the bytes; none when refused.
    pub sha256: Option<Sha256>,
    /// How many bytes.
    pub bytes: u64,
    /// The path as named, in its own bytes.
    pub path: Vec<u8>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was refused, or what is worth saying.
    pub reason: Option<String>,
}

/// The run in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// New items.
    pub preserved: u64,
    /// Items that were there already.
    pub known: u64,
    /// Files not taken.
    pub refused: u64,
    /// Files that would be new items, when nothing is kept.
    pub would_add: u64,
    /// Bytes of new items, or of what would be.
    pub bytes: u64,
    /// Whether the run was stopped before its end; running it again goes on.
    pub stopped: bool,
}

impl Summary {
    pub(crate) fn count(&mut self, line: &Line) {
        match line.outcome {
            Outcome::Preserved => {
                self.preserved += 1;
                self.bytes += line.bytes;
            }
            Outcome::Planned => {
                self.would_add += 1;
                self.bytes += line.bytes;
            }
            Outcome::Known => self.known += 1,
            Outcome::Refused => self.refused += 1,
        }
    }
}

/// What a run tells while it goes on.
#[derive(Debug)]
pub enum Event<'a> {
    /// A file is done; for a preserved one this is only told once it is covered.
    Line(&'a Line),
    /// Files and bytes read so far, files found so far, whether the walk is over.
    Progress {
        /// Files read.
        files: u64,
        /// Bytes read.
        bytes: u64,
        /// Files found.
        found: u64,
        /// Whether all files have been found.
        all_found: bool,
    },
}
