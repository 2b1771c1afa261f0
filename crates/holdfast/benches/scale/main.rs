//! What Holdfast does in numbers, on both pairs of stores, each figure beside a peer of the same run.
//!
//! `cargo xtask bench scale` runs it. The services it needs are its own: PostgreSQL that syncs, three nodes of Garage.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark prints, rounds, and stops at the first surprise"
)]

mod corpus;
mod entries;
mod growth;
mod latency;
mod options;
mod pair;
mod peer;
mod say;
mod sizes;
mod upload;
mod workers;

use options::{Options, Part};
use pair::{Pair, Services};
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|w| w != "--bench")
        .collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    if let [word, root, name] = &words[..]
        && word == workers::WORD
    {
        runtime.block_on(workers::work(root.as_ref(), name));
        return ExitCode::SUCCESS;
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match Options::parse(&words) {
        Ok(options) => {
            runtime.block_on(run(&options));
            ExitCode::SUCCESS
        }
        Err(problem) => {
            println!("{problem}\n{}", options::USAGE);
            ExitCode::from(2)
        }
    }
}

async fn run(options: &Options) {
    println!("{}", say::machine());
    for part in &options.parts {
        for pair in part.pairs(options) {
            // Services of its own for each, so that none finds the leavings of another.
            let services = (pair == Pair::Shared && *part != Part::Upload).then(Services::start);
            let services = services.as_ref();
            match part {
                Part::Entries => entries::run(pair, services, options).await,
                Part::Latency => latency::run(pair, services, options).await,
                Part::Upload => upload::run(options).await,
                Part::Workers => workers::run(pair, services, options).await,
                Part::Growth | Part::Log => growth::run(pair, services, *part, options).await,
            }
        }
    }
}
