//! One step of a longer run: a heading, the command, the time it took.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// Prints a heading, does the work and prints how long it took.
pub(crate) fn step(heading: &str, work: impl FnOnce() -> Result<()>) -> Result<Duration> {
    println!("\n=== {heading}");
    let start = Instant::now();
    work().with_context(|| {
        format!(
            "{heading} failed after {:.1} s",
            start.elapsed().as_secs_f64()
        )
    })?;
    let took = start.elapsed();
    println!("=== {heading}: {:.1} s", took.as_secs_f64());
    Ok(took)
}

/// Runs a command with its output on our terminal; anything but exit 0 is an error that names it.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let status = command
        .status()
        .with_context(|| format!("Cannot start {shown}"))?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

/// Runs a command in silence and returns what it printed; on failure the error holds all of it.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let done = command
        .output()
        .with_context(|| format!("Cannot start {shown}"))?;
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    if !done.status.success() {
        bail!(
            "`{shown}` ended with {}\n{text}{}",
            done.status,
            String::from_utf8_lossy(&done.stderr)
        );
    }
    Ok(text)
}

fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(command.get_args().map(std::ffi::OsStr::to_string_lossy));
    words.join(" ")
}
