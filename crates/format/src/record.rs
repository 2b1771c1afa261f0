//! Records: what the log holds of an entry, salted digests under a signature (format.md §2).

mod key;
mod parse;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Signature;
use sha2::{Digest as _, Sha256};

use crate::entry::EntryError;

pub use key::{EntryKey, EntryVerifier};

/// A record is never longer than this, so that its length fits the entry bundle.
pub const RECORD_LIMIT: usize = 65_535;
const DIGESTS_STEP: usize = 8;

/// Holds the exact ASCII bytes of one record, whose structure has been checked.
///
/// The signature is checked by [`Record::verify`] alone: whoever reads a record from outside calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    text: String,
    issuer: String,
    key_id: String,
    digests: Vec<[u8; 32]>,
    signature: [u8; 64],
}

impl Record {
    /// Signs the digests, padded to a multiple of 8 and sorted, so that neither number nor order tells of the fields.
    ///
    /// `decoys` gives 32 fresh random bytes each time; their digest is what is written.
    pub fn sign(
        origin: &str,
        mut digests: Vec<[u8; 32]>,
        mut decoys: impl FnMut() -> [u8; 32],
        key: &EntryKey,
    ) -> Result<Self, EntryError> {
        if !parse::is_origin(origin) {
            return Err(EntryError::Issuer(origin.to_owned()));
        }
        for _ in 0..decoys_for(digests.len()) {
            digests.push(Sha256::digest(decoys()).into());
        }
        let mut named: Vec<(String, [u8; 32])> = digests
            .into_iter()
            .map(|digest| (URL_SAFE_NO_PAD.encode(digest), digest))
            .collect();
        named.sort_unstable();
        if named.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(EntryError::SdRepeated);
        }
        let mut text = String::with_capacity(384 + named.len() * 64);
        text.push_str(key.header());
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(payload(origin, &named), &mut text);
        let signature = key.sign(text.as_bytes());
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut text);
        if text.len() > RECORD_LIMIT {
            return Err(EntryError::RecordTooLong(text.len()));
        }
        Ok(Self {
            text,
            issuer: origin.to_owned(),
            key_id: key.verifier().key_id().to_owned(),
            digests: named.into_iter().map(|(_, digest)| digest).collect(),
            signature,
        })
    }

    /// Reads a record and checks everything but its signature.
    pub fn parse(text: &str) -> Result<Self, EntryError> {
        parse::record(text)
    }

    /// Checks the signature strictly: small-order keys and malleable signatures are refused.
    pub fn verify(&self, key: &EntryVerifier) -> Result<(), EntryError> {
        if self.key_id != key.key_id() {
            let (named, given) = (self.key_id.clone(), key.key_id().to_owned());
            return Err(EntryError::OtherKey { named, given });
        }
        let signed = self.text.rsplit_once('.').map_or("", |(signed, _)| signed);
        let signature = Signature::from_bytes(&self.signature);
        key.verify_strict(signed.as_bytes(), &signature)
            .or(Err(EntryError::Signature))
    }

    /// Returns the bytes that the log holds.
    pub fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// Returns the same bytes as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the origin of the log that the record says it belongs to.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Returns the id of the entry key that the record names.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Says whether the record holds this digest of a disclosure.
    pub fn has(&self, digest: &[u8; 32]) -> bool {
        self.digests.contains(digest)
    }
}

/// Counts the decoys that fill up so many digests.
pub(crate) fn decoys_for(digests: usize) -> usize {
    digests.max(1).next_multiple_of(DIGESTS_STEP) - digests
}

fn payload(origin: &str, digests: &[(String, [u8; 32])]) -> String {
    let mut json = String::with_capacity(64 + origin.len() + digests.len() * 46);
    json.push_str(r#"{"_sd":["#);
    for (at, (digest, _)) in digests.iter().enumerate() {
        json.push_str(if at == 0 { "\"" } else { ",\"" });
        json.push_str(digest);
        json.push('"');
    }
    json.push_str(r#"],"_sd_alg":"sha-256","iss":""#);
    // An origin has only characters that stand for themselves in JSON.
    json.push_str(origin);
    json.push_str(r#"","v":1}"#);
    json
}
