//! The contents of a disk at one moment, and the effects that change them.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::sync::Arc;

pub(super) type Ino = usize;
pub(super) const ROOT: Ino = 0;

/// Every file and folder ever made, reachable or not.
#[derive(Debug, Clone)]
pub(super) struct Image {
    pub(super) nodes: Vec<Node>,
}

#[derive(Debug, Clone)]
pub(super) enum Node {
    File {
        bytes: Arc<Vec<u8>>,
        read_only: bool,
    },
    Folder(BTreeMap<OsString, Ino>),
}

/// One change, as small as a crash can separate it from others.
#[derive(Debug, Clone)]
pub(super) enum Effect {
    Write {
        ino: Ino,
        offset: usize,
        bytes: Arc<[u8]>,
    },
    Truncate {
        ino: Ino,
        len: usize,
    },
    ReadOnly {
        ino: Ino,
    },
    Link {
        dir: Ino,
        name: OsString,
        ino: Ino,
    },
    Unlink {
        dir: Ino,
        name: OsString,
    },
}

impl Effect {
    pub(super) fn is_name(&self) -> bool {
        matches!(self, Self::Link { .. } | Self::Unlink { .. })
    }

    /// The file whose bytes, or the folder whose names, it changes.
    pub(super) fn home(&self) -> Ino {
        match self {
            Self::Write { ino, .. } | Self::Truncate { ino, .. } | Self::ReadOnly { ino } => *ino,
            Self::Link { dir, .. } | Self::Unlink { dir, .. } => *dir,
        }
    }
}

impl Image {
    pub(super) fn empty() -> Self {
        Self {
            nodes: vec![Node::Folder(BTreeMap::new())],
        }
    }

    pub(super) fn apply(&mut self, effect: &Effect) {
        match (effect, &mut self.nodes[effect.home()]) {
            (Effect::Write { offset, bytes, .. }, Node::File { bytes: file, .. }) => {
                let file = Arc::make_mut(file);
                let end = offset + bytes.len();
                if file.len() < end {
                    file.resize(end, 0);
                }
                file[*offset..end].copy_from_slice(bytes);
            }
            (Effect::Truncate { len, .. }, Node::File { bytes, .. }) => {
                Arc::make_mut(bytes).resize(*len, 0);
            }
            (Effect::ReadOnly { .. }, Node::File { read_only, .. }) => *read_only = true,
            (Effect::Link { name, ino, .. }, Node::Folder(names)) => {
                names.insert(name.clone(), *ino);
            }
            (Effect::Unlink { name, .. }, Node::Folder(names)) => {
                names.remove(name);
            }
            (effect, node) => unreachable!("{effect:?} on {node:?}"),
        }
    }

    pub(super) fn child(&self, dir: Ino, name: &OsStr) -> Option<Ino> {
        match &self.nodes[dir] {
            Node::Folder(names) => names.get(name).copied(),
            Node::File { .. } => None,
        }
    }

    pub(super) fn file(&self, ino: Ino) -> Option<&Arc<Vec<u8>>> {
        match &self.nodes[ino] {
            Node::File { bytes, .. } => Some(bytes),
            Node::Folder(_) => None,
        }
    }

    /// Adds up the bytes of all files that a name leads to.
    pub(super) fn used(&self) -> u64 {
        let mut sum = 0;
        let mut open = vec![ROOT];
        while let Some(ino) = open.pop() {
            match &self.nodes[ino] {
                Node::File { bytes, .. } => sum += bytes.len() as u64,
                Node::Folder(names) => open.extend(names.values()),
            }
        }
        sum
    }
}
