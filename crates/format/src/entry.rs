//! Entries: a record with the disclosures at hand, as an SD-JWT (format.md §2).

mod error;

use std::collections::{BTreeMap, HashSet};

use crate::disclosure::Disclosure;
use crate::json::Value;
use crate::record::{EntryKey, EntryVerifier, Record, decoys_for};

pub use error::EntryError;

/// Holds one recorded act: the record, and the fields that are shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What the log holds.
    pub record: Record,
    /// The shown fields by name.
    pub fields: BTreeMap<String, Value>,
    /// The disclosures that show them, in the order they were given.
    pub disclosures: Vec<Disclosure>,
}

/// Composes and signs an entry with a fresh salt for each field; all fields are shown in it.
///
/// `random` fills the bytes it is given; it must never repeat itself.
pub fn compose(
    origin: &str,
    fields: Vec<(String, Value)>,
    random: &mut dyn FnMut(&mut [u8]),
    key: &EntryKey,
) -> Result<Entry, EntryError> {
    let mut noise = vec![0; 16 * fields.len() + 32 * decoys_for(fields.len())];
    random(&mut noise);
    let (salts, decoys) = noise.split_at(16 * fields.len());
    let (salts, _) = salts.as_chunks::<16>();
    let mut decoys = decoys.as_chunks::<32>().0.iter();

    let mut shown = BTreeMap::new();
    let mut disclosures = Vec::with_capacity(fields.len());
    for ((name, value), salt) in fields.into_iter().zip(salts) {
        let disclosure = Disclosure::make(*salt, &name, value)?;
        if shown.insert(name, disclosure.value.clone()).is_some() {
            return Err(EntryError::FieldTwice(disclosure.name));
        }
        disclosures.push(disclosure);
    }
    let digests = disclosures.iter().map(Disclosure::digest).collect();
    let decoy = || {
        *decoys
            .next()
            .expect("as many decoys were drawn as the record takes")
    };
    let record = Record::sign(origin, digests, decoy, key)?;
    Ok(Entry {
        record,
        fields: shown,
        disclosures,
    })
}

impl Entry {
    /// Reads an SD-JWT and refuses whatever format.md §2 refuses, each for its own reason.
    ///
    /// Without a key the signature is not checked: only for bytes that this archive wrote and keeps itself.
    pub fn open(sd_jwt: &str, key: Option<&EntryVerifier>) -> Result<Self, EntryError> {
        if !sd_jwt.is_ascii() {
            return Err(EntryError::NotAscii);
        }
        let Some((body, after)) = sd_jwt.rsplit_once('~') else {
            return Err(EntryError::NoTilde);
        };
        if !after.is_empty() {
            return Err(EntryError::BytesAfterLastTilde);
        }
        let mut parts = body.split('~');
        let record = Record::parse(parts.next().unwrap_or_default())?;
        if let Some(key) = key {
            record.verify(key)?;
        }
        let mut entry = Self {
            record,
            fields: BTreeMap::new(),
            disclosures: Vec::new(),
        };
        let mut seen = HashSet::new();
        for text in parts {
            let disclosure = Disclosure::parse(text)?;
            let digest = disclosure.digest();
            if !entry.record.has(&digest) {
                return Err(EntryError::NotInRecord(disclosure.name));
            }
            if !seen.insert(digest) {
                return Err(EntryError::DisclosureTwice(disclosure.name));
            }
            let value = disclosure.value.clone();
            if entry
                .fields
                .insert(disclosure.name.clone(), value)
                .is_some()
            {
                return Err(EntryError::FieldTwice(disclosure.name));
            }
            entry.disclosures.push(disclosure);
        }
        Ok(entry)
    }

    /// Writes the entry as an SD-JWT: the record and each shown disclosure, each followed by `~`.
    pub fn sd_jwt(&self) -> String {
        let mut text = String::with_capacity(self.record.as_bytes().len() + 1 + self.length());
        text.push_str(self.record.as_str());
        text.push('~');
        self.push_disclosures(&mut text);
        text
    }

    /// Writes the disclosures alone, each followed by `~`, without a line feed.
    pub fn disclosures_line(&self) -> String {
        let mut text = String::with_capacity(self.length());
        self.push_disclosures(&mut text);
        text
    }

    /// Returns the entry with these fields withheld; record and other fields stay byte for byte.
    #[must_use]
    pub fn without(&self, fields: &[&str]) -> Self {
        let mut entry = self.clone();
        entry
            .disclosures
            .retain(|disclosure| !fields.contains(&disclosure.name.as_str()));
        entry
            .fields
            .retain(|name, _| !fields.contains(&name.as_str()));
        entry
    }

    /// Returns the value of a field, if it is shown.
    pub fn shown(&self, name: &str) -> Option<&Value> {
        self.fields.get(name)
    }

    fn length(&self) -> usize {
        self.disclosures
            .iter()
            .map(|disclosure| disclosure.text.len() + 1)
            .sum()
    }

    fn push_disclosures(&self, text: &mut String) {
        for disclosure in &self.disclosures {
            text.push_str(&disclosure.text);
            text.push('~');
        }
    }
}
