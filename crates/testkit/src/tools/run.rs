//! Starting a program and keeping what it said.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// Runs a command to its end; anything but exit 0 is an error that holds all it printed.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let done = command
        .output()
        .map_err(|error| format!("Cannot start {program}: {error}"))?;
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    if done.status.success() {
        return Ok(said);
    }
    let complaint = String::from_utf8_lossy(&done.stderr);
    Err(format!("{program}: {}\n{said}{complaint}", done.status))
}

/// Makes a temporary folder that holds these files.
pub(crate) fn folder_with(files: &[(&str, &[u8])]) -> Result<TempDir, String> {
    let folder = TempDir::new().map_err(|error| format!("No temporary folder: {error}"))?;
    for (name, bytes) in files {
        write(&folder.path().join(name), bytes)?;
    }
    Ok(folder)
}

#[expect(
    clippy::disallowed_methods,
    reason = "scratch files of a test need no durability"
)]
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(path, bytes).map_err(|error| format!("Cannot write {}: {error}", path.display()))
}
