//! What never changes and was read or written lately, kept in memory where reading costs a journey.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Name;
use crate::disk::OldFile;

#[cfg(test)]
mod tests;

/// Bytes kept at the most, names and bookkeeping not counted.
const ROOM: usize = 64 << 20;
/// Larger ones are read once and not kept.
const LARGEST: usize = ROOM / 16;

/// Least recently used objects go first.
#[derive(Debug, Default)]
pub(super) struct Cache {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    by_name: HashMap<Name, (u64, Arc<[u8]>)>,
    by_use: BTreeMap<u64, Name>,
    bytes: usize,
    uses: u64,
    /// Counts what was lost, so that a read begun before does not bring it back.
    losses: u64,
}

/// Shows when a read or write began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticket(u64);

impl Cache {
    /// Tells whether objects of this name never change; a checkpoint does.
    pub(super) fn keeps(name: &Name) -> bool {
        ["log/tile/", "disclosures/"]
            .iter()
            .any(|folder| name.as_str().starts_with(folder))
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn ticket(&self) -> Ticket {
        Ticket(self.lock().losses)
    }

    pub(super) fn find(&self, name: &Name) -> Option<Arc<[u8]>> {
        self.lock().find(name)
    }

    /// Remembers an object, unless something was lost since its reading began.
    pub(super) fn keep(&self, since: Ticket, name: &Name, bytes: Arc<[u8]>) {
        let mut kept = self.lock();
        if kept.losses == since.0 && bytes.len() <= LARGEST {
            kept.keep(name, bytes);
        }
    }

    pub(super) fn lose(&self, name: &Name) {
        let mut kept = self.lock();
        kept.losses += 1;
        kept.remove(name);
    }

    pub(super) fn forget(&self) {
        let mut kept = self.lock();
        let losses = kept.losses + 1;
        *kept = Kept {
            losses,
            ..Kept::default()
        };
    }
}

impl Kept {
    fn find(&mut self, name: &Name) -> Option<Arc<[u8]>> {
        self.uses += 1;
        let uses = self.uses;
        let (used, bytes) = self.by_name.get_mut(name)?;
        self.by_use.remove(used);
        *used = uses;
        let found = Arc::clone(bytes);
        self.by_use.insert(uses, name.clone());
        Some(found)
    }

    fn keep(&mut self, name: &Name, bytes: Arc<[u8]>) {
        self.remove(name);
        self.uses += 1;
        self.bytes += bytes.len();
        self.by_use.insert(self.uses, name.clone());
        self.by_name.insert(name.clone(), (self.uses, bytes));
        while self.bytes > ROOM
            && let Some((_, oldest)) = self.by_use.pop_first()
        {
            self.remove(&oldest);
        }
    }

    fn remove(&mut self, name: &Name) {
        if let Some((used, bytes)) = self.by_name.remove(name) {
            self.by_use.remove(&used);
            self.bytes -= bytes.len();
        }
    }
}

/// An object in memory.
#[derive(Debug)]
pub(super) struct Known(pub(super) Arc<[u8]>);

impl OldFile for Known {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = usize::try_from(offset)
            .ok()
            .and_then(|o| self.0.get(o..))
            .unwrap_or_default();
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        Ok(n)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }
}
