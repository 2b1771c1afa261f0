//! Garage, the S3-compatible storage of the tests: built once for all clones of this machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::files;
use crate::step::{output, run};

const VERSION: &str = "2.5.0";

/// Builds Garage into the cache unless it is there, and points `target/tools/garage` at it.
pub(crate) fn install() -> Result<()> {
    let cache = cache(|name| std::env::var_os(name).map(PathBuf::from))?;
    let home = cache.join(format!("garage-{VERSION}"));
    if is_here(&home) {
        println!("garage: here");
    } else {
        println!("garage: building {VERSION}, about five minutes, once on this machine");
        build(&cache, &home)?;
    }
    link(&home, &files::tools().join("garage"))
}

/// The folder for what outlives a clone; it may be deleted at any time.
fn cache(setting: impl Fn(&str) -> Option<PathBuf>) -> Result<PathBuf> {
    let set = |name| setting(name).filter(|path: &PathBuf| path.is_absolute());
    set("HOLDFAST_CACHE")
        .or_else(|| Some(set("XDG_CACHE_HOME")?.join("holdfast")))
        .or_else(|| Some(set("HOME")?.join(".cache/holdfast")))
        .context("No HOME: name a folder for build products in HOLDFAST_CACHE, from the root")
}

/// A folder is complete when its stamp says so; one without is, when its program runs.
fn is_here(home: &Path) -> bool {
    let stamp = home.join("stamp");
    if std::fs::read_to_string(&stamp).is_ok_and(|text| text == VERSION) {
        return home.join("bin/garage").is_file();
    }
    let said = output(Command::new(home.join("bin/garage")).arg("--version"));
    let ours = said.is_ok_and(|text| text.split([' ', ':']).any(|word| word == VERSION));
    ours && files::write(&stamp, VERSION).is_ok()
}

/// Builds beside the final place, so that half a build is never taken for a whole one.
fn build(cache: &Path, home: &Path) -> Result<()> {
    std::fs::create_dir_all(cache).with_context(|| format!("Cannot create {}", cache.display()))?;
    let lock = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(cache.join("garage.lock"))?;
    lock.lock().context("Cannot lock the cache")?;
    if is_here(home) {
        return Ok(()); // another clone built it while we waited
    }
    let draft = cache.join(format!("garage-{VERSION}.unfinished"));
    let target = draft.join("target");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["install", "garage", "--version", VERSION, "--locked"]);
    // Debug serves tests; SQLite is the one engine they use.
    cargo.args(["--debug", "--no-default-features"]);
    cargo.args(["--features", "bundled-libs,sqlite", "--root"]);
    cargo.arg(&draft).arg("--target-dir").arg(&target);
    run(cargo.current_dir(cache))?;
    files::remove(&target)?; // gigabytes that nothing needs any more
    files::remove(home)?;
    files::rename(&draft, home)?;
    if is_here(home) {
        return Ok(());
    }
    bail!(
        "Garage was built, but {} does not say {VERSION}",
        home.display()
    )
}

fn link(home: &Path, place: &Path) -> Result<()> {
    if std::fs::read_link(place).is_ok_and(|target| target == home) {
        return Ok(());
    }
    if place.is_symlink() {
        std::fs::remove_file(place)?;
    }
    files::remove(place)?;
    if let Some(folder) = place.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::os::unix::fs::symlink(home, place)
        .with_context(|| format!("Cannot link {}", place.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_where_the_caller_says_then_where_the_system_says() {
        let with = |known: &[(&str, &str)]| {
            let known = known.to_owned();
            cache(move |name| {
                let found = known.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| PathBuf::from(value))
            })
        };
        let all = [
            ("HOLDFAST_CACHE", "/a"),
            ("XDG_CACHE_HOME", "/b"),
            ("HOME", "/c"),
        ];
        assert_eq!(with(&all).unwrap(), Path::new("/a"));
        assert_eq!(with(&all[1..]).unwrap(), Path::new("/b/holdfast"));
        assert_eq!(with(&all[2..]).unwrap(), Path::new("/c/.cache/holdfast"));
        assert!(with(&[("HOLDFAST_CACHE", "")]).is_err());
    }
}
