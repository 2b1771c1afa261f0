//! Many objects, one wait: what was placed through a batch is durable when the batch settles.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Inner, Name, blocking};
use crate::error::Result;
use crate::objects::stage::{Draft, Placed, Stage};

/// Places objects whose names follow from their bytes; clones are the same batch.
///
/// Placing may return before the bytes have arrived anywhere: only [`Batch::settle`] says that they did. What fails
/// on the way fails this batch for good and no other. A batch that is dropped unsettled leaves whole objects or none
/// behind, as a crash would.
#[derive(Debug, Clone)]
pub struct Batch {
    inner: Arc<Inner>,
    work: Arc<dyn Work>,
    placed: Arc<Mutex<Settled>>,
}

/// What became of the objects of a batch so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    /// Objects that were not there before.
    pub new: u64,
    /// Objects that were there already.
    pub same: u64,
    /// Objects that were there torn or damaged, and are whole now.
    pub healed: u64,
}

/// What a back end does for one batch; all of it blocking.
pub(super) trait Work: Debug + Send + Sync {
    /// Begins a temporary object, gone when dropped without having been placed.
    fn draft(self: Arc<Self>, expected_bytes: u64) -> Result<Box<dyn Draft>>;
    /// Places bytes that are whole in memory; not durable.
    fn place_whole(self: Arc<Self>, name: &Name, bytes: &[u8]) -> Result<Placed>;
    /// Makes everything placed before this call durable; counts what was [`Placed::Sent`].
    fn settle(&self) -> Result<Settled>;
}

impl Settled {
    pub(super) fn count(&mut self, placed: Placed) {
        match placed {
            Placed::New => self.new += 1,
            Placed::Same => self.same += 1,
            Placed::Healed => self.healed += 1,
            Placed::Sent => {}
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            new: self.new + other.new,
            same: self.same + other.same,
            healed: self.healed + other.healed,
        }
    }
}

impl Batch {
    pub(super) fn new(inner: Arc<Inner>, work: Arc<dyn Work>) -> Self {
        Self {
            inner,
            work,
            placed: Arc::default(),
        }
    }

    /// Begins to stream one object in; blocking. `expected` bytes is advice.
    pub fn stage(&self, expected: u64) -> Result<Stage> {
        let draft = self
            .inner
            .writing("A new object", |_| Arc::clone(&self.work).draft(expected))?;
        Ok(Stage::new(self.clone(), draft))
    }

    /// Places bytes that are whole in memory, as [`Stage::place`] would, with fewer steps; blocking.
    ///
    /// In a folder they are written under their final name at once: until a later [`Batch::settle`] a crash may leave
    /// them torn there, and whoever places the same bytes again meanwhile heals them.
    pub fn place_whole(&self, name: &Name, bytes: &[u8]) -> Result<Placed> {
        let placed = self.inner.writing(name.as_str(), |_| {
            Arc::clone(&self.work).place_whole(name, bytes)
        });
        self.count(placed)
    }

    pub(super) fn place(&self, name: &Name, draft: Box<dyn Draft>) -> Result<Placed> {
        let placed = self.inner.writing(name.as_str(), |_| draft.place(name));
        self.count(placed)
    }

    fn count(&self, placed: Result<Placed>) -> Result<Placed> {
        let placed = placed?;
        self.placed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .count(placed);
        Ok(placed)
    }

    /// Makes everything placed through this batch before the call durable, and says what was found on the way.
    ///
    /// May be called again after more was placed. Returns the first error of anything placed through this batch, and
    /// goes on returning it: begin a new batch to try again. In a folder it is one sync, which covers what other
    /// batches placed too.
    pub async fn settle(&self) -> Result<Settled> {
        let batch = self.clone();
        blocking(move || {
            let sent = batch
                .inner
                .writing("The object store", |_| batch.work.settle())?;
            let placed = *batch.placed.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(placed.and(sent))
        })
        .await
    }
}
