//! Objects in a bucket of an S3-compatible store; each name is a key under a prefix.
//!
//! An object there is whole once it exists, so a length that fits is enough to leave it; what it holds is checked at
//! every read (R5). The client is asynchronous and has a runtime of its own, so that threads of any kind can wait for
//! it, and so that nothing ends with the runtime of whoever called.

use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use tokio::runtime::{Builder, Runtime};

pub use self::address::Bucket;
use self::batch::S3Batch;
use self::link::Link;
use self::read::Remote;
use self::room::Room;
use self::spool::Spool;
use super::batch::Work;
use super::incoming::Incoming;
use super::{Backend, Name, Stored};
use crate::disk::{Disk, OldFile};
use crate::error::{Error, Result};

mod address;
mod batch;
mod link;
mod multipart;
mod put;
mod read;
mod room;
mod said;
mod spool;

#[derive(Debug)]
pub(super) struct S3 {
    link: Arc<Link>,
    hands: Arc<Hands>,
    room: Arc<Room>,
    spool: Arc<Spool>,
}

/// The threads that talk to the store; everybody who waits for them keeps them.
#[derive(Debug)]
struct Hands(Option<Runtime>);

impl S3 {
    /// Makes ready to talk; asks nothing yet, and makes no folder before one is needed.
    pub(super) fn open(at: &Bucket, disk: Arc<dyn Disk>) -> Result<Self> {
        let link = Link::new(at)?;
        let place = format!("The spool folder {}", at.spool.display());
        let incoming = Incoming::new(Arc::clone(&disk), at.spool.clone(), place.clone());
        Ok(Self {
            link: Arc::new(link),
            hands: Arc::new(Hands::new()?),
            room: Arc::default(),
            spool: Arc::new(Spool {
                disk,
                incoming,
                place,
            }),
        })
    }
}

impl Hands {
    fn new() -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("store-s3")
            .enable_all()
            .build();
        let runtime = runtime.map_err(|e| Error::io("The threads that talk to the store", e))?;
        Ok(Self(Some(runtime)))
    }

    /// Lets work go on by itself.
    fn begin(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(runtime) = &self.0 {
            drop(runtime.spawn(work));
        }
    }

    /// Waits for work from a thread of any kind, even one that belongs to another runtime.
    fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let (tell, told) = sync_channel(1);
        self.begin(async move {
            // Nobody listens any more when the caller is gone.
            drop(tell.send(work.await));
        });
        told.recv().unwrap_or_else(|_broken_off| Err(stopped()))
    }
}

impl Drop for Hands {
    fn drop(&mut self) {
        // Dropping a runtime waits, which is forbidden where asynchronous code runs.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

fn stopped() -> Error {
    Error::Io {
        place: "The object store".into(),
        source: "work on it broke off before its end".into(),
    }
}

impl Backend for S3 {
    fn put_all(&self, items: Vec<(Name, Vec<u8>)>) -> Result<Stored> {
        let (link, room) = (Arc::clone(&self.link), Arc::clone(&self.room));
        self.hands
            .wait(async move { put::all(link, room, items).await })
    }

    fn replace(&self, name: &Name, bytes: Vec<u8>) -> Result<()> {
        let (link, name) = (Arc::clone(&self.link), name.clone());
        self.hands
            .wait(async move { link.replace(&name, bytes).await })
    }

    fn open(&self, name: &Name) -> Result<Option<Box<dyn OldFile>>> {
        let file = Remote::open(&self.link, &self.hands, name)?;
        Ok(file.map(|file| Box::new(file) as _))
    }

    fn get(&self, name: &Name) -> Result<Option<Vec<u8>>> {
        let (link, name) = (Arc::clone(&self.link), name.clone());
        self.hands.wait(async move { link.get(&name).await })
    }

    fn range(&self, name: &Name, range: Range<u64>) -> Result<Option<Vec<u8>>> {
        let (link, name) = (Arc::clone(&self.link), name.clone());
        self.hands
            .wait(async move { read::exactly(&link, &name, range).await })
    }

    fn size(&self, name: &Name) -> Result<Option<u64>> {
        let (link, name) = (Arc::clone(&self.link), name.clone());
        self.hands.wait(async move { link.size(&name).await })
    }

    fn list(&self, prefix: &str) -> Result<Vec<Name>> {
        let (link, prefix) = (Arc::clone(&self.link), prefix.to_owned());
        self.hands.wait(async move { link.list(&prefix).await })
    }

    fn discard(&self, name: &Name) -> Result<()> {
        let (link, name) = (Arc::clone(&self.link), name.clone());
        self.hands.wait(async move { link.discard(&name).await })
    }

    fn sweep(&self) -> Result<usize> {
        self.spool.incoming.sweep()
    }

    fn batch(self: Arc<Self>) -> Arc<dyn Work> {
        Arc::new(S3Batch::new(self))
    }

    fn keeps_conditions(&self, there: &Name) -> Result<Option<bool>> {
        let (link, name) = (Arc::clone(&self.link), there.clone());
        self.hands
            .wait(async move { link.keeps_conditions(&name).await })
    }
}
