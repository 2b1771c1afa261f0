//! Bytes under names: originals, log files, derivatives.
//!
//! **Durability.** [`Objects::put_once`], [`Objects::put_all`], [`Objects::replace`] and
//! [`Objects::discard`] are durable on return. What [`Stage::place`] put in place is durable only once
//! a later [`Objects::settle`] returned: thousands of originals share one sync. Until then a crash may
//! leave a torn object under its final name; placing the same bytes again finds and heals it, and
//! readers check digests (R5), so it is never taken for good.
//!
//! **After a failed sync** ([`Error::halts`]) this handle and its clones refuse every write. Opening
//! again in the same running system may read back bytes that only memory holds: check the disk first.
//!
//! **Consistency.** A name other than a replaced one stands for one content for ever. Reads see every
//! completed write; an object appears whole or not at all while the power stays on.
//!
//! **Concurrency.** Everything may run at once, from threads and processes. Dropping a future does not
//! stop the disk work it began. `Stage`, `Reader` and everything that says "blocking" belong on worker
//! threads.
//!
//! **Read-only after placing.** Objects under `originals/` lose their write permission.
//!
//! **S3 later**, without touching a caller: a stage is a multipart upload to `incoming/`, placing it is
//! a server-side copy to the name and a delete, comparing reads both, settling has nothing left to do
//! (a completed upload is durable), sweeping aborts old uploads. No conditional write is needed, since
//! an object is replaced only by equal bytes, by [`Objects::replace`], or to heal it.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub use self::name::Name;
pub use self::stage::{Placed, Reader, Stage};
use crate::disk::{Disk, OldFile, Replace};
use crate::error::{Error, Result};

mod incoming;
mod local;
mod name;
mod put;
mod stage;

/// Is the one way to objects, whatever keeps them; clones share everything.
#[derive(Debug, Clone)]
pub struct Objects {
    inner: Arc<Inner>,
}

/// Whether storing changed anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// The object is new.
    New,
    /// The same bytes were there already.
    Same,
}

#[derive(Debug)]
struct Inner {
    backend: Box<dyn Backend>,
    writable: bool,
    halted: AtomicBool,
}

/// What a back end must do, and no more; all of it blocking.
trait Backend: std::fmt::Debug + Send + Sync {
    /// Begins a temporary object, removed when dropped without having been placed.
    fn draft(&self, expected_bytes: u64) -> Result<Box<dyn Draft>>;
    /// Writes a new object under its name, not durably; false, and nothing done, if the name is taken.
    fn place_new(&self, name: &Name, bytes: &[u8]) -> Result<bool>;
    fn open(&self, name: &Name) -> Result<Option<Box<dyn OldFile>>>;
    fn size(&self, name: &Name) -> Result<Option<u64>>;
    fn list(&self, prefix: &str) -> Result<Vec<Name>>;
    /// Durable on return; an absent object is fine.
    fn discard(&self, name: &Name) -> Result<()>;
    /// Makes everything before this call durable.
    fn settle(&self) -> Result<()>;
    /// Makes the names (not the bytes) of these placed objects durable.
    fn settle_names(&self, names: &[&Name]) -> Result<()>;
    /// Removes temporary objects nobody is writing, and says how many.
    fn sweep(&self) -> Result<usize>;
}

/// An object being written, under no name yet.
trait Draft: std::fmt::Debug + Send {
    fn write(&mut self, bytes: &[u8]) -> Result<()>;
    /// Takes the permission to write, so that it is as durable as the bytes.
    fn protect(&mut self) -> Result<()>;
    /// Makes the bytes written so far durable.
    fn sync(&mut self) -> Result<()>;
    /// Ends writing; the bytes are whole for readers, not durable.
    fn finish(&mut self) -> Result<()>;
    fn read(&self) -> Result<Box<dyn OldFile>>;
    /// Gives it its name, not durably; false if the name is taken and may not be replaced.
    fn place(&mut self, name: &Name, replace: Replace) -> Result<bool>;
}

impl Objects {
    /// Opens a folder for reading and writing, creating it (durably) if absent.
    ///
    /// Blocking, like [`Objects::read_only`]: call it while starting.
    pub fn local(disk: Arc<dyn Disk>, root: &Path) -> Result<Self> {
        let backend = local::Local::create(disk, root)?;
        Ok(Self::over(Box::new(backend), true))
    }

    /// Opens a folder for reading; every write is refused with [`Error::ReadOnly`], nothing is touched.
    pub fn read_only(disk: Arc<dyn Disk>, root: &Path) -> Result<Self> {
        let backend = local::Local::open(disk, root)?;
        Ok(Self::over(Box::new(backend), false))
    }

    fn over(backend: Box<dyn Backend>, writable: bool) -> Self {
        Self {
            inner: Arc::new(Inner {
                backend,
                writable,
                halted: AtomicBool::new(false),
            }),
        }
    }

    /// Stores bytes under a name that never stands for other bytes; durable when it returns.
    ///
    /// The same bytes again are fine; other bytes are [`Error::Conflict`] and change nothing.
    pub async fn put_once(&self, name: &Name, bytes: &[u8]) -> Result<Stored> {
        let item = (name.clone(), bytes.to_vec());
        self.write(move |inner| put::all(inner, vec![item])).await
    }

    /// Stores many small objects like [`Objects::put_once`], with one sync of bytes for all of them.
    ///
    /// A known conflict is found before anything is written. After an error any of them may be in
    /// place, each whole; call again to finish. Says [`Stored::New`] if any was new.
    pub async fn put_all(&self, items: Vec<(Name, Vec<u8>)>) -> Result<Stored> {
        self.write(move |inner| put::all(inner, items)).await
    }

    /// Puts bytes in the place of whatever the name stood for; durable when it returns.
    ///
    /// Atomic: after a crash the name stands for the old bytes or the new, never a mixture. Of several
    /// at once one comes last; who must not lose takes a lock or the head row first.
    pub async fn replace(&self, name: &Name, bytes: &[u8]) -> Result<()> {
        let (name, bytes) = (name.clone(), bytes.to_vec());
        self.write(move |inner| put::replace(inner, &name, &bytes))
            .await
    }

    /// Reads a whole object as it is stored; whoever knows its digest checks it (R5).
    pub async fn get(&self, name: &Name) -> Result<Vec<u8>> {
        let (this, name) = (self.clone(), name.clone());
        self.blocking(move |_| {
            let reader = this.open(&name)?;
            reader.exactly(0..reader.len()?)
        })
        .await
    }

    /// Reads exactly these bytes of an object; a range beyond its end is [`Error::Invalid`].
    pub async fn range(&self, name: &Name, range: Range<u64>) -> Result<Vec<u8>> {
        let (this, name) = (self.clone(), name.clone());
        self.blocking(move |_| this.open(&name)?.exactly(range))
            .await
    }

    /// Says how many bytes an object has, or `None` if there is no such object.
    pub async fn size(&self, name: &Name) -> Result<Option<u64>> {
        let name = name.clone();
        self.blocking(move |inner| inner.backend.size(&name)).await
    }

    /// Lists the names that begin with these characters, sorted; temporary objects never show.
    ///
    /// Files whose path is no [`Name`] are passed over. Objects placed meanwhile may be missing.
    pub async fn list(&self, prefix: &str) -> Result<Vec<Name>> {
        let prefix = prefix.to_owned();
        self.blocking(move |inner| inner.backend.list(&prefix))
            .await
    }

    /// Removes an object, durably when it returns; an absent one is fine.
    pub async fn discard(&self, name: &Name) -> Result<()> {
        let name = name.clone();
        self.write(move |inner| inner.backend.discard(&name)).await
    }

    /// Makes everything placed before this call durable, in one sync.
    pub async fn settle(&self) -> Result<()> {
        self.write(|inner| inner.backend.settle()).await
    }

    /// Removes what earlier runs left unfinished, and says how many pieces; live processes keep theirs.
    pub async fn sweep_incoming(&self) -> Result<usize> {
        self.write(|inner| inner.backend.sweep()).await
    }

    /// Begins to stream one object in; blocking. `expected` bytes is advice.
    pub fn stage(&self, expected: u64) -> Result<Stage> {
        let draft = self
            .inner
            .writing("A new object", |inner| inner.backend.draft(expected))?;
        Ok(Stage::new(Arc::clone(&self.inner), draft))
    }

    /// Places bytes that are whole in memory, as [`Stage::place`] would, with fewer steps; blocking.
    ///
    /// They are written under their final name at once: until a later [`Objects::settle`] a crash may leave them
    /// torn there, and whoever places the same bytes again meanwhile heals them.
    pub fn place_whole(&self, name: &Name, bytes: &[u8]) -> Result<Placed> {
        let new = self
            .inner
            .writing(name.as_str(), |inner| inner.backend.place_new(name, bytes))?;
        if new {
            return Ok(Placed::New);
        }
        let mut stage = self.stage(bytes.len() as u64)?;
        stage.write(bytes)?;
        stage.place(name)
    }

    /// Says how many bytes an object has, like [`Objects::size`]; blocking, for worker threads that ask it of every file.
    pub fn size_now(&self, name: &Name) -> Result<Option<u64>> {
        self.inner.backend.size(name)
    }

    /// Opens an object for reading in pieces; blocking.
    pub fn open(&self, name: &Name) -> Result<Reader> {
        match self.inner.backend.open(name)? {
            Some(file) => Ok(Reader::new(name.clone(), file)),
            None => Err(Error::NotFound {
                place: name.to_string(),
            }),
        }
    }

    async fn write<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Inner) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.blocking(move |inner| inner.writing("The object store", act))
            .await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Inner) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let inner = Arc::clone(&self.inner);
        match tokio::task::spawn_blocking(move || act(&inner)).await {
            Ok(done) => done,
            Err(e) => match e.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(stopped) => Err(Error::Io {
                    place: "The object store".into(),
                    source: stopped.into(),
                }),
            },
        }
    }
}

impl Inner {
    /// Does something that changes objects, unless this handle may not; a failed sync is the last.
    fn writing<T>(&self, what: &str, act: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        if !self.writable {
            return Err(Error::ReadOnly {
                place: what.to_owned(),
            });
        }
        if self.halted.load(Ordering::SeqCst) {
            return Err(Error::Halted {
                place: what.to_owned(),
            });
        }
        let done = act(self);
        if done.as_ref().is_err_and(Error::halts) {
            self.halted.store(true, Ordering::SeqCst);
        }
        done
    }
}
