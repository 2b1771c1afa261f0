//! The log on disk: bundles of records, their disclosures, hash tiles, one signed checkpoint over all.

mod cover;
pub(crate) use self::cover::{OLDER_COPY, own_path};
mod partial;

use super::keep::Keep;
use super::tail::Tail;
use crate::error::{Error, Result, Why};
use crate::home::Home;
use format::log::checkpoint::Checkpoint;
use format::log::hash::{Hash, leaf};
use format::log::tile::{self, BundleId, TileId};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Disk, Name, Objects, args};

/// Entries to a bundle, hashes to a tile.
pub const WIDTH: u64 = 256;

/// The log of one archive.
#[derive(Debug)]
pub struct Truth {
    pub(crate) objects: Objects,
    pub(crate) home: Arc<Home>,
    pub(crate) keep: Keep,
}

/// Up to 256 entries, as they stand in one bundle.
#[derive(Debug, Clone, Default)]
pub struct Bundle {
    /// Log index of the first.
    pub first: u64,
    /// Records.
    pub records: Vec<String>,
    /// For each record its disclosures, each followed by `~`.
    pub disclosures: Vec<String>,
}

/// The two files of a bundle; each may be unreadable by itself.
#[derive(Debug)]
pub struct RawBundle {
    /// Records, or what is wrong.
    pub records: std::result::Result<Vec<String>, String>,
    /// Lines of disclosures, or what is wrong.
    pub disclosures: std::result::Result<Vec<String>, String>,
}

impl Bundle {
    /// Every entry as an SD-JWT with its log index.
    pub fn entries(&self) -> impl Iterator<Item = (u64, String)> + '_ {
        (self.first..)
            .zip(self.records.iter().zip(&self.disclosures))
            .map(|(i, (r, d))| (i, format!("{r}~{d}")))
    }

    fn push(&mut self, sd_jwt: &str) -> Result<()> {
        let (record, disclosures) = sd_jwt
            .split_once('~')
            .ok_or_else(|| Error::bug("An entry in the tail has no `~`"))?;
        self.records.push(record.to_owned());
        self.disclosures.push(disclosures.to_owned());
        Ok(())
    }
}

impl Truth {
    pub(crate) fn new(objects: Objects, home: Arc<Home>, keep: Keep) -> Self {
        Self {
            objects,
            home,
            keep,
        }
    }

    /// The checkpoint in force with its bytes; none before the first.
    pub async fn checkpoint(&self) -> Result<Option<(Checkpoint, Vec<u8>)>> {
        let bytes = match &self.keep {
            Keep::File { .. } => self.objects.get_if_there(&name("log/checkpoint")?).await?,
            Keep::Table(rows) => {
                let row: Option<(Option<Vec<u8>>,)> =
                    rows.one(super::sql::CHECKPOINT, args![]).await?;
                row.and_then(|(bytes,)| bytes)
            }
        };
        bytes.map(|b| Ok((self.verified(&b)?, b))).transpose()
    }

    /// A checkpoint that our key signed.
    pub(crate) fn verified(&self, bytes: &[u8]) -> Result<Checkpoint> {
        Checkpoint::parse_and_verify(bytes, &self.home.log_key).map_err(|e| {
            Error::new(Why::Damaged, format!("The checkpoint of the log is not good: {e}"))
                .next("Put log/checkpoint back from a backup or a dossier; do not add anything before that")
        })
    }

    /// How many entries the checkpoint covers.
    pub async fn covered(&self) -> Result<u64> {
        Ok(self.checkpoint().await?.map_or(0, |(c, _)| c.size))
    }

    /// What is recorded and not yet covered, and leftovers below the checkpoint.
    pub async fn tail(&self) -> Result<Tail> {
        self.keep.read().await
    }

    /// How many entries are recorded, covered or not.
    pub(crate) async fn end(&self) -> Result<u64> {
        // In this order: what leaves the tail meanwhile is under the checkpoint that is read after it.
        let tail = self.tail().await?;
        Ok(tail.end(self.covered().await?))
    }

    /// The bundle `n` as it stands at a log of `size` entries.
    pub async fn bundle(&self, n: u64, size: u64) -> Result<Bundle> {
        let first = n * WIDTH;
        let Some(id) = BundleId::holding(first, size) else {
            return Ok(Bundle {
                first,
                ..Bundle::default()
            });
        };
        let raw = self.raw_bundle(id).await?;
        let damaged = |what: String| {
            Error::new(Why::Damaged, what).next(
                "Run `holdfast check --full` to see all damage; put the file back from a backup",
            )
        };
        let records = raw
            .records
            .map_err(|e| damaged(format!("log/{}: {e}", id.entries_path())))?;
        let disclosures = raw
            .disclosures
            .map_err(|e| damaged(format!("{}: {e}", id.disclosures_path())))?;
        Ok(Bundle {
            first,
            records,
            disclosures,
        })
    }

    /// The two files of a bundle, each as far as it can be read; a store that does not answer is an error, not damage.
    pub async fn raw_bundle(&self, id: BundleId) -> Result<RawBundle> {
        let width = usize::from(id.width());
        let (records, disclosures) = (format!("log/{}", id.entries_path()), id.disclosures_path());
        let (records, disclosures) = tokio::join!(self.raw(&records), self.raw(&disclosures));
        let answered = |r: Result<Option<Vec<u8>>>| match r {
            Err(e) if e.is_passing() => Err(e),
            other => Ok(other),
        };
        let (records, disclosures) = (answered(records)?, answered(disclosures)?);
        let there = |r: Result<Option<Vec<u8>>>| {
            r.map_err(|e| e.to_string())?
                .ok_or_else(|| "is missing".to_owned())
        };
        Ok(RawBundle {
            records: there(records).and_then(|b| {
                let records = tile::decode_bundle(&b, id.width()).map_err(|e| e.to_string())?;
                records
                    .into_iter()
                    .map(|r| {
                        String::from_utf8(r.to_vec())
                            .map_err(|_other| "holds a record that is not text".to_owned())
                    })
                    .collect()
            }),
            disclosures: there(disclosures).and_then(|b| lines(b, width)),
        })
    }

    /// Reads everything anew from where it is stored, for whoever checks it: memory is no witness.
    pub fn forget(&self) {
        self.objects.forget_cached();
    }

    /// The bytes under a name, or nothing when it is missing.
    ///
    /// A partial tile or bundle that the log has outgrown meanwhile is cut out of what took its place.
    pub async fn raw(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let found = self.objects.get_if_there(&name(path)?).await?;
        if found.is_some() || !partial::is_partial(path) {
            return Ok(found);
        }
        let size = match self.covered().await {
            Err(e) if e.is_passing() => return Err(e),
            // Without a good checkpoint nothing is known to have grown: it is missing.
            size => size.unwrap_or(0),
        };
        let Some((grown, keep)) = partial::grown(path, size) else {
            return Ok(None);
        };
        let bytes = self.objects.get_if_there(&name(&grown)?).await?;
        Ok(bytes.and_then(|b| partial::cut(&grown, b, keep)))
    }

    /// The entry at an index as an SD-JWT, from the log or from the tail.
    pub async fn entry(&self, index: u64) -> Result<Option<String>> {
        let tail = self.tail().await?;
        if let Some(frame) = tail.frames.into_iter().find(|f| f.index == index) {
            return Ok(Some(frame.sd_jwt));
        }
        let size = self.covered().await?;
        if index >= size {
            return Ok(None);
        }
        let bundle = self.bundle(index / WIDTH, size).await?;
        Ok(bundle.entries().find(|(i, _)| *i == index).map(|(_, e)| e))
    }

    /// Puts a hash tile back that was computed again from the records.
    pub async fn put_tile(&self, id: TileId, bytes: &[u8]) -> Result<()> {
        Ok(self
            .objects
            .replace(&name(&format!("log/{id}"))?, bytes)
            .await?)
    }

    /// Fetches the tiles named; every one of them must be there.
    pub async fn tiles(&self, ids: Vec<TileId>) -> Result<BTreeMap<TileId, Vec<u8>>> {
        let mut tiles = BTreeMap::new();
        for id in ids {
            let path = format!("log/{id}");
            let bytes = self.raw(&path).await?;
            tiles.insert(id, bytes.ok_or(store::Error::NotFound { place: path })?);
        }
        Ok(tiles)
    }

    /// A leaf hash as the tiles hold it.
    pub async fn leaf_at(&self, index: u64, size: u64) -> Result<Option<Hash>> {
        let Some(record) = self.entry(index).await?.filter(|_| index < size) else {
            return Ok(None);
        };
        Ok(record.split_once('~').map(|(r, _)| leaf(r.as_bytes())))
    }
}

/// The lines of a disclosures file: as many as the bundle has records, every one of them ended.
fn lines(bytes: Vec<u8>, width: usize) -> std::result::Result<Vec<String>, String> {
    let text = String::from_utf8(bytes).map_err(|_other| "is not text".to_owned())?;
    let body = text.strip_suffix('\n').ok_or("its last line is cut")?;
    let lines: Vec<String> = body.split('\n').map(str::to_owned).collect();
    if lines.len() == width {
        Ok(lines)
    } else {
        Err(format!("holds {} lines; {width} were written", lines.len()))
    }
}

pub(crate) fn name(path: &str) -> Result<Name> {
    Name::new(path).map_err(|e| Error::bug(format!("{path:?} is no object name: {e}")))
}

pub(super) fn read_all(disk: &dyn Disk, path: &std::path::Path) -> std::io::Result<Vec<u8>> {
    let Some(stat) = disk.stat(path)? else {
        return Ok(Vec::new());
    };
    let file = disk.open(path)?;
    let mut bytes = vec![0; usize::try_from(stat.len).map_err(std::io::Error::other)?];
    let mut at = 0;
    while at < bytes.len() {
        let n = file.read_at(&mut bytes[at..], at as u64)?;
        if n == 0 {
            break;
        }
        at += n;
    }
    bytes.truncate(at);
    Ok(bytes)
}

/// Disk work off the async threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| Error::bug("Disk work stopped").because(e))?;
    done.map_err(|e| store::Error::io("the archive's folder", e).into())
}
