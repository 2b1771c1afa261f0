//! Step 7: the chain of each item.

use std::collections::{BTreeMap, BTreeSet};

use super::damage::Faults;
use super::entries::{Entries, Parsed};
use super::evidence::{self, Item};
use super::file::FileFacts;
use super::seal::Sealed;
use crate::dossier::fault::{Code, Fault};
use crate::kind::{Content, Kind};
use crate::{ItemId, Subject};

pub(super) fn check(
    entries: &Entries,
    sealed: Option<&Sealed>,
    files: &BTreeMap<String, FileFacts>,
    faults: &mut Faults,
) -> Vec<Item> {
    // Without a good seal there is nothing to compare with; the seal has its own fault.
    let Some(sealed) = sealed else {
        return Vec::new();
    };
    let mut of_items = BTreeMap::<ItemId, BTreeSet<u64>>::new();
    for (index, entry) in entries {
        if let Some(Subject::Item(item)) = entry.subject() {
            of_items.entry(item).or_default().insert(*index);
        }
    }
    let mut items = Vec::new();
    for content in &sealed.contents {
        let start = of_items.get(&content.item).cloned().unwrap_or_default();
        let mut walk = Walk {
            entries,
            content,
            faults,
            failed: false,
        };
        let members = walk.members(start);
        let unlinked = walk.order(&members);
        walk.withheld(&members);
        let mut item = evidence::compare(content, members, entries, files, faults);
        item.unlinked = unlinked;
        items.push(item);
    }
    evidence::left_over(entries, sealed, &items, files, faults);
    items
}

/// The chain of one item.
struct Walk<'a> {
    entries: &'a Entries,
    content: &'a Content,
    faults: &'a mut Faults,
    failed: bool,
}

impl Walk<'_> {
    fn fault(&mut self, code: Code, index: Option<u64>, why: impl Into<String>) {
        let mut fault = Fault::new(code, why).item(self.content.item);
        fault.index = index;
        self.failed = true;
        self.faults.push(fault);
    }

    /// Gathers the entries that say they belong, that are listed as withheld, or that a later one names.
    fn members(&mut self, start: BTreeSet<u64>) -> BTreeSet<u64> {
        let own = Subject::Item(self.content.item);
        let mut open: Vec<u64> = start.into_iter().collect();
        open.extend(self.content.withheld.iter().map(|withheld| withheld.index));
        open.push(self.content.head.index);
        let mut seen = BTreeSet::new();
        let mut members = BTreeSet::new();
        while let Some(index) = open.pop() {
            if !seen.insert(index) {
                continue;
            }
            let Some(entry) = self.entries.get(&index) else {
                let why = format!("Entry {index} about the item is not there");
                self.fault(Code::MissingEntry, Some(index), why);
                continue;
            };
            if entry.subject().is_some_and(|subject| subject != own) {
                let why = format!(
                    "The chain of the item leads to entry {index}, which is about something else"
                );
                self.fault(Code::BrokenChain, Some(index), why);
                continue;
            }
            members.insert(index);
            open.extend(chain(entry).and_then(|chain| chain.prev).map(|prev| prev.0));
        }
        members
    }

    /// Checks head, number, order and links; gives how many neighbours are linked by the seal alone.
    fn order(&mut self, members: &BTreeSet<u64>) -> u64 {
        let head = self.content.head;
        let expected = head.n.saturating_add(1);
        let found = members.len() as u64;
        if found < expected && !self.failed {
            let why = format!("Of {expected} entries about the item only {found} are there");
            self.fault(Code::MissingEntry, None, why);
        }
        if found > expected {
            let why = format!("There are {found} entries about the item instead of {expected}");
            self.fault(Code::BrokenChain, None, why);
        }
        if let Some(entry) = self.entries.get(&head.index)
            && (entry.leaf.0 != head.leaf.0 || members.last() != Some(&head.index))
        {
            let why = "The last entry about the item is not the one that the seal names";
            self.fault(Code::BrokenChain, Some(head.index), why);
        }
        if found == expected {
            self.links(members)
        } else {
            0
        }
    }

    fn links(&mut self, members: &BTreeSet<u64>) -> u64 {
        let mut unlinked = 0;
        let mut previous: Option<(u64, [u8; 32])> = None;
        for (n, index) in (0_u64..).zip(members) {
            let Some(entry) = self.entries.get(index) else {
                continue;
            };
            match chain(entry) {
                Some(chain) if chain.n == n && chain.prev == previous => {}
                Some(_) => {
                    let why = format!(
                        "Entry {index} does not name its place and the entry before it rightly"
                    );
                    self.fault(Code::BrokenChain, Some(*index), why);
                }
                None => unlinked += u64::from(n > 0),
            }
            let collects = entry.kind().map(|kind| matches!(kind, Kind::Collected(_)));
            if collects.is_some_and(|collects| collects != (n == 0)) {
                let why = "The chain of an item begins with the entry that collects it and has no other such";
                self.fault(Code::BrokenChain, Some(*index), why);
            }
            previous = Some((*index, entry.leaf.0));
        }
        unlinked
    }

    /// Nothing is shown of exactly the entries that the seal lists.
    fn withheld(&mut self, members: &BTreeSet<u64>) {
        let listed: BTreeSet<u64> = self.content.withheld.iter().map(|w| w.index).collect();
        if listed.len() != self.content.withheld.len() {
            self.fault(
                Code::WithheldDiffers,
                None,
                "The seal lists a withheld entry twice",
            );
        }
        for index in members {
            let hidden = self
                .entries
                .get(index)
                .is_some_and(|entry| entry.shown.is_none());
            if hidden == listed.contains(index) {
                continue;
            }
            let why = if hidden {
                format!(
                    "Nothing of entry {index} is shown, but the seal does not list it as withheld"
                )
            } else {
                format!("The seal lists entry {index} as withheld, but some of it is shown")
            };
            self.fault(Code::WithheldDiffers, Some(*index), why);
        }
    }
}

fn chain(entry: &Parsed) -> Option<crate::Chain> {
    entry.shown.as_ref()?.common.chain
}
