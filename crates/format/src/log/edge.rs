//! The right edge of the tree: all that is needed to append.

use super::hash::{Hash, empty_root, node};
use super::tile::{TileError, TileId, WIDTH, decode_hashes, encode_hashes};

/// The partial tiles at the right of a tree; small however long the log is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    /// For each level the hashes of its partial tile, fewer than 256.
    levels: Vec<Vec<Hash>>,
}

/// Says why an edge cannot be read from tiles.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EdgeError {
    /// A tile is not there.
    #[error("The tile {0} is missing; restore it from a copy or rebuild it from the records")]
    Missing(TileId),
    /// A tile has the wrong length.
    #[error("The tile {0} is damaged: {1}")]
    Damaged(TileId, TileError),
}

impl Edge {
    /// Gives the edge of a log without records.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            size: 0,
            levels: Vec::new(),
        }
    }

    /// Names the tiles that [`Edge::from_tiles`] reads for a log of this size.
    #[must_use]
    pub fn needed(size: u64) -> Vec<TileId> {
        let right = |level: u8| {
            let hashes = size.checked_shr(8 * u32::from(level))?;
            TileId::at(level, hashes / u64::from(WIDTH), size)
        };
        (0..8).filter_map(right).collect()
    }

    /// Reads the edge of a log; the caller compares [`Edge::root`] with the checkpoint.
    pub fn from_tiles(
        size: u64,
        mut fetch: impl FnMut(TileId) -> Option<Vec<u8>>,
    ) -> Result<Self, EdgeError> {
        let mut levels = Vec::new();
        for tile in Self::needed(size) {
            let bytes = fetch(tile).ok_or(EdgeError::Missing(tile))?;
            let hashes = decode_hashes(&bytes, tile.width());
            let hashes = hashes.map_err(|why| EdgeError::Damaged(tile, why))?;
            levels.resize(usize::from(tile.level()), Vec::new());
            levels.push(hashes);
        }
        Ok(Self { size, levels })
    }

    /// The number of records.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends leaf hashes and gives every tile to write, each level's full ones first.
    ///
    /// Partial tiles that did not change are not given again: they are stored already.
    pub fn append(&mut self, leaves: &[Hash]) -> Vec<(TileId, Vec<u8>)> {
        let mut tiles = Vec::new();
        let mut touched = vec![false; self.levels.len()];
        for leaf in leaves {
            self.size += 1;
            self.push(0, *leaf, &mut tiles, &mut touched);
        }
        for (level, tile) in (0u8..).zip(Self::rows(&self.levels, &touched)) {
            let index = self.size.unbounded_shr(8 * (u32::from(level) + 1));
            if let Some((width, bytes)) = tile
                && let Some(id) = TileId::new(level, index, width)
            {
                tiles.push((id, bytes));
            }
        }
        tiles.sort_unstable_by_key(|(id, _)| *id);
        tiles
    }

    fn rows(levels: &[Vec<Hash>], touched: &[bool]) -> Vec<Option<(u16, Vec<u8>)>> {
        let row = |(hashes, touched): (&Vec<Hash>, &bool)| {
            let width = u16::try_from(hashes.len()).ok()?;
            (*touched && width > 0).then(|| (width, encode_hashes(hashes)))
        };
        levels.iter().zip(touched).map(row).collect()
    }

    fn push(
        &mut self,
        level: u8,
        hash: Hash,
        tiles: &mut Vec<(TileId, Vec<u8>)>,
        touched: &mut Vec<bool>,
    ) {
        let at = usize::from(level);
        if self.levels.len() <= at {
            self.levels.resize(at + 1, Vec::new());
            touched.resize(at + 1, false);
        }
        let (Some(row), Some(mark)) = (self.levels.get_mut(at), touched.get_mut(at)) else {
            return;
        };
        row.push(hash);
        *mark = true;
        if row.len() < usize::from(WIDTH) {
            return;
        }
        let full = std::mem::take(row);
        let index = (self.size - 1).unbounded_shr(8 * (u32::from(level) + 1));
        if let (Some(id), Some(root)) = (TileId::new(level, index, WIDTH), perfect(&full)) {
            tiles.push((id, encode_hashes(&full)));
            self.push(level + 1, root, tiles, touched);
        }
    }

    /// Gives the root over all records.
    #[must_use]
    pub fn root(&self) -> Hash {
        // Perfect subtrees from the largest, at the left, to the smallest.
        let mut subtrees = Vec::new();
        for row in self.levels.iter().rev() {
            let mut rest = row.as_slice();
            while !rest.is_empty() {
                let (head, tail) = rest.split_at(1 << rest.len().ilog2());
                subtrees.extend(perfect(head));
                rest = tail;
            }
        }
        fold(&subtrees)
    }
}

/// Gives the root over perfect subtrees from left to right.
pub(super) fn fold(subtrees: &[Hash]) -> Hash {
    let right = subtrees.iter().rev().copied();
    right
        .reduce(|right, left| node(&left, &right))
        .unwrap_or_else(empty_root)
}

/// Gives the root over a power of two of hashes, or `None` without hashes.
pub(super) fn perfect(hashes: &[Hash]) -> Option<Hash> {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = row
            .as_chunks::<2>()
            .0
            .iter()
            .map(|[left, right]| node(left, right))
            .collect();
    }
    row.first().copied()
}
