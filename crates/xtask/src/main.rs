//! Automation: `cargo xtask install | test | services | tidy | bench`. Never shipped.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool talks to its terminal"
)]

mod bench;
mod files;
mod install;
mod services;
mod step;
mod test;
mod tidy;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
usage: cargo xtask WORD
  install            install every program the tests call (needs the network once)
  install --bench    also the peers that the benchmarks are measured against
  test               install, then fmt, clippy, test, doc, tidy and deny
  services           PostgreSQL and Garage for `cargo test`, until Ctrl-C
  tidy               check what the compiler cannot: layers, sizes, templates
  bench add          time `holdfast add` against its peers
  bench check        time `holdfast check --full` against its peers
  bench verify       time `holdfast verify` of a dossier of --small items (10000) against hashing it
  bench scale        both pairs of stores: entries, latency, upload, workers, growth
  bench scale PART   one or more of these, or log: a log of --small items (1000000)
options of bench: --small N  --large N  --runs N  --dir DIR  --peers-only
options of bench scale: --pair embedded|shared  --small N  --large N  --runs N
                        --seconds N  --clients N  --long
                        HOLDFAST_GARAGE names another build of Garage";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("\nxtask: {problem:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<()> {
    match words {
        ["install"] => install::install(false),
        ["install", "--bench"] => install::install(true),
        ["test"] => test::test(),
        ["services"] => services::serve(),
        ["tidy"] => tidy::tidy(),
        ["bench", "add", options @ ..] => bench::add(&bench::Options::parse(options)?),
        ["bench", "check", options @ ..] => bench::check(&bench::Options::parse(options)?),
        ["bench", "verify", options @ ..] => bench::verify(&bench::Options::parse(options)?),
        ["bench", "scale", options @ ..] => bench::scale(options),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        [] => bail!("Say what to do\n{USAGE}"),
        other => bail!("Unknown words: {}\n{USAGE}", other.join(" ")),
    }
}
