//! One bundle by itself: every record against its signature, every disclosure against its record.

use crate::damage::{Damage, Place};
use format::entry::Entry;
use format::kind::{Common, Kind};
use format::log::hash::{Hash, leaf};
use format::log::tile::BundleId;

/// A bundle with everything that can be said of it alone.
pub(super) struct Read {
    pub(super) id: BundleId,
    pub(super) entries: Vec<(Hash, Option<Entry>)>,
    pub(super) damage: Vec<Damage>,
}

impl Read {
    pub(super) fn bundle(
        id: BundleId,
        raw: archive::truth::log::RawBundle,
        key: &format::EntryVerifier,
        origin: &str,
    ) -> Self {
        let mut read = Self {
            id,
            entries: Vec::new(),
            damage: Vec::new(),
        };
        let lines = match raw.disclosures {
            Ok(lines) => Some(lines),
            Err(detail) => {
                let path = id.disclosures_path();
                read.damage
                    .push(Damage::new(Place::Disclosures, path, detail));
                None
            }
        };
        let records = match raw.records {
            Ok(records) => records,
            Err(detail) => {
                let path = format!("log/{}", id.entries_path());
                read.damage.push(Damage::new(Place::Bundle, path, detail));
                return read;
            }
        };
        for (i, record) in records.iter().enumerate() {
            let line = lines.as_ref().map(|l| l.get(i).map_or("", String::as_str));
            let entry = read.entry(record, line, id.first() + i as u64, key, origin);
            read.entries.push((leaf(record.as_bytes()), entry));
        }
        read
    }

    /// Blames the record when it is wrong by itself, else its disclosures.
    fn entry(
        &mut self,
        record: &str,
        line: Option<&str>,
        index: u64,
        key: &format::EntryVerifier,
        origin: &str,
    ) -> Option<Entry> {
        let entry = match Entry::open(&format!("{record}~{}", line.unwrap_or("")), Some(key)) {
            Ok(entry) => entry,
            Err(e) => {
                let place = match Entry::open(&format!("{record}~"), Some(key)) {
                    Err(_) => Place::Bundle,
                    Ok(_) => Place::Disclosures,
                };
                self.say(place, format!("entry {index}: {e}"));
                return None;
            }
        };
        if entry.record.issuer() != origin {
            self.say(
                Place::Bundle,
                format!("entry {index} is of another archive"),
            );
            return None;
        }
        // What its file cannot say is said once, for the file.
        line?;
        // Every entry names its own fields: what is not there now was there when it was signed.
        let mut missing = match Common::read(&entry.fields) {
            Ok(common) if common.fields.is_some() => common.gone(&entry.fields),
            _ => vec!["fields".to_owned()],
        };
        if missing.is_empty() && Kind::read(&entry.fields).is_err() {
            missing.push("the sense of its fields".to_owned());
        }
        if !missing.is_empty() {
            let gone = format!("entry {index}: {} is gone", missing.join(", "));
            self.say(Place::Disclosures, gone);
        }
        Some(entry)
    }

    /// One line for a file, however much of it is wrong.
    fn say(&mut self, place: Place, detail: String) {
        let name = match place {
            Place::Disclosures => self.id.disclosures_path(),
            _ => format!("log/{}", self.id.entries_path()),
        };
        match self.damage.iter_mut().find(|d| d.name == name) {
            Some(said) if !said.detail.ends_with("and more") => said.detail.push_str(", and more"),
            Some(_) => {}
            None => self.damage.push(Damage::new(place, name, detail)),
        }
    }
}
