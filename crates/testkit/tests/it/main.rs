//! Proves the harness before anything is proved with it.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests may stop at the first surprise"
)]

mod fault_disk;
mod garage;
mod line;
mod planted_bugs;
mod postgres;
mod services;
