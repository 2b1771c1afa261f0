//! Cosignatures of witnesses (C2SP tlog-cosignature, Ed25519 form, type 0x04).

use std::fmt;

use ed25519_dalek::{Signature as EdSignature, Signer as _, SigningKey};

use super::note::{Algorithm, KeyError, Signature, VerifierKey};

/// A witness's signing key: signs a time and a checkpoint text.
#[derive(Clone)]
pub struct WitnessKey {
    signing: SigningKey,
    public: VerifierKey,
}

impl WitnessKey {
    /// Names a witness's signing key; one key must never serve two names.
    pub fn new(name: &str, signing: SigningKey) -> Result<Self, KeyError> {
        let public = VerifierKey::new(name, Algorithm::Cosignature, signing.verifying_key())?;
        Ok(Self { signing, public })
    }

    /// The public side.
    #[must_use]
    pub fn verifier_key(&self) -> &VerifierKey {
        &self.public
    }

    /// Cosigns a checkpoint text at a time in seconds since 1970; times above 2^63 - 1 give `None`.
    #[must_use]
    pub fn cosign(&self, text: &str, time: u64) -> Option<Signature> {
        let signature = self.signing.sign(&message(text, time)?);
        let bytes = [time.to_be_bytes().as_slice(), &signature.to_bytes()].concat();
        Some(Signature::new(&self.public, bytes))
    }
}

impl fmt::Debug for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The secret half never reaches a log or a panic message.
        write!(f, "WitnessKey({})", self.public)
    }
}

/// Verifies the 72 bytes of a cosignature and gives its time.
pub(super) fn check(key: &VerifierKey, text: &str, bytes: &[u8]) -> Option<u64> {
    let (time, signature) = bytes.split_first_chunk::<8>()?;
    let time = u64::from_be_bytes(*time);
    let signature = EdSignature::from_slice(signature).ok()?;
    key.key()
        .verify_strict(&message(text, time)?, &signature)
        .ok()?;
    Some(time)
}

fn message(text: &str, time: u64) -> Option<Vec<u8>> {
    let in_range = time <= i64::MAX.unsigned_abs();
    in_range.then(|| format!("cosignature/v1\ntime {time}\n{text}").into_bytes())
}
