//! The only way to a file system for archive state.
//!
//! **Durability.** Nothing is durable because it was written. A file's bytes are durable once
//! [`NewFile::sync`] on it, or [`Disk::sync_all`], returned after the write. A *name* (made by create,
//! rename, remove or `create_dir_all`) is durable once [`Disk::sync_dir`] of the folder that holds it,
//! or [`Disk::sync_all`], returned after the change; the folder's own name counts separately. A crash
//! may leave any mixture of the old and the new for whatever is not durable yet.
//!
//! **Failed syncs.** After a failed sync nobody knows what reached the disk, and a second try that
//! succeeds proves nothing, because the system may have dropped the bytes (R2). So a [`NewFile`]
//! refuses all further use, and [`Disk::sync_all`] keeps failing for that file system until the
//! `Disk` is opened anew. What is read back may then still come from memory: check after a remount.
//!
//! **Consistency.** Live reads see every earlier write, rename and removal at once.
//!
//! **Concurrency.** Every call may run at the same time as any other, from threads and processes.
//! Calls block; asynchronous code calls them on blocking threads.

use std::ffi::OsString;
use std::fmt::Debug;
use std::io;
use std::path::Path;

pub(crate) mod real;

/// Reaches a file system, with a contract for each call on what survives a power cut.
pub trait Disk: Send + Sync + Debug {
    /// Creates an empty file for writing, readable by its owner only.
    ///
    /// `AlreadyExists` if the name is taken: of several callers at once exactly one wins. Neither
    /// name nor bytes are durable. `expected_bytes` is advice; large files bypass the page cache.
    fn create(&self, path: &Path, expected_bytes: u64) -> io::Result<Box<dyn NewFile>>;

    /// Opens a file for writing at its end, creating it (like [`Disk::create`]) if it is absent.
    ///
    /// Two appenders at once are the caller's mistake: their writes do not mix within one write, but
    /// their order is open.
    fn append(&self, path: &Path) -> io::Result<Box<dyn NewFile>>;

    /// Opens a file for reading; it stays readable after a rename or removal of its name.
    fn open(&self, path: &Path) -> io::Result<Box<dyn OldFile>>;

    /// Moves a file to another name on the same file system, atomically for everybody who looks.
    ///
    /// With [`Replace::Never`] a taken `to` is `AlreadyExists` and nothing changes, even in a race.
    /// Not durable: a crash may leave the old name, the new one, both, or (only when the two folders
    /// differ and `from`'s alone was synced) neither. Says nothing about the bytes of the file: sync
    /// them first, or a crash may leave the new name with torn bytes.
    fn rename(&self, from: &Path, to: &Path, replace: Replace) -> io::Result<()>;

    /// Removes a file, or a folder that is empty. Not durable: a crash may bring the name back.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Creates a folder, and the missing ones above it, for the owner only; existing ones are fine.
    ///
    /// Not durable: each new folder's name lies in the folder above it, which must be synced.
    fn create_dir_all(&self, path: &Path) -> io::Result<()>;

    /// Makes every change of names directly in this folder so far durable, but no bytes of files.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;

    /// Makes everything written to the file system that holds `path` durable: bytes and names.
    ///
    /// Covers what other threads and processes wrote before the call. A failure is remembered:
    /// every later call for that file system fails too.
    fn sync_all(&self, path: &Path) -> io::Result<()>;

    /// Lists a folder, sorted by name; changes made meanwhile may or may not show.
    fn list(&self, dir: &Path) -> io::Result<Vec<Listed>>;

    /// Says what a name stands for, or `None` if for nothing; symbolic links are not followed.
    fn stat(&self, path: &Path) -> io::Result<Option<Stat>>;

    /// Takes the owner's permission to write from a file. As durable as the bytes of the file.
    fn set_read_only(&self, path: &Path) -> io::Result<()>;

    /// Says how many bytes an ordinary user may still write on the file system of `path`.
    fn free_bytes(&self, path: &Path) -> io::Result<u64>;

    /// Takes the lock of a file (created if absent), held until dropped or the process ends.
    ///
    /// Excludes other holders in this and other processes that ask the same way; `WouldBlock` when
    /// held and [`Wait::No`]. Leaves no trace after a crash but the empty file.
    fn lock(&self, path: &Path, kind: LockKind, wait: Wait) -> io::Result<Box<dyn Lock>>;
}

/// Writes one file from one thread at a time.
pub trait NewFile: Send + Debug {
    /// Writes all bytes at the end, or fails, possibly after some of them. Not durable.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Cuts the file to `len` bytes (or fills it up with zeros); the next write goes there.
    fn truncate(&mut self, len: u64) -> io::Result<()>;

    /// Makes the bytes (not the name) durable. After a failure every further call fails.
    fn sync(&mut self) -> io::Result<()>;

    /// Hands everything to the operating system and closes; does **not** make it durable.
    ///
    /// Dropping instead leaves the contents of the file open. An error some network file systems
    /// report only at the close itself shows in the next [`Disk::sync_all`].
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// Reads one file, from any number of threads.
#[expect(
    clippy::len_without_is_empty,
    reason = "a file is asked for its length, which may fail"
)]
pub trait OldFile: Send + Sync + Debug {
    /// Fills `buf` from `offset`; returns fewer bytes only where the file ends.
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Says how long the file is now.
    fn len(&self) -> io::Result<u64>;
}

/// Holds a lock until it is dropped.
pub trait Lock: Send + Sync + Debug {}

/// What a rename does when the new name is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// Refuse.
    Never,
    /// Take the place of what is there.
    Allowed,
}

/// How a lock is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockKind {
    /// Together with other shared holders.
    Shared,
    /// Alone.
    Exclusive,
}

/// What to do when a lock is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Fail with `WouldBlock`.
    No,
    /// Wait until it is free.
    Yes,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A link, a device, a pipe: nothing the archive makes.
    Other,
}

/// One name in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The last part of its path.
    pub name: OsString,
    /// What it is.
    pub kind: FileKind,
    /// Its length in bytes; nothing to rely on for folders.
    pub len: u64,
}

/// What is known of one path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// What it is.
    pub kind: FileKind,
    /// Its length in bytes; nothing to rely on for folders.
    pub len: u64,
    /// Whether its owner may not write it.
    pub read_only: bool,
}
