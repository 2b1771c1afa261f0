//! `cargo xtask install`: every independent program the tests call, once.

mod apt;
mod garage;
mod groups;

use anyhow::{Context as _, Result};

use crate::files;
use crate::step::{output, run};

/// Brings the machine to the state the tests need; quick when it is already there.
pub(crate) fn install(bench: bool) -> Result<()> {
    rust_components()?;
    apt::install(&apt::wanted(bench))?;
    for group in groups::all()? {
        groups::install(&group)?;
    }
    garage::install()?;
    println!("tools are in {}", files::tools().display());
    Ok(())
}

/// A minimal Rust installation lacks these two; rustup can add them.
fn rust_components() -> Result<()> {
    for component in ["rustfmt", "clippy"] {
        let word = if component == "rustfmt" {
            "fmt"
        } else {
            component
        };
        if output(std::process::Command::new("cargo").args([word, "--version"])).is_ok() {
            continue;
        }
        run(std::process::Command::new("rustup").args(["component", "add", component]))
            .with_context(|| {
                format!("`cargo {word}` is missing; install the Rust component {component}")
            })?;
    }
    Ok(())
}
