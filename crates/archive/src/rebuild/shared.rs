//! A rebuild where the rows are shared: what the objects hold is the log, what the database alone holds is what no
//! checkpoint covers yet. Where the two contradict each other nothing is dropped: it is written to a file.

use super::Standing;
use crate::error::Result;
use crate::home;
use crate::open::Archive;
use crate::truth::log::{WIDTH, blocking, name};
use crate::truth::sql;
use crate::truth::tail::{self, Frame};
use crate::{truth, views};
use std::path::PathBuf;
use std::sync::Arc;
use store::{Tx, args};

/// A rebuild that has begun.
pub(super) struct Begun {
    /// Holds the head of the log, with empty views and the newest checkpoint of the objects.
    pub(super) tx: Tx,
    /// The log as the transaction sees it: outside it nothing has moved yet.
    pub(super) standing: Standing,
    /// The file that keeps what the database alone held.
    pub(super) displaced: Option<PathBuf>,
}

/// Begins a rebuild.
pub(super) async fn begin(archive: &Archive) -> Result<Begun> {
    let there = archive.rows.tables().await?;
    let has = |table: &str| there.iter().any(|t| t == table);
    let mut tx = archive.rows.begin().await?;
    if !has("log_cover") {
        // The whole database is new: the objects alone tell what there was.
        sql::make(&mut tx).await?;
    }
    if has("log_head") {
        views::make_again(&mut tx).await?;
    } else {
        views::make(&mut tx).await?;
    }
    let displaced = take_up(archive, &mut tx).await?;
    // Where the archive is only arriving, the bucket does not bear its name either.
    let mark = name(home::OBJECT)?;
    if archive.truth.objects.get_if_there(&mark).await?.is_some() {
        tx.run(sql::HOME_SET, args![archive.home.bytes()]).await?;
    }
    let bytes: Option<(Option<Vec<u8>>,)> = tx.one(sql::CHECKPOINT, args![]).await?;
    let covered = match bytes.and_then(|(bytes,)| bytes) {
        Some(bytes) => archive.truth.verified(&bytes)?.size,
        None => 0,
    };
    let tail = truth::keep::tail_of(tx.all(sql::TAIL, args![0]).await?);
    Ok(Begun {
        tx,
        standing: Standing { covered, tail },
        displaced,
    })
}

/// Moves the row of the checkpoint to the newest one among the objects, if the database is behind it.
async fn take_up(archive: &Archive, tx: &mut Tx) -> Result<Option<PathBuf>> {
    let row: Option<(i64, Option<Vec<u8>>)> = tx.one(sql::COVER_TAKE, args![]).await?;
    if row.is_none() {
        tx.run(sql::COVER_START, args![]).await?;
    }
    let size = row.map_or(0, |(size, _)| size.cast_unsigned());
    let Some((newest, bytes)) = archive.truth.newest_published().await? else {
        return Ok(None);
    };
    if newest.size <= size {
        return Ok(None);
    }
    let waiting = truth::keep::tail_of(tx.all(sql::TAIL, args![0]).await?).frames;
    let displaced = displaced(archive, newest.size, waiting).await?;
    let mut kept = None;
    if let Some(first) = displaced.first() {
        kept = Some(keep_aside(archive, &displaced).await?);
        tx.run(sql::TAIL_CUT, args![first.index.cast_signed()])
            .await?;
    }
    let size = newest.size.cast_signed();
    tx.run(sql::COVER_SET, args![size, bytes]).await?;
    tx.run(sql::TAIL_DROP, args![size]).await?;
    Ok(kept)
}

/// What waits in the database and contradicts the log: from the first entry on that is another one there.
async fn displaced(archive: &Archive, size: u64, waiting: Vec<Frame>) -> Result<Vec<Frame>> {
    let mut read = None;
    for (at, frame) in waiting.iter().enumerate() {
        if frame.index >= size {
            break;
        }
        let n = frame.index / WIDTH;
        if read.as_ref().is_none_or(|(m, _)| *m != n) {
            read = Some((n, archive.truth.bundle(n, size).await?));
        }
        let there = read.as_ref().and_then(|(_, bundle)| {
            let mut entries = bundle.entries();
            entries.find(|(i, _)| *i == frame.index)
        });
        if there.is_none_or(|(_, entry)| entry != frame.sd_jwt) {
            return Ok(waiting[at..].to_vec());
        }
    }
    Ok(Vec::new())
}

/// Writes displaced entries into the archive's folder, as a tail file holds them: they were recorded and never
/// covered, so no receipt was given for them, and what they say can be done again.
async fn keep_aside(archive: &Archive, frames: &[Frame]) -> Result<PathBuf> {
    let mut bytes = Vec::new();
    for f in frames {
        tail::encode(&mut bytes, f.index, &f.sd_jwt);
    }
    let now = archive.now().micros();
    let path = archive.root.join(format!("displaced-{now}.tail"));
    let (disk, kept) = (Arc::clone(&archive.disk), path.clone());
    blocking(move || {
        let mut file = disk.create(&path, bytes.len() as u64)?;
        file.write(&bytes)?;
        file.sync()?;
        file.finish()?;
        disk.sync_dir(path.parent().unwrap_or(&path))
    })
    .await?;
    Ok(kept)
}
