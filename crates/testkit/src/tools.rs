//! Independent programs that check what we write, for tests only.
//!
//! `cargo xtask install` brings them. A test asks with [`need`] first, so that a
//! bare machine skips loudly and the full test command never skips.

mod run;
#[cfg(test)]
mod tests;
mod tsa;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) use run::{folder_with, output, write};
pub use tsa::{Tsa, TsaKey};

/// A program that is here and can be started.
#[derive(Debug, Clone)]
pub struct Tool {
    path: PathBuf,
}

impl Tool {
    /// Names the file that is started.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Begins a command line of this program.
    pub fn command(&self) -> Command {
        Command::new(&self.path)
    }
}

/// Names the folder of installed tools, as the test command gave it in `HOLDFAST_TOOLS`.
pub fn dir() -> Option<PathBuf> {
    std::env::var_os("HOLDFAST_TOOLS").map(PathBuf::from)
}

/// Finds a program, or says `skipped: no NAME` where even a passing test shows it.
///
/// Known names are `bagit`, `rocrate`, `warcio`, `sd-jwt`, `rfc3161-client`, `go`
/// (our verifier), `garage` and `postgres`; any other is a program on `PATH`.
///
/// # Panics
/// Under `HOLDFAST_REQUIRE_TOOLS=1`, where a skip is a failure.
pub fn need(name: &str) -> Option<Tool> {
    let required = std::env::var_os("HOLDFAST_REQUIRE_TOOLS").is_some_and(|value| value == "1");
    // Written past the test harness, which hides what passing tests print.
    found_or_skipped(name, find(name), required, std::io::stderr())
}

#[expect(
    clippy::panic,
    reason = "under the test command a missing tool fails the test"
)]
fn found_or_skipped(
    name: &str,
    found: Option<Tool>,
    required: bool,
    mut say: impl Write,
) -> Option<Tool> {
    if found.is_none() {
        if required {
            panic!("No {name}, and here a skip is a failure; run `cargo xtask install`");
        }
        say.write_all(format!("skipped: no {name}\n").as_bytes())
            .ok();
    }
    found
}

fn find(name: &str) -> Option<Tool> {
    let installed = |inside: &str| Some(dir()?.join(inside));
    let path = match name {
        "bagit" => installed("bag/bin/bagit.py"),
        "rocrate" => installed("crate/bin/rocrate-validator"),
        "warcio" => installed("web/bin/warcio"),
        "sd-jwt" | "rfc3161-client" => installed("proof/bin/python"),
        "go" => installed("go/verifier"),
        "garage" => installed("garage/bin/garage"),
        "postgres" => crate::services::postgres_program("postgres"),
        other => std::env::split_paths(&std::env::var_os("PATH")?)
            .map(|folder| folder.join(other))
            .find(|path| path.is_file()),
    }?;
    path.is_file().then_some(Tool { path })
}

/// A missing tool is a refusal here: a check that did not run proves nothing.
pub(crate) fn tool(name: &str) -> Result<Tool, String> {
    find(name).ok_or_else(|| format!("No {name}; run `cargo xtask install` and set HOLDFAST_TOOLS"))
}

/// Validates a bag with the Library of Congress's `bagit.py`.
///
/// # Errors
/// Returns what the tool said when it refuses the bag.
pub fn bagit_validate(bag: impl AsRef<Path>) -> Result<(), String> {
    output(tool("bagit")?.command().arg("--validate").arg(bag.as_ref())).map(drop)
}

/// Compares a bag's payload with its SHA-256 manifest using `sha256sum`.
///
/// # Errors
/// Returns the files that differ or are missing.
pub fn sha256sum_check(bag: impl AsRef<Path>) -> Result<(), String> {
    let mut command = tool("sha256sum")?.command();
    command.args(["--check", "--strict", "--quiet", "manifest-sha256.txt"]);
    output(command.current_dir(bag)).map(drop)
}

/// Validates an RO-Crate, or a bag that holds one, offline; the validator checks no digests.
///
/// # Errors
/// Returns the validator's report when it refuses the crate.
pub fn rocrate_validate(folder: impl AsRef<Path>) -> Result<(), String> {
    let validator = tool("rocrate")?;
    let installed = dir().unwrap_or_default().join("crate-cache/cache.sqlite");
    let cache = std::fs::read(&installed)
        .map_err(|error| format!("No context in {}: {error}", installed.display()))?;
    // Every run has its own copy: parallel tests must not wait for one another's lock.
    let scratch = folder_with(&[("cache.sqlite", &cache)])?;
    let report = scratch.path().join("report.json");
    let mut command = validator.command();
    command.args([
        "-y",
        "--disable-color",
        "validate",
        "--offline",
        "--cache-path",
    ]);
    command.arg(scratch.path().join("cache"));
    command
        .args(["--no-paging", "-f", "json", "-o"])
        .arg(&report)
        .arg(folder.as_ref());
    output(&mut command).map(drop).map_err(|said| {
        format!(
            "{said}\n{}",
            std::fs::read_to_string(&report).unwrap_or_default()
        )
    })
}

/// Rebuilds a whole tlog-tiles folder with Go's own code and compares the signed root.
///
/// # Errors
/// Returns the reason when entries, tiles, root or signature do not fit.
pub fn go_log(log: impl AsRef<Path>, vkey_file: impl AsRef<Path>) -> Result<(), String> {
    output(
        tool("go")?
            .command()
            .arg("log")
            .arg(log.as_ref())
            .arg(vkey_file.as_ref()),
    )
    .map(drop)
}

/// Checks one inclusion proof with Go's own code.
///
/// # Errors
/// Returns the reason when the record is not the one proven.
pub fn go_proof(
    vkey_file: impl AsRef<Path>,
    record_file: impl AsRef<Path>,
    proof_file: impl AsRef<Path>,
) -> Result<(), String> {
    let mut command = tool("go")?.command();
    command.arg("proof").arg(vkey_file.as_ref());
    output(command.arg(record_file.as_ref()).arg(proof_file.as_ref())).map(drop)
}

/// Checks with Go's own code that a log still begins as an old checkpoint says.
///
/// # Errors
/// Returns the reason when the log was rewritten, shrank, or is another one.
pub fn go_consistency(
    vkey_file: impl AsRef<Path>,
    old_checkpoint: impl AsRef<Path>,
    log: impl AsRef<Path>,
) -> Result<(), String> {
    let mut command = tool("go")?.command();
    command.arg("consistency").arg(vkey_file.as_ref());
    output(command.arg(old_checkpoint.as_ref()).arg(log.as_ref())).map(drop)
}

/// Verifies a token with the Python library and returns the payload it read, as JSON.
///
/// It confirms acceptance and refuses a bad signature; it drops an altered disclosure in
/// silence, so compare the payload and never let this be the only check.
///
/// # Errors
/// Returns the library's complaint.
pub fn sd_jwt_verify(token: &str, jwk_json: &str) -> Result<String, String> {
    let script = project().join("verifiers/python_sdjwt/check.py");
    let scratch = folder_with(&[("token", token.as_bytes()), ("jwk", jwk_json.as_bytes())])?;
    let mut command = tool("sd-jwt")?.command();
    command
        .arg(script)
        .arg(scratch.path().join("token"))
        .arg(scratch.path().join("jwk"));
    output(&mut command).map(|payload| payload.trim_end().to_owned())
}

/// Verifies a timestamp response over a file with OpenSSL.
///
/// # Errors
/// Returns OpenSSL's reason.
pub fn openssl_ts_verify(
    data_file: impl AsRef<Path>,
    tsr_file: impl AsRef<Path>,
    ca_file: impl AsRef<Path>,
) -> Result<(), String> {
    let mut command = tool("openssl")?.command();
    command
        .args(["ts", "-verify", "-data"])
        .arg(data_file.as_ref());
    command
        .arg("-in")
        .arg(tsr_file.as_ref())
        .arg("-CAfile")
        .arg(ca_file.as_ref());
    output(&mut command).map(drop)
}

/// Checks the digests of every record of a WARC file with `warcio`.
///
/// # Errors
/// Returns the records that differ, and the whole output when there was no digest to check.
pub fn warcio_check(warc: impl AsRef<Path>) -> Result<(), String> {
    let said = output(
        tool("warcio")?
            .command()
            .args(["check", "-v"])
            .arg(warc.as_ref()),
    )?;
    if said.contains("digest pass") {
        Ok(())
    } else {
        Err(format!("No digest was checked\n{said}"))
    }
}

/// The folder of the project, from the crate whose tests run.
fn project() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.join("../..")
}
