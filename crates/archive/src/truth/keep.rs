//! Where recorded entries wait for their checkpoint: a synced file of an embedded archive, a table of a shared one.
//!
//! Durability: the file is synced before the rows are committed; the table is committed with them, and a commit of
//! the shared database is durable. Either way an entry that was recorded is found here until a checkpoint covers it.

use super::log::{blocking, read_all};
use super::tail::{self, Frame, Tail};
use crate::error::Result;
use std::path::PathBuf;
use std::sync::Arc;
use store::{Arg, Disk, Rows, Tx, args};

/// One of the two places.
#[derive(Debug)]
pub(crate) enum Keep {
    /// `log/tail`, written by one process at a time: the one that holds the head row.
    File {
        /// All disk access.
        disk: Arc<dyn Disk>,
        /// The file.
        path: PathBuf,
    },
    /// `log_tail` and `log_cover` in the rows.
    Table(Rows),
}

impl Keep {
    /// What waits, as it is now.
    pub(crate) async fn read(&self) -> Result<Tail> {
        match self {
            Self::File { disk, path } => {
                let (disk, path) = (Arc::clone(disk), path.clone());
                let bytes = blocking(move || read_all(&*disk, &path)).await?;
                Ok(tail::decode(&bytes))
            }
            Self::Table(rows) => Ok(tail_of(rows.all(super::sql::TAIL, args![0]).await?)),
        }
    }

    /// The bytes of the file; nothing for a table, which is never ahead of the rows.
    pub(crate) async fn len(&self) -> Result<u64> {
        match self {
            Self::File { disk, path } => {
                let (disk, path) = (Arc::clone(disk), path.clone());
                blocking(move || Ok(disk.stat(&path)?.map_or(0, |s| s.len))).await
            }
            Self::Table(_) => Ok(0),
        }
    }

    /// Makes whatever stands in the file durable, its name included.
    pub(crate) async fn sync(&self) -> Result<()> {
        let Self::File { disk, path } = self else {
            return Ok(());
        };
        let (disk, path) = (Arc::clone(disk), path.clone());
        blocking(move || {
            let mut file = disk.append(&path)?;
            file.sync()?;
            file.finish()?;
            disk.sync_dir(path.parent().unwrap_or(&path))
        })
        .await
    }

    /// Adds entries after the first `len` bytes: the file is synced on return, the table is as durable as `tx`.
    /// What stood behind was never acknowledged.
    pub(crate) async fn add(&self, tx: &mut Tx, len: u64, frames: Vec<Frame>) -> Result<()> {
        match self {
            Self::File { disk, path } => {
                let (disk, path) = (Arc::clone(disk), path.clone());
                let bytes = encoded(&frames);
                blocking(move || {
                    let stat = disk.stat(&path)?;
                    let mut file = disk.append(&path)?;
                    if stat.as_ref().is_some_and(|s| s.len > len) {
                        file.truncate(len)?;
                    }
                    file.write(&bytes)?;
                    file.sync()?;
                    file.finish()?;
                    if stat.is_none() {
                        disk.sync_dir(path.parent().unwrap_or(&path))?;
                    }
                    Ok(())
                })
                .await
            }
            Self::Table(_) => {
                let row = |f: Frame| vec![Arg::from(f.index.cast_signed()), f.sd_jwt.into()];
                tx.bulk(
                    "log_tail",
                    &["seq", "entry"],
                    frames.into_iter().map(row).collect(),
                )
                .await?;
                Ok(())
            }
        }
    }

    /// How long the file is once these are in it; a table has no length.
    pub(crate) fn grown(&self, len: u64, frames: &[Frame]) -> u64 {
        match self {
            Self::File { .. } => len + encoded(frames).len() as u64,
            Self::Table(_) => 0,
        }
    }

    /// Empties the file, once a checkpoint covers everything in it.
    pub(crate) async fn empty(&self) -> Result<()> {
        let Self::File { disk, path } = self else {
            return Ok(());
        };
        let (disk, path) = (Arc::clone(disk), path.clone());
        blocking(move || {
            let mut file = disk.append(&path)?;
            file.truncate(0)?;
            file.finish()
        })
        .await
    }
}

fn encoded(frames: &[Frame]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for f in frames {
        tail::encode(&mut bytes, f.index, &f.sd_jwt);
    }
    bytes
}

/// Rows of the table as a tail; a database gives whole rows or none.
pub(crate) fn tail_of(rows: Vec<(i64, String)>) -> Tail {
    let frame = |(seq, sd_jwt): (i64, String)| Frame {
        index: seq.cast_unsigned(),
        sd_jwt,
    };
    Tail {
        frames: rows.into_iter().map(frame).collect(),
        ..Tail::default()
    }
}
