//! Syncing a whole file system, with failures that stay failures.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Keeps one handle per file system that was written to.
///
/// Linux reports a failed write-back to handles that were open when it happened, once each. A handle
/// opened only for the sync could miss a failure another process has already been told of. So the
/// handle is opened with the first file, the sync is run by one thread at a time, and a failure stays.
#[derive(Debug, Default)]
pub(super) struct Whole {
    by_device: Mutex<HashMap<u64, Arc<Device>>>,
}

#[derive(Debug)]
struct Device {
    handle: File,
    started: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The number of the last sync that succeeded.
    succeeded: u64,
    failed: bool,
}

impl Whole {
    /// Makes sure that failures to write this file will be noticed by the next sync.
    pub(super) fn watch(&self, file: &File, path: &Path) -> io::Result<()> {
        self.device(file.metadata()?.dev(), path.parent().unwrap_or(path))
            .map(drop)
    }

    pub(super) fn sync(&self, path: &Path) -> io::Result<()> {
        self.device(fs::metadata(path)?.dev(), path)?.sync()
    }

    fn device(&self, number: u64, path: &Path) -> io::Result<Arc<Device>> {
        let mut all = self
            .by_device
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(device) = all.get(&number) {
            return Ok(Arc::clone(device));
        }
        let path = if path.as_os_str().is_empty() {
            Path::new(".")
        } else {
            path
        };
        let handle = File::open(path)?;
        let device = Arc::new(Device {
            handle,
            started: AtomicU64::new(0),
            state: Mutex::default(),
        });
        all.insert(number, Arc::clone(&device));
        Ok(device)
    }
}

impl Device {
    /// Syncs, or shares the success of a sync that began after this call did.
    fn sync(&self) -> io::Result<()> {
        let before = self.started.load(Ordering::SeqCst);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.failed {
            return Err(io::Error::other(
                "an earlier sync of this file system failed",
            ));
        }
        if state.succeeded > before {
            return Ok(());
        }
        let mine = self.started.fetch_add(1, Ordering::SeqCst) + 1;
        state.failed = true;
        rustix::fs::syncfs(&self.handle)?;
        state.failed = false;
        state.succeeded = mine;
        Ok(())
    }
}
