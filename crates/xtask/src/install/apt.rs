//! Packages of the system, by name, only where the program is missing.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::files::program;
use crate::step::{output, run};

/// A package, and whether what it brings is already here.
pub(crate) struct Package {
    name: &'static str,
    here: bool,
}

/// The folder where Debian keeps Go sources.
pub(crate) const GO_SOURCES: &str = "/usr/share/gocode";

/// Lists what the tests need and, on demand, what the benchmarks need.
pub(crate) fn wanted(bench: bool) -> Vec<Package> {
    let on_path = |name, word| Package {
        name,
        here: program(word).is_some(),
    };
    let mut all = vec![
        on_path("golang", "go"),
        Package {
            name: "golang-golang-x-mod-dev",
            here: Path::new(GO_SOURCES)
                .join("src/golang.org/x/mod/sumdb/tlog")
                .is_dir(),
        },
        on_path("openssl", "openssl"),
        Package {
            name: "python3-venv",
            here: python_makes_venvs(),
        },
        on_path("nodejs", "node"),
        on_path("npm", "npm"),
        on_path("ffmpeg", "ffmpeg"),
        on_path("chromium", "chromium"),
        on_path("curl", "curl"),
        Package {
            name: "postgresql",
            here: has_postgres(),
        },
        Package {
            name: "ca-certificates",
            here: Path::new("/etc/ssl/certs/ca-certificates.crt").is_file(),
        },
    ];
    if bench {
        all.extend([
            on_path("restic", "restic"),
            on_path("borgbackup", "borg"),
            on_path("hashdeep", "hashdeep"),
            on_path("rclone", "rclone"),
            Package {
                name: "time",
                here: Path::new(super::super::bench::TIME).is_file(),
            },
        ]);
    }
    all
}

/// Debian keeps the programs of each version apart. Its own cluster is not ours: tests make theirs.
fn has_postgres() -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok();
    program("initdb").is_some()
        || versions
            .into_iter()
            .flatten()
            .flatten()
            .any(|version| version.path().join("bin/initdb").is_file())
}

fn python_makes_venvs() -> bool {
    output(Command::new("python3").args(["-c", "import venv, ensurepip"])).is_ok()
}

/// Installs what is missing, as root or through sudo; elsewhere says what to install and fails.
pub(crate) fn install(packages: &[Package]) -> Result<()> {
    let missing = missing(packages);
    if missing.is_empty() {
        println!("system packages: all here");
        return Ok(());
    }
    let list = missing.join(" ");
    if program("apt-get").is_none() {
        bail!("This system has no apt-get; install by hand, under these or similar names: {list}");
    }
    let as_root = output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !as_root && program("sudo").is_none() {
        bail!(
            "Installing needs root or sudo; as root run: apt-get install --no-install-recommends {list}"
        );
    }
    println!("system packages: installing {list}");
    run(apt(as_root).args(["update", "-q"]))?;
    run(apt(as_root)
        .args(["install", "-q", "-y", "--no-install-recommends"])
        .args(&missing))
    .with_context(|| format!("Could not install {list}"))
}

fn missing(packages: &[Package]) -> Vec<&'static str> {
    packages
        .iter()
        .filter(|package| !package.here)
        .map(|package| package.name)
        .collect()
}

fn apt(as_root: bool) -> Command {
    let mut command = Command::new(if as_root { "env" } else { "sudo" });
    if !as_root {
        command.arg("env");
    }
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    command
}

#[cfg(test)]
mod tests;
