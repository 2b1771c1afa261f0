//! Verifying the signatures of a note against known keys.

use ed25519_dalek::Signature as EdSignature;

use super::{Algorithm, Note, NoteError, Signature, VerifierKey};
use crate::log::cosignature;

/// A known key whose signature on the note is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The key that signed.
    pub key: VerifierKey,
    /// For a cosignature: the witness's time in seconds since 1970; it is covered by the signature.
    pub time: Option<u64>,
}

/// Parses a note and verifies it as [`Note::open`] does.
pub fn open(bytes: &[u8], keys: &[VerifierKey]) -> Result<(Note, Vec<Verified>), NoteError> {
    let note = Note::parse(bytes)?;
    let verified = note.open(keys)?;
    Ok((note, verified))
}

impl Note {
    /// Verifies every signature by a known key; each known key is reported once.
    ///
    /// Signatures by unknown keys are ignored. One bad signature by a known key, or no signature by
    /// a known key, refuses the note.
    pub fn open(&self, keys: &[VerifierKey]) -> Result<Vec<Verified>, NoteError> {
        let mut verified: Vec<Verified> = Vec::new();
        for signature in self.signatures() {
            let Some(key) = known(keys, signature)? else {
                continue;
            };
            let time = check(key, self.text(), signature.bytes());
            let time = time.ok_or_else(|| NoteError::BadSignature {
                name: key.name().to_owned(),
            })?;
            if verified.iter().all(|seen| seen.key != *key) {
                verified.push(Verified {
                    key: key.clone(),
                    time,
                });
            }
        }
        if verified.is_empty() {
            return Err(NoteError::NoKnownSignature);
        }
        Ok(verified)
    }
}

fn known<'k>(
    keys: &'k [VerifierKey],
    signature: &Signature,
) -> Result<Option<&'k VerifierKey>, NoteError> {
    let fits = |key: &&VerifierKey| key.id() == signature.id() && key.name() == signature.name();
    let mut fitting = keys.iter().filter(fits);
    let first = fitting.next();
    // A collision of 32-bit ids can be made on purpose: never pick one of two by chance.
    if fitting.any(|other| Some(other) != first) {
        return Err(NoteError::AmbiguousKey {
            name: signature.name().to_owned(),
        });
    }
    Ok(first)
}

/// Gives `None` for a bad signature, else the time it carries, if any.
fn check(key: &VerifierKey, text: &str, signature: &[u8]) -> Option<Option<u64>> {
    match key.algorithm() {
        Algorithm::Ed25519 => {
            let signature = EdSignature::from_slice(signature).ok()?;
            key.key().verify_strict(text.as_bytes(), &signature).ok()?;
            Some(None)
        }
        Algorithm::Cosignature => cosignature::check(key, text, signature).map(Some),
    }
}
