//! Step 6: the entry that seals the dossier.

use std::collections::BTreeSet;

use super::damage::Faults;
use super::entries::Entries;
use super::inclusion::Anchor;
use super::role::is_folder;
use crate::dossier::bag::BagInfo;
use crate::dossier::fault::{Code, Fault};
use crate::kind::{Content, DossierSealed, Kind};
use crate::{DossierId, Instant, PersonId, Subject};

/// What the sealing entry says.
#[derive(Debug)]
pub(super) struct Sealed {
    pub(super) index: u64,
    pub(super) dossier: DossierId,
    pub(super) body: DossierSealed,
    pub(super) contents: Vec<Content>,
    pub(super) at: Option<Instant>,
    pub(super) by: Option<PersonId>,
}

pub(super) fn find(
    entries: &Entries,
    info: Option<&BagInfo>,
    anchor: &Anchor,
    faults: &mut Faults,
) -> Option<Sealed> {
    let info = info?;
    if let Some(checkpoint) = &anchor.checkpoint
        && checkpoint.origin != info.origin
    {
        let why = format!(
            "It names the log {}, the checkpoint {}",
            info.origin, checkpoint.origin
        );
        faults.push(Fault::new(Code::WrongOrigin, why).at("bag-info.txt"));
    }
    match read(entries, info) {
        Ok(sealed) => {
            sound(&sealed, faults);
            Some(sealed)
        }
        Err(why) => {
            faults.push(Fault::new(Code::WrongSeal, why).index(info.sealed));
            None
        }
    }
}

fn read(entries: &Entries, info: &BagInfo) -> Result<Sealed, String> {
    let index = info.sealed;
    let entry = entries
        .get(&index)
        .ok_or_else(|| format!("Entry {index}, which seals the dossier, is not there"))?;
    let Some(Kind::DossierSealed(body)) = entry.kind() else {
        return Err(format!(
            "Entry {index} does not show that it seals a dossier"
        ));
    };
    let contents = body
        .contents
        .clone()
        .ok_or_else(|| format!("Entry {index} does not show what the dossier holds"))?;
    let dossier = match entry.subject() {
        Some(Subject::Dossier(dossier)) if dossier.to_string() == info.dossier => dossier,
        _ => {
            return Err(format!(
                "Entry {index} seals another dossier than {}",
                info.dossier
            ));
        }
    };
    let common = entry.shown.as_ref().map(|shown| &shown.common);
    Ok(Sealed {
        index,
        dossier,
        body: body.clone(),
        contents,
        at: common.and_then(|common| common.at),
        by: common.and_then(|common| common.by),
    })
}

/// The list must name each item and each folder once.
fn sound(sealed: &Sealed, faults: &mut Faults) {
    let (mut items, mut folders) = (BTreeSet::new(), BTreeSet::new());
    for content in &sealed.contents {
        let why = if !items.insert(content.item) {
            "The item is listed twice"
        } else if !is_folder(&content.evidence) {
            "Its folder is not 12 characters of base32"
        } else if !folders.insert(&content.evidence) {
            "Its folder is also that of another item"
        } else {
            continue;
        };
        faults.push(
            Fault::new(Code::WrongSeal, why)
                .item(content.item)
                .index(sealed.index),
        );
    }
}
