//! The log on its way: bundles, disclosures, tiles, and last the checkpoint over them.

use super::Arrival;
use crate::error::{Error, Result, Why};
use crate::open::Archive;
use crate::truth::keep::Keep;
use crate::truth::log::name;
use crate::truth::{Truth, sql};
use format::log::checkpoint::Checkpoint;
use format::log::tile::{BundleId, TileId};
use store::args;

/// Files read and written at a time.
const AT_ONCE: usize = 64;

impl Arrival {
    /// Copies the log of an archive that is shut and wholly covered, and says which checkpoint stands over it.
    pub async fn take_log(
        &self,
        from: &Archive,
        tell: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<Checkpoint> {
        let (checkpoint, bytes) = from.truth.checkpoint().await?.ok_or_else(|| {
            Error::new(Why::Damaged, "There is no checkpoint to move")
                .next("Run `holdfast check --full`")
        })?;
        if from.truth.end().await? != checkpoint.size {
            return Err(Error::bug(
                "An archive with uncovered entries was to be moved",
            ));
        }
        let paths = paths(checkpoint.size);
        let mut done = 0;
        for part in paths.chunks(AT_ONCE) {
            let mut reading = tokio::task::JoinSet::new();
            for path in part {
                let (from, path) = (from.clone(), path.clone());
                reading.spawn(async move {
                    let bytes = from.truth.raw(&path).await?;
                    bytes.map(|b| (path.clone(), b)).ok_or_else(|| {
                        Error::new(Why::Damaged, format!("{path} is missing")).next(
                            "Run `holdfast check --full` on the old place, and repair it first",
                        )
                    })
                });
            }
            let mut files = Vec::with_capacity(part.len());
            while let Some(read) = reading.join_next().await {
                let (path, bytes) =
                    read.map_err(|e| Error::bug("Reading the log stopped").because(e))??;
                files.push((name(&path)?, bytes));
            }
            done += files.len() as u64;
            self.archive.truth.objects.put_all(files).await?;
            tell(done, paths.len() as u64);
        }
        self.archive.truth.install(&checkpoint, &bytes).await?;
        Ok(checkpoint)
    }
}

impl Truth {
    /// Puts a checkpoint in force over files that are durable.
    async fn install(&self, checkpoint: &Checkpoint, bytes: &[u8]) -> Result<()> {
        if let Keep::Table(rows) = &self.keep {
            let own = name(&super::super::truth::log::own_path(checkpoint.size))?;
            self.objects.put_once(&own, bytes).await?;
            let size = checkpoint.size.cast_signed();
            let mut tx = rows.begin().await?;
            tx.run(sql::COVER_SET, args![size, bytes.to_vec()]).await?;
            tx.commit().await?;
        }
        let name = name("log/checkpoint")?;
        Ok(self.objects.replace(&name, bytes).await?)
    }
}

/// Every file of a log of this size but the checkpoint.
fn paths(size: u64) -> Vec<String> {
    let bundles = BundleId::all(size)
        .flat_map(|b| [format!("log/{}", b.entries_path()), b.disclosures_path()]);
    let tiles = (0..8_u8).flat_map(move |level| {
        let hashes = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
        (0..hashes.div_ceil(256))
            .filter_map(move |n| TileId::at(level, n, size))
            .map(|t| format!("log/{t}"))
    });
    bundles.chain(tiles).collect()
}
