//! Proof files (C2SP tlog-proof): an index, an inclusion proof and the checkpoint it leads to.

use std::fmt;

use super::checkpoint::{Checkpoint, CheckpointError};
use super::hash::{Hash, leaf};
use super::note::{MAX_NOTE_BYTES, Note, VerifierKey};
use super::tree::{TreeError, verify_inclusion};
use super::{MAX_SIZE, decimal};

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// A tree of fewer than 2^63 records has no longer way to its root.
const MAX_HASHES: usize = 63;

/// A proof that a record is in a log, parsed but not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    index: u64,
    hashes: Vec<Hash>,
    checkpoint: String,
}

/// Says why a proof file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The file is longer than any proof can be, or not text.
    #[error("The proof is not text of a sensible length; fetch it again")]
    NotText,
    /// The first line is not that of a proof file.
    #[error("The first line must be {HEADER}; give a .tlog-proof file")]
    Header,
    /// There is an `extra` line.
    #[error(
        "The proof has an extra line, which nothing authenticates and this format does not allow"
    )]
    Extra,
    /// The index line is missing or not a plain decimal.
    #[error("The proof has no index line with a decimal without leading zeros; fetch it again")]
    Index,
    /// A line is not a hash.
    #[error("Line {0} of the proof is not the base64 of a hash; fetch it again")]
    Hash(usize),
    /// There are more than 63 hashes.
    #[error("The proof has more than {MAX_HASHES} hashes; fetch it again")]
    TooManyHashes,
    /// There is no checkpoint after an empty line.
    #[error("The proof ends before its checkpoint; fetch it again")]
    NoCheckpoint,
    /// The checkpoint is refused.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The record is not shown to be in the log.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

impl Proof {
    /// Puts a proof together; `checkpoint` is the whole signed note, kept as it is.
    pub fn new(index: u64, hashes: Vec<Hash>, checkpoint: &str) -> Result<Self, ProofError> {
        if index > MAX_SIZE {
            return Err(ProofError::Index);
        }
        if hashes.len() > MAX_HASHES {
            return Err(ProofError::TooManyHashes);
        }
        Note::parse(checkpoint.as_bytes()).map_err(CheckpointError::from)?;
        Ok(Self {
            index,
            hashes,
            checkpoint: checkpoint.to_owned(),
        })
    }

    /// Parses a proof file strictly; says nothing about the record.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofError> {
        if bytes.len() > MAX_NOTE_BYTES + 8192 {
            return Err(ProofError::NotText);
        }
        let text = str::from_utf8(bytes).map_err(|_bad| ProofError::NotText)?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(ProofError::NoCheckpoint)?;
        let mut lines = head.split('\n');
        if lines.next() != Some(HEADER) {
            return Err(ProofError::Header);
        }
        let second = lines.next().ok_or(ProofError::Index)?;
        if second.starts_with("extra ") {
            return Err(ProofError::Extra);
        }
        let index = second
            .strip_prefix("index ")
            .and_then(decimal)
            .ok_or(ProofError::Index)?;
        let mut hashes = Vec::new();
        for (number, line) in (3..).zip(lines) {
            if hashes.len() == MAX_HASHES {
                return Err(ProofError::TooManyHashes);
            }
            hashes.push(Hash::from_base64(line).map_err(|_bad| ProofError::Hash(number))?);
        }
        Self::new(index, hashes, checkpoint)
    }

    /// The index of the record.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The hashes from the leaf's sibling up.
    #[must_use]
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// The signed note of the checkpoint, byte for byte.
    #[must_use]
    pub fn checkpoint(&self) -> &str {
        &self.checkpoint
    }

    /// Guarantees that the record is at this index of the log of a checkpoint verified elsewhere.
    ///
    /// It does not look at the checkpoint inside the proof: compare [`Proof::checkpoint`] first.
    pub fn verify_against(&self, record: &[u8], checkpoint: &Checkpoint) -> Result<(), ProofError> {
        let (size, root) = (checkpoint.size, &checkpoint.root);
        Ok(verify_inclusion(
            &leaf(record),
            self.index,
            size,
            &self.hashes,
            root,
        )?)
    }

    /// Guarantees that the record is in the log that one of these log keys signed for.
    ///
    /// Witness keys among them must be good where they signed, but none needs to have signed:
    /// for a quorum use a policy.
    pub fn verify(&self, record: &[u8], keys: &[VerifierKey]) -> Result<Checkpoint, ProofError> {
        let note = Note::parse(self.checkpoint.as_bytes()).map_err(CheckpointError::from)?;
        let signers = note.open(keys).map_err(CheckpointError::from)?;
        let checkpoint = Checkpoint::parse_body(note.text())?;
        let own = |key: &VerifierKey| checkpoint.require_key(key);
        let refusals = signers.iter().map(|signer| own(&signer.key));
        // One good log key is enough; with none, the first refusal says what is wrong.
        refusals
            .reduce(|a, b| if a.is_ok() { a } else { b.or(a) })
            .unwrap_or(Ok(()))?;
        self.verify_against(record, &checkpoint)?;
        Ok(checkpoint)
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}\nindex {}", self.index)?;
        self.hashes
            .iter()
            .try_for_each(|hash| writeln!(f, "{}", hash.to_base64()))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
