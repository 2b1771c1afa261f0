//! How much may be on its way at once, whoever sends it.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

#[cfg(test)]
mod tests;

/// Bytes in memory that wait for the store to take them.
const BYTES: u32 = 64 << 20;
/// Objects sent whole at once.
const SMALL: usize = 32;
/// Objects sent in parts at once; each more takes up room in the spool.
const LARGE: usize = 4;

/// Shared by everything that sends; whoever comes first is served first.
#[derive(Debug)]
pub(super) struct Room {
    bytes: Arc<Semaphore>,
    small: Arc<Semaphore>,
    large: Arc<Semaphore>,
}

/// A place in the room, given back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    _kept: [Option<OwnedSemaphorePermit>; 2],
}

impl Default for Room {
    fn default() -> Self {
        Self {
            bytes: Arc::new(Semaphore::new(BYTES as usize)),
            small: Arc::new(Semaphore::new(SMALL)),
            large: Arc::new(Semaphore::new(LARGE)),
        }
    }
}

impl Room {
    /// Waits until an object of this many bytes may be sent whole.
    pub(super) async fn for_small(&self, bytes: usize) -> Place {
        let one = Arc::clone(&self.small).acquire_owned().await.ok();
        Place {
            _kept: [one, self.for_bytes(bytes).await],
        }
    }

    /// Waits until another object may be sent in parts.
    pub(super) async fn for_large(&self) -> Place {
        let one = Arc::clone(&self.large).acquire_owned().await.ok();
        Place { _kept: [one, None] }
    }

    /// Waits until a part of this many bytes may be held and sent.
    pub(super) async fn for_part(&self, bytes: usize) -> Place {
        Place {
            _kept: [self.for_bytes(bytes).await, None],
        }
    }

    async fn for_bytes(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        // What is larger than the room has it for itself. The semaphore is never closed.
        let wanted = u32::try_from(bytes).unwrap_or(BYTES).min(BYTES);
        Arc::clone(&self.bytes)
            .acquire_many_owned(wanted)
            .await
            .ok()
    }

    /// Says how many bytes share the line now.
    pub(super) fn on_the_way(&self) -> u64 {
        u64::from(BYTES).saturating_sub(self.bytes.available_permits() as u64)
    }
}
