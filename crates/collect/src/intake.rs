//! One file, one pass: the same bytes feed both digests and the stored copy.

use crate::walk::{Found, words};
use archive::Error;
use archive::truth::originals::Batch;
use format::id::{Digests, Sha256};
use format::pieces::Pieces;
use format::time::Instant;
use sha2::{Digest as _, Sha256 as Hasher};
use std::fs::{File, Metadata, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

/// Read at a time: small enough to stay in the cache while both digests go over it.
const WINDOW: usize = 256 << 10;
/// Files up to this size are read whole before anything is written, so that known ones cost no write.
const WHOLE: u64 = 4 << 20;
/// A file that claims this much and occupies an eighth of it is a sparse giant.
const SPARSE: u64 = 1 << 30;

/// A file that was read and whose bytes are placed among the originals, not yet durable.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) path: Vec<u8>,
    pub(crate) digests: Digests,
    pub(crate) modified: Option<Instant>,
    pub(crate) media: Option<String>,
}

/// What became of one found thing before it is recorded.
#[derive(Debug)]
pub(crate) enum Intake {
    Taken(Taken),
    Refused {
        path: Vec<u8>,
        reason: String,
    },
    /// The archive itself failed; the run must stop.
    Failed(Error),
}

/// Takes in what was found; without originals it reads and keeps nothing. `kept` answers whether an original is stored and recorded already; blocking.
pub(crate) fn take(
    found: Found,
    originals: Option<&Batch>,
    kept: &dyn Fn(&Sha256, u64) -> bool,
    buf: &mut Vec<u8>,
) -> Intake {
    let Found { at, path, refused } = found;
    if let Some(reason) = refused {
        return Intake::Refused { path, reason };
    }
    // A file that changes under the reader gets a second chance: many are only being finished.
    for last in [false, true] {
        match read(&at, originals, kept, buf) {
            Ok(Read::Done {
                digests,
                modified,
                media,
            }) => {
                return Intake::Taken(Taken {
                    path,
                    digests,
                    modified,
                    media,
                });
            }
            Ok(Read::Changed(reason)) if last => return Intake::Refused { path, reason },
            Ok(Read::Changed(_)) => {}
            Ok(Read::Refused(reason)) => return Intake::Refused { path, reason },
            Err(e) => return Intake::Failed(e),
        }
    }
    unreachable!("the second turn always returns")
}

enum Read {
    Done {
        digests: Digests,
        modified: Option<Instant>,
        media: Option<String>,
    },
    Changed(String),
    Refused(String),
}

fn read(
    at: &Path,
    originals: Option<&Batch>,
    kept: &dyn Fn(&Sha256, u64) -> bool,
    buf: &mut Vec<u8>,
) -> archive::Result<Read> {
    // Between the walk and here the file may have become a pipe: never wait for one, never follow a link.
    let flags =
        rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(at);
    let (file, before) = match file.and_then(|f| f.metadata().map(|m| (f, m))) {
        Ok(both) => both,
        Err(e) => return Ok(Read::Refused(format!("cannot be opened: {}", words(&e)))),
    };
    if !before.is_file() {
        return Ok(Read::Refused("is no longer a file".into()));
    }
    if before.len() >= SPARSE && before.blocks() * 512 < before.len() / 8 {
        return Ok(Read::Refused(format!(
            "a sparse file: it claims {} bytes and holds {}; pack it with `tar --sparse` and add that",
            before.len(),
            before.blocks() * 512
        )));
    }
    let outcome = if before.len() <= WHOLE {
        whole(&file, &before, originals, kept, buf)?
    } else {
        streamed(&file, &before, originals, buf)?
    };
    let Ok(after) = file.metadata() else {
        return Ok(Read::Changed("vanished while it was read".into()));
    };
    Ok(match outcome {
        Step::Unreadable(reason) => Read::Refused(reason),
        Step::Read(digests, media) => match changed(&before, &after, digests.bytes) {
            Some(reason) => Read::Changed(reason),
            None => Read::Done {
                digests,
                modified: modified(&before),
                media,
            },
        },
    })
}

enum Step {
    Read(Digests, Option<String>),
    Unreadable(String),
}

fn whole(
    file: &File,
    before: &Metadata,
    originals: Option<&Batch>,
    kept: &dyn Fn(&Sha256, u64) -> bool,
    buf: &mut Vec<u8>,
) -> archive::Result<Step> {
    buf.clear();
    // One byte more than promised is read: a file that grew is noticed, an endless one is not followed.
    if let Err(e) = file.take(before.len() + 1).read_to_end(buf) {
        return Ok(Step::Unreadable(unreadable(&e, buf.len() as u64)));
    }
    if buf.len() as u64 != before.len() {
        // Not kept under any name: `changed` refuses it.
        return Ok(Step::Read(digests_of(buf).0, None));
    }
    let (digests, tree) = digests_of(buf);
    if let Some(originals) = originals
        && !kept(&digests.sha256, digests.bytes)
    {
        originals.place_whole(buf, &digests.sha256)?;
        if !tree.is_empty() {
            originals.place_tree(&digests.sha256, &tree.concat())?;
        }
    }
    Ok(Step::Read(digests, media(buf)))
}

fn digests_of(bytes: &[u8]) -> (Digests, Vec<[u8; 32]>) {
    let (mut sha, mut pieces) = (Hasher::new(), Pieces::default());
    for window in bytes.chunks(WINDOW) {
        sha.update(window);
        pieces.update(window);
    }
    let (blake3, tree) = pieces.finish();
    (
        Digests {
            sha256: Sha256(sha.finalize().into()),
            blake3,
            bytes: bytes.len() as u64,
        },
        tree,
    )
}

fn streamed(
    file: &File,
    before: &Metadata,
    originals: Option<&Batch>,
    buf: &mut Vec<u8>,
) -> archive::Result<Step> {
    let (mut sha, mut pieces) = (Hasher::new(), Pieces::default());
    let mut stage = originals.map(|o| o.stage(before.len())).transpose()?;
    buf.resize(4 * WINDOW, 0);
    let (mut total, mut kind) = (0_u64, None);
    // As above: one window beyond the promised end is enough to know that it grew.
    while total <= before.len() {
        let n = match (&*file).read(buf) {
            Ok(0) => break,
            Ok(n) => n,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(e) => return Ok(Step::Unreadable(unreadable(&e, total))),
        };
        if total == 0 {
            kind = media(&buf[..n]);
        }
        for window in buf[..n].chunks(WINDOW) {
            sha.update(window);
            pieces.update(window);
        }
        if let Some(stage) = &mut stage {
            stage.write(&buf[..n])?;
        }
        total += n as u64;
    }
    let (blake3, tree) = pieces.finish();
    let digests = Digests {
        sha256: Sha256(sha.finalize().into()),
        blake3,
        bytes: total,
    };
    if let (Some(originals), Some(stage)) = (originals, stage)
        && total == before.len()
    {
        originals.place(stage, &digests.sha256)?;
        if !tree.is_empty() {
            originals.place_tree(&digests.sha256, &tree.concat())?;
        }
    }
    Ok(Step::Read(digests, kind))
}

fn unreadable(e: &std::io::Error, at: u64) -> String {
    format!("cannot be read beyond byte {at}: {}", words(e))
}

fn changed(before: &Metadata, after: &Metadata, read: u64) -> Option<String> {
    if read != before.len() && after.len() == before.len() {
        return Some(format!(
            "gives other bytes than it claims (it claims {}, {read} were read): copy its content into a file and add that",
            before.len()
        ));
    }
    if read != before.len() || after.len() != before.len() {
        let verb = if read < before.len() || after.len() < before.len() {
            "shrank"
        } else {
            "grew"
        };
        return Some(format!(
            "{verb} while it was read (from {} to {} bytes): wait until it is finished, then add it again",
            before.len(),
            after.len().max(read)
        ));
    }
    let moved = (before.mtime(), before.mtime_nsec()) != (after.mtime(), after.mtime_nsec());
    moved.then(|| {
        "was written to while it was read: wait until it is finished, then add it again".into()
    })
}

fn modified(meta: &Metadata) -> Option<Instant> {
    let micros = meta
        .mtime()
        .checked_mul(1_000_000)?
        .checked_add(meta.mtime_nsec() / 1_000)?;
    Instant::from_micros(micros).ok()
}

/// The media type by signature; a look at fixed bytes, nothing is parsed.
fn media(head: &[u8]) -> Option<String> {
    use file_format::FileFormat;
    match FileFormat::from_bytes(head) {
        FileFormat::ArbitraryBinaryData | FileFormat::Empty => None,
        known => Some(known.media_type().to_owned()),
    }
}

impl Intake {
    pub(crate) fn bytes(&self) -> u64 {
        match self {
            Self::Taken(t) => t.digests.bytes,
            _ => 0,
        }
    }

    /// Takes apart what stops the run.
    pub(crate) fn fatal(self) -> archive::Result<Self> {
        match self {
            Self::Failed(e) => Err(e),
            other => Ok(other),
        }
    }
}
