//! `cargo xtask test`: everything that must hold before a change is taken.

use std::process::Command;

use anyhow::Result;

use crate::services::{self, Services};
use crate::step::{run, step};
use crate::{files, install, tidy};

/// Suites whose tests run on either pair of stores.
const ON_BOTH: [&str; 5] = ["archive", "collect", "preserve", "share", "web"];
/// Their modules that harm files of a folder whatever the pair: once is enough.
const FILES_ONLY: [&str; 5] = [
    "durable::",
    "edits::",
    "flips::",
    "jobs_killed::",
    "matrix::",
];

/// Installs the tools, then runs every check; the first failure stops.
pub(crate) fn test() -> Result<()> {
    let mut total = step("install", || install::install(false))?;
    total += step("cargo fmt", || {
        run(cargo().args(["fmt", "--all", "--check"]))
    })?;
    total += step("cargo clippy", || {
        run(cargo().args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]))
    })?;
    total += step("cargo test", || {
        let program = services::build(cargo().args(["test", "--workspace", "--no-run"]))?;
        // Dropped at the end of the step, whatever the tests say, and the services with it.
        let services = Services::start(&program)?;
        let ready = |test: &mut Command| {
            run(test
                .envs(services.environment())
                .env("HOLDFAST_TOOLS", files::tools())
                .env("HOLDFAST_REQUIRE_TOOLS", "1"))
        };
        ready(cargo().args(["test", "--workspace"]))?;
        println!(
            "\n=== once more on PostgreSQL and Garage: {}",
            ON_BOTH.join(", ")
        );
        let both = ON_BOTH.iter().flat_map(|suite| ["-p", suite]);
        ready(
            cargo()
                .arg("test")
                .args(both)
                .args(["--test", "*", "--"])
                .args(FILES_ONLY.iter().flat_map(|module| ["--skip", module]))
                .env("HOLDFAST_TEST_PAIR", "shared"),
        )
    })?;
    total += step("cargo doc", || {
        run(cargo()
            .args(["doc", "--workspace", "--no-deps"])
            .env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    total += step("tidy", tidy::tidy)?;
    let denied = files::program("cargo-deny").is_some();
    if denied {
        total += step("cargo deny", || {
            run(cargo().args(["deny", "check", "licenses", "bans", "sources"]))
        })?;
    } else {
        println!(
            "\n=== cargo deny: not run, it is not on PATH; licences and sources were not checked"
        );
    }
    println!(
        "\nAll good: install, fmt, clippy, test, doc, tidy{} in {:.0} s",
        if denied { ", deny" } else { " (deny not run)" },
        total.as_secs_f64()
    );
    Ok(())
}

/// Cargo in the workspace, without what `cargo run` told us about xtask itself:
/// build scripts that look at it would be built again.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(files::root());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"]
            .iter()
            .any(|start| text.starts_with(start))
        {
            cargo.env_remove(&name);
        }
    }
    cargo
}
