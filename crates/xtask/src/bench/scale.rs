//! `cargo xtask bench scale`: entries, latency, uploads, workers and growth, on both pairs of stores.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::measure;
use crate::files;
use crate::step::run;

/// Another Garage than the one that is installed for the tests, which is built without optimisation.
const GARAGE: &str = "HOLDFAST_GARAGE";
/// Built together, so that the client library is the same build for us and for the bare upload.
const PACKAGES: [&str; 4] = ["--package", "holdfast", "--package", "store"];

/// Builds the benchmark with what it is measured against and runs it; it reads the words itself.
pub(crate) fn scale(words: &[&str]) -> Result<()> {
    measure::ready()?;
    let tools = tools(std::env::var_os(GARAGE).map(PathBuf::from))?;
    let mut build = Command::new("cargo");
    build.args(["build", "--release"]).args(PACKAGES);
    run(build.args(["--example", "bare_upload"]))?;
    let mut bench = Command::new("cargo");
    bench.arg("bench").args(PACKAGES);
    bench.args(["--bench", "scale", "--"]).args(words);
    run(bench.env("HOLDFAST_TOOLS", tools))
}

/// The folder of tools; with another Garage a folder that holds nothing else.
fn tools(garage: Option<PathBuf>) -> Result<PathBuf> {
    let Some(garage) = garage.filter(|path| !path.as_os_str().is_empty()) else {
        return Ok(files::tools());
    };
    let garage = std::path::absolute(garage)?;
    ensure!(
        garage.is_file(),
        "{GARAGE} names {}, which is no file",
        garage.display()
    );
    let tools = files::root().join("target/bench/tools");
    files::remove(&tools)?;
    link(&garage, &tools.join("garage/bin/garage"))?;
    Ok(tools)
}

fn link(to: &Path, at: &Path) -> Result<()> {
    let folder = at.parent().context("A link lies in a folder")?;
    std::fs::create_dir_all(folder)?;
    std::os::unix::fs::symlink(to, at).with_context(|| format!("Cannot make {}", at.display()))
}
