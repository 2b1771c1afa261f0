//! Sealing: every original is read first, then comes the entry, one checkpoint over it, and the file.

pub(crate) mod describe;
mod entry;
mod file;
mod stamp;

use crate::gather;
use archive::{Archive, Error, Result, Who, Why};
use file::Work;
pub(crate) use file::taken;
use format::id::DossierId;
use std::path::Path;
use std::sync::Arc;

/// How to seal.
#[derive(Debug, Clone, Default)]
pub struct Sealing {
    /// A time-stamping authority to ask for a token.
    pub tsa: Option<String>,
    /// The program, for the record.
    pub tool: String,
    /// The number of the last entry about the dossier that whoever seals it was shown: one that has changed since is
    /// not sealed. Without it, it is sealed as it is.
    pub after: Option<u64>,
}

/// What sealing tells while it goes on.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// Bytes of originals digested, written or verified.
    Bytes(u64),
}

/// A sealed dossier.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// The dossier.
    pub dossier: DossierId,
    /// Log index of its sealing entry.
    pub index: u64,
    /// Items inside.
    pub items: u64,
    /// Entries inside.
    pub entries: u64,
    /// Length of the file.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Entries that its checkpoint covers.
    pub log_size: u64,
    /// When the time-stamping authority saw the checkpoint.
    pub stamped: Option<String>,
}

/// Seals a dossier into a new file; nothing is overwritten. A dossier sealed before is written again, with the same content.
///
/// A damaged original or an unwritable place ends it before anything is recorded.
pub async fn seal(
    archive: &Archive,
    who: &Who,
    dossier: &DossierId,
    output: &Path,
    sealing: &Sealing,
    tell: Arc<dyn Fn(Event) + Send + Sync>,
) -> Result<Sealed> {
    archive::access::may(who, archive::Act::SealDossier)?;
    if output.symlink_metadata().is_ok() {
        return Err(taken(output));
    }
    if let Some(url) = &sealing.tsa {
        stamp::address(url)?;
    }
    let choice = entry::choice(archive, who, dossier).await?;
    let part = file::part(output)?;
    let digests = digested(archive, &choice, &tell).await?;
    let (index, chosen) = entry::entry(archive, who, &choice, sealing).await?;
    let (checkpoint, bytes) = archive.truth().checkpoint().await?.ok_or_else(|| {
        Error::new(Why::Damaged, "The log has no checkpoint").next("Run `holdfast check --full`")
    })?;
    let note = String::from_utf8_lossy(&bytes).into_owned();
    let token = match &sealing.tsa {
        Some(url) => Some(stamp::ask(archive, url, &bytes).await?),
        None => None,
    };
    let entries = gather::laid(archive, &chosen, &[0, index], &checkpoint, &note).await?;
    let stamped = token.as_ref().map(|t| t.time.clone());
    let row = archive
        .seen_by(who)
        .dossier_named(&dossier.to_string())
        .await?;
    let work = Work {
        archive: archive.clone(),
        who: who.clone(),
        row,
        index,
        chosen,
        digests,
        entries,
        checkpoint,
        note,
        token,
        tool: sealing.tool.clone(),
    };
    let output = output.to_owned();
    let handle = tokio::runtime::Handle::current();
    let sealed = tokio::task::spawn_blocking(move || work.write(part, &output, &*tell, &handle))
        .await
        .map_err(|e| Error::bug("Sealing stopped").because(e))??;
    Ok(Sealed {
        dossier: *dossier,
        index,
        stamped,
        ..sealed
    })
}

/// Reads every original off the async threads.
async fn digested(
    archive: &Archive,
    choice: &entry::Choice,
    tell: &Arc<dyn Fn(Event) + Send + Sync>,
) -> Result<gather::Digests> {
    let (archive, tell) = (archive.clone(), Arc::clone(tell));
    let rows: Vec<_> = choice.items.iter().map(|(row, _)| row.clone()).collect();
    tokio::task::spawn_blocking(move || {
        gather::digests(&archive, &rows, &|n| tell(Event::Bytes(n)))
    })
    .await
    .map_err(|e| Error::bug("Reading the originals stopped").because(e))?
}
