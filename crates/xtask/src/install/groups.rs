//! Groups of tools under `target/tools`, each with a stamp that says what it holds.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use super::apt::GO_SOURCES;
use crate::files;
use crate::step::{output, run};

/// The npm package that carries the official RO-Crate 1.2 context, and that file's SHA-256.
const CONTEXT_PACKAGE: &str = "ro-crate@3.7.2";
const CONTEXT_SHA256: &str = "27a661f6082735563d9f83145a63876cbe0c0b78624332d3ca05053253eb0d41";
const FILL_CACHE: &str = include_str!("fill_rocrate_cache.py");

/// Some tools that are installed together, and whether they are.
pub(crate) struct Group {
    name: &'static str,
    /// What the stamp must say: versions, digests, and the folder, since environments cannot move.
    stamp: String,
    make: Make,
}

enum Make {
    Python(&'static [&'static str]),
    CrateCache,
    GoVerifier,
}

const PYTHON: [(&str, &[&str]); 4] = [
    ("bag", &["bagit==1.9.0"]),
    ("crate", &["roc-validator==0.13.0"]),
    ("web", &["warcio==1.8.1"]),
    (
        "proof",
        &[
            "sd-jwt==0.10.4",
            "cryptography",
            "jwcrypto",
            "rfc3161-client==1.0.9",
        ],
    ),
];

/// Lists every group in the order in which they build on one another.
pub(crate) fn all() -> Result<Vec<Group>> {
    let place = files::tools();
    let mut groups: Vec<Group> = PYTHON
        .iter()
        .map(|(name, packages)| Group {
            name,
            stamp: format!("{}\n{}\n", place.display(), packages.join("\n")),
            make: Make::Python(packages),
        })
        .collect();
    groups.push(Group {
        name: "crate-cache",
        stamp: format!("{CONTEXT_PACKAGE}\n{CONTEXT_SHA256}\n{FILL_CACHE}"),
        make: Make::CrateCache,
    });
    groups.push(Group {
        name: "go",
        stamp: format!("{}\n", files::sha256(&go_source())?),
        make: Make::GoVerifier,
    });
    Ok(groups)
}

/// Builds a group unless its stamp says that it is there; the stamp is written last.
pub(crate) fn install(group: &Group) -> Result<()> {
    let folder = files::tools().join(group.name);
    let stamp = folder.join("stamp");
    if std::fs::read_to_string(&stamp).is_ok_and(|text| text == group.stamp) {
        println!("{}: here", group.name);
        return Ok(());
    }
    println!("{}: installing", group.name);
    files::remove(&folder)?;
    std::fs::create_dir_all(&folder)?;
    match group.make {
        Make::Python(packages) => python(&folder, packages)?,
        Make::CrateCache => crate_cache(&folder)?,
        Make::GoVerifier => go_verifier(&folder)?,
    }
    files::write(&stamp, &group.stamp)
}

fn python(folder: &Path, packages: &[&str]) -> Result<()> {
    run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
    run(Command::new(folder.join("bin/pip"))
        .args(["install", "--quiet", "--disable-pip-version-check"])
        .args(packages))
}

fn crate_cache(folder: &Path) -> Result<()> {
    run(Command::new("npm")
        .args(["pack", "--silent", CONTEXT_PACKAGE])
        .current_dir(folder))?;
    let tarball = format!("{}.tgz", CONTEXT_PACKAGE.replace('@', "-"));
    run(Command::new("tar")
        .args(["xzf", &tarball, "package/lib/context.json"])
        .current_dir(folder))?;
    let context = folder.join("package/lib/context.json");
    let digest = files::sha256(&context)?;
    ensure!(
        digest == CONTEXT_SHA256,
        "The RO-Crate context in {CONTEXT_PACKAGE} has SHA-256 {digest}, expected {CONTEXT_SHA256}"
    );
    let script = folder.join("fill.py");
    files::write(&script, FILL_CACHE)?;
    run(Command::new(files::tools().join("crate/bin/python"))
        .arg(&script)
        .arg(folder.join("cache"))
        .arg(&context))
}

fn go_verifier(folder: &Path) -> Result<()> {
    output(
        Command::new("go")
            .args(["build", "-o"])
            .arg(folder.join("verifier"))
            .arg(go_source())
            .env("GO111MODULE", "off")
            .env("GOPATH", GO_SOURCES)
            .env("GOFLAGS", "")
            .env("GOCACHE", folder.join("cache")),
    )?;
    files::remove(&folder.join("cache"))
}

fn go_source() -> PathBuf {
    files::root().join("verifiers/go/main.go")
}
