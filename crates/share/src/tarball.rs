//! Writing a laid-out dossier as one tar, in one pass.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read, Write};

use format::ItemId;
use format::dossier::layout::{BagFile, LaidEvidence, Source};
use sha2::{Digest as _, Sha256};
use tar::{Builder, EntryType, Header};

/// Says why a dossier could not be written.
#[derive(Debug)]
pub enum SealError {
    /// An original is not what its digests say: the archive is damaged.
    Damaged(ItemId),
    /// An item has no digests to check its original with.
    Unknown(ItemId),
    /// Reading or writing failed.
    Io(io::Error),
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(item) => write!(
                f,
                "The original of item {item} is not what was recorded; check the archive before you share it"
            ),
            Self::Unknown(item) => write!(
                f,
                "Item {item} is not among the evidence; lay out the dossier again"
            ),
            Self::Io(why) => write!(f, "The dossier could not be written: {why}"),
        }
    }
}

impl std::error::Error for SealError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(why) => Some(why),
            Self::Damaged(_) | Self::Unknown(_) => None,
        }
    }
}

impl From<io::Error> for SealError {
    fn from(why: io::Error) -> Self {
        Self::Io(why)
    }
}

/// Writes the bag under one top folder; the same files and time give the same bytes.
///
/// Every original is digested once more on its way out. On an error the output is not a dossier: delete it.
pub fn write_tar<R: Read, W: Write>(
    top: &str,
    files: &[BagFile],
    evidence: &[LaidEvidence],
    seconds: u64,
    mut open: impl FnMut(ItemId) -> io::Result<R>,
    out: W,
) -> Result<W, SealError> {
    let known: BTreeMap<ItemId, &LaidEvidence> =
        evidence.iter().map(|one| (one.item, one)).collect();
    let mut tar = Builder::new(out);
    for file in files {
        let path = format!("{top}/{}", file.path);
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_mtime(seconds);
        header.set_size(file.bytes);
        match &file.source {
            Source::Bytes(bytes) => tar.append_data(&mut header, path, bytes.as_slice())?,
            Source::Evidence(item) => {
                let expected = known.get(item).ok_or(SealError::Unknown(*item))?;
                let mut reader = Digesting::new(open(*item)?, file.bytes);
                tar.append_data(&mut header, path, &mut reader)?;
                if !reader.is(&expected.sha256)? {
                    return Err(SealError::Damaged(*item));
                }
            }
        }
    }
    Ok(tar.into_inner()?)
}

/// Digests what passes; fills up what is too short with zeros, so that the tar keeps its shape until the error.
struct Digesting<R> {
    inner: R,
    digest: Sha256,
    left: u64,
    short: bool,
}

impl<R: Read> Digesting<R> {
    fn new(inner: R, bytes: u64) -> Self {
        Self {
            inner,
            digest: Sha256::new(),
            left: bytes,
            short: false,
        }
    }

    fn is(mut self, sha256: &[u8; 32]) -> io::Result<bool> {
        let longer = self.inner.read(&mut [0])? > 0;
        Ok(!longer && !self.short && <[u8; 32]>::from(self.digest.finalize()) == *sha256)
    }
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let Some(buffer) = buffer.get_mut(..room).filter(|buffer| !buffer.is_empty()) else {
            return Ok(0);
        };
        let mut read = if self.short {
            0
        } else {
            self.inner.read(buffer)?
        };
        if read == 0 {
            self.short = true;
            buffer.fill(0);
            read = buffer.len();
        }
        self.digest.update(buffer.get(..read).unwrap_or_default());
        self.left -= read as u64;
        Ok(read)
    }
}
