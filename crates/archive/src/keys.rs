//! The archive's own signing keys: made at `init`, kept as PKCS#8 PEM that only their owner can read.

use crate::error::{Error, Result, Why};
use crate::home::Home;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use format::log::note::NoteKey;
use format::record::EntryKey;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// The file of the key that signs entries.
pub(crate) const ENTRY: &str = "keys/entry.pem";
/// The file of the key that signs checkpoints.
pub(crate) const LOG: &str = "keys/log.pem";
/// What sets secrets derived from the log's key apart from everything else the key is used for.
const DERIVED: &[u8] = b"holdfast derived secret 1\0";

/// Both signing keys.
#[derive(Clone)]
pub(crate) struct Keys {
    pub(crate) entry: EntryKey,
    pub(crate) log: NoteKey,
    /// From which secrets are derived that every holder of the log's key shares; says nothing about the key.
    derived: [u8; 32],
    pems: [String; 2],
}

impl Keys {
    /// Makes both from random seeds.
    pub(crate) fn make(origin: &str, entry: [u8; 32], log: [u8; 32]) -> Result<Self> {
        Self::of(
            origin,
            &SigningKey::from_bytes(&entry),
            &SigningKey::from_bytes(&log),
        )
    }

    fn of(origin: &str, entry: &SigningKey, log: &SigningKey) -> Result<Self> {
        let pem = |k: &SigningKey| {
            let text = k
                .to_pkcs8_pem(LineEnding::LF)
                .map_err(|e| Error::bug(format!("A key cannot be written as PEM: {e}")))?;
            Ok::<_, Error>(text.to_string())
        };
        let note = NoteKey::new(origin, log.clone()).map_err(|e| {
            Error::new(Why::Invalid, format!("{origin:?} cannot name a log: {e}"))
                .next("Use lower-case letters, digits, dots and hyphens, such as archive.example")
        })?;
        Ok(Self {
            entry: EntryKey::from(entry.clone()),
            log: note,
            derived: mac(log.as_bytes(), DERIVED),
            pems: [pem(entry)?, pem(log)?],
        })
    }

    /// The same secret on every machine that has these keys, another one for each label.
    pub(crate) fn derive(&self, label: &str) -> [u8; 32] {
        mac(&self.derived, label.as_bytes())
    }

    /// Each key with the file it is kept in.
    pub(crate) fn files(&self) -> [(&'static str, &str); 2] {
        [(ENTRY, &self.pems[0]), (LOG, &self.pems[1])]
    }

    /// Whether a key file is, byte for byte, the one that `HOLDFAST` names.
    pub(crate) fn is_right(home: &Home, file: &str, pem: &str) -> bool {
        let Ok(key) = SigningKey::from_pkcs8_pem(pem) else {
            return false;
        };
        let named = if file == ENTRY {
            home.entry_key.as_bytes()
        } else {
            home.log_key.key().as_bytes()
        };
        let ours = key.to_pkcs8_pem(LineEnding::LF);
        key.verifying_key().as_bytes() == named && ours.is_ok_and(|o| *o == *pem)
    }

    /// Reads both; each must be the one that `HOLDFAST` names, byte for byte as we write it.
    pub(crate) fn read(home: &Home, entry: &str, log: &str) -> Result<Self> {
        let wrong = |file: &str| {
            Error::new(Why::WrongKey, format!("{file} is not the key that HOLDFAST names"))
                .next("Put the right key back from your backup; until then the archive can be opened to read only (--read-only)")
        };
        let key =
            |pem: &str, file: &str| SigningKey::from_pkcs8_pem(pem).map_err(|_other| wrong(file));
        let keys = Self::of(&home.origin, &key(entry, ENTRY)?, &key(log, LOG)?)?;
        if *keys.entry.verifier() != home.entry_key || keys.pems[0] != entry {
            return Err(wrong(ENTRY));
        }
        if *keys.log.verifier_key() != home.log_key || keys.pems[1] != log {
            return Err(wrong(LOG));
        }
        Ok(keys)
    }
}

fn mac(key: &[u8; 32], of: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(of);
    mac.finalize().into_bytes().into()
}
