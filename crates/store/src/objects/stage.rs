//! Streaming in and out, blocking on purpose: it runs on worker threads that also hash.

use std::fmt::Debug;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use super::{Draft, Inner, Name, Replace};
use crate::disk::OldFile;
use crate::error::{Error, Result};

/// How much is compared at a time.
const WINDOW: usize = 1 << 20;

/// Streams one object in; dropped before it is placed, it leaves nothing behind.
#[derive(Debug)]
pub struct Stage {
    inner: Arc<Inner>,
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
}

impl Stage {
    pub(super) fn new(inner: Arc<Inner>, draft: Box<dyn Draft>) -> Self {
        Self { inner, draft }
    }

    /// Writes all bytes at the end, or fails; after a failure drop the stage.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.draft.write(bytes)
    }

    /// Gives the object its name; **not** durable until a later [`super::Objects::settle`] returns,
    /// whatever it says was found.
    ///
    /// Never puts unsynced bytes in the place of others, since another process may already have made
    /// those durable and acknowledged them. The name must follow from the bytes (a digest): what
    /// differs under it is taken for damaged.
    pub fn place(self, name: &Name) -> Result<Placed> {
        let Self { inner, mut draft } = self;
        inner.writing(name.as_str(), |inner| {
            if name.is_original() {
                draft.protect()?;
            }
            draft.finish()?;
            place(inner, draft.as_mut(), name)
        })
    }
}

fn place(inner: &Inner, draft: &mut dyn Draft, name: &Name) -> Result<Placed> {
    loop {
        if draft.place(name, Replace::Never)? {
            return Ok(Placed::New);
        }
        let Some(there) = inner.backend.open(name)? else {
            continue;
        }; // discarded meanwhile: try again
        let ours = draft.read()?;
        match same(&Whole(ours.as_ref()), there.as_ref()) {
            Ok(true) => return Ok(Placed::Same),
            Err(Unread::Ours(e)) => return Err(Error::io(name.as_str(), e)),
            // What cannot be read is damaged too.
            Ok(false) | Err(Unread::Theirs(_)) => {
                inner.backend.settle()?;
                draft.place(name, Replace::Allowed)?;
                return Ok(Placed::Healed);
            }
        }
    }
}

/// Bytes to compare with what is stored.
pub(super) trait Ours {
    fn len(&self) -> io::Result<u64>;
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize>;
}

struct Whole<'f>(&'f dyn OldFile);

impl Ours for Whole<'_> {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(buf, offset)
    }
}

impl Ours for &[u8] {
    fn len(&self) -> io::Result<u64> {
        Ok((**self).len() as u64)
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = usize::try_from(offset)
            .ok()
            .and_then(|o| self.get(o..))
            .unwrap_or_default();
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        Ok(n)
    }
}

/// Which side could not be read.
pub(super) enum Unread {
    Ours(io::Error),
    Theirs(io::Error),
}

impl Unread {
    pub(super) fn into_io(self) -> io::Error {
        match self {
            Self::Ours(e) | Self::Theirs(e) => e,
        }
    }
}

/// Compares byte by byte, a window at a time.
pub(super) fn same(ours: &impl Ours, theirs: &dyn OldFile) -> std::result::Result<bool, Unread> {
    let len = ours.len().map_err(Unread::Ours)?;
    if theirs.len().map_err(Unread::Theirs)? != len {
        return Ok(false);
    }
    let window = usize::try_from(len).unwrap_or(WINDOW).min(WINDOW);
    let (mut a, mut b) = (vec![0; window], vec![0; window]);
    let mut at = 0;
    while at < len {
        let n = ours.read_at(&mut a, at).map_err(Unread::Ours)?;
        let m = theirs.read_at(&mut b, at).map_err(Unread::Theirs)?;
        if n == 0 || a[..n] != b[..m] {
            return Ok(false);
        }
        at += n as u64;
    }
    Ok(true)
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

    pub(super) fn exactly(&self, range: Range<u64>) -> Result<Vec<u8>> {
        let len = self.len()?;
        let beyond = || {
            Error::invalid(format!(
                "Bytes {range:?} of {} do not exist; it has {len}",
                self.name
            ))
        };
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
