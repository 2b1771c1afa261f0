//! The run: a walker finds, workers read, one writer records in groups.

use crate::batch;
use crate::intake::{self, Intake};
use crate::report::{Event, Line, Summary};
use crate::walk::{self, Found};
use archive::truth::originals::Batch;
use archive::{Act, Archive, Error, Result, Who, Why};
use format::id::{SessionId, Sha256};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What to add and what is said about it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// Where it came from, in the collector's words.
    pub source: String,
    /// The session it belongs to.
    pub session: Option<SessionId>,
    /// When it was collected, as the collector states it.
    pub collected_at: Option<String>,
    /// How many files are read at once; 0 for one a core.
    pub workers: usize,
    /// Reads and tells, and keeps nothing.
    pub dry_run: bool,
    /// Whether the files are copies that were made just now, so that their times say nothing: an upload.
    pub fresh_copies: bool,
}

/// Files to an entry group at the most: a bigger one waits longer for its receipt, a smaller one syncs more often.
const GROUP: usize = 2_048;
/// A group is closed after this long, so that receipts keep coming.
const PATIENCE: Duration = Duration::from_millis(1_000);

/// Bytes of what is said about where material came from; it stands in the entry of every file.
const WORDS: usize = 10_000;

struct Counters {
    found: AtomicU64,
    all_found: AtomicBool,
    files: AtomicU64,
    bytes: AtomicU64,
}

/// Adds files and folders. Stops after the current group once `stop` is set; running it again goes on.
pub async fn add(
    archive: &Archive,
    who: &Who,
    request: &Request,
    stop: &Arc<AtomicBool>,
    tell: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Summary> {
    archive::access::may(who, Act::Collect)?;
    said_well(request)?;
    if !request.dry_run {
        archive.ready_to_record()?;
    }
    if let Some(session) = &request.session {
        let seen = archive.seen_by(who);
        let row = seen.session_named(&session.to_string()).await?;
        batch::still_open(session, Some(&row))?;
    }
    let mut summary = Summary::default();
    let counters = Arc::new(Counters {
        found: AtomicU64::new(0),
        all_found: AtomicBool::new(false),
        files: AtomicU64::new(0),
        bytes: AtomicU64::new(0),
    });
    // One batch for the run: a group waits for what was placed before it, and a failure ends the run.
    let originals = archive.originals().batch();
    let keep = (!request.dry_run).then(|| originals.clone());
    let (mut taken, crew) = start(archive, request, keep.as_ref(), stop, &counters);
    let mut group = Vec::new();
    let mut planned = batch::Planned::new();
    let mut open = true;
    while open {
        open = fill(&mut taken, &mut group, &counters, tell).await;
        if group.is_empty() {
            continue;
        }
        // Workers finish in any order; people find their files in the order of their names.
        group.sort_unstable_by_key(|(order, _)| *order);
        let batch = std::mem::take(&mut group)
            .into_iter()
            .map(|(_, i)| i)
            .collect();
        let lines = if request.dry_run {
            batch::plan(archive, who, request, &mut planned, batch).await
        } else {
            batch::record(archive, who, request, &originals, batch).await
        };
        match lines {
            Ok(lines) => report(&lines, &mut summary, tell),
            Err(e) => {
                stop.store(true, Ordering::Relaxed);
                drop(taken);
                drop(join(crew).await);
                return Err(e);
            }
        }
    }
    join(crew).await?;
    summary.stopped = stop.load(Ordering::Relaxed);
    Ok(summary)
}

/// Words that every entry of the run repeats: there must be some, and not too many.
fn said_well(request: &Request) -> Result<()> {
    if request.source.trim().is_empty() {
        return Err(Error::new(Why::Invalid, "Material needs a source")
            .next("Say with --source where it came from: a person, a channel, a device"));
    }
    let when = request.collected_at.as_deref().unwrap_or_default();
    for (name, text) in [
        ("source", request.source.as_str()),
        ("time of collection", when),
    ] {
        if text.len() > WORDS {
            return Err(Error::new(
                Why::Invalid,
                format!("The {name} is longer than {WORDS} bytes"),
            )
            .next("Say it in a few words here, and the rest in a session note"));
        }
    }
    Ok(())
}

fn report(lines: &[Line], summary: &mut Summary, tell: &mut (dyn FnMut(Event<'_>) + Send)) {
    for line in lines {
        summary.count(line);
        tell(Event::Line(line));
    }
}

/// Takes from the workers until the group is full, its time is over, or there is no more. Says whether there may be more.
async fn fill(
    taken: &mut tokio::sync::mpsc::Receiver<(u64, Intake)>,
    group: &mut Vec<(u64, Intake)>,
    counters: &Counters,
    tell: &mut (dyn FnMut(Event<'_>) + Send),
) -> bool {
    let end = tokio::time::Instant::now() + PATIENCE;
    let more = loop {
        if group.len() >= GROUP {
            break true;
        }
        match tokio::time::timeout_at(end, taken.recv()).await {
            Ok(Some(intake)) => group.push(intake),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    tell(Event::Progress {
        files: counters.files.load(Ordering::Relaxed),
        bytes: counters.bytes.load(Ordering::Relaxed),
        found: counters.found.load(Ordering::Relaxed),
        all_found: counters.all_found.load(Ordering::Relaxed),
    });
    more
}

type Crew = Vec<std::thread::JoinHandle<()>>;

async fn join(crew: Crew) -> Result<()> {
    // Threads end by themselves once their channels close; waiting for them keeps no async thread busy.
    let joined = tokio::task::spawn_blocking(move || {
        // All are waited for, whatever became of the first.
        let ended: Vec<bool> = crew.into_iter().map(|t| t.join().is_ok()).collect();
        ended.into_iter().all(|well| well)
    });
    match joined.await {
        Ok(true) => Ok(()),
        // A file in the hands of a thread that broke off is named in no line: the run must not look whole.
        Ok(false) | Err(_) => Err(Error::bug(
            "A thread that reads files broke off, so not every file was looked at",
        )),
    }
}

fn start(
    archive: &Archive,
    request: &Request,
    originals: Option<&Batch>,
    stop: &Arc<AtomicBool>,
    counters: &Arc<Counters>,
) -> (tokio::sync::mpsc::Receiver<(u64, Intake)>, Crew) {
    let workers = if request.workers == 0 {
        std::thread::available_parallelism().map_or(2, usize::from)
    } else {
        request.workers
    };
    let (find, found) = sync_channel::<(u64, Found)>(1_024);
    // Room for two groups: workers go on reading while one is being recorded.
    let (give, taken) = tokio::sync::mpsc::channel(2 * GROUP);
    let found = Arc::new(Mutex::new(found));
    let mut crew = vec![walker(
        archive,
        request.paths.clone(),
        find,
        Arc::clone(stop),
        Arc::clone(counters),
    )];
    for _ in 0..workers {
        crew.push(worker(
            archive.clone(),
            originals.cloned(),
            Arc::clone(&found),
            give.clone(),
            Arc::clone(stop),
            Arc::clone(counters),
        ));
    }
    (taken, crew)
}

fn walker(
    archive: &Archive,
    paths: Vec<PathBuf>,
    find: std::sync::mpsc::SyncSender<(u64, Found)>,
    stop: Arc<AtomicBool>,
    counters: Arc<Counters>,
) -> std::thread::JoinHandle<()> {
    let own = std::fs::metadata(archive.root())
        .ok()
        .map(|m| (m.dev(), m.ino()));
    std::thread::spawn(move || {
        walk::walk(&paths, own, &mut |found| {
            let order = counters.found.fetch_add(1, Ordering::Relaxed);
            find.send((order, found)).is_ok() && !stop.load(Ordering::Relaxed)
        });
        counters.all_found.store(true, Ordering::Relaxed);
    })
}

fn worker(
    archive: Archive,
    originals: Option<Batch>,
    found: Arc<Mutex<Receiver<(u64, Found)>>>,
    give: tokio::sync::mpsc::Sender<(u64, Intake)>,
    stop: Arc<AtomicBool>,
    counters: Arc<Counters>,
) -> std::thread::JoinHandle<()> {
    let handle = tokio::runtime::Handle::current();
    std::thread::spawn(move || {
        // The rows are asked only about what stands on the disk: for a new file that is never. A bucket answers more
        // slowly than the rows do, so there they are asked first.
        let kept = |digest: &Sha256, bytes: u64| {
            let stands = || archive.originals().stands(digest, bytes);
            (archive.is_shared() || stands().unwrap_or(false))
                && handle
                    .block_on(archive.is_kept(digest, bytes))
                    .unwrap_or(false)
        };
        let mut buf = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let next = match found.lock() {
                Ok(found) => found.recv(),
                Err(_) => return,
            };
            let Ok((order, next)) = next else {
                return;
            };
            let intake = intake::take(next, originals.as_ref(), &kept, &mut buf);
            counters.files.fetch_add(1, Ordering::Relaxed);
            counters.bytes.fetch_add(intake.bytes(), Ordering::Relaxed);
            if give.blocking_send((order, intake)).is_err() {
                return;
            }
        }
    })
}
