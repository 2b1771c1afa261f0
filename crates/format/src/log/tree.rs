//! Inclusion and consistency of the tree (RFC 6962 §2.1, checked as in RFC 9162 §2.1).

mod prove;

use super::edge::fold;
use super::hash::{Hash, node};
use super::tile::{TileError, TileId};

pub use prove::{consistency_tiles, inclusion_tiles, prove_consistency, prove_inclusion};

/// Says why a proof is refused or cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// The index is not below the size.
    #[error("Record {index} is not in a log of {size} records; check the index")]
    IndexBeyondSize {
        /// The index asked about.
        index: u64,
        /// The size of the log.
        size: u64,
    },
    /// The proof has too few hashes.
    #[error("The proof has too few hashes; fetch it again")]
    ProofTooShort,
    /// The proof has too many hashes.
    #[error("The proof has too many hashes; fetch it again")]
    ProofTooLong,
    /// The proof leads to another root: record, index, size, proof or root is wrong.
    #[error("The proof does not lead to the root of the log; treat record or proof as altered")]
    RootDiffers,
    /// The old log is larger than the new one.
    #[error("The log shrank from {old} to {new} records; treat it as rolled back")]
    Shrunk {
        /// The old size.
        old: u64,
        /// The new size.
        new: u64,
    },
    /// The old log is empty, so that nothing is proven.
    #[error("Nothing follows from a log without records; compare with a later checkpoint")]
    FromNothing,
    /// Two logs of one size have two roots.
    #[error("Two logs of one size have different roots; treat the log as forked")]
    Forked,
    /// The proof does not lead to the old root.
    #[error("The proof does not lead to the old root; treat the log as forked")]
    OldRootDiffers,
    /// The proof does not lead to the new root.
    #[error("The proof does not lead to the new root; treat the log as forked")]
    NewRootDiffers,
    /// A tile that the proof needs was not given.
    #[error("The tile {0} is missing; fetch it")]
    MissingTile(TileId),
    /// A tile has the wrong length.
    #[error("The tile {0} is damaged: {1}")]
    DamagedTile(TileId, TileError),
    /// There are more or fewer leaves than the size says.
    #[error("There are {found} records instead of {size}; check that no bundle is missing")]
    Count {
        /// The leaves that came.
        found: u64,
        /// The leaves that were to come.
        size: u64,
    },
}

/// Guarantees that the leaf stands at this index of the log of this size and root.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), TreeError> {
    if index >= size {
        return Err(TreeError::IndexBeyondSize { index, size });
    }
    let mut walk = Walk::new(index, size - 1);
    let mut found = *leaf;
    for sibling in proof {
        found = match walk.step()? {
            Side::Left => node(sibling, &found),
            Side::Right => node(&found, sibling),
        };
    }
    walk.finish()?;
    if found == *root {
        Ok(())
    } else {
        Err(TreeError::RootDiffers)
    }
}

/// Guarantees that the old log is the beginning of the new one.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Hash,
    new_size: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), TreeError> {
    if old_size > new_size {
        return Err(TreeError::Shrunk {
            old: old_size,
            new: new_size,
        });
    }
    if old_size == 0 {
        return Err(TreeError::FromNothing);
    }
    if old_size == new_size {
        return match (proof.is_empty(), old_root == new_root) {
            (_, false) => Err(TreeError::Forked),
            (false, true) => Err(TreeError::ProofTooLong),
            (true, true) => Ok(()),
        };
    }
    let mut walk = Walk::new(old_size - 1, new_size - 1);
    walk.shift(walk.node.trailing_ones());
    // A perfect old tree is itself the first hash, so proofs leave it out.
    let (start, rest) = match proof.split_first() {
        _ if old_size.is_power_of_two() => (old_root, proof),
        Some((first, rest)) => (first, rest),
        None => return Err(TreeError::ProofTooShort),
    };
    let (mut old, mut new) = (*start, *start);
    for sibling in rest {
        match walk.step()? {
            Side::Left => {
                old = node(sibling, &old);
                new = node(sibling, &new);
            }
            Side::Right => new = node(&new, sibling),
        }
    }
    walk.finish()?;
    if old != *old_root {
        return Err(TreeError::OldRootDiffers);
    }
    if new == *new_root {
        Ok(())
    } else {
        Err(TreeError::NewRootDiffers)
    }
}

/// The way from a node up to the root, beside the way of the last node.
struct Walk {
    node: u64,
    last: u64,
}

/// The side on which the next hash of a proof stands.
enum Side {
    Left,
    Right,
}

impl Walk {
    fn new(node: u64, last: u64) -> Self {
        Self { node, last }
    }

    fn shift(&mut self, levels: u32) {
        self.node = self.node.unbounded_shr(levels);
        self.last = self.last.unbounded_shr(levels);
    }

    fn step(&mut self) -> Result<Side, TreeError> {
        if self.last == 0 {
            return Err(TreeError::ProofTooLong);
        }
        let side = if self.node & 1 == 1 || self.node == self.last {
            // A last node without a sibling rises to the level where it has one.
            if self.node != 0 {
                self.shift(self.node.trailing_zeros());
            }
            Side::Left
        } else {
            Side::Right
        };
        self.shift(1);
        Ok(side)
    }

    fn finish(&self) -> Result<(), TreeError> {
        if self.last == 0 {
            Ok(())
        } else {
            Err(TreeError::ProofTooShort)
        }
    }
}

/// Computes a root from all leaves in order, with memory for 64 hashes.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    size: u64,
    /// Perfect subtrees from the largest to the smallest.
    subtrees: Vec<Hash>,
}

impl Builder {
    /// Starts without leaves.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next leaf hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.subtrees.pop() {
                hash = node(&left, &hash);
            }
        }
        self.subtrees.push(hash);
        self.size += 1;
    }

    /// The number of leaves so far.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Gives the root over the leaves so far.
    #[must_use]
    pub fn root(&self) -> Hash {
        fold(&self.subtrees)
    }
}

/// Computes the root over exactly `size` leaves.
pub fn root_of(size: u64, leaves: impl IntoIterator<Item = Hash>) -> Result<Hash, TreeError> {
    let mut builder = Builder::new();
    for leaf in leaves {
        builder.push(leaf);
    }
    if builder.size() != size {
        return Err(TreeError::Count {
            found: builder.size(),
            size,
        });
    }
    Ok(builder.root())
}
