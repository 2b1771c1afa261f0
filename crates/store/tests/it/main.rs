//! The contract of each seam, over every disk and database there is.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may stop at the first surprise"
)]

mod disk;
mod objects;
mod objects_crash;
mod outbound;
mod portable_sql;
mod rows;
mod support;
