//! Fixed keys and small logs for the tests of the log.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, outside the functions clippy knows as tests"
)]

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use format::log::cosignature::WitnessKey;
use format::log::edge::Edge;
use format::log::hash::{Hash, leaf};
use format::log::note::NoteKey;
use format::log::tile::TileId;

pub(crate) const ORIGIN: &str = "example.org/holdfast/0123abcd";

pub(crate) fn log_key() -> NoteKey {
    NoteKey::new(ORIGIN, SigningKey::from_bytes(&[1; 32])).unwrap()
}

pub(crate) fn witness(number: u8) -> WitnessKey {
    let name = format!("witness.example/w{number}");
    WitnessKey::new(&name, SigningKey::from_bytes(&[100 + number; 32])).unwrap()
}

pub(crate) fn record(index: u64) -> Vec<u8> {
    format!("record {index}").into_bytes()
}

pub(crate) fn leaves(from: u64, to: u64) -> Vec<Hash> {
    (from..to).map(|index| leaf(&record(index))).collect()
}

/// A log of this size with every tile it ever wrote.
pub(crate) fn grown(size: u64) -> (Edge, BTreeMap<TileId, Vec<u8>>) {
    let mut edge = Edge::empty();
    let tiles = edge.append(&leaves(0, size)).into_iter().collect();
    (edge, tiles)
}
