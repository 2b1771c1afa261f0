//! Streaming in and out, blocking on purpose: it runs on worker threads that also hash.

use std::fmt::Debug;
use std::ops::Range;

use super::{Batch, Name};
use crate::disk::OldFile;
use crate::error::{Error, Result};

/// Streams one object in; dropped before it is placed, it leaves nothing behind.
#[derive(Debug)]
pub struct Stage {
    batch: Batch,
    draft: Box<dyn Draft>,
}

/// What placing found under the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// Nothing; the object is new.
    New,
    /// The same bytes; they stay and ours are dropped.
    Same,
    /// Torn or damaged bytes; ours were made durable and took their place.
    Healed,
    /// Not known yet: the bytes are on their way, and [`super::Settled`] counts what was found.
    Sent,
}

/// An object being written, under no name yet.
pub(super) trait Draft: Debug + Send {
    /// Writes all bytes at the end, or fails.
    fn write(&mut self, bytes: &[u8]) -> Result<()>;
    /// Gives it its name, not durably.
    fn place(self: Box<Self>, name: &Name) -> Result<Placed>;
}

impl Stage {
    pub(super) fn new(batch: Batch, draft: Box<dyn Draft>) -> Self {
        Self { batch, draft }
    }

    /// Writes all bytes at the end, or fails; after a failure drop the stage.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.draft.write(bytes)
    }

    /// Gives the object its name; **not** durable until a later [`Batch::settle`] returns, whatever it says was found.
    ///
    /// Never puts unsynced bytes in the place of others, since another process may already have made
    /// those durable and acknowledged them. The name must follow from the bytes (a digest): what
    /// differs under it is taken for damaged.
    pub fn place(self, name: &Name) -> Result<Placed> {
        self.batch.place(name, self.draft)
    }
}

/// Reads one object in pieces, as it is stored; whoever knows its digest checks it (R5).
#[derive(Debug)]
pub struct Reader {
    name: Name,
    file: Box<dyn OldFile>,
}

#[expect(
    clippy::len_without_is_empty,
    reason = "an object is asked for its length, which may fail"
)]
impl Reader {
    pub(super) fn new(name: Name, file: Box<dyn OldFile>) -> Self {
        Self { name, file }
    }

    /// Says how many bytes the object has.
    pub fn len(&self) -> Result<u64> {
        self.file
            .len()
            .map_err(|e| Error::io(self.name.as_str(), e))
    }

    /// Fills `buf` from `offset`; returns fewer bytes only where the object ends.
    pub fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<usize> {
        self.file
            .read_at(buf, offset)
            .map_err(|e| Error::io(self.name.as_str(), e))
    }

    /// Reads all of it.
    pub(super) fn whole(&self) -> Result<Vec<u8>> {
        self.exactly(0..self.len()?)
    }

    pub(super) fn exactly(&self, range: Range<u64>) -> Result<Vec<u8>> {
        let len = self.len()?;
        let beyond = || beyond(&self.name, &range, len);
        let wanted = range
            .end
            .checked_sub(range.start)
            .filter(|_| range.end <= len)
            .ok_or_else(beyond)?;
        let mut bytes = vec![0; usize::try_from(wanted).map_err(|_too_large| beyond())?];
        let read = self.read_at(&mut bytes, range.start)?;
        if read == bytes.len() {
            Ok(bytes)
        } else {
            Err(beyond())
        }
    }
}

/// Says that somebody asked for bytes that an object does not have.
pub(super) fn beyond(name: &Name, range: &Range<u64>, len: u64) -> Error {
    Error::invalid(format!(
        "Bytes {range:?} of {name} do not exist; it has {len}"
    ))
}
