//! The filter by scope, the count and the order, in one pass over the matches.
//!
//! The order must not betray what the asker may not see (promise A2). BM25
//! weighs a word by how rare it is among *all* documents, so a document outside
//! the scope would move those inside. Here a score is a sum of whole numbers
//! that depend on nothing but the query and the one document: which field holds
//! each word, whether in the very form asked for, whether side by side. Equal
//! scores are ordered by log number, newest first. Whole numbers also make the
//! sum the same in whatever order the engine adds them.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

use super::Scope;
use super::schema::{COMPARTMENT, LEVEL, SEQ};

/// A document inside the scope, ordered by what is shown first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) score: u32,
    pub(super) seq: u64,
    pub(super) address: DocAddress,
}

/// All that was found: how many, and the first of them, best first.
#[derive(Debug, Default)]
pub(super) struct Ranking {
    pub(super) total: usize,
    pub(super) places: Vec<Place>,
}

/// Collects the first `keep` documents inside a scope.
pub(super) struct InScope {
    highest: HashMap<String, u64>,
    keep: usize,
}

impl InScope {
    /// Takes the highest level per compartment; no compartment means nothing.
    pub(super) fn new(scope: &Scope<'_>, keep: usize) -> Self {
        let mut highest = HashMap::new();
        for (compartment, level) in scope.compartments {
            let known = highest.entry(compartment.clone()).or_insert(0);
            *known = u64::from(*level).max(*known);
        }
        Self { highest, keep }
    }
}

impl Collector for InScope {
    type Fruit = Ranking;
    type Child = Segment;

    fn for_segment(
        &self,
        ordinal: SegmentOrdinal,
        reader: &SegmentReader,
    ) -> tantivy::Result<Segment> {
        let fast = reader.fast_fields();
        let mut visible = HashMap::new();
        let mut compartments = None;
        if let Some(column) = fast.str(COMPARTMENT)? {
            for (name, level) in &self.highest {
                if let Some(term) = column.dictionary().term_ord(name.as_bytes())? {
                    visible.insert(term, *level);
                }
            }
            compartments = Some(column.ords().clone());
        }
        Ok(Segment {
            ordinal,
            visible,
            compartments,
            levels: fast.u64(LEVEL)?,
            seqs: fast.u64(SEQ)?,
            best: BinaryHeap::new(),
            keep: self.keep,
            total: 0,
        })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, segments: Vec<Ranking>) -> tantivy::Result<Ranking> {
        let mut all = Ranking::default();
        for mut segment in segments {
            all.total += segment.total;
            all.places.append(&mut segment.places);
        }
        all.places.sort_unstable_by(|a, b| b.cmp(a));
        all.places.truncate(self.keep);
        Ok(all)
    }
}

/// The matches of one segment.
pub(super) struct Segment {
    ordinal: SegmentOrdinal,
    visible: HashMap<u64, u64>,
    compartments: Option<Column<u64>>,
    levels: Column<u64>,
    seqs: Column<u64>,
    best: BinaryHeap<Reverse<Place>>,
    keep: usize,
    total: usize,
}

impl Segment {
    /// Whatever is missing is not visible.
    fn sees(&self, doc: DocId) -> bool {
        let compartment = self.compartments.as_ref().and_then(|c| c.first(doc));
        let highest = compartment.and_then(|c| self.visible.get(&c));
        matches!((highest, self.levels.first(doc)), (Some(highest), Some(level)) if level <= *highest)
    }
}

impl SegmentCollector for Segment {
    type Fruit = Ranking;

    fn collect(&mut self, doc: DocId, score: Score) {
        if !self.sees(doc) {
            return;
        }
        self.total += 1;
        let Some(seq) = self.seqs.first(doc) else {
            return;
        };
        self.best.push(Reverse(Place {
            score: whole(score),
            seq,
            address: DocAddress::new(self.ordinal, doc),
        }));
        if self.best.len() > self.keep {
            self.best.pop();
        }
    }

    fn harvest(self) -> Ranking {
        Ranking {
            total: self.total,
            places: self.best.into_iter().map(|Reverse(place)| place).collect(),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "scores are sums of small whole positive numbers"
)]
fn whole(score: Score) -> u32 {
    score as u32
}
