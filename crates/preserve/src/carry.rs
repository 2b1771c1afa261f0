//! Carrying an archive to another place, whole: originals, log, and the proof that the new place holds what the old did.
//!
//! Every original is read, held against its digest and written; then the old place is shut, what came in meanwhile
//! follows, the log is copied, and the new place is checked from end to end before it gets its name. A run that broke
//! off is taken up by the same command.

use crate::check::Event;
use crate::damage::Damage;
use crate::log::{self, Wanted};
use crate::originals::{self, How};
use archive::truth::originals::Batch;
use archive::{Archive, Arrival, Error, Opening, Result, Shared, Who, Why};
use format::id::Digests;
use sha2::{Digest as _, Sha256 as Hasher};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Originals on their way at a time.
const AT_ONCE: usize = 8;
/// Originals made durable together.
const GROUP: usize = 512;

/// Where to.
#[derive(Debug)]
pub struct Destination<'a> {
    /// A new or empty folder; it will hold the keys, and everything else unless `shared` names other places.
    pub root: &'a Path,
    /// A database and a bucket.
    pub shared: Option<Shared>,
    /// Whether the credentials at hand are kept in the folder.
    pub keep_secrets: bool,
    /// How people will call the new place.
    pub words: String,
}

/// What a move tells while it goes on.
#[derive(Debug, Clone, Copy)]
pub enum Progress {
    /// Originals and bytes there so far, of how many originals.
    Originals(u64, u64, u64),
    /// From here nobody adds anything to the old place.
    Shut,
    /// Files of the log there so far, of how many.
    Log(u64, u64),
    /// Checking the new place.
    Checking(Event),
}

/// What was moved.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Moved {
    /// Entries.
    pub entries: u64,
    /// The root over them, the same in both places, in hex.
    pub root: String,
    /// Originals at the new place.
    pub originals: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Originals that an earlier run had brought already.
    pub there_before: u64,
    /// Damage found at the old place or on the way: the move is not complete while there is any.
    pub damage: Vec<Damage>,
    /// Whether it was stopped before its end; the same command goes on.
    pub stopped: bool,
    /// Whether the new place is the archive now.
    pub complete: bool,
}

/// Moves the archive. The old place stays as a copy to read.
pub async fn carry(
    from: &Archive,
    who: &Who,
    to: Destination<'_>,
    opening: Opening,
    stop: &Arc<AtomicBool>,
    tell: &mut (dyn FnMut(Progress) + Send),
) -> Result<Moved> {
    let arrival = from
        .arrive(who, to.root, to.shared, to.keep_secrets, opening)
        .await?;
    let mut moved = Moved {
        entries: 0,
        root: String::new(),
        originals: 0,
        bytes: 0,
        there_before: 0,
        damage: Vec::new(),
        stopped: false,
        complete: false,
    };
    // Most of the way while people go on working; then what came in meanwhile.
    originals_over(from, who, &arrival, &mut moved, stop, tell).await?;
    if ended_early(&mut moved, stop) {
        return Ok(moved);
    }
    from.cover().await?;
    let words = format!("This archive is being moved to {}", to.words);
    from.close(who, &words).await?;
    tell(Progress::Shut);
    from.cover().await?;
    (moved.originals, moved.bytes) = (0, 0);
    let before = moved.there_before;
    originals_over(from, who, &arrival, &mut moved, stop, tell).await?;
    moved.there_before = before;
    if ended_early(&mut moved, stop) {
        return Ok(moved);
    }
    let log = &mut |done, of| tell(Progress::Log(done, of));
    let checkpoint = arrival.take_log(from, log).await?;
    (moved.entries, moved.root) = (checkpoint.size, checkpoint.root.to_string());
    arrival.make_views().await?;
    moved.damage = verified(&arrival.archive, who, stop, tell).await?;
    if ended_early(&mut moved, stop) {
        return Ok(moved);
    }
    arrival.complete(from, who, &to.words).await?;
    moved.complete = true;
    Ok(moved)
}

fn ended_early(moved: &mut Moved, stop: &AtomicBool) -> bool {
    moved.stopped = stop.load(Ordering::Relaxed);
    moved.stopped || !moved.damage.is_empty()
}

/// Brings every original that an entry names and that is not there yet.
async fn originals_over(
    from: &Archive,
    who: &Who,
    arrival: &Arrival,
    moved: &mut Moved,
    stop: &Arc<AtomicBool>,
    tell: &mut (dyn FnMut(Progress) + Send),
) -> Result<()> {
    let seen = from.seen_by(who);
    let below = seen.log_size().await?;
    let total = seen.counts().await?.originals.cast_unsigned();
    for shard in 0..=u8::MAX {
        let there: HashSet<String> = arrival
            .archive
            .originals()
            .stored_in(shard)
            .await?
            .into_iter()
            .collect();
        let wanted = seen.originals_in(shard, below).await?;
        for group in wanted.chunks(GROUP) {
            if stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let batch = arrival.archive.originals().batch();
            let mut crew = tokio::task::JoinSet::new();
            for (digests, _) in group {
                moved.originals += 1;
                moved.bytes += digests.bytes;
                if there.contains(&digests.sha256.to_string()) {
                    moved.there_before += 1;
                    continue;
                }
                if crew.len() >= AT_ONCE {
                    joined(crew.join_next().await, &mut moved.damage)?;
                }
                let (from, batch, digests) = (from.clone(), batch.clone(), *digests);
                crew.spawn(async move { one(&from, &batch, digests).await });
            }
            while !crew.is_empty() {
                joined(crew.join_next().await, &mut moved.damage)?;
            }
            batch.settle().await?;
            tell(Progress::Originals(moved.originals, moved.bytes, total));
        }
    }
    Ok(())
}

type Done = std::result::Result<Result<Option<Damage>>, tokio::task::JoinError>;

fn joined(done: Option<Done>, damage: &mut Vec<Damage>) -> Result<()> {
    let Some(done) = done else { return Ok(()) };
    damage.extend(done.map_err(|e| Error::bug("Copying an original stopped").because(e))??);
    Ok(())
}

/// Copies one original with its tree; damage found while reading it is returned, and nothing is left at the new place.
async fn one(from: &Archive, batch: &Batch, digests: Digests) -> Result<Option<Damage>> {
    let tree = from.originals().tree(&digests.sha256).await?;
    let (from, batch) = (from.clone(), batch.clone());
    let work = move || copied(&from, &batch, &digests, tree.as_deref());
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| Error::bug("Copying an original stopped").because(e))?
}

fn copied(
    from: &Archive,
    batch: &Batch,
    digests: &Digests,
    tree: Option<&[u8]>,
) -> Result<Option<Damage>> {
    let digest = digests.sha256;
    let damaged = |detail: &str| Ok(Some(originals::damaged(&digest, detail)));
    let reader = match from.originals().open(&digest) {
        Err(e) if e.why == Why::Damaged => return damaged(&e.what),
        other => other?,
    };
    let mut stage = batch.stage(digests.bytes)?;
    let (mut hasher, mut at) = (Hasher::new(), 0);
    let mut buf = vec![0; 1 << 20];
    loop {
        let n = reader.read_at(&mut buf, at)?;
        if n == 0 {
            break;
        }
        hasher.update(&buf[..n]);
        stage.write(&buf[..n])?;
        at += n as u64;
    }
    if hasher.finalize()[..] != digest.0 {
        return damaged("the stored bytes are not those that were preserved");
    }
    batch.place(stage, &digest)?;
    if let Some(tree) = tree {
        batch.place_tree(&digest, tree)?;
    }
    Ok(None)
}

/// Reads everything at the new place, as a full check does, without recording it: the log has to stay the same.
async fn verified(
    at: &Archive,
    who: &Who,
    stop: &Arc<AtomicBool>,
    tell: &mut (dyn FnMut(Progress) + Send),
) -> Result<Vec<Damage>> {
    let tell = &mut |event| tell(Progress::Checking(event));
    let facts = log::log(at, who, tell).await?;
    let wanted: Vec<Wanted> = facts.originals;
    let seen = originals::check(at, wanted, How::at_once(at, true), stop, tell).await?;
    Ok(facts.damage.into_iter().chain(seen.damage).collect())
}
