//! Faults in the order they were found, no more than a reader can take.

use crate::dossier::fault::Fault;

/// Lists faults up to a limit and counts the rest, so that a hostile file cannot fill the memory with them.
#[derive(Debug)]
pub(super) struct Faults {
    pub(super) listed: Vec<Fault>,
    pub(super) left_out: u64,
    limit: usize,
}

impl Faults {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            listed: Vec::new(),
            left_out: 0,
            limit,
        }
    }

    pub(super) fn push(&mut self, fault: Fault) {
        if self.listed.len() < self.limit {
            self.listed.push(fault);
        } else {
            self.left_out += 1;
        }
    }

    pub(super) fn any(&self) -> bool {
        !self.listed.is_empty() || self.left_out > 0
    }
}
