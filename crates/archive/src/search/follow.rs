//! The index follows the log: it reads items it has not read, and says how far it came.

use super::{Doc, Index};
use crate::error::{Error, Result};
use crate::open::Archive;
use crate::truth::log::blocking;
use crate::views::{self, ItemRow};
use format::kind::Level;
use std::sync::Arc;

/// Items read and indexed at a time.
const AT_ONCE: i64 = 2_000;
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
        let archive = archive.clone();
        index = tokio::task::spawn_blocking(move || -> Result<Index> {
            // Nothing sealed, ever: not even its name.
            let open = rows.iter().filter(|r| r.level < Level::Sealed as i64);
            let docs = open.map(|r| doc(&archive, r)).collect();
            index.add(docs, next)?;
            Ok(index)
        })
        .await
        .map_err(|e| Error::bug("Indexing stopped").because(e))??;
    }
    Ok(index)
}

fn doc(archive: &Archive, row: &ItemRow) -> Doc {
    Doc {
        seq: row.seq.cast_unsigned(),
        item: row.id.clone(),
        compartment: row.compartment.clone(),
        level: u8::try_from(row.level).unwrap_or(u8::MAX),
        name: row.name.clone().unwrap_or_default(),
        path: row.path.clone().unwrap_or_default(),
        source: row.source.clone().unwrap_or_default(),
        text: text(archive, row).unwrap_or_default(),
        sha256: row.digest().map(|d| d.to_string()).unwrap_or_default(),
        media: row.media.clone().unwrap_or_default(),
        collected_at: row.added_at,
    }
}

/// The words of an original that is plain UTF-8 text. Nothing is parsed: other kinds wait for the caged readers.
/// Sealed items are never indexed by their content.
fn text(archive: &Archive, row: &ItemRow) -> Option<String> {
    let plain = row.media.as_deref().is_none_or(|m| m.starts_with("text/"));
    if !plain || row.level >= Level::Sealed as i64 {
        return None;
    }
    let reader = archive.originals().open(&row.digest()?).ok()?;
    let len = usize::try_from(reader.len().ok()?.min(TEXT_LIMIT)).ok()?;
    let mut bytes = vec![0; len];
    let mut at = 0;
    while at < len {
        match reader.read_at(&mut bytes[at..], at as u64).ok()? {
            0 => break,
            n => at += n,
        }
    }
    bytes.truncate(at);
    match std::str::from_utf8(&bytes) {
        Ok(text) if !text.contains('\0') => Some(text.to_owned()),
        // Cut in the middle of a character by the limit: the whole part counts.
        Err(e) if e.error_len().is_none() => {
            Some(String::from_utf8_lossy(&bytes[..e.valid_up_to()]).into_owned())
        }
        _ => None,
    }
}
