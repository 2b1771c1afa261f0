//! The entry key of an archive, and its public half.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

use crate::entry::EntryError;
use crate::id::{hex, serde_as_text, unhex};

/// Signs the records of one archive; never printed, wiped from memory when dropped.
#[derive(Clone)]
pub struct EntryKey {
    signing: SigningKey,
    verifier: EntryVerifier,
    header: String,
}

impl EntryKey {
    /// Makes the key from its 32 secret bytes, which must be random.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        SigningKey::from_bytes(seed).into()
    }

    /// Reads the key from PKCS#8 PEM, as `keys/entry.pem` holds it.
    pub fn from_pem(pem: &str) -> Result<Self, EntryError> {
        SigningKey::from_pkcs8_pem(pem)
            .map(Self::from)
            .or(Err(EntryError::KeyPem))
    }

    /// Writes the key as PKCS#8 PEM; the text is wiped from memory when dropped.
    pub fn to_pem(&self) -> Result<impl std::ops::Deref<Target = String> + use<>, EntryError> {
        let ending = LineEnding::LF;
        self.signing
            .to_pkcs8_pem(ending)
            .or(Err(EntryError::KeyPem))
    }

    /// Returns the public half.
    pub fn verifier(&self) -> &EntryVerifier {
        &self.verifier
    }

    pub(super) fn header(&self) -> &str {
        &self.header
    }

    pub(super) fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.signing.sign(bytes).to_bytes()
    }
}

impl From<SigningKey> for EntryKey {
    fn from(signing: SigningKey) -> Self {
        let verifier = EntryVerifier::new(signing.verifying_key());
        let key_id = verifier.key_id();
        let json = format!(r#"{{"alg":"EdDSA","kid":"{key_id}","typ":"holdfast-entry+sd-jwt"}}"#);
        Self {
            signing,
            header: URL_SAFE_NO_PAD.encode(json),
            verifier,
        }
    }
}

impl fmt::Debug for EntryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntryKey({})", self.verifier.key_id)
    }
}

/// Checks the records of one archive; written as the 32 bytes of the public key in hex.
#[derive(Clone, PartialEq, Eq)]
pub struct EntryVerifier {
    key: VerifyingKey,
    key_id: String,
}

impl EntryVerifier {
    fn new(key: VerifyingKey) -> Self {
        let digest = hex(&Sha256::digest(key.as_bytes()));
        Self {
            key,
            key_id: digest.chars().take(16).collect(),
        }
    }

    /// Takes the 32 bytes of a public key and refuses what is no key, or a weak one.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, EntryError> {
        match VerifyingKey::from_bytes(bytes) {
            Ok(key) if !key.is_weak() => Ok(Self::new(key)),
            _ => Err(EntryError::KeyBytes),
        }
    }

    /// Returns the 32 bytes of the public key.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Returns the first 16 hex digits of SHA-256 over the public key.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    pub(super) fn verify_strict(
        &self,
        bytes: &[u8],
        signature: &Signature,
    ) -> Result<(), ed25519_dalek::SignatureError> {
        self.key.verify_strict(bytes, signature)
    }
}

impl FromStr for EntryVerifier {
    type Err = EntryError;

    fn from_str(text: &str) -> Result<Self, EntryError> {
        let Ok(bytes) = unhex(text) else {
            return Err(EntryError::KeyHex);
        };
        Self::from_bytes(&bytes)
    }
}

impl fmt::Display for EntryVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex(self.key.as_bytes()))
    }
}

impl fmt::Debug for EntryVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntryVerifier({self})")
    }
}

serde_as_text!(EntryVerifier);

pub(super) fn is_key_id(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
