//! Signed notes (C2SP signed-note): a text with signature lines under it.

mod key;
mod open;

use std::fmt;

pub use key::{Algorithm, KeyError, NoteKey, VerifierKey};
pub use open::{Verified, open};

/// The longest note that is read: room for a hundred Ed25519 or sixteen post-quantum signatures.
pub const MAX_NOTE_BYTES: usize = 512 * 1024;

/// The most signature lines that are read.
pub const MAX_SIGNATURES: usize = 100;

/// A text and its signature lines, parsed but not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// One signature line: who says so, and the raw signature after the key id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    name: String,
    id: u32,
    bytes: Vec<u8>,
}

/// Says why a note is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// The note is longer than [`MAX_NOTE_BYTES`].
    #[error("The note is longer than {MAX_NOTE_BYTES} bytes; fetch it again from the log")]
    TooLong,
    /// The note has more than [`MAX_SIGNATURES`] signature lines.
    #[error("The note has more than {MAX_SIGNATURES} signatures; fetch it again from the log")]
    TooManySignatures,
    /// The note is not UTF-8 or has a control character other than line feed.
    #[error("The note is not clean UTF-8 text; fetch it again without conversion of line ends")]
    NotText,
    /// The note has no empty line before its signatures.
    #[error("The note has no empty line between text and signatures; fetch it again")]
    NoSplit,
    /// The last line of the note has no line feed, or there is no signature line at all.
    #[error("The note ends in the middle of its signatures; fetch it again")]
    Truncated,
    /// A line under the text is not a signature line.
    #[error("Line {0} under the text is not a signature line; fetch the note again")]
    BadSignatureLine(usize),
    /// A signature of a known key does not fit the text.
    #[error("The signature of {name} does not fit the text; treat this note as altered")]
    BadSignature {
        /// The key name on the signature line.
        name: String,
    },
    /// No signature is by a known key.
    #[error("No signature is by a known key; give the key of this log")]
    NoKnownSignature,
    /// Two different known keys share one name and id.
    #[error("Two different keys are called {name} with the same id; give only one of them")]
    AmbiguousKey {
        /// The name both keys carry.
        name: String,
    },
}

impl Signature {
    pub(crate) fn new(key: &VerifierKey, bytes: Vec<u8>) -> Self {
        Self {
            name: key.name().to_owned(),
            id: key.id(),
            bytes,
        }
    }

    /// The key name on the line.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key id on the line.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The raw signature, without the key id.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads one signature line without its line feed; refuses every other spelling.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let (name, blob) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
        let blob = super::base64(blob)?;
        let (id, bytes) = blob.split_first_chunk::<4>()?;
        let sound = key::is_name(name) && !bytes.is_empty();
        sound.then(|| Self {
            name: name.to_owned(),
            id: u32::from_be_bytes(*id),
            bytes: bytes.to_vec(),
        })
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blob = [self.id.to_be_bytes().as_slice(), &self.bytes].concat();
        write!(f, "\u{2014} {} {}", self.name, super::to_base64(&blob))
    }
}

impl Note {
    /// Puts signatures under a text that ends with a line feed.
    pub fn new(text: &str, signatures: Vec<Signature>) -> Result<Self, NoteError> {
        if !is_text(text) {
            return Err(NoteError::NotText);
        }
        if !text.ends_with('\n') || signatures.is_empty() {
            return Err(NoteError::Truncated);
        }
        if signatures.len() > MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures);
        }
        Ok(Self {
            text: text.to_owned(),
            signatures,
        })
    }

    /// Parses a note strictly; says nothing about the signatures.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLong);
        }
        let note = str::from_utf8(bytes).ok().filter(|note| is_text(note));
        let note = note.ok_or(NoteError::NotText)?;
        // The last empty line is the split: the text itself may have empty lines.
        let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteError::NoSplit)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Truncated)?;
        let mut signatures = Vec::new();
        for (at, line) in lines.split('\n').enumerate() {
            if at == MAX_SIGNATURES {
                return Err(NoteError::TooManySignatures);
            }
            let signature = Signature::parse(line);
            signatures.push(signature.ok_or(NoteError::BadSignatureLine(at + 1))?);
        }
        Ok(Self {
            text: format!("{text}\n"),
            signatures,
        })
    }

    /// The signed text, with its last line feed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines in the order they stand.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Adds a signature line at the end, as for a cosignature that came in later.
    pub fn add(&mut self, signature: Signature) -> Result<(), NoteError> {
        if self.signatures.len() >= MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures);
        }
        self.signatures.push(signature);
        Ok(())
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}

fn is_text(text: &str) -> bool {
    !text.bytes().any(|byte| byte < 0x20 && byte != b'\n')
}
