//! Objects being written: small ones in memory, large ones in a file of this machine until their name is known.

use std::path::PathBuf;
use std::sync::Arc;

use super::batch::S3Batch;
use crate::disk::{Disk, NewFile, OldFile};
use crate::error::{Error, Result};
use crate::objects::Name;
use crate::objects::incoming::{Incoming, Session};
use crate::objects::stage::{Draft, Placed};

/// Up to this many bytes an object stays in memory.
const IN_MEMORY: usize = 8 << 20;

/// Files on their way, in a folder per process that is swept when the process is gone.
#[derive(Debug)]
pub(super) struct Spool {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) incoming: Incoming,
    /// What errors call it.
    pub(super) place: String,
}

/// One file on its way, removed when dropped.
#[derive(Debug)]
pub(super) struct Spooled {
    spool: Arc<Spool>,
    _session: Arc<Session>,
    path: PathBuf,
    pub(super) len: u64,
}

/// What is sent.
#[derive(Debug)]
pub(super) enum Body {
    Memory(Vec<u8>),
    File(Spooled),
}

#[derive(Debug)]
pub(super) struct S3Draft {
    batch: Arc<S3Batch>,
    expected: u64,
    so_far: So,
}

#[derive(Debug)]
enum So {
    Memory(Vec<u8>),
    File(Spooled, Box<dyn NewFile>),
}

impl Spool {
    fn begin(self: &Arc<Self>, expected: u64) -> Result<(Spooled, Box<dyn NewFile>)> {
        let (session, path) = self.incoming.next_path()?;
        let file = self.disk.create(&path, expected);
        let file = file.map_err(|e| Error::io(&*self.place, e))?;
        let spooled = Spooled {
            spool: Arc::clone(self),
            _session: session,
            path,
            len: 0,
        };
        Ok((spooled, file))
    }
}

impl Spooled {
    fn write(&mut self, file: &mut dyn NewFile, bytes: &[u8]) -> Result<()> {
        file.write(bytes).map_err(|e| self.wrong(e))?;
        self.len += bytes.len() as u64;
        Ok(())
    }

    pub(super) fn open(&self) -> Result<Box<dyn OldFile>> {
        self.spool.disk.open(&self.path).map_err(|e| self.wrong(e))
    }

    pub(super) fn place(&self) -> &str {
        &self.spool.place
    }

    fn wrong(&self, e: std::io::Error) -> Error {
        Error::io(&*self.spool.place, e)
    }
}

impl Drop for Spooled {
    fn drop(&mut self) {
        drop(self.spool.disk.remove(&self.path)); // what stays is swept by the next run
    }
}

impl Body {
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File(file) => file.len,
        }
    }
}

impl S3Draft {
    pub(super) fn begin(batch: Arc<S3Batch>, expected: u64) -> Self {
        let room = usize::try_from(expected).unwrap_or(IN_MEMORY);
        Self {
            batch,
            expected,
            so_far: So::Memory(Vec::with_capacity(room.min(IN_MEMORY))),
        }
    }
}

impl Draft for S3Draft {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        if let So::Memory(kept) = &mut self.so_far {
            if kept.len() + bytes.len() <= IN_MEMORY {
                kept.extend_from_slice(bytes);
                return Ok(());
            }
            let expected = self.expected.max((kept.len() + bytes.len()) as u64);
            let (mut spooled, mut file) = self.batch.spool().begin(expected)?;
            spooled.write(file.as_mut(), kept)?;
            self.so_far = So::File(spooled, file);
        }
        if let So::File(spooled, file) = &mut self.so_far {
            spooled.write(file.as_mut(), bytes)?;
        }
        Ok(())
    }

    fn place(self: Box<Self>, name: &Name) -> Result<Placed> {
        let body = match self.so_far {
            So::Memory(bytes) => Body::Memory(bytes),
            So::File(spooled, file) => {
                file.finish().map_err(|e| spooled.wrong(e))?;
                Body::File(spooled)
            }
        };
        self.batch.send(name, body)
    }
}
