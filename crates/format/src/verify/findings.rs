//! From what the steps found to the report.

use std::collections::BTreeSet;

use super::damage::Faults;
use super::entries::Entries;
use super::evidence::Item;
use super::inclusion::Anchor;
use super::report::{ItemReport, Report, State, Verdict};
use super::seal::Sealed;
use super::statements;
use super::times::Time;
use crate::dossier::bag::BagInfo;
use crate::dossier::visible;
use crate::id::hex;

/// What the steps of the check found.
pub(super) struct Findings {
    pub(super) faults: Faults,
    pub(super) info: Option<BagInfo>,
    pub(super) anchor: Anchor,
    pub(super) times: Vec<Time>,
    pub(super) entries: Entries,
    pub(super) sealed: Option<Sealed>,
    pub(super) items: Vec<Item>,
}

impl Findings {
    pub(super) fn report(self) -> Report {
        let bad = self.faults.any();
        // Whoever strips the digests from an entry can exchange the file: that is never plainly good.
        let all_compared = self.items.iter().all(|item| item.compared);
        let verdict = match (bad, all_compared, self.anchor.anchored) {
            (true, _, _) => Verdict::Bad,
            (false, false, _) => Verdict::GoodInPart,
            (false, true, true) => Verdict::Good,
            (false, true, false) => Verdict::GoodButUnanchored,
        };
        let sealed = self.sealed.as_ref();
        let body = sealed.map(|sealed| &sealed.body);
        let show = |text: &String| visible(text);
        Report {
            verdict,
            dossier: self.info.as_ref().map(|info| show(&info.dossier)),
            origin: self.info.as_ref().map(|info| show(&info.origin)),
            recipient: body.and_then(|body| body.recipient.as_ref()).map(show),
            purpose: body.and_then(|body| body.purpose.as_ref()).map(show),
            sealed_at: sealed.and_then(|s| s.at).map(|at| at.to_string()),
            sealed_by: sealed.and_then(|s| s.by).map(|by| by.to_string()),
            log_size: self
                .anchor
                .checkpoint
                .as_ref()
                .map(|checkpoint| checkpoint.size),
            entries: self.entries.len() as u64,
            items: self.items(),
            proven: if bad {
                Vec::new()
            } else {
                statements::proven(&self)
            },
            asserted: statements::asserted(&self),
            missing: statements::missing(&self),
            damage_left_out: self.faults.left_out,
            damage: self.faults.listed,
        }
    }

    fn items(&self) -> Vec<ItemReport> {
        // Gathered once: ten thousand items times ten thousand faults would take minutes.
        let faults = &self.faults.listed;
        let items: BTreeSet<&str> = faults.iter().filter_map(|f| f.item.as_deref()).collect();
        let paths: BTreeSet<&str> = faults.iter().filter_map(|f| f.path.as_deref()).collect();
        let indexes: BTreeSet<u64> = faults.iter().filter_map(|f| f.index).collect();
        let touched = |item: &Item, id: &str| {
            self.faults.left_out > 0
                || items.contains(id)
                || paths.contains(item.path.as_str())
                || item.entries.iter().any(|index| indexes.contains(index))
        };
        let describe = |item: &Item| {
            let id = item.content.item.to_string();
            let state = match (touched(item, &id), item.compared) {
                (true, _) => State::Damaged,
                (false, true) => State::Intact,
                (false, false) => State::Unproven,
            };
            let name = item.collected.as_ref().and_then(|body| body.name.as_ref());
            let hidden = |index: &&u64| self.entries.get(index).is_some_and(|e| e.shown.is_none());
            ItemReport {
                item: id,
                name: name.map(|name| visible(&name.lossy())),
                path: item.path.clone(),
                bytes: item.bytes,
                sha256: item.sha256.map(|digest| hex(&digest)),
                state,
                entries: item.entries.len() as u64,
                withheld: item.entries.iter().filter(hidden).count() as u64,
            }
        };
        self.items.iter().map(describe).collect()
    }
}
