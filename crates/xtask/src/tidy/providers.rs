//! One provider of cryptography for TLS: with two, none is the default and the first
//! connection fails at run time.

use anyhow::Result;

use super::Problem;
use crate::step::output;
use crate::test::cargo;

/// The one that must not be built beside `aws-lc-rs`.
const SECOND: &str = "ring";

/// Lists every crate that is built, a line each, `NAME vVERSION`.
///
/// `Cargo.lock` would not do: it also names what an optional feature would bring.
pub(crate) fn built() -> Result<String> {
    output(cargo().args([
        "tree",
        "--workspace",
        "--locked",
        "--prefix",
        "none",
        "--no-dedupe",
        "--format",
        "{p}",
    ]))
}

pub(crate) fn second(built: &str) -> Vec<Problem> {
    let found = built
        .lines()
        .any(|line| line.split(' ').next() == Some(SECOND));
    let what = format!(
        "{SECOND} is built: with two TLS providers none is the default; see `cargo tree --workspace -i {SECOND}`"
    );
    found
        .then(|| Problem::new("Cargo.lock", 1, what))
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests;
