//! The archive through its public door: what is recorded stays, what is damaged is not written over.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests may stop at the first surprise"
)]

mod cancelled;
mod concurrent;
mod durable;
mod honest;
mod hosts;
mod jobs;
mod jobs_killed;
mod jobs_told;
mod pairs;
mod queries;
mod shared;
mod support;
mod views;
