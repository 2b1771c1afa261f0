//! Files open for writing and for reading.

use std::io;
use std::path::Path;

use store::{NewFile, OldFile};

use super::image::{Effect, Ino};
use super::operation::nothing;
use super::plane::{Scope, Step};
use super::{Fault, FaultDisk};

#[derive(Debug)]
pub(super) struct Writing {
    pub(super) disk: FaultDisk,
    pub(super) ino: Ino,
    pub(super) failed: bool,
}

impl Writing {
    fn guarded(&mut self, step: impl FnOnce(&FaultDisk, Ino) -> io::Result<()>) -> io::Result<()> {
        if self.failed {
            return Err(io::Error::other(
                "an earlier write or sync of this file failed",
            ));
        }
        let done = step(&self.disk, self.ino);
        self.failed = done.is_err();
        done
    }
}

fn write(disk: &FaultDisk, ino: Ino, bytes: &[u8]) -> io::Result<()> {
    let mut state = disk.state();
    let offset = state.bytes(ino)?.len();
    let effect = |bytes: &[u8]| {
        Step::Effects(
            Vec::new(),
            vec![Effect::Write {
                ino,
                offset,
                bytes: bytes.into(),
            }],
        )
    };
    let fault = match state.due_fault() {
        None if !state.has_room(bytes.len()) => Some(Fault::ShortWrite),
        fault => fault,
    };
    match fault {
        None => {
            state.keep(effect(bytes));
            Ok(())
        }
        Some(Fault::ShortWrite) => {
            let room = state.capacity.saturating_sub(state.plane.live.used());
            let half = (bytes.len() / 2).min(usize::try_from(room).unwrap_or(usize::MAX));
            state.keep(effect(&bytes[..half]));
            Err(Fault::ShortWrite.error())
        }
        Some(fault) => state.record(&format!("write file {ino}"), Err(fault.error())),
    }
}

impl NewFile for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.guarded(|disk, ino| write(disk, ino, bytes))
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).map_err(io::Error::other)?;
        self.guarded(|disk, ino| {
            disk.op("truncate", Path::new(""), |_| {
                Ok((
                    Step::Effects(Vec::new(), vec![Effect::Truncate { ino, len }]),
                    (),
                ))
            })
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        self.guarded(|disk, ino| disk.sync("sync file", Path::new(""), |_| Ok(Scope::File(ino))))
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.guarded(|disk, _| disk.op("finish", Path::new(""), |_| Ok(nothing(()))))
    }
}

#[derive(Debug)]
pub(super) struct Reading {
    pub(super) disk: FaultDisk,
    pub(super) ino: Ino,
}

impl OldFile for Reading {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.disk.op("read", Path::new(""), |s| {
            let bytes = s.bytes(self.ino)?;
            let from = usize::try_from(offset).map_or(bytes.len(), |o| o.min(bytes.len()));
            let n = buf.len().min(bytes.len() - from);
            buf[..n].copy_from_slice(&bytes[from..from + n]);
            Ok(nothing(n))
        })
    }

    fn len(&self) -> io::Result<u64> {
        self.disk.op("len", Path::new(""), |s| {
            Ok(nothing(s.bytes(self.ino)?.len() as u64))
        })
    }
}
