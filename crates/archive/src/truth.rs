//! What is never edited and never rebuilt: entries in order under signed checkpoints, their disclosures, originals.
//!
//! Durability: an entry is *recorded* once its frame in the tail is synced, *covered* once tiles, bundles and
//! a signed checkpoint over it are. Consistency: one process writes at a time, the one that holds the head row.

pub(crate) mod keep;
pub mod log;
pub mod originals;
pub(crate) mod sql;
pub mod tail;

pub use log::{Bundle, Truth};
