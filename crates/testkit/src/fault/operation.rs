//! How one operation runs: it fails if told to, otherwise it is carried out, and it is recorded.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path};
use std::sync::Arc;

use store::{FileKind, Stat};

use super::image::{Effect, Ino, Node, ROOT};
use super::plane::{NewNode, Scope, Step};
use super::{Fault, FaultDisk, State};

/// What an operation does: changes something, and gives something back.
pub(super) type Outcome<T> = io::Result<(Step, T)>;

impl FaultDisk {
    /// Runs one operation: fails it if told to, otherwise carries it out and records it.
    pub(super) fn op<T>(
        &self,
        name: &str,
        path: &Path,
        act: impl FnOnce(&State) -> Outcome<T>,
    ) -> io::Result<T> {
        let mut state = self.state();
        let done = match state.due_fault() {
            Some(fault) => Err(if fits_names(fault) {
                fault.error()
            } else {
                Fault::Eio.error()
            }),
            None => act(&state),
        };
        state.record(&format!("{name} {}", path.display()), done)
    }

    pub(super) fn sync(
        &self,
        name: &str,
        path: &Path,
        scope: impl FnOnce(&State) -> io::Result<Scope>,
    ) -> io::Result<()> {
        let mut state = self.state();
        let fault = state.due_fault();
        let done = scope(&state).map(|scope| (Step::Synced(scope), scope));
        match (fault, done) {
            (Some(Fault::FailedSync), Ok((_, scope))) => {
                state.keep(Step::SyncFailed(scope));
                Err(Fault::FailedSync.error())
            }
            (Some(fault), _) => {
                let error = if fits_names(fault) {
                    fault.error()
                } else {
                    Fault::Eio.error()
                };
                state.record(&format!("{name} {}", path.display()), Err(error))
            }
            (None, done) => state.record(
                &format!("{name} {}", path.display()),
                done.map(|(step, _)| (step, ())),
            ),
        }
    }
}

fn fits_names(fault: Fault) -> bool {
    matches!(fault, Fault::Eio | Fault::Enospc | Fault::Edquot)
}

impl State {
    pub(super) fn due_fault(&mut self) -> Option<Fault> {
        let due = self.fault.filter(|(op, _)| *op == self.trace.len());
        if due.is_some() {
            self.fault = None;
        }
        due.map(|(_, fault)| fault)
    }

    pub(super) fn keep(&mut self, step: Step) {
        self.plane.apply(&step);
        self.trace.push(step);
    }

    pub(super) fn record<T>(&mut self, what: &str, done: Outcome<T>) -> io::Result<T> {
        match done {
            Ok((Step::Nothing(_), value)) => {
                self.keep(Step::Nothing(what.to_owned()));
                Ok(value)
            }
            Ok((step, value)) => {
                self.keep(step);
                Ok(value)
            }
            Err(e) => {
                self.keep(Step::Nothing(format!("{what}: {e}")));
                Err(e)
            }
        }
    }

    pub(super) fn find(&self, path: &Path) -> io::Result<Ino> {
        let mut at = ROOT;
        for part in path.components() {
            at = match part {
                Component::Normal(name) => self
                    .plane
                    .live
                    .child(at, name)
                    .ok_or(io::ErrorKind::NotFound)?,
                Component::ParentDir | Component::Prefix(_) => {
                    return Err(io::ErrorKind::InvalidInput.into());
                }
                Component::RootDir | Component::CurDir => at,
            };
        }
        Ok(at)
    }

    /// Finds the folder of a path and the last part of its name.
    pub(super) fn place(&self, path: &Path) -> io::Result<(Ino, OsString)> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let dir = self.find(path.parent().unwrap_or(Path::new("")))?;
        self.folder(dir)?;
        Ok((dir, name.to_owned()))
    }

    pub(super) fn folder(&self, ino: Ino) -> io::Result<&BTreeMap<OsString, Ino>> {
        match &self.plane.live.nodes[ino] {
            Node::Folder(names) => Ok(names),
            Node::File { .. } => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    pub(super) fn bytes(&self, ino: Ino) -> io::Result<&Arc<Vec<u8>>> {
        self.plane
            .live
            .file(ino)
            .ok_or_else(|| io::ErrorKind::IsADirectory.into())
    }

    pub(super) fn stat(&self, ino: Ino) -> Stat {
        match &self.plane.live.nodes[ino] {
            Node::File { bytes, read_only } => Stat {
                kind: FileKind::File,
                len: bytes.len() as u64,
                read_only: *read_only,
            },
            Node::Folder(_) => Stat {
                kind: FileKind::Folder,
                len: 0,
                read_only: false,
            },
        }
    }

    pub(super) fn has_room(&self, more: usize) -> bool {
        self.capacity == u64::MAX || self.plane.live.used() + more as u64 <= self.capacity
    }

    /// Makes an empty file with a name, neither durable.
    pub(super) fn new_file(&self, dir: Ino, name: OsString) -> (Step, Ino) {
        let ino = self.plane.live.nodes.len();
        let node = NewNode(Node::File {
            bytes: Arc::default(),
            read_only: false,
        });
        (
            Step::Effects(vec![node], vec![Effect::Link { dir, name, ino }]),
            ino,
        )
    }
}

pub(super) fn nothing<T>(value: T) -> (Step, T) {
    (Step::Nothing(String::new()), value)
}
