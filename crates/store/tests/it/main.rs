//! The contract of each seam, over every disk and database there is.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may stop at the first surprise"
)]

mod cluster;
mod disk;
mod double;
mod garage;
mod objects;
mod objects_bucket;
mod objects_contract;
mod objects_crash;
mod objects_s3;
mod objects_sick;
mod outbound;
mod portable_sql;
mod postgres;
mod postgres_away;
mod postgres_plans;
mod rows;
mod rows_both;
mod server;
mod support;
