//! Proofs made from tiles.

use std::collections::{BTreeMap, BTreeSet};

use super::TreeError;
use crate::log::edge::{fold, perfect};
use crate::log::hash::Hash;
use crate::log::tile::{TileId, WIDTH, decode_hashes};

/// Names the tiles that [`prove_inclusion`] needs, each once.
pub fn inclusion_tiles(index: u64, size: u64) -> Result<Vec<TileId>, TreeError> {
    Ok(tiles_for(&inclusion_ranges(index, size)?, size))
}

/// Makes the inclusion proof of a record from the tiles of the log of this size.
pub fn prove_inclusion(
    index: u64,
    size: u64,
    tiles: &BTreeMap<TileId, Vec<u8>>,
) -> Result<Vec<Hash>, TreeError> {
    let ranges = inclusion_ranges(index, size)?;
    ranges.iter().map(|range| range.hash(size, tiles)).collect()
}

/// Names the tiles that [`prove_consistency`] needs, each once.
pub fn consistency_tiles(old_size: u64, new_size: u64) -> Result<Vec<TileId>, TreeError> {
    Ok(tiles_for(
        &consistency_ranges(old_size, new_size)?,
        new_size,
    ))
}

/// Makes the proof that a log of the old size is the beginning of the log of the new size.
pub fn prove_consistency(
    old_size: u64,
    new_size: u64,
    tiles: &BTreeMap<TileId, Vec<u8>>,
) -> Result<Vec<Hash>, TreeError> {
    let ranges = consistency_ranges(old_size, new_size)?;
    ranges
        .iter()
        .map(|range| range.hash(new_size, tiles))
        .collect()
}

/// The records from `start` up to `end`, a subtree of the whole.
#[derive(Clone, Copy)]
struct Range {
    start: u64,
    end: u64,
}

/// A perfect subtree: `index` counts subtrees of 2^`height` records.
#[derive(Clone, Copy)]
struct Perfect {
    height: u32,
    index: u64,
}

fn inclusion_ranges(index: u64, size: u64) -> Result<Vec<Range>, TreeError> {
    if index >= size {
        return Err(TreeError::IndexBeyondSize { index, size });
    }
    let (mut ranges, mut here) = (
        Vec::new(),
        Range {
            start: 0,
            end: size,
        },
    );
    while let Some((left, right)) = here.split() {
        let (next, sibling) = if index < left.end {
            (left, right)
        } else {
            (right, left)
        };
        ranges.push(sibling);
        here = next;
    }
    ranges.reverse();
    Ok(ranges)
}

fn consistency_ranges(old: u64, new: u64) -> Result<Vec<Range>, TreeError> {
    if old > new {
        return Err(TreeError::Shrunk { old, new });
    }
    if old == 0 {
        return Err(TreeError::FromNothing);
    }
    let (mut ranges, mut here) = (Vec::new(), Range { start: 0, end: new });
    while old != here.end
        && let Some((left, right)) = here.split()
    {
        let (next, sibling) = if old <= left.end {
            (left, right)
        } else {
            (right, left)
        };
        ranges.push(sibling);
        here = next;
    }
    // The old root itself is known to whoever checks, so it is left out.
    if here.start != 0 {
        ranges.push(here);
    }
    ranges.reverse();
    Ok(ranges)
}

fn tiles_for(ranges: &[Range], size: u64) -> Vec<TileId> {
    let subtrees = ranges.iter().flat_map(|range| range.subtrees());
    let tiles: BTreeSet<TileId> = subtrees.filter_map(|subtree| subtree.tile(size)).collect();
    tiles.into_iter().collect()
}

impl Range {
    /// Splits as the tree does: the largest power of two below the length to the left.
    fn split(self) -> Option<(Self, Self)> {
        let below = (self.end - self.start)
            .checked_sub(1)
            .filter(|below| *below > 0)?;
        let middle = self.start + (1 << below.ilog2());
        let (left, right) = (
            Self {
                end: middle,
                ..self
            },
            Self {
                start: middle,
                ..self
            },
        );
        Some((left, right))
    }

    /// Gives the perfect subtrees, from the largest, at the left, to the smallest.
    fn subtrees(self) -> Vec<Perfect> {
        let (mut subtrees, mut start) = (Vec::new(), self.start);
        while start < self.end {
            let height = (self.end - start).ilog2();
            subtrees.push(Perfect {
                height,
                index: start >> height,
            });
            start += 1 << height;
        }
        subtrees
    }

    fn hash(self, size: u64, tiles: &BTreeMap<TileId, Vec<u8>>) -> Result<Hash, TreeError> {
        let hashes: Result<Vec<Hash>, TreeError> = self
            .subtrees()
            .into_iter()
            .map(|subtree| subtree.hash(size, tiles))
            .collect();
        Ok(fold(&hashes?))
    }
}

impl Perfect {
    /// The tile whose hashes give this subtree's root.
    fn tile(self, size: u64) -> Option<TileId> {
        let level = u8::try_from(self.height / 8).ok()?;
        TileId::at(level, self.index >> (8 - self.height % 8), size)
    }

    fn hash(self, size: u64, tiles: &BTreeMap<TileId, Vec<u8>>) -> Result<Hash, TreeError> {
        let beyond = TreeError::IndexBeyondSize {
            index: self.index,
            size,
        };
        let id = self.tile(size).ok_or(beyond.clone())?;
        let bytes = tiles.get(&id).ok_or(TreeError::MissingTile(id))?;
        let hashes = decode_hashes(bytes, id.width());
        let hashes = hashes.map_err(|why| TreeError::DamagedTile(id, why))?;
        let (inside, length) = (self.height % 8, 1usize << (self.height % 8));
        let first =
            usize::try_from((self.index << inside) % u64::from(WIDTH)).unwrap_or(usize::MAX);
        let part = hashes.get(first..first.saturating_add(length));
        part.and_then(perfect).ok_or(beyond)
    }
}
