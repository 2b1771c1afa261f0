//! Steps 7 and 8: the evidence is what was recorded, and nothing is left over.

use std::collections::{BTreeMap, BTreeSet};

use super::damage::Faults;
use super::entries::{Entries, Parsed};
use super::file::FileFacts;
use super::role::Role;
use super::seal::Sealed;
use crate::dossier::fault::{Code, Fault};
use crate::kind::{Collected, Content, Kind};
use crate::{Digests, Subject};

/// What was found about one item.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) content: Content,
    pub(super) path: String,
    pub(super) collected: Option<Collected>,
    pub(super) bytes: Option<u64>,
    pub(super) sha256: Option<[u8; 32]>,
    /// Whether the evidence was compared with digests in the log.
    pub(super) compared: bool,
    /// Entries of the chain that are here.
    pub(super) entries: BTreeSet<u64>,
    /// Pairs of neighbours of which the later does not name the earlier.
    pub(super) unlinked: u64,
}

/// Compares the evidence file with what was recorded when it came in.
pub(super) fn compare(
    content: &Content,
    members: BTreeSet<u64>,
    entries: &Entries,
    files: &BTreeMap<String, FileFacts>,
    faults: &mut Faults,
) -> Item {
    let path = format!("data/evidence/{}/content", content.evidence);
    let first = members.first().and_then(|index| entries.get(index));
    let collected = match first.and_then(Parsed::kind) {
        Some(Kind::Collected(body)) => Some(body.clone()),
        _ => None,
    };
    let digests = collected.as_ref().and_then(|body| body.digests);
    let facts = files.get(&path);
    if facts.is_none() {
        let why = "The evidence of the item is not there";
        faults.push(
            Fault::new(Code::MissingFile, why)
                .at(&path)
                .item(content.item),
        );
    }
    if let (Some(facts), Some(digests)) = (facts, digests)
        && let Some(why) = differs(facts, &digests)
    {
        faults.push(
            Fault::new(Code::EvidenceDiffers, why)
                .at(&path)
                .item(content.item),
        );
    }
    Item {
        content: content.clone(),
        path,
        collected,
        bytes: facts.map(|facts| facts.bytes),
        sha256: facts.map(|facts| facts.sha256),
        compared: facts.is_some() && digests.is_some(),
        entries: members,
        unlinked: 0,
    }
}

fn differs(facts: &FileFacts, digests: &Digests) -> Option<String> {
    if facts.bytes != digests.bytes {
        let (here, there) = (facts.bytes, digests.bytes);
        return Some(format!(
            "It has {here} bytes; {there} were recorded when it was collected"
        ));
    }
    let sha256 = facts.sha256 == digests.sha256.0;
    let blake3 = facts.blake3 == Some(digests.blake3.0);
    let which = match (sha256, blake3) {
        (true, true) => return None,
        (false, false) => "SHA-256 and BLAKE3 are not those",
        (false, true) => "SHA-256 is not the one",
        (true, false) => "BLAKE3 is not the one",
    };
    Some(format!("Its {which} recorded when it was collected"))
}

/// Every entry and every evidence file belongs to an item, to entry 0 or to the dossier.
pub(super) fn left_over(
    entries: &Entries,
    sealed: &Sealed,
    items: &[Item],
    files: &BTreeMap<String, FileFacts>,
    faults: &mut Faults,
) {
    let of_items = items.iter().flat_map(|item| item.entries.iter().copied());
    let mut used: BTreeSet<u64> = of_items.collect();
    used.extend([0, sealed.index]);
    for (index, entry) in entries {
        let own = entry.subject() == Some(Subject::Dossier(sealed.dossier));
        if !own && !used.contains(index) {
            let why = "The entry belongs neither to an item of this dossier nor to the dossier";
            faults.push(
                Fault::new(Code::ExtraEntry, why)
                    .at(&entry.path)
                    .index(*index),
            );
        }
    }
    let folders = items.iter().map(|item| item.content.evidence.as_str());
    let folders: BTreeSet<&str> = folders.collect();
    for path in files.keys() {
        if let Role::Evidence(folder) = Role::of(path)
            && !folders.contains(folder)
        {
            let why = "It is evidence of no item that the seal lists";
            faults.push(Fault::new(Code::ExtraFile, why).at(path));
        }
    }
}
