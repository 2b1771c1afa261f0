//! The whole program: what it acknowledged is there, and what it says is true, whatever it is given and whatever happens.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may stop at the first surprise"
)]

mod bad_input;
mod bad_input_clock;
mod bad_input_disk;
mod cli;
mod cli_exit;
mod cli_json;
mod cli_names;
mod cli_serve;
mod cli_stop;
mod crash;
mod dossier;
mod faults;
mod independent;
mod jobs;
mod kill;
mod large;
mod stores;
mod support;
mod workload;
