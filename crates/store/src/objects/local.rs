//! Objects as files in a folder, over [`Disk`]; each name is a path.

use std::collections::HashSet;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::incoming::{Incoming, Session};
use super::name::INCOMING;
use super::{Backend, Draft, Name, Replace};
use crate::disk::{Disk, FileKind, NewFile, OldFile};
use crate::error::{Error, Result};

#[derive(Debug)]
pub(super) struct Local {
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
        let incoming = Incoming::new(Arc::clone(&disk), root.join(INCOMING));
        Ok(Self {
            disk,
            root: root.to_owned(),
            incoming,
            durable: Mutex::default(),
        })
    }

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
}

impl Backend for Local {
    fn draft(&self, expected_bytes: u64) -> Result<Box<dyn Draft>> {
        let (session, path) = self.incoming.next_path()?;
        let file = self
            .disk
            .create(&path, expected_bytes)
            .map_err(|e| Error::io("A new object", e))?;
        Ok(Box::new(LocalDraft {
            disk: Arc::clone(&self.disk),
            root: self.root.clone(),
            _session: session,
            path,
            file: Some(file),
            placed: false,
        }))
    }

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

    fn size(&self, name: &Name) -> Result<Option<u64>> {
        let stat = self
            .disk
            .stat(&self.path(name))
            .map_err(|e| Error::io(name.as_str(), e))?;
        Ok(stat.filter(|s| s.kind == FileKind::File).map(|s| s.len))
    }

    fn list(&self, prefix: &str) -> Result<Vec<Name>> {
        let mut found = Vec::new();
        self.walk(&self.root, "", prefix, &mut found)?;
        found.sort();
        Ok(found)
    }

    fn discard(&self, name: &Name) -> Result<()> {
        let path = self.path(name);
        match self.disk.remove(&path) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(Error::io(name.as_str(), e)),
            // An absent name may be one whose removal is not durable yet.
            _ => match path.parent().map(|dir| (dir, self.disk.stat(dir))) {
                Some((dir, Ok(Some(_)))) => self.sync_dir(dir),
                Some((_, Err(e))) => Err(Error::io(name.as_str(), e)),
                Some((_, Ok(None))) | None => Ok(()),
            },
        }
    }

    fn settle(&self) -> Result<()> {
        self.disk
            .sync_all(&self.root)
            .map_err(|e| Error::sync(self.root.display().to_string(), e))
    }

    fn settle_names(&self, names: &[&Name]) -> Result<()> {
        let paths = names.iter().map(|name| self.path(name));
        let folders: HashSet<PathBuf> = paths
            .filter_map(|p| p.parent().map(Path::to_owned))
            .collect();
        folders.iter().try_for_each(|dir| self.settle_folder(dir))
    }

    fn sweep(&self) -> Result<usize> {
        self.incoming.sweep()
    }
}

#[derive(Debug)]
struct LocalDraft {
    disk: Arc<dyn Disk>,
    root: PathBuf,
    _session: Arc<Session>,
    path: PathBuf,
    file: Option<Box<dyn NewFile>>,
    placed: bool,
}

impl LocalDraft {
    fn file(&mut self) -> Result<&mut Box<dyn NewFile>> {
        self.file
            .as_mut()
            .ok_or_else(|| Error::invalid("This object is finished; begin a new one to write more"))
    }

    fn rename(&self, to: &Path, replace: Replace) -> io::Result<()> {
        match (self.disk.rename(&self.path, to, replace), to.parent()) {
            (Err(e), Some(dir)) if e.kind() == ErrorKind::NotFound => {
                self.disk.create_dir_all(dir)?;
                self.disk.rename(&self.path, to, replace)
            }
            (done, _) => done,
        }
    }
}

impl Draft for LocalDraft {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file()?
            .write(bytes)
            .map_err(|e| Error::io("A new object", e))
    }

    fn protect(&mut self) -> Result<()> {
        self.disk
            .set_read_only(&self.path)
            .map_err(|e| Error::io("A new object", e))
    }

    fn sync(&mut self) -> Result<()> {
        self.file()?
            .sync()
            .map_err(|e| Error::sync("A new object", e))
    }

    fn finish(&mut self) -> Result<()> {
        match self.file.take() {
            Some(file) => file.finish().map_err(|e| Error::io("A new object", e)),
            None => Ok(()),
        }
    }

    fn read(&self) -> Result<Box<dyn OldFile>> {
        self.disk
            .open(&self.path)
            .map_err(|e| Error::io("A new object", e))
    }

    fn place(&mut self, name: &Name, replace: Replace) -> Result<bool> {
        match self.rename(&self.root.join(name.as_str()), replace) {
            Ok(()) => {
                self.placed = true;
                Ok(true)
            }
            Err(e) if e.kind() == ErrorKind::AlreadyExists && replace == Replace::Never => {
                Ok(false)
            }
            Err(e) => Err(Error::io(name.as_str(), e)),
        }
    }
}

impl Drop for LocalDraft {
    fn drop(&mut self) {
        if !self.placed {
            drop(self.file.take());
            drop(self.disk.remove(&self.path)); // what stays is swept by the next run
        }
    }
}
