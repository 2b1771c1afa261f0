//! The index follows the log: it reads items it has not read, and says how far it came.

use super::{Doc, Index};
use crate::error::{Error, Result};
use crate::open::Archive;
use crate::truth::log::blocking;
use crate::views::{self, ItemRow};
use format::id::Sha256;
use format::kind::Level;
use std::sync::Arc;

/// Items read and indexed at a time.
const AT_ONCE: i64 = 2_000;
/// Originals read at a time.
const READERS: usize = 16;
/// Text of an original that is indexed.
const TEXT_LIMIT: u64 = 1 << 20;

/// The index, once it has read everything recorded so far.
pub(crate) async fn caught_up(archive: &Archive) -> Result<Index> {
    let dir = archive.root.join("search");
    // It holds names and texts in clear: for its owner's eyes, like everything else here.
    let (disk, at) = (Arc::clone(&archive.disk), dir.clone());
    blocking(move || disk.create_dir_all(&at)).await?;
    let mut index = tokio::task::spawn_blocking(move || Index::open(&dir))
        .await
        .map_err(|e| Error::bug("Opening the index stopped").because(e))??;
    let head = views::log::head(&archive.rows).await?;
    while index.position() < head {
        let rows =
            views::items::after(&archive.rows, index.position().cast_signed(), AT_ONCE).await?;
        let next = if rows.len() as i64 == AT_ONCE {
            rows.last().map_or(head, |r| r.seq.cast_unsigned() + 1)
        } else {
            head
        };
        // Nothing sealed, ever: not even its name.
        let open = rows.into_iter().filter(|r| r.level < Level::Sealed as i64);
        let docs = docs(archive, open.collect()).await?;
        index = tokio::task::spawn_blocking(move || -> Result<Index> {
            index.add(docs, next)?;
            Ok(index)
        })
        .await
        .map_err(|e| Error::bug("Indexing stopped").because(e))??;
    }
    Ok(index)
}

impl Archive {
    /// Brings this host's search index up to everything recorded so far; says up to which entry.
    pub async fn index_now(&self) -> Result<u64> {
        Ok(caught_up(self).await?.position())
    }
}

type Read = std::result::Result<Result<Doc>, tokio::task::JoinError>;

/// Reads many texts side by side: from an object store each costs a round trip.
async fn docs(archive: &Archive, rows: Vec<ItemRow>) -> Result<Vec<Doc>> {
    let mut reading = tokio::task::JoinSet::new();
    let mut docs = Vec::with_capacity(rows.len());
    let mut take = |read: Read| -> Result<()> {
        docs.push(read.map_err(|e| Error::bug("Reading a text stopped").because(e))??);
        Ok(())
    };
    for row in rows {
        if reading.len() >= READERS
            && let Some(done) = reading.join_next().await
        {
            take(done)?;
        }
        let archive = archive.clone();
        reading.spawn_blocking(move || doc(&archive, &row));
    }
    while let Some(done) = reading.join_next().await {
        take(done)?;
    }
    docs.sort_by_key(|d| d.seq);
    Ok(docs)
}

fn doc(archive: &Archive, row: &ItemRow) -> Result<Doc> {
    Ok(Doc {
        seq: row.seq.cast_unsigned(),
        item: row.id.clone(),
        compartment: row.compartment.clone(),
        level: u8::try_from(row.level).unwrap_or(u8::MAX),
        name: row.name.clone().unwrap_or_default(),
        path: row.path.clone().unwrap_or_default(),
        source: row.source.clone().unwrap_or_default(),
        text: text(archive, row)?.unwrap_or_default(),
        sha256: row.digest().map(|d| d.to_string()).unwrap_or_default(),
        media: row.media.clone().unwrap_or_default(),
        collected_at: row.added_at,
    })
}

/// The words of an original that is plain UTF-8 text. Nothing is parsed: other kinds wait for the caged readers.
/// Sealed items are never indexed by their content.
fn text(archive: &Archive, row: &ItemRow) -> Result<Option<String>> {
    let plain = row.media.as_deref().is_none_or(|m| m.starts_with("text/"));
    let (true, Some(digest)) = (plain && row.level < Level::Sealed as i64, row.digest()) else {
        return Ok(None);
    };
    match bytes(archive, &digest) {
        Ok(bytes) => Ok(words(bytes)),
        // A store that does not answer is asked again later; what cannot be read is found by its name all the same.
        Err(e) if e.is_passing() => Err(e),
        Err(_damaged) => Ok(None),
    }
}

fn bytes(archive: &Archive, digest: &Sha256) -> Result<Vec<u8>> {
    let reader = archive.originals().open(digest)?;
    let len = usize::try_from(reader.len()?.min(TEXT_LIMIT)).unwrap_or(0);
    let mut bytes = vec![0; len];
    let mut at = 0;
    while at < len {
        match reader.read_at(&mut bytes[at..], at as u64)? {
            0 => break,
            n => at += n,
        }
    }
    bytes.truncate(at);
    Ok(bytes)
}

fn words(bytes: Vec<u8>) -> Option<String> {
    match std::str::from_utf8(&bytes) {
        Ok(text) if !text.contains('\0') => Some(text.to_owned()),
        // Cut in the middle of a character by the limit: the whole part counts.
        Err(e) if e.error_len().is_none() => {
            Some(String::from_utf8_lossy(&bytes[..e.valid_up_to()]).into_owned())
        }
        _ => None,
    }
}
