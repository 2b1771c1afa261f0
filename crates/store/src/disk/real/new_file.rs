//! One file being written: through the page cache, or past it when it is large.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};

use rustix::fs::OFlags;

use super::super::NewFile;

/// What direct writes must be aligned to; the largest block size in use.
const BLOCK: usize = 4096;
/// One direct write: large enough that the disk, not the call, is the limit.
const CHUNK: usize = 4 << 20;

/// Writes a file, and refuses everything once a write or sync failed.
#[derive(Debug)]
pub(super) struct RealFile {
    file: File,
    direct: Option<Direct>,
    failed: bool,
}

impl RealFile {
    pub(super) fn new(file: File, direct: bool) -> Self {
        let direct = (direct && set_direct(&file, true).is_ok()).then(Direct::new);
        Self {
            file,
            direct,
            failed: false,
        }
    }

    #[cfg(test)]
    pub(super) fn is_direct(&self) -> bool {
        self.direct.is_some()
    }

    /// Runs one step; a failure leaves the file in an unknown state, so nothing may follow it.
    fn guarded(&mut self, step: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        if self.failed {
            return Err(io::Error::other(
                "an earlier write or sync of this file failed",
            ));
        }
        self.failed = true;
        step(self)?;
        self.failed = false;
        Ok(())
    }

    fn write_out(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        while let Some(direct) = &mut self.direct {
            rest = direct.take(rest);
            if !direct.is_full() {
                return Ok(());
            }
            if direct.write(&mut self.file, CHUNK)? == Went::Buffered {
                self.direct = None;
            }
        }
        self.file.write_all(rest)
    }

    /// Writes what the buffer holds: whole blocks directly, the rest through the page cache.
    fn flush(&mut self) -> io::Result<()> {
        if let Some(mut direct) = self.direct.take() {
            let whole = direct.len - direct.len % BLOCK;
            if whole == 0 || direct.write(&mut self.file, whole)? == Went::Direct {
                set_direct(&self.file, false)?;
                self.file.write_all(direct.bytes(whole, direct.len))?;
            }
        }
        Ok(())
    }
}

impl NewFile for RealFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.guarded(|f| f.write_out(bytes))
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        self.guarded(|f| {
            f.flush()?;
            f.file.set_len(len)?;
            f.file.seek(SeekFrom::Start(len)).map(drop)
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        self.guarded(|f| {
            f.flush()?;
            f.file.sync_all()
        })
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.guarded(Self::flush)
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Went {
    Direct,
    /// The file system refused, so everything went through the page cache and will from now on.
    Buffered,
}

/// A buffer that starts at a block boundary, without any unsafe code: too much is allocated.
#[derive(Debug)]
struct Direct {
    memory: Vec<u8>,
    start: usize,
    len: usize,
}

impl Direct {
    fn new() -> Self {
        let memory = vec![0; CHUNK + BLOCK];
        let start = memory.as_ptr().align_offset(BLOCK);
        Self {
            memory,
            start,
            len: 0,
        }
    }

    fn bytes(&self, from: usize, to: usize) -> &[u8] {
        &self.memory[self.start + from..self.start + to]
    }

    fn is_full(&self) -> bool {
        self.len == CHUNK
    }

    /// Takes as many bytes as fit and returns the rest.
    fn take<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let n = bytes.len().min(CHUNK - self.len);
        let at = self.start + self.len;
        self.memory[at..at + n].copy_from_slice(&bytes[..n]);
        self.len += n;
        &bytes[n..]
    }

    /// Writes the first `whole` bytes (a multiple of the block size); on refusal, all, buffered.
    fn write(&mut self, file: &mut File, whole: usize) -> io::Result<Went> {
        let mut done = 0;
        while done < whole {
            match file.write(self.bytes(done, whole)) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => done += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) if e.kind() == io::ErrorKind::InvalidInput => {
                    set_direct(file, false)?;
                    file.write_all(self.bytes(done, self.len))?;
                    self.len = 0;
                    return Ok(Went::Buffered);
                }
                Err(e) => return Err(e),
            }
        }
        if whole == CHUNK {
            self.len = 0;
        }
        Ok(Went::Direct)
    }
}

/// Set after opening, because an open that refuses the flag may leave an empty file behind.
fn set_direct(file: &File, on: bool) -> io::Result<()> {
    let mut flags = rustix::fs::fcntl_getfl(file)?;
    flags.set(OFlags::DIRECT, on);
    Ok(rustix::fs::fcntl_setfl(file, flags)?)
}
