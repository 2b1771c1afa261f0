//! From recorded to covered: bundles, tiles, a signed checkpoint. Nothing damaged is signed over or copied on.

mod shared;
pub(crate) use self::shared::{OLDER_COPY, own_path};

use super::super::tail::Frame;
use super::{Bundle, Truth, WIDTH, name};
use crate::error::{Error, Result, Why};
use format::entry::Entry;
use format::log::checkpoint::Checkpoint;
use format::log::edge::Edge;
use format::log::hash::leaf;
use format::log::note::NoteKey;
use format::log::tile::{self, BundleId, TileId};
use rayon::prelude::*;
use store::Name;

impl Truth {
    /// Brings everything in the tail under a new signed checkpoint. The caller holds the head of the log and says
    /// how many entries its rows know.
    ///
    /// Order: bundles, disclosures and tiles durable; then the checkpoint; then the tail is emptied. A crash
    /// between any two leaves a state from which the same call goes on.
    pub(crate) async fn cover(&self, key: &NoteKey, recorded: u64) -> Result<Checkpoint> {
        let old = self.checkpoint().await?.map(|(c, _)| c);
        let size = old.as_ref().map_or(0, |c| c.size);
        let frames: Vec<_> = self
            .tail()
            .await?
            .frames
            .into_iter()
            .filter(|f| f.index >= size)
            .collect();
        let new_size = frames.last().map_or(size, |f| f.index + 1);
        // What the rows know was synced: a tail that ends before it is damaged, and must not be emptied.
        if new_size != recorded || frames.len() as u64 != new_size - size {
            return Err(Error::new(
                Why::Damaged,
                format!("log/tail does not hold entries {size} to {recorded}"),
            )
            .next("Run `holdfast check --full`; do not add anything before that"));
        }
        if frames.is_empty() {
            return old.ok_or_else(|| Error::bug("There is nothing to cover and no checkpoint"));
        }
        let checkpoint = self.lay(old.as_ref(), &frames, None).await?;
        let signed = self.signed(&checkpoint, key)?;
        self.objects
            .replace(&name("log/checkpoint")?, &signed)
            .await?;
        self.keep.empty().await?;
        self.drop_partials(size, new_size).await?;
        Ok(checkpoint)
    }

    /// Makes the bundles, disclosures and tiles of these entries durable behind those that `old` covers, and gives the
    /// checkpoint that may now be signed. A checkpoint `seen` between the two must be one of the same log.
    async fn lay(
        &self,
        old: Option<&Checkpoint>,
        frames: &[Frame],
        seen: Option<&Checkpoint>,
    ) -> Result<Checkpoint> {
        let size = old.map_or(0, |c| c.size);
        let mut writes = Vec::new();
        let mut bundle = self.bundle(size / WIDTH, size).await?;
        self.must_be_sound(&bundle, size).await?;
        let mut leaves = Vec::with_capacity(frames.len());
        for frame in frames {
            bundle.push(&frame.sd_jwt)?;
            leaves.push(leaf(bundle.records[bundle.records.len() - 1].as_bytes()));
            if bundle.records.len() as u64 == WIDTH {
                bundle_writes(&mut writes, &bundle)?;
                bundle = Bundle {
                    first: bundle.first + WIDTH,
                    ..Bundle::default()
                };
            }
        }
        bundle_writes(&mut writes, &bundle)?;
        let mut edge = self.edge(size, old).await?;
        if let Some(seen) = seen {
            shared::must_continue(seen, &edge, &leaves)?;
        }
        for (id, bytes) in edge.append(&leaves) {
            writes.push((name(&format!("log/{id}"))?, bytes));
        }
        self.objects.put_all(writes).await?;
        Ok(Checkpoint {
            origin: self.home.origin.clone(),
            size: size + frames.len() as u64,
            root: edge.root(),
        })
    }

    fn signed(&self, checkpoint: &Checkpoint, key: &NoteKey) -> Result<Vec<u8>> {
        let signed = checkpoint
            .sign(key)
            .map_err(|e| Error::bug(format!("A checkpoint cannot be signed: {e}")))?;
        Ok(signed.as_bytes().to_vec())
    }

    /// Refuses a partial bundle that is not what its hashes say: it must not be copied into the next one.
    async fn must_be_sound(&self, bundle: &Bundle, size: u64) -> Result<()> {
        let (Some(id), Some(tile)) = (
            BundleId::holding(bundle.first, size),
            TileId::at(0, size / WIDTH, size),
        ) else {
            return Ok(());
        };
        let hashes = self.tiles(vec![tile]).await?;
        let leaves = bundle.records.iter().map(|r| leaf(r.as_bytes()));
        let leaves: Vec<u8> = leaves.flat_map(|h| h.0).collect();
        let wrong = if hashes.get(&tile) != Some(&leaves) {
            Some(format!("log/{}", id.entries_path()))
        } else {
            let texts: Vec<String> = bundle.entries().map(|(_, text)| text).collect();
            let bad = texts.par_iter().any(|t| Entry::open(t, None).is_err());
            bad.then(|| id.disclosures_path())
        };
        match wrong {
            None => Ok(()),
            Some(file) => Err(Error::new(
                Why::Damaged,
                format!("{file} is not what its hashes say"),
            )
            .next("Run `holdfast check --full`; put the file back from a backup before adding anything")),
        }
    }

    /// The right edge of the tree, checked against the checkpoint: damage here must not be signed over.
    async fn edge(&self, size: u64, old: Option<&Checkpoint>) -> Result<Edge> {
        let tiles = self.tiles(Edge::needed(size)).await?;
        let edge = Edge::from_tiles(size, |id| tiles.get(&id).cloned()).map_err(|e| {
            Error::new(
                Why::Damaged,
                format!("The hash tiles of the log cannot be read: {e}"),
            )
            .next("Run `holdfast check --full`; do not add anything before that")
        })?;
        if old.is_some_and(|c| c.root != edge.root()) {
            return Err(Error::new(
                Why::Damaged,
                "The hash tiles do not give the root that was signed",
            )
            .next("Run `holdfast check --full`; do not add anything before that"));
        }
        Ok(edge)
    }

    /// Partial tiles of the size before are no longer needed once the checkpoint has moved on: whoever still asks
    /// for one gets it cut out of what took its place.
    async fn drop_partials(&self, old: u64, new: u64) -> Result<()> {
        let mut gone = Vec::new();
        if let Some(id) = old
            .checked_sub(1)
            .filter(|_| old != new)
            .and_then(|last| BundleId::holding(last, old))
            .filter(|id| !id.is_full())
        {
            gone.push(format!("log/{}", id.entries_path()));
            gone.push(id.disclosures_path());
        }
        let kept = Edge::needed(new);
        let left = Edge::needed(old).into_iter().filter(|_| old != new);
        gone.extend(
            left.filter(|id| !id.is_full() && !kept.contains(id))
                .map(|id| format!("log/{id}")),
        );
        self.discard_all(gone).await
    }

    /// Removes objects side by side.
    async fn discard_all(&self, paths: Vec<String>) -> Result<()> {
        let mut tasks = tokio::task::JoinSet::new();
        for path in paths {
            let (objects, name) = (self.objects.clone(), name(&path)?);
            tasks.spawn(async move { objects.discard(&name).await });
        }
        while let Some(done) = tasks.join_next().await {
            done.map_err(|e| Error::bug("Removing an object stopped").because(e))??;
        }
        Ok(())
    }
}

fn bundle_writes(writes: &mut Vec<(Name, Vec<u8>)>, bundle: &Bundle) -> Result<()> {
    if bundle.records.is_empty() {
        return Ok(());
    }
    let size = bundle.first + bundle.records.len() as u64;
    let id = BundleId::holding(bundle.first, size)
        .ok_or_else(|| Error::bug("A bundle has no place in the log"))?;
    let encoded = tile::encode_bundle(&bundle.records)
        .map_err(|e| Error::bug(format!("A bundle cannot be written: {e}")))?;
    writes.push((name(&format!("log/{}", id.entries_path()))?, encoded));
    let mut lines = bundle.disclosures.join("\n");
    lines.push('\n');
    writes.push((name(&id.disclosures_path())?, lines.into_bytes()));
    Ok(())
}
