//! The edge, the full re-hash and the proofs made from tiles agree with each other.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, outside the functions clippy knows as tests"
)]

use std::collections::BTreeMap;

use format::log::edge::{Edge, EdgeError};
use format::log::hash::{Hash, empty_root, leaf};
use format::log::tile::TileId;
use format::log::tree::{
    Builder, TreeError, consistency_tiles, inclusion_tiles, prove_consistency, prove_inclusion,
    root_of, verify_consistency, verify_inclusion,
};
use proptest::prelude::*;

use crate::log::{grown, leaves};

fn root(size: u64) -> Hash {
    root_of(size, leaves(0, size)).unwrap()
}

type Tiles = BTreeMap<TileId, Vec<u8>>;

/// Only the tiles that were announced: a proof must not need another one.
fn pick(all: &Tiles, wanted: &[TileId]) -> Tiles {
    wanted.iter().map(|id| (*id, all[id].clone())).collect()
}

fn inclusion(tiles: &Tiles, index: u64, size: u64) -> Vec<Hash> {
    let wanted = inclusion_tiles(index, size).unwrap();
    prove_inclusion(index, size, &pick(tiles, &wanted)).unwrap()
}

fn consistency(tiles: &Tiles, old: u64, new: u64) -> Vec<Hash> {
    let wanted = consistency_tiles(old, new).unwrap();
    prove_consistency(old, new, &pick(tiles, &wanted)).unwrap()
}

#[test]
fn every_proof_of_every_small_log_verifies() {
    for size in 1..=40 {
        let (edge, tiles) = grown(size);
        assert_eq!(edge.root(), root(size));
        for (index, leaf) in (0..).zip(leaves(0, size)) {
            let proof = inclusion(&tiles, index, size);
            assert_eq!(
                verify_inclusion(&leaf, index, size, &proof, &root(size)),
                Ok(())
            );
        }
        for old in 1..=size {
            let proof = consistency(&tiles, old, size);
            let verdict = verify_consistency(old, &root(old), size, &root(size), &proof);
            assert_eq!(verdict, Ok(()), "{old} to {size}");
        }
    }
}

#[test]
fn a_log_over_three_levels_of_tiles_proves_its_corners() {
    let size = 66_000;
    let (edge, tiles) = grown(size);
    let leaves = leaves(0, size);
    assert_eq!(edge.root(), root(size));
    for index in [0, 255, 256, 65_535, 65_536, 65_791, 65_792, 65_999] {
        let proof = inclusion(&tiles, index, size);
        let leaf = leaves[usize::try_from(index).unwrap()];
        assert_eq!(
            verify_inclusion(&leaf, index, size, &proof, &edge.root()),
            Ok(())
        );
    }
    for old in [1, 255, 256, 257, 65_535, 65_536, 65_537, 65_999, 66_000] {
        let proof = consistency(&tiles, old, size);
        let verdict = verify_consistency(old, &root(old), size, &edge.root(), &proof);
        assert_eq!(verdict, Ok(()), "{old}");
    }
}

#[test]
fn the_empty_log_has_the_root_of_the_standard() {
    assert_eq!(Edge::empty().root(), empty_root());
    assert_eq!(Builder::new().root(), empty_root());
    let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(empty_root().to_string(), hex);
    assert_eq!(Edge::needed(0), []);
}

#[test]
fn an_edge_without_its_tiles_is_refused_by_name() {
    let (edge, mut tiles) = grown(700);
    assert_eq!(
        Edge::from_tiles(700, |id| tiles.get(&id).cloned()),
        Ok(edge)
    );
    let id = TileId::new(0, 2, 188).unwrap();
    tiles.get_mut(&id).unwrap().pop();
    let refused = Edge::from_tiles(700, |id| tiles.get(&id).cloned());
    assert!(matches!(refused, Err(EdgeError::Damaged(at, _)) if at == id));
    tiles.remove(&id);
    let refused = Edge::from_tiles(700, |id| tiles.get(&id).cloned());
    assert_eq!(refused, Err(EdgeError::Missing(id)));
    assert_eq!(
        prove_inclusion(699, 700, &tiles),
        Err(TreeError::MissingTile(id)),
        "the proof names it too"
    );
}

#[test]
fn a_step_within_a_tile_writes_that_tile_alone() {
    let (mut edge, _) = grown(700);
    let written: Vec<String> = edge
        .append(&leaves(700, 701))
        .iter()
        .map(|(id, _)| id.to_string())
        .collect();
    assert_eq!(written, ["tile/0/002.p/189"]);
    assert_eq!(edge.append(&[]), []);
}

#[test]
fn crossing_a_tile_writes_every_level() {
    let mut edge = Edge::empty();
    let names = |tiles: &[(TileId, Vec<u8>)]| -> Vec<String> {
        tiles.iter().map(|(id, _)| id.to_string()).collect()
    };
    let tiles = edge.append(&leaves(0, 70_000));
    assert_eq!(tiles.len(), 273 + 1 + 1 + 1 + 1);
    let names = names(&tiles);
    for name in [
        "tile/0/272",
        "tile/0/273.p/112",
        "tile/1/000",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    ] {
        assert!(names.iter().any(|written| written == name), "{name}");
    }
    assert_eq!(
        tiles.iter().map(|(id, _)| *id).max(),
        Edge::needed(70_000).last().copied()
    );
}

#[test]
fn a_shrunk_log_and_an_index_beyond_it_are_refused() {
    let (a, b) = (root(3), root(5));
    assert_eq!(
        verify_consistency(5, &b, 3, &a, &[]),
        Err(TreeError::Shrunk { old: 5, new: 3 })
    );
    assert_eq!(
        verify_consistency(0, &empty_root(), 3, &a, &[]),
        Err(TreeError::FromNothing)
    );
    assert_eq!(
        verify_consistency(3, &a, 3, &b, &[]),
        Err(TreeError::Forked)
    );
    assert_eq!(
        verify_consistency(3, &a, 3, &a, &[a]),
        Err(TreeError::ProofTooLong)
    );
    assert_eq!(
        verify_inclusion(&leaf(b""), 3, 3, &[], &a),
        Err(TreeError::IndexBeyondSize { index: 3, size: 3 })
    );
    assert_eq!(
        prove_inclusion(3, 3, &BTreeMap::new()),
        Err(TreeError::IndexBeyondSize { index: 3, size: 3 })
    );
    assert_eq!(
        root_of(4, leaves(0, 3)),
        Err(TreeError::Count { found: 3, size: 4 })
    );
}

#[test]
fn sizes_near_the_end_of_the_numbers_do_not_overflow() {
    let (a, b) = (root(1), root(2));
    for size in [u64::MAX, 1 << 63, (1 << 63) - 1] {
        let found = verify_inclusion(&a, size - 1, size, &[b], &a);
        assert!(matches!(
            found,
            Err(TreeError::ProofTooShort | TreeError::RootDiffers)
        ));
        assert_eq!(
            verify_inclusion(&a, 0, size, &[b; 70], &a),
            Err(TreeError::ProofTooLong)
        );
        assert!(verify_consistency(size - 1, &a, size, &b, &[b; 70]).is_err());
        assert!(!inclusion_tiles(size - 1, size).unwrap().is_empty());
        assert!(!consistency_tiles(size / 3, size).unwrap().is_empty());
        assert!(!Edge::needed(size).is_empty());
    }
}

/// The ways to spoil a proof that the standard's own vectors use.
fn spoiled(proof: &[Hash], root: Hash) -> Vec<Vec<Hash>> {
    let mut spoiled = vec![[&[root], proof].concat(), [proof, &[root]].concat()];
    if !proof.is_empty() {
        spoiled.push(Vec::new());
        spoiled.push(proof[1..].to_vec());
        spoiled.push(proof[..proof.len() - 1].to_vec());
        let middle = proof.len() / 2;
        spoiled.push([&proof[..middle], &[root], &proof[middle..]].concat());
    }
    for at in 0..proof.len() {
        let mut flipped = proof.to_vec();
        flipped[at].0[at % 32] ^= 0x10;
        spoiled.push(flipped);
    }
    spoiled
}

fn wrong_numbers(right: u64) -> Vec<u64> {
    let near = [
        right.wrapping_sub(1),
        right + 1,
        right * 2,
        right / 2,
        right ^ 2,
    ];
    near.into_iter().filter(|wrong| *wrong != right).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn an_edge_grown_in_any_steps_has_the_same_root(steps in prop::collection::vec(0u64..400, 1..8)) {
        let (mut edge, mut builder, mut tiles) = (Edge::empty(), Builder::new(), BTreeMap::new());
        for step in steps {
            let new = leaves(edge.size(), edge.size() + step);
            tiles.extend(edge.append(&new));
            new.into_iter().for_each(|leaf| builder.push(leaf));
            prop_assert_eq!(edge.root(), builder.root());
            // What is stored is enough to go on from.
            let read = Edge::from_tiles(edge.size(), |id| tiles.get(&id).cloned());
            prop_assert_eq!(read.as_ref(), Ok(&edge));
        }
        let size = edge.size();
        let all = leaves(0, size);
        for index in (0..size).step_by(7) {
            let proof = inclusion(&tiles, index, size);
            let leaf = &all[usize::try_from(index).unwrap()];
            prop_assert_eq!(verify_inclusion(leaf, index, size, &proof, &edge.root()), Ok(()));
        }
        for old in (1..=size).step_by(97) {
            let proof = consistency(&tiles, old, size);
            let verdict = verify_consistency(old, &root(old), size, &edge.root(), &proof);
            prop_assert_eq!(verdict, Ok(()));
        }
    }

    #[test]
    fn a_spoiled_inclusion_proof_is_refused(size in 1u64..600, at in any::<prop::sample::Index>()) {
        let index = u64::try_from(at.index(usize::try_from(size).unwrap())).unwrap();
        let (edge, tiles) = grown(size);
        let (leaf, root) = (leaves(index, index + 1)[0], edge.root());
        let proof = inclusion(&tiles, index, size);
        for wrong in spoiled(&proof, root) {
            prop_assert!(verify_inclusion(&leaf, index, size, &wrong, &root).is_err());
        }
        for wrong in wrong_numbers(index) {
            prop_assert!(verify_inclusion(&leaf, wrong, size, &proof, &root).is_err());
        }
        for wrong in [empty_root(), leaf_of_nothing(), Hash([0; 32])] {
            prop_assert!(verify_inclusion(&leaf, index, size, &proof, &wrong).is_err());
            prop_assert!(verify_inclusion(&wrong, index, size, &proof, &root).is_err());
        }
    }

    #[test]
    fn a_spoiled_consistency_proof_is_refused(old in 1u64..500, more in 1u64..300) {
        let new = old + more;
        let (_, tiles) = grown(new);
        let (a, b) = (root(old), root(new));
        let proof = consistency(&tiles, old, new);
        for wrong in spoiled(&proof, b) {
            prop_assert!(verify_consistency(old, &a, new, &b, &wrong).is_err());
        }
        prop_assert!(verify_consistency(old, &b, new, &a, &proof).is_err(), "swapped roots");
        for wrong in [empty_root(), leaf_of_nothing(), Hash([0; 32])] {
            prop_assert!(verify_consistency(old, &wrong, new, &b, &proof).is_err());
            prop_assert!(verify_consistency(old, &a, new, &wrong, &proof).is_err());
        }
        for wrong in wrong_numbers(old) {
            prop_assert!(verify_consistency(wrong, &a, new, &b, &proof).is_err());
        }
    }
}

fn leaf_of_nothing() -> Hash {
    leaf(b"")
}
