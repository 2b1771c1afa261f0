//! The programs we are compared with, and ourselves, each as it is used in the field.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::corpus::Corpus;
use super::measure::Job;
use crate::files;
use crate::step::output;

pub(crate) const HOLDFAST: &str = "holdfast";
pub(crate) const RESTIC: &str = "restic, uncompressed";
pub(crate) const BORG: &str = "borg";
pub(crate) const BAGIT: &str = "bagit.py, 4 processes";
pub(crate) const COPY: &str = "cp, sync";
pub(crate) const COPY_AND_HASH: &str = "cp, sha256sum, sync";
pub(crate) const HASHDEEP: &str = "hashdeep";
pub(crate) const OPENSSL: &str = "openssl dgst";

const COPY_SCRIPT: &str = "cp -r \"$1\" \"$2\" && sync";
const COPY_AND_HASH_SCRIPT: &str = "cp -r \"$1\" \"$2\" && find \"$2\" -type f -print0 | xargs -0 sha256sum > \"$2.sha256\" && sync";
const OPENSSL_SCRIPT: &str = "find \"$1\" -type f -print0 | xargs -0 openssl dgst -sha256";

fn needed(program: &str) -> Result<PathBuf> {
    files::program(program).with_context(|| format!("No {program}: cargo xtask install --bench"))
}

fn shell(script: &str, arguments: &[&Path]) -> Command {
    let mut command = Command::new("bash");
    command
        .args(["-euo", "pipefail", "-c", script, "bash"])
        .args(arguments);
    command
}

fn nothing(_: &Path) -> Result<()> {
    Ok(())
}

/// Lists what else takes in a folder of files.
pub(crate) fn add(corpus: &Corpus) -> Result<Vec<Job>> {
    let from = || corpus.folder.clone();
    let (copied, hashed) = (from(), from());
    Ok(vec![
        restic(from())?,
        borg(from())?,
        bagit(from())?,
        Job::new(COPY_AND_HASH, nothing, move |to| {
            shell(COPY_AND_HASH_SCRIPT, &[&hashed, &to.join("copy")])
        }),
        Job::new(COPY, nothing, move |to| {
            shell(COPY_SCRIPT, &[&copied, &to.join("copy")])
        }),
    ])
}

fn restic(from: PathBuf) -> Result<Job> {
    let program = needed("restic")?;
    let command = move |to: &Path| {
        let mut command = Command::new(&program);
        command
            .env("RESTIC_PASSWORD", "bench")
            .arg("--repo")
            .arg(to.join("repo"));
        command.arg("--cache-dir").arg(to.join("cache"));
        command
    };
    let make = command.clone();
    let prepare =
        move |to: &Path| output(make(to).args(["init", "--repository-version", "2"])).map(drop);
    Ok(Job::new(RESTIC, prepare, move |to| {
        let mut command = command(to);
        command.args(["backup", "--compression", "off"]).arg(&from);
        command
    }))
}

fn borg(from: PathBuf) -> Result<Job> {
    let program = needed("borg")?;
    let command = move |to: &Path| {
        let mut command = Command::new(&program);
        command
            .env("BORG_BASE_DIR", to.join("base"))
            .env("BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK", "yes");
        command
    };
    let make = command.clone();
    let prepare = move |to: &Path| {
        output(
            make(to)
                .args(["init", "--encryption", "none"])
                .arg(to.join("repo")),
        )
        .map(drop)
    };
    Ok(Job::new(BORG, prepare, move |to| {
        let mut command = command(to);
        command
            .arg("create")
            .arg(format!("{}::bench", to.join("repo").display()))
            .arg(&from);
        command
    }))
}

/// Bags a copy in place; making the copy is not counted, and nothing is synced.
fn bagit(from: PathBuf) -> Result<Job> {
    let program = files::tools().join("bag/bin/bagit.py");
    if !program.is_file() {
        bail!("No bagit.py: cargo xtask install --bench");
    }
    let prepare = move |to: &Path| {
        output(Command::new("cp").arg("-r").arg(&from).arg(to.join("bag"))).map(drop)
    };
    Ok(Job::new(BAGIT, prepare, move |to| {
        let mut command = Command::new(&program);
        command.args(["--processes", "4"]).arg(to.join("bag"));
        command
    }))
}

/// Lists what else reads and hashes everything.
pub(crate) fn check(corpus: &Corpus) -> Result<Vec<Job>> {
    let (deep, plain) = (corpus.folder.clone(), corpus.folder.clone());
    let program = needed("hashdeep")?;
    let threads = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .to_string();
    needed("openssl")?;
    Ok(vec![
        Job::new(HASHDEEP, nothing, move |_| {
            let mut command = Command::new(&program);
            command
                .args(["-r", "-l", "-j", &threads, "."])
                .current_dir(&deep);
            command
        }),
        Job::new(OPENSSL, nothing, move |_| shell(OPENSSL_SCRIPT, &[&plain])),
    ])
}

fn holdfast() -> Result<PathBuf> {
    let binary = files::root().join("target/release/holdfast");
    if !binary.is_file() {
        bail!(
            "{} is missing: cargo build --release, or measure with --peers-only",
            binary.display()
        );
    }
    Ok(binary)
}

fn init(binary: &Path, archive: &Path) -> Result<()> {
    output(Command::new(binary).arg("init").arg(archive)).map(drop)
}

fn add_command(binary: &Path, from: &Path, archive: &Path) -> Command {
    let mut command = Command::new(binary);
    command.arg("add").arg(from).arg("--archive").arg(archive);
    command.args(["--source", "bench corpus", "--json"]);
    command
}

/// Ourselves taking in the corpus, into a new archive each time.
pub(crate) fn holdfast_add(corpus: &Corpus) -> Result<Job> {
    let (binary, from) = (holdfast()?, corpus.folder.clone());
    let prepared = binary.clone();
    Ok(Job::new(
        HOLDFAST,
        move |to| init(&prepared, &to.join("archive")),
        move |to| add_command(&binary, &from, &to.join("archive")),
    ))
}

/// Ourselves checking an archive that holds the corpus; made once, checking changes nothing of size.
pub(crate) fn holdfast_check(corpus: &Corpus, archive: &Path) -> Result<Job> {
    let binary = holdfast()?;
    files::remove(archive)?;
    init(&binary, archive)?;
    output(&mut add_command(&binary, &corpus.folder, archive))?;
    let archive = archive.to_owned();
    Ok(Job::new(HOLDFAST, nothing, move |_| {
        let mut command = Command::new(&binary);
        command.args(["check", "--full", "--archive"]).arg(&archive);
        command
    }))
}

/// Makes an archive and a sealed dossier of everything, once; then lists who reads it. Gives the dossier's length.
pub(crate) fn verify(corpus: &Corpus, archive: &Path) -> Result<(Vec<Job>, u64)> {
    let program = holdfast()?;
    files::remove(archive)?;
    let run = |words: &[&str], path: Option<&Path>| {
        let mut command = Command::new(&program);
        command.args(words).args(path);
        if words.first() != Some(&"init") {
            command.arg("--archive").arg(archive);
        }
        output(&mut command).map(drop)
    };
    let file = archive.join("bench.dossier.tar");
    run(&["init"], Some(archive))?;
    run(
        &["add", "--source", "bench corpus", "--json"],
        Some(&corpus.folder),
    )?;
    run(
        &["dossier", "new", "--for", "bench", "--purpose", "bench"],
        None,
    )?;
    run(&["dossier", "add", "D-1", "--all"], None)?;
    run(&["dossier", "seal", "D-1", "-o"], Some(&file))?;
    let bytes = std::fs::metadata(&file)?.len();
    let (ours, sha256, both) = (file.clone(), file.clone(), file);
    let jobs = vec![
        Job::new(HOLDFAST, nothing, move |_| {
            let mut command = Command::new(&program);
            command.arg("verify").arg(&ours);
            command
        }),
        Job::new(OPENSSL, nothing, move |_| {
            shell("openssl dgst -sha256 \"$1\"", &[&sha256])
        }),
        Job::new("openssl, SHA-256 and 512", nothing, move |_| {
            shell(
                "openssl dgst -sha256 \"$1\" && openssl dgst -sha512 \"$1\"",
                &[&both],
            )
        }),
    ];
    Ok((jobs, bytes))
}
