//! Whether two are the same, byte by byte.

use std::io;

use crate::disk::OldFile;

/// How much is compared at a time.
const WINDOW: usize = 1 << 20;

/// Bytes to compare with what is stored.
pub(super) trait Ours {
    fn len(&self) -> io::Result<u64>;
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize>;
}

pub(super) struct Whole<'f>(pub(super) &'f dyn OldFile);

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
pub(super) fn same(ours: &impl Ours, theirs: &dyn OldFile) -> Result<bool, Unread> {
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
