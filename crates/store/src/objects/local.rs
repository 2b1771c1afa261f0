//! Objects as files in a folder, over [`Disk`]; each name is a path.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use self::draft::LocalDraft;
use super::batch::{Settled, Work};
use super::incoming::Incoming;
use super::name::INCOMING;
use super::stage::{Draft, Placed};
use super::{Backend, Name, Stored};
use crate::disk::{Disk, FileKind, OldFile, Replace};
use crate::error::{Error, Result};

mod draft;
mod put;
mod same;

/// The back end, and the batch of a folder: one sync serves everybody.
#[derive(Debug)]
pub(super) struct Local {
    folder: Arc<Folder>,
}

#[derive(Debug)]
struct Folder {
    disk: Arc<dyn Disk>,
    root: PathBuf,
    incoming: Incoming,
    /// Folders whose own names, up to the root, this process has made durable.
    durable: Mutex<HashSet<PathBuf>>,
}

impl Local {
    /// Makes the folder, if absent, and its name durable in the folders above.
    pub(super) fn create(disk: Arc<dyn Disk>, root: &Path) -> Result<Self> {
        let place = || root.display().to_string();
        disk.create_dir_all(root)
            .map_err(|e| Error::io(place(), e))?;
        // Also when it was there: whoever made it may have been stopped before this.
        disk.sync_all(root).map_err(|e| Error::sync(place(), e))?;
        Self::open(disk, root)
    }

    pub(super) fn open(disk: Arc<dyn Disk>, root: &Path) -> Result<Self> {
        let stat = disk
            .stat(root)
            .map_err(|e| Error::io(root.display().to_string(), e))?;
        if stat.is_none_or(|s| s.kind != FileKind::Folder) {
            return Err(Error::NotFound {
                place: format!("The folder {}", root.display()),
            });
        }
        let incoming = Incoming::new(Arc::clone(&disk), root.join(INCOMING), INCOMING);
        let folder = Folder {
            disk,
            root: root.to_owned(),
            incoming,
            durable: Mutex::default(),
        };
        Ok(Self {
            folder: Arc::new(folder),
        })
    }
}

impl Folder {
    fn path(&self, name: &Name) -> PathBuf {
        self.root.join(name.as_str())
    }

    fn sync_dir(&self, dir: &Path) -> Result<()> {
        self.disk
            .sync_dir(dir)
            .map_err(|e| Error::sync(dir.display().to_string(), e))
    }

    /// Makes the names in a folder durable, and once per process the folder's own name up to the root.
    fn settle_folder(&self, dir: &Path) -> Result<()> {
        self.sync_dir(dir)?;
        let known = |d: &Path| {
            self.durable
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .contains(d)
        };
        if !known(dir) {
            for above in dir
                .ancestors()
                .skip(1)
                .take_while(|a| a.starts_with(&self.root))
            {
                self.sync_dir(above)?;
            }
            self.durable
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(dir.to_owned());
        }
        Ok(())
    }

    /// Adds every name under a folder, in no order.
    fn walk(&self, dir: &Path, at: &str, prefix: &str, found: &mut Vec<Name>) -> Result<()> {
        let listed = match self.disk.list(dir) {
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(());
            }
            other => other.map_err(|e| Error::io(dir.display().to_string(), e))?,
        };
        for entry in listed {
            let Some(part) = entry.name.to_str() else {
                continue;
            };
            let Ok(name) = Name::new(format!("{at}{part}")) else {
                continue;
            };
            let path = format!("{name}/");
            match entry.kind {
                FileKind::File if name.as_str().starts_with(prefix) => found.push(name),
                FileKind::Folder if path.starts_with(prefix) || prefix.starts_with(&path) => {
                    self.walk(&dir.join(part), &path, prefix, found)?;
                }
                FileKind::File | FileKind::Folder | FileKind::Other => {}
            }
        }
        Ok(())
    }

    /// Writes a new object under its name, not durably; false, and nothing done, if the name is taken.
    fn place_new(&self, name: &Name, bytes: &[u8]) -> Result<bool> {
        let path = self.path(name);
        let create = || self.disk.create(&path, bytes.len() as u64);
        let created = match (create(), path.parent()) {
            (Err(e), Some(dir)) if e.kind() == ErrorKind::NotFound => {
                self.disk
                    .create_dir_all(dir)
                    .map_err(|e| Error::io(name.as_str(), e))?;
                create()
            }
            (created, _) => created,
        };
        let mut file = match created {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::AlreadyExists => return Ok(false),
            Err(e) => return Err(Error::io(name.as_str(), e)),
        };
        // Should this fail, half an object stays under the name: whoever places the same bytes again heals it. It is
        // not removed, because another process may have healed it already, and then the name is theirs.
        let done = file.write(bytes).and_then(|()| {
            if name.is_original() {
                self.disk.set_read_only(&path)?;
            }
            file.finish()
        });
        done.map(|()| true).map_err(|e| Error::io(name.as_str(), e))
    }

    fn open(&self, name: &Name) -> Result<Option<Box<dyn OldFile>>> {
        match self.disk.open(&self.path(name)) {
            Ok(file) => Ok(Some(file)),
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                Ok(None)
            }
            Err(e) => Err(Error::io(name.as_str(), e)),
        }
    }

    /// Makes everything before this call durable.
    fn settle(&self) -> Result<()> {
        self.disk
            .sync_all(&self.root)
            .map_err(|e| Error::sync(self.root.display().to_string(), e))
    }

    /// Makes the names (not the bytes) of these placed objects durable.
    fn settle_names(&self, names: &[&Name]) -> Result<()> {
        let paths = names.iter().map(|name| self.path(name));
        let folders: HashSet<PathBuf> = paths
            .filter_map(|p| p.parent().map(Path::to_owned))
            .collect();
        folders.iter().try_for_each(|dir| self.settle_folder(dir))
    }
}

impl Backend for Local {
    fn put_all(&self, items: Vec<(Name, Vec<u8>)>) -> Result<Stored> {
        put::all(&self.folder, &items)
    }

    fn replace(&self, name: &Name, bytes: Vec<u8>) -> Result<()> {
        put::replace(&self.folder, name, &bytes)
    }

    fn open(&self, name: &Name) -> Result<Option<Box<dyn OldFile>>> {
        self.folder.open(name)
    }

    fn size(&self, name: &Name) -> Result<Option<u64>> {
        let stat = self
            .folder
            .disk
            .stat(&self.folder.path(name))
            .map_err(|e| Error::io(name.as_str(), e))?;
        Ok(stat.filter(|s| s.kind == FileKind::File).map(|s| s.len))
    }

    fn list(&self, prefix: &str) -> Result<Vec<Name>> {
        let mut found = Vec::new();
        self.folder
            .walk(&self.folder.root, "", prefix, &mut found)?;
        found.sort();
        Ok(found)
    }

    fn discard(&self, name: &Name) -> Result<()> {
        let path = self.folder.path(name);
        match self.folder.disk.remove(&path) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(Error::io(name.as_str(), e)),
            // An absent name may be one whose removal is not durable yet.
            _ => match path.parent().map(|dir| (dir, self.folder.disk.stat(dir))) {
                Some((dir, Ok(Some(_)))) => self.folder.sync_dir(dir),
                Some((_, Err(e))) => Err(Error::io(name.as_str(), e)),
                Some((_, Ok(None))) | None => Ok(()),
            },
        }
    }

    fn sweep(&self) -> Result<usize> {
        self.folder.incoming.sweep()
    }

    fn batch(self: Arc<Self>) -> Arc<dyn Work> {
        self
    }
}

impl Work for Local {
    fn draft(self: Arc<Self>, expected_bytes: u64) -> Result<Box<dyn Draft>> {
        Ok(Box::new(LocalDraft::begin(&self.folder, expected_bytes)?))
    }

    fn place_whole(self: Arc<Self>, name: &Name, bytes: &[u8]) -> Result<Placed> {
        if self.folder.place_new(name, bytes)? {
            return Ok(Placed::New);
        }
        let mut draft = self.draft(bytes.len() as u64)?;
        draft.write(bytes)?;
        draft.place(name)
    }

    fn settle(&self) -> Result<Settled> {
        self.folder.settle()?;
        Ok(Settled::default())
    }
}
