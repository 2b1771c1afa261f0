//! Checkpoints (C2SP tlog-checkpoint): what a log commits to, signed.

use super::hash::Hash;
use super::note::{Algorithm, Note, NoteError, NoteKey, VerifierKey};
use super::{MAX_SIZE, decimal};

/// The head of a log: its name, how many records it has and the root over them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name; it is the name of the log key.
    pub origin: String,
    /// The number of records.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
}

/// Says why a checkpoint is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note around the checkpoint is refused.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The text has fewer than three lines.
    #[error("The checkpoint has fewer than three lines; fetch it again")]
    TooShort,
    /// There are lines after the root.
    #[error("The checkpoint has lines after the root, which this format does not allow")]
    Extension,
    /// The first line is empty.
    #[error("The checkpoint names no log; fetch it again")]
    NoOrigin,
    /// The size is not a plain decimal number.
    #[error("The size of the checkpoint is not a decimal without leading zeros; fetch it again")]
    Size,
    /// The root is not the base64 of 32 bytes.
    #[error("The root of the checkpoint is not the base64 of 32 bytes; fetch it again")]
    Root,
    /// The checkpoint is of another log than the key.
    #[error("The checkpoint is of log {origin}, the key is of {key}; give the key of that log")]
    Origin {
        /// The log the checkpoint names.
        origin: String,
        /// The name of the key.
        key: String,
    },
    /// The key is a witness's, not a log's.
    #[error("The key {0} is a witness's; give the log's own key (type 0x01)")]
    NotALogKey(String),
}

impl Checkpoint {
    /// Gives the text that is signed.
    #[must_use]
    pub fn body(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            self.root.to_base64()
        )
    }

    /// Parses the text that is signed, strictly.
    pub fn parse_body(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text
            .strip_suffix('\n')
            .ok_or(CheckpointError::TooShort)?
            .split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointError::TooShort);
        };
        if lines.next().is_some() {
            return Err(CheckpointError::Extension);
        }
        if origin.is_empty() {
            return Err(CheckpointError::NoOrigin);
        }
        let size = decimal(size).ok_or(CheckpointError::Size)?;
        let root = Hash::from_base64(root).map_err(|_bad| CheckpointError::Root)?;
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root,
        })
    }

    /// Signs and gives the whole note; the key must carry the origin as its name.
    pub fn sign(&self, key: &NoteKey) -> Result<String, CheckpointError> {
        self.require_key(key.verifier_key())?;
        if self.size > MAX_SIZE {
            return Err(CheckpointError::Size);
        }
        let text = self.body();
        let signature = key.sign(&text);
        Ok(Note::new(&text, vec![signature])?.to_string())
    }

    /// Parses a note and guarantees that the log key signed this checkpoint of its own log.
    pub fn parse_and_verify(bytes: &[u8], key: &VerifierKey) -> Result<Self, CheckpointError> {
        Self::verify(&Note::parse(bytes)?, key)
    }

    /// Does what [`Checkpoint::parse_and_verify`] does for a note that is parsed already.
    pub fn verify(note: &Note, key: &VerifierKey) -> Result<Self, CheckpointError> {
        // The signature first: nothing is said about a text nobody signed.
        note.open(std::slice::from_ref(key))?;
        let checkpoint = Self::parse_body(note.text())?;
        checkpoint.require_key(key)?;
        Ok(checkpoint)
    }

    /// Refuses a key that is not this log's own.
    pub(super) fn require_key(&self, key: &VerifierKey) -> Result<(), CheckpointError> {
        if key.algorithm() != Algorithm::Ed25519 {
            return Err(CheckpointError::NotALogKey(key.name().to_owned()));
        }
        if key.name() != self.origin {
            let key = key.name().to_owned();
            return Err(CheckpointError::Origin {
                origin: self.origin.clone(),
                key,
            });
        }
        Ok(())
    }
}
