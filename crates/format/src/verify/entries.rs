//! Step 5: each entry by itself.

use std::collections::BTreeMap;

use super::damage::Faults;
use super::file::FileFacts;
use super::inclusion::Anchor;
use super::role::Role;
use crate::dossier::fault::{Code, Fault};
use crate::kind::{Common, Keys, Kind, KindError};
use crate::log::hash::{Hash, leaf};
use crate::{Entry, Record, Subject};

/// An entry file that could be read.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) path: String,
    pub(super) record: Record,
    pub(super) leaf: Hash,
    /// `None` for a `.jws`, of which nothing is shown.
    pub(super) shown: Option<Shown>,
}

/// What an entry shows.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) common: Common,
    pub(super) kind: Option<Kind>,
    /// Names of fields that every entry of the kind has and that are not shown.
    pub(super) hidden: Vec<&'static str>,
}

impl Parsed {
    pub(super) fn subject(&self) -> Option<Subject> {
        self.shown.as_ref()?.common.subject
    }

    pub(super) fn kind(&self) -> Option<&Kind> {
        self.shown.as_ref()?.kind.as_ref()
    }
}

pub(super) type Entries = BTreeMap<u64, Parsed>;

/// Reads every entry file; signatures are checked later, when the key is known.
pub(super) fn parse(files: &BTreeMap<String, FileFacts>, faults: &mut Faults) -> Entries {
    let mut out = Entries::new();
    for (path, facts) in files {
        let Role::Entry { index, shown } = Role::of(path) else {
            continue;
        };
        match one(path, shown, facts.content()) {
            Ok(parsed) => {
                if out.insert(index, parsed).is_some() {
                    let why = "The entry is there both as .jws and as .sd-jwt";
                    faults.push(Fault::new(Code::ExtraEntry, why).at(path).index(index));
                }
            }
            Err(why) => faults.push(Fault::new(Code::BadEntry, why).at(path).index(index)),
        }
    }
    out
}

fn one(path: &str, shown: bool, bytes: &[u8]) -> Result<Parsed, String> {
    let text = std::str::from_utf8(bytes).map_err(|_bad| "The entry is not text".to_owned())?;
    let (record, shown) = if shown {
        let entry = Entry::open(text, None).map_err(|why| why.to_string())?;
        if entry.disclosures.is_empty() {
            return Err("Nothing of the entry is shown, so it must be a .jws".to_owned());
        }
        let shown = read(&entry)?;
        (entry.record, Some(shown))
    } else {
        (Record::parse(text).map_err(|why| why.to_string())?, None)
    };
    Ok(Parsed {
        path: path.to_owned(),
        leaf: leaf(record.as_bytes()),
        record,
        shown,
    })
}

fn read(entry: &Entry) -> Result<Shown, String> {
    let common = Common::read(&entry.fields).map_err(|why| why.to_string())?;
    let kind = match Kind::read(&entry.fields) {
        Ok(kind) => Some(kind),
        // Later versions add kinds; an old checker still proves their place in the log.
        Err(KindError::Withheld | KindError::Unknown(_)) => None,
        Err(why) => return Err(why.to_string()),
    };
    if let (Some(kind), Some(subject)) = (&kind, &common.subject)
        && !kind.is_about(subject)
    {
        return Err(format!("No {} entry is about {subject}", kind.name()));
    }
    let mut hidden = kind.as_ref().map(Kind::missing).unwrap_or_default();
    let five = [
        ("kind", common.kind.is_none()),
        ("at", common.at.is_none()),
        ("by", common.by.is_none()),
        ("subject", common.subject.is_none()),
        ("chain", common.chain.is_none()),
    ];
    hidden.extend(
        five.into_iter()
            .filter_map(|(name, none)| none.then_some(name)),
    );
    Ok(Shown {
        common,
        kind,
        hidden,
    })
}

/// Finds the keys that entry 0 states.
pub(super) fn founded(entries: &Entries, faults: &mut Faults) -> Option<Keys> {
    let fault = match entries.get(&0) {
        None => Fault::new(
            Code::BadFounded,
            "Entry 0, which states the keys, is not there",
        ),
        Some(entry) => match entry.kind() {
            Some(Kind::Founded(body)) if body.keys.is_some() => return body.keys.clone(),
            Some(Kind::Founded(_)) => {
                Fault::new(Code::BadFounded, "Entry 0 does not show its keys")
            }
            _ => Fault::new(
                Code::BadFounded,
                "Entry 0 does not show that it founds an archive",
            ),
        },
    };
    faults.push(fault.index(0));
    None
}

/// Checks signatures and origins.
pub(super) fn check(entries: &Entries, keys: Option<&Keys>, anchor: &Anchor, faults: &mut Faults) {
    for (index, entry) in entries {
        if let Some(keys) = keys
            && let Err(why) = entry.record.verify(&keys.entry)
        {
            let fault = Fault::new(Code::BadEntry, why.to_string());
            faults.push(fault.at(&entry.path).index(*index));
        }
        let origin = anchor
            .checkpoint
            .as_ref()
            .map(|checkpoint| &checkpoint.origin);
        if let Some(origin) = origin
            && entry.record.issuer() != origin
        {
            let why = format!("The entry is of the log {}", entry.record.issuer());
            faults.push(
                Fault::new(Code::WrongOrigin, why)
                    .at(&entry.path)
                    .index(*index),
            );
        }
        links(*index, entry, entries, faults);
    }
}

/// Whoever names the entry before it must name the one that is here.
fn links(index: u64, entry: &Parsed, entries: &Entries, faults: &mut Faults) {
    let Some(chain) = entry.shown.as_ref().and_then(|shown| shown.common.chain) else {
        return;
    };
    let Some((before, hash)) = chain.prev else {
        return;
    };
    let why = if before >= index {
        format!("The entry names entry {before}, which came later, as the one before it")
    } else if entries
        .get(&before)
        .is_some_and(|other| other.leaf.0 != hash)
    {
        format!("Entry {before} is not the one that this entry names as the one before it")
    } else {
        return;
    };
    let fault = Fault::new(Code::BrokenChain, why)
        .at(&entry.path)
        .index(index);
    faults.push(match entry.subject() {
        Some(Subject::Item(item)) => fault.item(item),
        _ => fault,
    });
}
