//! The calls of [`store::Disk`], each one operation of the trace.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::PoisonError;

use store::{Disk, Listed, Lock, LockKind, NewFile, OldFile, Replace, Stat, Wait};

use super::FaultDisk;
use super::files::{Reading, Writing};
use super::image::{Effect, Node};
use super::locks::Held;
use super::operation::nothing;
use super::plane::{NewNode, Scope, Step};

impl Disk for FaultDisk {
    fn create(&self, path: &Path, _expected_bytes: u64) -> io::Result<Box<dyn NewFile>> {
        let ino = self.op("create", path, |s| {
            let (dir, name) = s.place(path)?;
            if s.plane.live.child(dir, &name).is_some() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            Ok(s.new_file(dir, name))
        })?;
        Ok(Box::new(Writing {
            disk: self.clone(),
            ino,
            failed: false,
        }))
    }

    fn append(&self, path: &Path) -> io::Result<Box<dyn NewFile>> {
        let ino = self.op("append", path, |s| {
            let (dir, name) = s.place(path)?;
            let Some(ino) = s.plane.live.child(dir, &name) else {
                return Ok(s.new_file(dir, name));
            };
            s.bytes(ino)?;
            if s.stat(ino).read_only {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            Ok(nothing(ino))
        })?;
        Ok(Box::new(Writing {
            disk: self.clone(),
            ino,
            failed: false,
        }))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn OldFile>> {
        let ino = self.op("open", path, |s| {
            let ino = s.find(path)?;
            s.bytes(ino).map(|_| nothing(ino))
        })?;
        Ok(Box::new(Reading {
            disk: self.clone(),
            ino,
        }))
    }

    fn rename(&self, from: &Path, to: &Path, replace: Replace) -> io::Result<()> {
        self.op("rename", to, |s| {
            let (from_dir, from_name) = s.place(from)?;
            let (dir, name) = s.place(to)?;
            let ino = s
                .plane
                .live
                .child(from_dir, &from_name)
                .ok_or(io::ErrorKind::NotFound)?;
            s.bytes(ino)?;
            if let Some(taken) = s.plane.live.child(dir, &name) {
                s.bytes(taken)?;
                if replace == Replace::Never {
                    return Err(io::ErrorKind::AlreadyExists.into());
                }
                if taken == ino {
                    return Ok(nothing(()));
                }
            }
            let effects = vec![
                Effect::Link { dir, name, ino },
                Effect::Unlink {
                    dir: from_dir,
                    name: from_name,
                },
            ];
            Ok((Step::Effects(Vec::new(), effects), ()))
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.op("remove", path, |s| {
            let (dir, name) = s.place(path)?;
            let ino = s
                .plane
                .live
                .child(dir, &name)
                .ok_or(io::ErrorKind::NotFound)?;
            if s.folder(ino).is_ok_and(|names| !names.is_empty()) {
                return Err(io::ErrorKind::DirectoryNotEmpty.into());
            }
            Ok((
                Step::Effects(Vec::new(), vec![Effect::Unlink { dir, name }]),
                (),
            ))
        })
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        for part in path.ancestors().collect::<Vec<_>>().into_iter().rev() {
            if part.file_name().is_none() || self.state().find(part).is_ok() {
                continue;
            }
            self.op("create_dir", part, |s| {
                let (dir, name) = s.place(part)?;
                if let Some(made_meanwhile) = s.plane.live.child(dir, &name) {
                    return s.folder(made_meanwhile).map(|_| nothing(()));
                }
                let ino = s.plane.live.nodes.len();
                let node = NewNode(Node::Folder(BTreeMap::new()));
                Ok((
                    Step::Effects(vec![node], vec![Effect::Link { dir, name, ino }]),
                    (),
                ))
            })?;
        }
        let state = self.state();
        state.folder(state.find(path)?).map(drop)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.sync("sync_dir", path, |s| {
            let ino = s.find(path)?;
            s.folder(ino).map(|_| Scope::Folder(ino))
        })
    }

    fn sync_all(&self, path: &Path) -> io::Result<()> {
        self.sync("sync_all", path, |s| s.find(path).map(|_| Scope::All))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Listed>> {
        self.op("list", dir, |s| {
            let names = s.folder(s.find(dir)?)?.iter();
            let listed = names.map(|(name, ino)| {
                let Stat { kind, len, .. } = s.stat(*ino);
                Listed {
                    name: name.clone(),
                    kind,
                    len,
                }
            });
            Ok(nothing(listed.collect()))
        })
    }

    fn stat(&self, path: &Path) -> io::Result<Option<Stat>> {
        self.op("stat", path, |s| {
            Ok(nothing(s.find(path).ok().map(|ino| s.stat(ino))))
        })
    }

    fn set_read_only(&self, path: &Path) -> io::Result<()> {
        self.op("set_read_only", path, |s| {
            let ino = s.find(path)?;
            s.bytes(ino)?;
            Ok((
                Step::Effects(Vec::new(), vec![Effect::ReadOnly { ino }]),
                (),
            ))
        })
    }

    fn free_bytes(&self, path: &Path) -> io::Result<u64> {
        self.op("free_bytes", path, |s| {
            Ok(nothing(s.capacity.saturating_sub(s.plane.live.used())))
        })
    }

    fn lock(&self, path: &Path, kind: LockKind, wait: Wait) -> io::Result<Box<dyn Lock>> {
        let ino = self.op("lock", path, |s| {
            let (dir, name) = s.place(path)?;
            match s.plane.live.child(dir, &name) {
                Some(ino) => s.bytes(ino).map(|_| nothing(ino)),
                None => Ok(s.new_file(dir, name)),
            }
        })?;
        let mut state = self.state();
        while !state.locks.take(ino, kind) {
            if wait == Wait::No {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            state = self
                .shared
                .unlocked
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        Ok(Box::new(Held {
            disk: self.clone(),
            ino,
        }))
    }
}
