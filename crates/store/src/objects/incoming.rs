//! Temporary files, in a folder per process that a lock shows to be alive.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::disk::{Disk, FileKind, Lock, LockKind, Wait};
use crate::error::{Error, Result};

const LOCK: &str = "lock";

#[derive(Debug)]
pub(super) struct Incoming {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    /// What errors call it.
    place: String,
    session: Mutex<Option<Arc<Session>>>,
    next: AtomicU64,
}

/// The folder of one opening of the store; removed when the last draft in it is gone.
#[derive(Debug)]
pub(super) struct Session {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    _lock: Box<dyn Lock>,
}

impl Incoming {
    pub(super) fn new(disk: Arc<dyn Disk>, folder: PathBuf, place: impl Into<String>) -> Self {
        Self {
            disk,
            folder,
            place: place.into(),
            session: Mutex::default(),
            next: AtomicU64::new(0),
        }
    }

    /// Returns a path nobody uses, and what keeps it from being swept.
    pub(super) fn next_path(&self) -> Result<(Arc<Session>, PathBuf)> {
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let session = match &*session {
            Some(open) => Arc::clone(open),
            None => {
                let opened = Arc::new(self.begin().map_err(|e| Error::io(&*self.place, e))?);
                *session = Some(Arc::clone(&opened));
                opened
            }
        };
        let path = session
            .folder
            .join(self.next.fetch_add(1, Ordering::Relaxed).to_string());
        Ok((session, path))
    }

    /// Held while a folder is made or swept, so that no new folder is swept before it is locked.
    fn alone(&self) -> io::Result<Box<dyn Lock>> {
        self.disk.create_dir_all(&self.folder)?;
        self.disk
            .lock(&self.folder.join(LOCK), LockKind::Exclusive, Wait::Yes)
    }

    fn begin(&self) -> io::Result<Session> {
        let _alone = self.alone()?;
        let mut number = 0_u64;
        let folder = loop {
            let folder = self.folder.join(number.to_string());
            if self.disk.stat(&folder)?.is_none() {
                break folder;
            }
            number += 1;
        };
        self.disk.create_dir_all(&folder)?;
        let lock = self
            .disk
            .lock(&folder.join(LOCK), LockKind::Exclusive, Wait::No)?;
        Ok(Session {
            disk: Arc::clone(&self.disk),
            folder,
            _lock: lock,
        })
    }

    pub(super) fn sweep(&self) -> Result<usize> {
        self.sweep_dead().map_err(|e| Error::io(&*self.place, e))
    }

    fn sweep_dead(&self) -> io::Result<usize> {
        if self.disk.stat(&self.folder)?.is_none() {
            return Ok(0);
        }
        let _alone = self.alone()?;
        let mut removed = 0;
        for entry in self.disk.list(&self.folder)? {
            let folder = self.folder.join(&entry.name);
            if entry.kind != FileKind::Folder {
                continue;
            }
            match self
                .disk
                .lock(&folder.join(LOCK), LockKind::Exclusive, Wait::No)
            {
                Ok(_dead) => removed += empty(self.disk.as_ref(), &folder)?,
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::NotFound) => {}
                Err(e) => return Err(e),
            }
        }
        Ok(removed)
    }
}

/// Removes a folder whose owner is gone, and says how many pieces it held.
fn empty(disk: &dyn Disk, folder: &Path) -> io::Result<usize> {
    let mut removed = 0;
    for entry in disk.list(folder)? {
        disk.remove(&folder.join(&entry.name))?;
        removed += usize::from(entry.name != LOCK);
    }
    disk.remove(folder)?;
    Ok(removed)
}

impl Drop for Session {
    fn drop(&mut self) {
        // While the lock is still held; a folder that is not empty is left to the next sweep.
        drop(self.disk.remove(&self.folder.join(LOCK)));
        drop(self.disk.remove(&self.folder));
    }
}
