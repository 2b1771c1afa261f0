//! Keys, random bytes and forgeries that the tests of records share.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use format::json::Value;
use format::{Entry, EntryKey, compose};
use sha2::{Digest as _, Sha256};

pub(crate) const ORIGIN: &str = "archive.example/holdfast/0123abcd";
pub(crate) const SEED: [u8; 32] = [42; 32];

pub(crate) fn key() -> EntryKey {
    EntryKey::from_seed(&SEED)
}

/// Fills bytes with SHA-256 of a counter: never the same twice, the same in every run.
pub(crate) fn counted() -> impl FnMut(&mut [u8]) {
    let mut count = 0_u64;
    move |bytes: &mut [u8]| {
        for piece in bytes.chunks_mut(32) {
            count += 1;
            piece.copy_from_slice(&Sha256::digest(count.to_be_bytes())[..piece.len()]);
        }
    }
}

pub(crate) fn entry(fields: Vec<(String, Value)>) -> Entry {
    compose(ORIGIN, fields, &mut counted(), &key()).expect("the fields are sound")
}

pub(crate) fn fields(list: &[(&str, Value)]) -> Vec<(String, Value)> {
    list.iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect()
}

pub(crate) fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

/// Signs any header and payload, as whoever holds the entry key could.
pub(crate) fn forge(header: &str, payload: &str) -> String {
    let signed = format!("{}.{}", b64(header), b64(payload));
    let signature = SigningKey::from_bytes(&SEED).sign(signed.as_bytes());
    format!("{signed}.{}", b64(signature.to_bytes()))
}

/// The header that is right for [`key`].
pub(crate) fn header() -> String {
    let kid = key().verifier().key_id().to_owned();
    format!(r#"{{"alg":"EdDSA","kid":"{kid}","typ":"holdfast-entry+sd-jwt"}}"#)
}

/// A payload with these digests as they come.
pub(crate) fn payload(digests: &[String]) -> String {
    let list = serde_json::to_string(digests).expect("text is always JSON");
    format!(r#"{{"_sd":{list},"_sd_alg":"sha-256","iss":"{ORIGIN}","v":1}}"#)
}

/// Sorted digests of these disclosures, filled up to a multiple of 8.
pub(crate) fn digests_of(disclosures: &[String]) -> Vec<String> {
    let mut list: Vec<String> = disclosures.iter().map(|text| b64(digest(text))).collect();
    while list.is_empty() || !list.len().is_multiple_of(8) {
        list.push(b64(digest(&format!("decoy {}", list.len()))));
    }
    list.sort();
    list
}

/// An SD-JWT over these disclosures with a good signature, whatever they say.
pub(crate) fn forged_entry(disclosures: &[String]) -> String {
    let record = forge(&header(), &payload(&digests_of(disclosures)));
    let shown: String = disclosures.iter().map(|text| format!("{text}~")).collect();
    format!("{record}~{shown}")
}
