//! Keys of signed notes: the public text form and the signing side.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Signature;

/// What a key signs: the text itself, or the text with a time before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Algorithm {
    /// Ed25519 over the text (type 0x01): a log's own signature.
    Ed25519 = 0x01,
    /// Ed25519 over a time and the text (type 0x04): a witness's cosignature.
    Cosignature = 0x04,
}

/// A public key with its name, as written `name+id+base64`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VerifierKey {
    name: String,
    id: u32,
    algorithm: Algorithm,
    key: VerifyingKey,
}

/// Says why a text is not a verifier key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The three parts are not there.
    #[error(
        "A verifier key is name+id+base64 with an id of 8 lower-case hex digits; copy it whole"
    )]
    Malformed,
    /// The name is empty or has a space, a plus sign or a control character.
    #[error(
        "The key name {0:?} must not be empty or have spaces, plus signs or control characters"
    )]
    Name(String),
    /// The signature type is not one that is read here.
    #[error("Signature type {0:#04x} is not known here; give an Ed25519 key (0x01 or 0x04)")]
    Algorithm(u8),
    /// The id is not the one that follows from name and key.
    #[error("The key id does not belong to this name and key; copy the verifier key whole")]
    Id,
    /// The key bytes are not a sound Ed25519 public key.
    #[error("The key {0} is not a sound Ed25519 public key; ask its owner for it again")]
    Key(String),
}

impl VerifierKey {
    /// Names a public key; the id follows from name, algorithm and key.
    pub fn new(name: &str, algorithm: Algorithm, key: VerifyingKey) -> Result<Self, KeyError> {
        if !is_name(name) {
            return Err(KeyError::Name(name.to_owned()));
        }
        if key.is_weak() {
            return Err(KeyError::Key(name.to_owned()));
        }
        let id = key_id(name, algorithm, &key);
        Ok(Self {
            name: name.to_owned(),
            id,
            algorithm,
            key,
        })
    }

    /// The key name; for a log it is the origin.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The short id that stands on signature lines.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// What the key signs.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The Ed25519 public key.
    #[must_use]
    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }
}

/// Tells whether a text may be a key name.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

fn key_id(name: &str, algorithm: Algorithm, key: &VerifyingKey) -> u32 {
    let digest = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', algorithm as u8])
        .chain_update(key.as_bytes())
        .finalize();
    let [a, b, c, d, ..] = <[u8; 32]>::from(digest);
    u32::from_be_bytes([a, b, c, d])
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(blob)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::Malformed);
        };
        let blob = crate::log::base64(blob).ok_or(KeyError::Malformed)?;
        let (kind, key) = blob.split_first().ok_or(KeyError::Malformed)?;
        let algorithm = match kind {
            0x01 => Algorithm::Ed25519,
            0x04 => Algorithm::Cosignature,
            other => return Err(KeyError::Algorithm(*other)),
        };
        let unsound = || KeyError::Key(name.to_owned());
        let key = key
            .try_into()
            .ok()
            .and_then(|key| VerifyingKey::from_bytes(key).ok());
        let key = Self::new(name, algorithm, key.ok_or_else(unsound)?)?;
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if id.len() != 8 || !id.bytes().all(hex) {
            return Err(KeyError::Malformed);
        }
        if format!("{:08x}", key.id) != id {
            return Err(KeyError::Id);
        }
        Ok(key)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blob = [[self.algorithm as u8].as_slice(), self.key.as_bytes()].concat();
        write!(
            f,
            "{}+{:08x}+{}",
            self.name,
            self.id,
            crate::log::to_base64(&blob)
        )
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

impl TryFrom<String> for VerifierKey {
    type Error = KeyError;

    fn try_from(text: String) -> Result<Self, KeyError> {
        text.parse()
    }
}

impl From<VerifierKey> for String {
    fn from(key: VerifierKey) -> Self {
        key.to_string()
    }
}

/// A signing key with its name: signs the text of notes (type 0x01).
#[derive(Clone)]
pub struct NoteKey {
    signing: SigningKey,
    public: VerifierKey,
}

impl NoteKey {
    /// Names a signing key.
    pub fn new(name: &str, signing: SigningKey) -> Result<Self, KeyError> {
        let public = VerifierKey::new(name, Algorithm::Ed25519, signing.verifying_key())?;
        Ok(Self { signing, public })
    }

    /// The key name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.public.name()
    }

    /// The public side.
    #[must_use]
    pub fn verifier_key(&self) -> &VerifierKey {
        &self.public
    }

    /// Signs a note text; the text must be the whole one, with its last line feed.
    #[must_use]
    pub fn sign(&self, text: &str) -> Signature {
        let signature = self.signing.sign(text.as_bytes());
        Signature::new(&self.public, signature.to_vec())
    }
}

impl fmt::Debug for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The secret half never reaches a log or a panic message.
        write!(f, "NoteKey({})", self.public)
    }
}
