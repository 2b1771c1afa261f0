//! Who holds which lock; a power cut forgets them all.

use std::collections::HashMap;

use store::{Lock, LockKind};

use super::FaultDisk;
use super::image::Ino;

#[derive(Debug, Default)]
pub(super) struct Locks {
    held: HashMap<Ino, Holders>,
}

#[derive(Debug)]
enum Holders {
    Shared(usize),
    Alone,
}

impl Locks {
    /// Takes the lock if it is free for this kind.
    pub(super) fn take(&mut self, ino: Ino, kind: LockKind) -> bool {
        match (self.held.get_mut(&ino), kind) {
            (None, LockKind::Shared) => drop(self.held.insert(ino, Holders::Shared(1))),
            (None, LockKind::Exclusive) => drop(self.held.insert(ino, Holders::Alone)),
            (Some(Holders::Shared(n)), LockKind::Shared) => *n += 1,
            (Some(_), _) => return false,
        }
        true
    }

    fn release(&mut self, ino: Ino) {
        match self.held.get_mut(&ino) {
            Some(Holders::Shared(n)) if *n > 1 => *n -= 1,
            _ => drop(self.held.remove(&ino)),
        }
    }
}

#[derive(Debug)]
pub(super) struct Held {
    pub(super) disk: FaultDisk,
    pub(super) ino: Ino,
}

impl Lock for Held {}

impl Drop for Held {
    fn drop(&mut self) {
        self.disk.state().locks.release(self.ino);
        self.disk.shared.unlocked.notify_all();
    }
}
