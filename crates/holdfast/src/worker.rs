//! Which jobs this program can do: verbs do not know one another, so they are put together here.

use archive::work::jobs::{self, Crew, Ended, Kinds};
use archive::{Archive, Result};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::task::JoinHandle;

/// Brings one host's search index up to date.
pub(crate) const INDEX: &str = "index";

/// Every kind of job there is.
pub(crate) fn kinds() -> Kinds {
    let tool = format!("holdfast {}", env!("CARGO_PKG_VERSION"));
    share::job::kinds(preserve::sweep::kinds(indexing()), &tool)
}

/// What belongs to a host that serves pages. Done twice it is as if done once: the index knows how far it is.
fn indexing() -> Kinds {
    Kinds::default().with(INDEX, |archive, _held| async move {
        let entries = archive.index_now().await?;
        Ok(Ended::Done(Some(json!({ "entries": entries }).to_string())))
    })
}

/// What this host is called, as the system has it.
pub(crate) fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    match name.trim() {
        "" => "this-host".to_owned(),
        name => name.to_owned(),
    }
}

/// A worker's name, unlike any other's.
pub(crate) fn name(archive: &Archive, host: &str) -> String {
    let random = u32::from_le_bytes(archive.draw());
    format!("{host}:{}:{random:08x}", std::process::id())
}

/// The small worker beside the pages, for the jobs that belong to this host.
pub(crate) struct Beside {
    stop: Arc<AtomicBool>,
    running: JoinHandle<Result<jobs::Tally>>,
}

impl Beside {
    pub(crate) fn start(archive: &Archive) -> Self {
        let (stop, archive, host) = (Arc::new(AtomicBool::new(false)), archive.clone(), host());
        let flag = Arc::clone(&stop);
        let running = tokio::spawn(async move {
            let crew = Crew::new(name(&archive, &host), host);
            jobs::run(
                &archive,
                &indexing(),
                &crew,
                &flag,
                &mut |_job, _outcome| {},
            )
            .await
        });
        Self { stop, running }
    }

    /// Lets it finish what it is at. What it could not do stays in the queue, and is shown there.
    pub(crate) async fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        drop(self.running.await);
    }
}
