//! The operating system's disk.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{
    DirBuilderExt as _, FileExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{CWD, OFlags, RenameFlags};
use rustix::io::Errno;

use self::new_file::RealFile;
use self::whole::Whole;
use super::{Disk, FileKind, Listed, Lock, LockKind, NewFile, OldFile, Replace, Stat, Wait};

mod new_file;
mod whole;

#[cfg(test)]
mod tests;

/// Files at least this long are written past the page cache.
const DIRECT_FROM: u64 = 8 << 20;

/// Is the file system of this machine, with every promise of [`Disk`] kept by Linux calls.
#[derive(Debug, Clone, Default)]
pub struct RealDisk {
    whole: Arc<Whole>,
}

impl RealDisk {
    /// Opens the disk with no failed sync on record.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn new_file(&self, options: &mut OpenOptions, path: &Path) -> io::Result<File> {
        let file = options.mode(0o600).custom_flags(no_follow()).open(path)?;
        self.whole.watch(&file, path)?;
        Ok(file)
    }
}

/// A symbolic link under an archive's name is nothing we made: refuse it.
fn no_follow() -> i32 {
    OFlags::NOFOLLOW.bits().cast_signed()
}

impl Disk for RealDisk {
    fn create(&self, path: &Path, expected_bytes: u64) -> io::Result<Box<dyn NewFile>> {
        let file = self.new_file(OpenOptions::new().write(true).create_new(true), path)?;
        Ok(Box::new(RealFile::new(file, expected_bytes >= DIRECT_FROM)))
    }

    fn append(&self, path: &Path) -> io::Result<Box<dyn NewFile>> {
        let file = self.new_file(OpenOptions::new().append(true).create(true), path)?;
        Ok(Box::new(RealFile::new(file, false)))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn OldFile>> {
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(no_follow())
            .open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "not a regular file",
            ));
        }
        Ok(Box::new(RealOld(file)))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the door the lint points to"
    )]
    fn rename(&self, from: &Path, to: &Path, replace: Replace) -> io::Result<()> {
        match replace {
            Replace::Allowed => fs::rename(from, to),
            Replace::Never => {
                match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
                    Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
                        link_then_unlink(from, to)
                    }
                    other => Ok(other?),
                }
            }
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        if fs::symlink_metadata(path)?.is_dir() {
            fs::remove_dir(path)
        } else {
            fs::remove_file(path)
        }
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn sync_all(&self, path: &Path) -> io::Result<()> {
        self.whole.sync(path)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Listed>> {
        let mut all = Vec::new();
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            match entry.metadata() {
                Ok(m) => all.push(Listed {
                    name: entry.file_name(),
                    kind: kind(&m),
                    len: m.len(),
                }),
                Err(e) if e.kind() == io::ErrorKind::NotFound => {} // removed meanwhile
                Err(e) => return Err(e),
            }
        }
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    fn stat(&self, path: &Path) -> io::Result<Option<Stat>> {
        match fs::symlink_metadata(path) {
            Ok(m) => Ok(Some(Stat {
                kind: kind(&m),
                len: m.len(),
                read_only: m.permissions().mode() & 0o200 == 0,
            })),
            Err(e)
                if matches!(
                    e.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(None)
            }
            Err(e) => Err(e),
        }
    }

    fn set_read_only(&self, path: &Path) -> io::Result<()> {
        fs::set_permissions(path, fs::Permissions::from_mode(0o400))
    }

    fn free_bytes(&self, path: &Path) -> io::Result<u64> {
        let s = rustix::fs::statvfs(path)?;
        Ok(s.f_bavail.saturating_mul(s.f_frsize))
    }

    fn lock(&self, path: &Path, lock: LockKind, wait: Wait) -> io::Result<Box<dyn Lock>> {
        let file = open_for_lock(path)?;
        match (lock, wait) {
            (LockKind::Shared, Wait::Yes) => file.lock_shared()?,
            (LockKind::Exclusive, Wait::Yes) => file.lock()?,
            (LockKind::Shared, Wait::No) => file.try_lock_shared().map_err(lock_error)?,
            (LockKind::Exclusive, Wait::No) => file.try_lock().map_err(lock_error)?,
        }
        Ok(Box::new(RealLock { _file: file }))
    }
}

/// Does what renaming without replacing does, where the file system cannot: a link fails if taken.
fn link_then_unlink(from: &Path, to: &Path) -> io::Result<()> {
    fs::hard_link(from, to)?;
    fs::remove_file(from)
}

/// A reader of a read-only copy must be able to lock what is there, so it opens without writing.
fn open_for_lock(path: &Path) -> io::Result<File> {
    let options = |write: bool| {
        let mut o = OpenOptions::new();
        o.read(true)
            .write(write)
            .create(write)
            .truncate(false)
            .mode(0o600)
            .custom_flags(no_follow());
        o
    };
    match options(true).open(path) {
        Err(e)
            if matches!(
                e.kind(),
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
            ) =>
        {
            options(false).open(path)
        }
        other => other,
    }
}

fn lock_error(e: TryLockError) -> io::Error {
    match e {
        TryLockError::Error(e) => e,
        TryLockError::WouldBlock => io::ErrorKind::WouldBlock.into(),
    }
}

fn kind(m: &fs::Metadata) -> FileKind {
    if m.is_file() {
        FileKind::File
    } else if m.is_dir() {
        FileKind::Folder
    } else {
        FileKind::Other
    }
}

#[derive(Debug)]
struct RealOld(File);

impl OldFile for RealOld {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut done = 0;
        while done < buf.len() {
            match self.0.read_at(&mut buf[done..], offset + done as u64) {
                Ok(0) => break,
                Ok(n) => done += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(done)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }
}

#[derive(Debug)]
struct RealLock {
    _file: File,
}

impl Lock for RealLock {}
