//! What several tests need.

use std::path::Path;
use std::sync::Arc;

use store::{Batch, Disk, Name, Objects, Placed, Result};

/// Runs one piece of asynchronous work on this thread.
pub(crate) fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn open(disk: &(impl Disk + Clone + 'static), root: &Path) -> Objects {
    Objects::local(Arc::new(disk.clone()), root).unwrap()
}

/// Streams bytes in, in uneven pieces.
pub(crate) fn stage(batch: &Batch, at: &str, bytes: &[u8]) -> Result<Placed> {
    let mut stage = batch.stage(bytes.len() as u64)?;
    for part in bytes.chunks(701) {
        stage.write(part)?;
    }
    stage.place(&name(at))
}
