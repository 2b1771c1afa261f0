//! Every byte of every original against the digest its entry names.

use crate::check::Event;
use crate::damage::{Damage, Place};
use crate::log::Wanted;
use archive::truth::originals as stored;
use archive::{Archive, Error, Result};
use format::id::Sha256;
use format::pieces;
use sha2::{Digest as _, Sha256 as Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use store::Reader;

/// Threads that wait for an object store: each small object costs a round trip.
const FAR_AWAY: usize = 32;
/// Read at a time.
const WINDOW: usize = 1 << 20;
/// Folders listed at once.
const LISTS: usize = 8;

/// What was looked at and what was wrong.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    pub(crate) originals: u64,
    pub(crate) bytes: u64,
    pub(crate) damage: Vec<Damage>,
}

struct Shared {
    wanted: Vec<Wanted>,
    next: AtomicUsize,
    done: AtomicU64,
    bytes: AtomicU64,
    damage: Mutex<Vec<Damage>>,
    failed: Mutex<Option<Error>>,
}

/// How originals are looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct How {
    /// Every byte, not only the length.
    pub(crate) read: bool,
    /// By so many threads at once.
    pub(crate) threads: usize,
}

impl How {
    /// With as many threads as the machine has; with more where most of the time is spent waiting for other hosts.
    pub(crate) fn at_once(archive: &Archive, read: bool) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let threads = if archive.is_shared() { FAR_AWAY } else { cores };
        Self { read, threads }
    }
}

pub(crate) async fn check(
    archive: &Archive,
    wanted: Vec<Wanted>,
    How { read, threads }: How,
    stop: &Arc<AtomicBool>,
    tell: &mut (dyn FnMut(Event) + Send),
) -> Result<Looked> {
    let total = wanted.len() as u64;
    let shared = Arc::new(Shared {
        wanted,
        next: AtomicUsize::new(0),
        done: AtomicU64::new(0),
        bytes: AtomicU64::new(0),
        damage: Mutex::new(Vec::new()),
        failed: Mutex::new(None),
    });
    let mut crew = tokio::task::JoinSet::new();
    for _ in 0..threads {
        let (archive, shared, stop) = (archive.clone(), Arc::clone(&shared), Arc::clone(stop));
        crew.spawn_blocking(move || work(&archive, &shared, read, &stop));
    }
    loop {
        match tokio::time::timeout(std::time::Duration::from_millis(250), crew.join_next()).await {
            Ok(None) => break,
            Ok(Some(joined)) => {
                joined.map_err(|e| Error::bug("Checking originals stopped").because(e))?;
            }
            Err(_) => tell(Event::Originals(
                shared.done.load(Ordering::Relaxed),
                shared.bytes.load(Ordering::Relaxed),
                total,
            )),
        }
    }
    if let Some(e) = shared.failed.lock().ok().and_then(|mut f| f.take()) {
        return Err(e);
    }
    let damage = shared
        .damage
        .lock()
        .map(|mut d| std::mem::take(&mut *d))
        .unwrap_or_default();
    let (originals, bytes) = (
        shared.done.load(Ordering::Relaxed),
        shared.bytes.load(Ordering::Relaxed),
    );
    tell(Event::Originals(originals, bytes, total));
    Ok(Looked {
        originals,
        bytes,
        damage,
    })
}

fn work(archive: &Archive, shared: &Shared, read: bool, stop: &AtomicBool) {
    let mut buf = vec![0; if read { WINDOW } else { 0 }];
    while !stop.load(Ordering::Relaxed) {
        let Some(wanted) = shared
            .wanted
            .get(shared.next.fetch_add(1, Ordering::Relaxed))
        else {
            return;
        };
        match one(archive, wanted, read, &mut buf, &shared.bytes) {
            Ok(found) => {
                if let Ok(mut damage) = shared.damage.lock() {
                    damage.extend(found);
                }
                shared.done.fetch_add(1, Ordering::Relaxed);
            }
            Err(e) => {
                if let Ok(mut failed) = shared.failed.lock() {
                    failed.get_or_insert(e);
                }
                return;
            }
        }
    }
}

fn one(
    archive: &Archive,
    wanted: &Wanted,
    read: bool,
    buf: &mut [u8],
    bytes: &AtomicU64,
) -> Result<Vec<Damage>> {
    let digest = wanted.digests.sha256;
    let mut found = Vec::new();
    let say = |place: Place, name: String, detail: String| Damage {
        items: wanted.items.iter().map(ToString::to_string).collect(),
        ..Damage::new(place, name, detail)
    };
    let reader = match archive.originals().open(&digest) {
        Ok(reader) => reader,
        // A store that does not answer says nothing about what it holds.
        Err(e) if e.is_passing() => return Err(e),
        Err(e) => return Ok(vec![say(Place::Original, stored::path(&digest), e.what)]),
    };
    let len = reader.len()?;
    if len != wanted.digests.bytes {
        let detail = format!(
            "is {} bytes long; {} were preserved",
            len, wanted.digests.bytes
        );
        let mut d = say(Place::Original, stored::path(&digest), detail);
        d.chunks = located(archive, wanted, &reader, buf)?;
        found.push(d);
    } else if read {
        match hash(&reader, buf) {
            Ok(seen) if seen == digest => {}
            Err(e) if e.is_passing() => return Err(e.into()),
            first => {
                // Once more, to tell a bad disk from a bad read (design: both are said).
                let again = hash(&reader, buf);
                if let Err(e) = again.as_ref()
                    && e.is_passing()
                {
                    return again.map(|_| found).map_err(Into::into);
                }
                let detail = match (first, again) {
                    (_, Ok(seen)) if seen == digest => "gave other bytes at the first reading and the right ones at the second: the disk or the memory of this machine is failing".to_owned(),
                    (_, Ok(_)) => "read twice: the stored bytes are not those that were preserved".to_owned(),
                    (_, Err(e)) => format!("cannot be read: {e}"),
                };
                let mut d = say(Place::Original, stored::path(&digest), detail);
                d.chunks = located(archive, wanted, &reader, buf)?;
                found.push(d);
            }
        }
        bytes.fetch_add(len, Ordering::Relaxed);
    }
    if read && wanted.digests.bytes > pieces::PIECE {
        tree(archive, wanted, &mut found, &say)?;
    }
    Ok(found)
}

/// Damage of an original by its digest alone.
pub(crate) fn damaged(digest: &Sha256, detail: &str) -> Damage {
    Damage::new(Place::Original, stored::path(digest), detail)
}

fn tree(
    archive: &Archive,
    wanted: &Wanted,
    found: &mut Vec<Damage>,
    say: &dyn Fn(Place, String, String) -> Damage,
) -> Result<()> {
    let name = stored::tree_path(&wanted.digests.sha256);
    match values(archive, wanted)? {
        None => found.push(say(Place::Tree, name, "is missing".into())),
        Some(v) if !pieces::values_fit(&v, &wanted.digests.blake3, wanted.digests.bytes) => {
            found.push(say(
                Place::Tree,
                name,
                "does not fit the digest in the log".into(),
            ));
        }
        Some(_) => {}
    }
    Ok(())
}

fn values(archive: &Archive, wanted: &Wanted) -> Result<Option<Vec<[u8; 32]>>> {
    let handle = tokio::runtime::Handle::current();
    let bytes = handle.block_on(archive.originals().tree(&wanted.digests.sha256))?;
    Ok(bytes.map(|b| {
        b.chunks(32)
            .map(|c| c.try_into().unwrap_or([0; 32]))
            .collect()
    }))
}

/// Which 1 MiB pieces are not what was preserved; none when the tree cannot say.
fn located(
    archive: &Archive,
    wanted: &Wanted,
    reader: &Reader,
    buf: &mut [u8],
) -> Result<Vec<u64>> {
    if wanted.digests.bytes <= pieces::PIECE {
        return Ok(vec![0]);
    }
    let values = match values(archive, wanted) {
        Err(e) if e.is_passing() => return Err(e),
        Ok(Some(values)) => values,
        // That the tree is damaged as well is said by itself.
        Ok(None) | Err(_) => return Ok(Vec::new()),
    };
    if !pieces::values_fit(&values, &wanted.digests.blake3, wanted.digests.bytes)
        || buf.len() < WINDOW
    {
        return Ok(Vec::new());
    }
    let mut bad = Vec::new();
    for (n, value) in (0..).zip(&values) {
        let at = n * pieces::PIECE;
        let want = usize::try_from((wanted.digests.bytes - at).min(pieces::PIECE))
            .expect("a piece is 1 MiB at the most");
        let got = match fill(reader, &mut buf[..want], at) {
            Err(e) if e.is_passing() => return Err(e.into()),
            got => got.unwrap_or(0),
        };
        if got != want || pieces::value(n, &buf[..want]) != *value {
            bad.push(n);
        }
    }
    Ok(bad)
}

fn hash(reader: &Reader, buf: &mut [u8]) -> std::result::Result<Sha256, store::Error> {
    let mut hasher = Hasher::new();
    let mut at = 0;
    loop {
        let n = reader.read_at(buf, at)?;
        if n == 0 {
            return Ok(Sha256(hasher.finalize().into()));
        }
        hasher.update(&buf[..n]);
        at += n as u64;
    }
}

fn fill(reader: &Reader, buf: &mut [u8], from: u64) -> std::result::Result<usize, store::Error> {
    let mut got = 0;
    while got < buf.len() {
        match reader.read_at(&mut buf[got..], from + got as u64)? {
            0 => break,
            n => got += n,
        }
    }
    Ok(got)
}

/// So many names at once are little memory; in a bucket every folder by itself would be a question of its own.
const FEW: usize = 50_000;

/// How many files stand among the originals that no entry names. The wanted ones come in the order of their digests.
pub(crate) async fn strays(archive: &Archive, wanted: &[Wanted]) -> Result<u64> {
    let named = |hex: &String| {
        let digest = hex.parse::<Sha256>();
        digest.is_ok_and(|d| {
            wanted
                .binary_search_by_key(&d, |w| w.digests.sha256)
                .is_ok()
        })
    };
    let count = |stored: &[String]| stored.iter().filter(|hex| !named(hex)).count() as u64;
    if wanted.len() <= FEW {
        return Ok(count(&archive.originals().stored().await?));
    }
    let mut strays = 0;
    let mut shards = 0..=u8::MAX;
    // A few folders at a time: one by one takes a journey each, and a million names at once would be the largest thing
    // in memory.
    let mut listing = tokio::task::JoinSet::new();
    loop {
        for shard in shards.by_ref().take(LISTS - listing.len()) {
            let archive = archive.clone();
            listing.spawn(async move { archive.originals().stored_in(shard).await });
        }
        let Some(listed) = listing.join_next().await else {
            break;
        };
        let stored = listed.map_err(|e| Error::bug("Listing originals stopped").because(e))??;
        strays += stored.iter().filter(|hex| !named(hex)).count() as u64;
    }
    Ok(strays)
}
