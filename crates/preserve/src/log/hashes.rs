//! Which file is to blame when entries, hash tiles and the signed root do not fit each other.
//!
//! The root is signed. Whatever set of leaves gives it is the true one, wherever it is found: in the hash tiles, in
//! the bundles, or some here and some there. What differs from the true leaves is damaged.

use crate::damage::{Damage, Place};
use archive::{Archive, Result};
use format::log::checkpoint::Checkpoint;
use format::log::edge::Edge;
use format::log::hash::{Hash, leaf};
use format::log::tile::{BundleId, TileId, decode_hashes};
use format::log::tree::Builder;

/// The leaves under one bundle, as its two witnesses tell them.
struct Pair {
    bundle: BundleId,
    /// From the records; none when they cannot be read.
    records: Option<Vec<Hash>>,
    /// From the hash tile above them; none when it cannot be read.
    tile: Option<Vec<Hash>>,
    /// Whether a record of the bundle was found wrong by itself.
    blamed: bool,
}

/// Names what differs from the leaves that were signed.
pub(super) async fn blame(
    archive: &Archive,
    checkpoint: &Checkpoint,
    damage: &mut Vec<Damage>,
) -> Result<()> {
    let pairs = pairs(archive, checkpoint.size, damage).await?;
    let by_tile: Option<Vec<&Vec<Hash>>> = pairs.iter().map(|p| p.tile.as_ref()).collect();
    let mixed = pairs.iter().map(|p| match (&p.records, &p.tile) {
        (Some(records), _) if !p.blamed => Some(records),
        (_, tile) => tile.as_ref(),
    });
    let mixed: Option<Vec<&Vec<Hash>>> = mixed.collect();
    let signed = |leaves: &Vec<&Vec<Hash>>| root(leaves) == checkpoint.root;
    let Some(truth) = by_tile.filter(signed).or_else(|| mixed.filter(signed)) else {
        return unknown(&pairs, damage);
    };
    let mut edge = Edge::empty();
    let mut expected = std::collections::BTreeMap::new();
    for (pair, leaves) in pairs.iter().zip(&truth) {
        if pair.records.as_ref().is_some_and(|r| r != *leaves) && !pair.blamed {
            damage.push(other(pair.bundle));
        }
        for (id, bytes) in edge.append(leaves) {
            expected.insert(id, bytes);
        }
    }
    let needed = Edge::needed(checkpoint.size);
    for (id, bytes) in expected {
        if id.is_full() || needed.contains(&id) {
            damage.extend(tile(archive, id, &bytes).await?);
        }
    }
    Ok(())
}

/// Holds a stored tile against the hashes it should hold.
pub(super) async fn tile(archive: &Archive, id: TileId, bytes: &[u8]) -> Result<Option<Damage>> {
    let name = format!("log/{id}");
    let detail = match archive.truth().raw(&name).await? {
        None => "is missing",
        Some(stored) if stored != bytes => "does not hold the hashes of the entries below it",
        Some(_) => return Ok(None),
    };
    Ok(Some(Damage::new(Place::Tile, name, detail)))
}

fn other(bundle: BundleId) -> Damage {
    Damage::new(
        Place::Bundle,
        format!("log/{}", bundle.entries_path()),
        "does not hold the entries that the checkpoint signs: one was swapped, removed or put in",
    )
}

/// Neither witness gives the root: every bundle that its tile contradicts is named, or the log as a whole.
fn unknown(pairs: &[Pair], damage: &mut Vec<Damage>) -> Result<()> {
    let before = damage.len();
    for pair in pairs.iter().filter(|p| !p.blamed) {
        if pair.records.is_some() && pair.records != pair.tile {
            damage.push(other(pair.bundle));
        }
    }
    if damage.len() == before {
        damage.push(Damage::new(
            Place::Bundle,
            "log/tile",
            "entries and hash tiles agree, yet are not those that the checkpoint signs",
        ));
    }
    Ok(())
}

async fn pairs(archive: &Archive, size: u64, damage: &[Damage]) -> Result<Vec<Pair>> {
    let mut pairs = Vec::new();
    for bundle in BundleId::all(size) {
        let raw = archive.truth().raw_bundle(bundle).await?;
        let records = raw.records.ok();
        let records = records.map(|r| r.iter().map(|r| leaf(r.as_bytes())).collect());
        let tile = match TileId::at(0, bundle.index(), size) {
            Some(id) => archive.truth().raw(&format!("log/{id}")).await?,
            None => None,
        };
        let tile = tile.and_then(|t| decode_hashes(&t, bundle.width()).ok());
        let name = format!("log/{}", bundle.entries_path());
        pairs.push(Pair {
            bundle,
            records,
            tile,
            blamed: damage.iter().any(|d| d.name == name),
        });
    }
    Ok(pairs)
}

fn root(leaves: &[&Vec<Hash>]) -> Hash {
    let mut builder = Builder::new();
    leaves
        .iter()
        .flat_map(|l| l.iter())
        .for_each(|l| builder.push(*l));
    builder.root()
}
