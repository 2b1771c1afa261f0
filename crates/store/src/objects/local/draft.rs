//! A temporary file on its way to its name.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::same::{Unread, Whole, same};
use super::{Folder, Name, Replace};
use crate::disk::{NewFile, OldFile};
use crate::error::{Error, Result};
use crate::objects::incoming::Session;
use crate::objects::stage::{Draft, Placed};

const NEW: &str = "A new object";

/// Removed when dropped without having been placed.
#[derive(Debug)]
pub(super) struct LocalDraft {
    folder: Arc<Folder>,
    _session: Arc<Session>,
    path: PathBuf,
    file: Option<Box<dyn NewFile>>,
    placed: bool,
}

impl LocalDraft {
    pub(super) fn begin(folder: &Arc<Folder>, expected_bytes: u64) -> Result<Self> {
        let (session, path) = folder.incoming.next_path()?;
        let file = folder
            .disk
            .create(&path, expected_bytes)
            .map_err(|e| Error::io(NEW, e))?;
        Ok(Self {
            folder: Arc::clone(folder),
            _session: session,
            path,
            file: Some(file),
            placed: false,
        })
    }

    fn file(&mut self) -> Result<&mut Box<dyn NewFile>> {
        self.file
            .as_mut()
            .ok_or_else(|| Error::invalid("This object is finished; begin a new one to write more"))
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.file()?.write(bytes).map_err(|e| Error::io(NEW, e))
    }

    /// Takes the permission to write, so that it is as durable as the bytes.
    pub(super) fn protect(&mut self) -> Result<()> {
        self.folder
            .disk
            .set_read_only(&self.path)
            .map_err(|e| Error::io(NEW, e))
    }

    /// Makes the bytes written so far durable.
    pub(super) fn sync(&mut self) -> Result<()> {
        self.file()?.sync().map_err(|e| Error::sync(NEW, e))
    }

    /// Ends writing; the bytes are whole for readers, not durable.
    pub(super) fn finish(&mut self) -> Result<()> {
        match self.file.take() {
            Some(file) => file.finish().map_err(|e| Error::io(NEW, e)),
            None => Ok(()),
        }
    }

    fn read(&self) -> Result<Box<dyn OldFile>> {
        self.folder
            .disk
            .open(&self.path)
            .map_err(|e| Error::io(NEW, e))
    }

    fn rename(&self, to: &Path, replace: Replace) -> io::Result<()> {
        let disk = &self.folder.disk;
        match (disk.rename(&self.path, to, replace), to.parent()) {
            (Err(e), Some(dir)) if e.kind() == ErrorKind::NotFound => {
                disk.create_dir_all(dir)?;
                disk.rename(&self.path, to, replace)
            }
            (done, _) => done,
        }
    }

    /// Gives it its name, not durably; false if the name is taken and may not be replaced.
    pub(super) fn name_it(&mut self, name: &Name, replace: Replace) -> Result<bool> {
        match self.rename(&self.folder.path(name), replace) {
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

impl Draft for LocalDraft {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.append(bytes)
    }

    fn place(mut self: Box<Self>, name: &Name) -> Result<Placed> {
        if name.is_original() {
            self.protect()?;
        }
        self.finish()?;
        loop {
            if self.name_it(name, Replace::Never)? {
                return Ok(Placed::New);
            }
            let Some(there) = self.folder.open(name)? else {
                continue;
            }; // discarded meanwhile: try again
            let ours = self.read()?;
            match same(&Whole(ours.as_ref()), there.as_ref()) {
                Ok(true) => return Ok(Placed::Same),
                Err(Unread::Ours(e)) => return Err(Error::io(name.as_str(), e)),
                // What cannot be read is damaged too.
                Ok(false) | Err(Unread::Theirs(_)) => {
                    self.folder.settle()?;
                    self.name_it(name, Replace::Allowed)?;
                    return Ok(Placed::Healed);
                }
            }
        }
    }
}

impl Drop for LocalDraft {
    fn drop(&mut self) {
        if !self.placed {
            drop(self.file.take());
            drop(self.folder.disk.remove(&self.path)); // what stays is swept by the next run
        }
    }
}
