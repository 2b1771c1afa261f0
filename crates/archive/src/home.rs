//! The file `HOLDFAST`: which archive this is and which keys it signs with (format.md §6).

use crate::error::{Error, Result, Why};
use format::log::note::VerifierKey;
use format::record::EntryVerifier;
use serde::{Deserialize, Serialize};

/// What every reader of an archive needs to know first.
#[derive(Debug, Clone)]
pub struct Home {
    /// The log's origin line, the `iss` of every record.
    pub origin: String,
    /// Checks checkpoints.
    pub log_key: VerifierKey,
    /// Checks entries.
    pub entry_key: EntryVerifier,
}

/// The format this program writes.
pub(crate) const FORMAT: u64 = 1;
/// Its name in the archive's folder.
pub(crate) const FILE: &str = "HOLDFAST";
/// Its name in a bucket, where names have no capitals.
pub(crate) const OBJECT: &str = "holdfast";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u64,
    origin: String,
    log_key: String,
    entry_key: String,
}

impl Home {
    /// The bytes of the file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let file = File {
            format: FORMAT,
            origin: self.origin.clone(),
            log_key: self.log_key.to_string(),
            entry_key: self.entry_key.to_string(),
        };
        let mut bytes =
            serde_json::to_vec_pretty(&file).expect("four plain members always serialise");
        bytes.push(b'\n');
        bytes
    }

    /// Reads the file, refusing whatever is not exactly one of ours.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self> {
        let bad = |e: String| {
            Error::new(
                Why::Damaged,
                format!("The file HOLDFAST cannot be read: {e}"),
            )
            .next("Put it back from a backup; the originals and the log beside it are untouched")
        };
        let value = format::json::parse(bytes).map_err(|e| bad(e.to_string()))?;
        let file: File = serde_json::from_value(value).map_err(|e| bad(e.to_string()))?;
        if file.format != FORMAT {
            return Err(Error::new(
                Why::Invalid,
                format!(
                    "This archive has format {}, this program knows format {FORMAT}",
                    file.format
                ),
            )
            .next("Use a version of Holdfast that knows it; nothing was changed"));
        }
        let log_key = file
            .log_key
            .parse::<VerifierKey>()
            .map_err(|e| bad(format!("log_key: {e}")))?;
        let entry_key = file
            .entry_key
            .parse::<EntryVerifier>()
            .map_err(|e| bad(format!("entry_key: {e}")))?;
        if log_key.name() != file.origin {
            return Err(bad("the log key is for another origin".into()));
        }
        Ok(Self {
            origin: file.origin,
            log_key,
            entry_key,
        })
    }
}
