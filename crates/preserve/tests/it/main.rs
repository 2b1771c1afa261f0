//! The check through its public door: every harm is found and named, and nothing else is.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests may stop at the first surprise"
)]

mod alive;
mod carry;
mod edits;
mod flips;
mod matrix;
mod shared;
mod support;
mod sweep;
