//! The archive through its public door: what is recorded stays, what is damaged is not written over.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests may stop at the first surprise"
)]

mod cancelled;
mod concurrent;
mod durable;
mod honest;
mod support;
mod views;
