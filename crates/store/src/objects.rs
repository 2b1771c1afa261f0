//! Bytes under names: originals, log files, derivatives; in a folder, or in a bucket of an S3-compatible store.
//!
//! **Durability.** [`Objects::put_once`], [`Objects::put_all`], [`Objects::replace`] and
//! [`Objects::discard`] are durable on return. What was placed through a [`Batch`] is durable only once
//! its [`Batch::settle`] returned: thousands of originals share one wait. Until then a crash may
//! leave a torn object under its final name in a folder (in a bucket it is whole or absent); placing the same bytes
//! again finds and heals it, and readers check digests (R5), so it is never taken for good.
//!
//! **After a failed sync** ([`Error::halts`]) this handle and its clones refuse every write. Opening
//! again in the same running system may read back bytes that only memory holds: check the disk first.
//! A store that cannot be reached ([`Error::Unreachable`]) halts nothing: try again.
//!
//! **Consistency.** A name other than a replaced one stands for one content for ever. Reads see every
//! completed write (a list may lag behind a removal); an object appears whole or not at all while the power stays on. From a bucket, log files that
//! never change are remembered in memory; [`Objects::uncached`] reads what is stored.
//!
//! **Concurrency.** Everything may run at once, from threads and processes. Dropping a future does not
//! stop the work it began. `Batch`, `Stage`, `Reader` and everything that says "blocking" belong on worker
//! threads. Nothing relies on conditional writes: of two who put other bytes under one name at once, one comes last.
//! Names that could collide are given out under the head row of the log.
//!
//! **Read-only after placing.** In a folder, objects under `originals/` lose their write permission.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub use self::batch::{Batch, Settled};
use self::cache::Cache;
pub use self::name::Name;
pub use self::probe::Probe;
pub use self::s3::Bucket;
pub use self::stage::{Placed, Reader, Stage};
use crate::disk::{Disk, OldFile};
use crate::error::{Error, Result};

mod batch;
mod cache;
mod incoming;
mod local;
mod name;
mod probe;
mod s3;
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

#[derive(Debug, Clone)]
struct Inner {
    backend: Arc<dyn Backend>,
    writable: bool,
    halted: Arc<AtomicBool>,
    /// What was read or written of what never changes, where reading costs a journey.
    cache: Option<Arc<Cache>>,
    /// Whether reads look there.
    remembers: bool,
}

/// What a back end must do, and no more; all of it blocking.
trait Backend: std::fmt::Debug + Send + Sync {
    /// Stores each under its name once, durably; known conflicts are found before anything is written.
    fn put_all(&self, items: Vec<(Name, Vec<u8>)>) -> Result<Stored>;
    /// Puts bytes in the place of others, atomically and durably.
    fn replace(&self, name: &Name, bytes: Vec<u8>) -> Result<()>;
    fn open(&self, name: &Name) -> Result<Option<Box<dyn OldFile>>>;
    fn size(&self, name: &Name) -> Result<Option<u64>>;
    fn list(&self, prefix: &str) -> Result<Vec<Name>>;
    /// Durable on return; an absent object is fine.
    fn discard(&self, name: &Name) -> Result<()>;
    /// Removes temporary objects nobody is writing, and says how many.
    fn sweep(&self) -> Result<usize>;
    fn batch(self: Arc<Self>) -> Arc<dyn batch::Work>;

    fn get(&self, name: &Name) -> Result<Option<Vec<u8>>> {
        let file = self.open(name)?;
        file.map(|file| Reader::new(name.clone(), file).whole())
            .transpose()
    }

    /// Exactly these bytes; beyond the end is [`Error::Invalid`].
    fn range(&self, name: &Name, range: Range<u64>) -> Result<Option<Vec<u8>>> {
        let file = self.open(name)?;
        file.map(|file| Reader::new(name.clone(), file).exactly(range))
            .transpose()
    }

    /// Tells whether a conditional write over an object that is there is refused; none where there is no such thing.
    fn keeps_conditions(&self, _there: &Name) -> Result<Option<bool>> {
        Ok(None)
    }
}

impl Objects {
    /// Opens a folder for reading and writing, creating it (durably) if absent.
    ///
    /// Blocking, like [`Objects::read_only`]: call it while starting.
    pub fn local(disk: Arc<dyn Disk>, root: &Path) -> Result<Self> {
        let backend = local::Local::create(disk, root)?;
        Ok(Self::over(Arc::new(backend), true, None))
    }

    /// Opens a folder for reading; every write is refused with [`Error::ReadOnly`], nothing is touched.
    pub fn read_only(disk: Arc<dyn Disk>, root: &Path) -> Result<Self> {
        let backend = local::Local::open(disk, root)?;
        Ok(Self::over(Arc::new(backend), false, None))
    }

    /// Opens a bucket for reading and writing, without asking it anything yet: see [`Objects::probe`].
    pub fn s3(at: &Bucket) -> Result<Self> {
        Self::s3_spooling(at, Arc::new(crate::RealDisk::new()))
    }

    /// Opens a bucket like [`Objects::s3`], with the spool on this disk.
    pub fn s3_spooling(at: &Bucket, spool: Arc<dyn Disk>) -> Result<Self> {
        let backend = s3::S3::open(at, spool)?;
        Ok(Self::over(Arc::new(backend), true, Some(Arc::default())))
    }

    /// Opens a bucket for reading; every write is refused with [`Error::ReadOnly`].
    pub fn s3_read_only(at: &Bucket) -> Result<Self> {
        let backend = s3::S3::open(at, Arc::new(crate::RealDisk::new()))?;
        Ok(Self::over(Arc::new(backend), false, Some(Arc::default())))
    }

    fn over(backend: Arc<dyn Backend>, writable: bool, cache: Option<Arc<Cache>>) -> Self {
        Self {
            inner: Arc::new(Inner {
                backend,
                writable,
                halted: Arc::default(),
                remembers: cache.is_some(),
                cache,
            }),
        }
    }

    /// Returns the same objects, read from where they are stored and never from memory: for whoever checks them.
    #[must_use]
    pub fn uncached(&self) -> Self {
        let mut inner = Inner::clone(&self.inner);
        inner.remembers = false;
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Forgets what was remembered of what is stored; the next reads fetch it anew.
    pub fn forget_cached(&self) {
        if let Some(cache) = &self.inner.cache {
            cache.forget();
        }
    }

    /// Stores bytes under a name that never stands for other bytes; durable when it returns.
    ///
    /// The same bytes again are fine; other bytes are [`Error::Conflict`] and change nothing.
    pub async fn put_once(&self, name: &Name, bytes: &[u8]) -> Result<Stored> {
        self.put_all(vec![(name.clone(), bytes.to_vec())]).await
    }

    /// Stores many small objects like [`Objects::put_once`], with one wait for all of them.
    ///
    /// A known conflict is found before anything is written. After an error any of them may be in
    /// place, each whole; call again to finish. Says [`Stored::New`] if any was new.
    pub async fn put_all(&self, items: Vec<(Name, Vec<u8>)>) -> Result<Stored> {
        self.write(move |inner| {
            let Some(cache) = &inner.cache else {
                return inner.backend.put_all(items);
            };
            let ticket = cache.ticket();
            let kept: Vec<_> = items
                .iter()
                .filter(|(name, _)| Cache::keeps(name))
                .map(|(name, bytes)| (name.clone(), Arc::from(bytes.as_slice())))
                .collect();
            let stored = inner.backend.put_all(items)?;
            for (name, bytes) in kept {
                cache.keep(ticket, &name, bytes);
            }
            Ok(stored)
        })
        .await
    }

    /// Puts bytes in the place of whatever the name stood for; durable when it returns.
    ///
    /// Atomic: after a crash the name stands for the old bytes or the new, never a mixture. Of several
    /// at once one comes last; who must not lose takes a lock or the head row first. In a bucket one attempt is made
    /// and given up after five seconds; then either may stand there, and the next one decides.
    pub async fn replace(&self, name: &Name, bytes: &[u8]) -> Result<()> {
        let (name, bytes) = (name.clone(), bytes.to_vec());
        self.write(move |inner| inner.changing(&name, || inner.backend.replace(&name, bytes)))
            .await
    }

    /// Reads a whole object as it is stored; whoever knows its digest checks it (R5).
    pub async fn get(&self, name: &Name) -> Result<Vec<u8>> {
        self.get_if_there(name).await?.ok_or_else(|| absent(name))
    }

    /// Reads a whole object like [`Objects::get`], or says that there is none; one question where asking costs.
    pub async fn get_if_there(&self, name: &Name) -> Result<Option<Vec<u8>>> {
        if let Some(known) = self.inner.remembered(name) {
            return Ok(Some(known.to_vec()));
        }
        let name = name.clone();
        self.reading(move |inner| {
            let ticket = inner.cache.as_ref().map(|c| c.ticket());
            let bytes = inner.backend.get(&name)?;
            if let (Some(cache), Some(ticket), Some(bytes)) = (&inner.cache, ticket, &bytes)
                && Cache::keeps(&name)
            {
                cache.keep(ticket, &name, Arc::from(bytes.as_slice()));
            }
            Ok(bytes)
        })
        .await
    }

    /// Reads exactly these bytes of an object; a range beyond its end is [`Error::Invalid`].
    pub async fn range(&self, name: &Name, range: Range<u64>) -> Result<Vec<u8>> {
        if let Some(known) = self.inner.remembered(name) {
            let file = Box::new(cache::Known(known));
            return Reader::new(name.clone(), file).exactly(range);
        }
        let name = name.clone();
        self.reading(move |inner| {
            let bytes = inner.backend.range(&name, range)?;
            bytes.ok_or_else(|| absent(&name))
        })
        .await
    }

    /// Says how many bytes an object has, or `None` if there is no such object.
    pub async fn size(&self, name: &Name) -> Result<Option<u64>> {
        let name = name.clone();
        self.reading(move |inner| inner.backend.size(&name)).await
    }

    /// Lists the names that begin with these characters, sorted; temporary objects never show.
    ///
    /// What lies there under no [`Name`] is passed over. Objects placed meanwhile may be missing. A store of several
    /// nodes may for a moment still list what was just discarded, though it can no longer be read.
    pub async fn list(&self, prefix: &str) -> Result<Vec<Name>> {
        let prefix = prefix.to_owned();
        self.reading(move |inner| inner.backend.list(&prefix)).await
    }

    /// Removes an object, durably when it returns; an absent one is fine.
    pub async fn discard(&self, name: &Name) -> Result<()> {
        let name = name.clone();
        self.write(move |inner| inner.changing(&name, || inner.backend.discard(&name)))
            .await
    }

    /// Removes what earlier runs left unfinished, and says how many pieces; live processes keep theirs.
    pub async fn sweep_incoming(&self) -> Result<usize> {
        self.write(|inner| inner.backend.sweep()).await
    }

    /// Begins a batch: what is placed through it becomes durable together, and fails together.
    #[must_use]
    pub fn batch(&self) -> Batch {
        let work = Arc::clone(&self.inner.backend).batch();
        Batch::new(Arc::clone(&self.inner), work)
    }

    /// Says how many bytes an object has, like [`Objects::size`]; blocking, for worker threads that ask it of every file.
    pub fn size_now(&self, name: &Name) -> Result<Option<u64>> {
        self.inner.backend.size(name)
    }

    /// Opens an object for reading in pieces; blocking.
    pub fn open(&self, name: &Name) -> Result<Reader> {
        if let Some(known) = self.inner.remembered(name) {
            return Ok(Reader::new(name.clone(), Box::new(cache::Known(known))));
        }
        match self.inner.backend.open(name)? {
            Some(file) => Ok(Reader::new(name.clone(), file)),
            None => Err(absent(name)),
        }
    }

    async fn write<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Inner) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.reading(move |inner| inner.writing("The object store", act))
            .await
    }

    async fn reading<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Inner) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let inner = Arc::clone(&self.inner);
        blocking(move || act(&inner)).await
    }
}

fn absent(name: &Name) -> Error {
    Error::NotFound {
        place: name.to_string(),
    }
}

/// Does blocking work on a thread for it.
async fn blocking<T: Send + 'static>(
    act: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(act).await {
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

    fn remembered(&self, name: &Name) -> Option<Arc<[u8]>> {
        let cache = self.cache.as_ref().filter(|_| self.remembers)?;
        cache.find(name)
    }

    /// Does something after which the name no longer stands for what is remembered of it, whatever came of it.
    fn changing<T>(&self, name: &Name, act: impl FnOnce() -> Result<T>) -> Result<T> {
        let done = act();
        if let Some(cache) = &self.cache {
            cache.lose(name);
        }
        done
    }
}
