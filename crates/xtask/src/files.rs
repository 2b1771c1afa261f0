//! The few places where automation touches files.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

/// The folder of the workspace, wherever the command was started.
pub(crate) fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.ancestors()
        .nth(2)
        .map_or(here.clone(), Path::to_path_buf)
}

/// The folder that holds every installed test tool.
pub(crate) fn tools() -> PathBuf {
    root().join("target").join("tools")
}

/// Writes a file that may be lost in a crash: nothing here is evidence.
#[expect(
    clippy::disallowed_methods,
    reason = "build products need no durability, and xtask links nothing of ours"
)]
pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("Cannot create {}", folder.display()))?;
    }
    std::fs::write(path, bytes).with_context(|| format!("Cannot write {}", path.display()))
}

/// Gives a folder its final name, in the same folder.
#[expect(
    clippy::disallowed_methods,
    reason = "build products need no durability, and xtask links nothing of ours"
)]
pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to)
        .with_context(|| format!("Cannot rename {} to {}", from.display(), to.display()))
}

/// Removes a folder and what is in it; one that is not there is fine.
pub(crate) fn remove(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("Cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// The SHA-256 of a file, in hex.
pub(crate) fn sha256(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("Cannot read {}", path.display()))?;
    Ok(Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// Finds a program on `PATH`.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}
