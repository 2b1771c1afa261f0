//! The invented, lawful material of the demonstration, made by the program itself.
//!
//! Nothing here shows or names a real person, place, unit or event, and every piece says so.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

mod canvas;
mod exif;
mod font;
mod mail;
mod news;
mod page;
mod photo;
mod pieces;
mod scenes;
#[cfg(test)]
mod tests;
mod video;

#[cfg_attr(
    not(test),
    expect(unused_imports, reason = "statements will be pinned to these words")
)]
pub(crate) use news::{Kind, QUOTATIONS, Quotation};

/// What was made for a demonstration, and what could not be made.
#[derive(Debug)]
pub(crate) struct Material {
    /// Every file, in the order in which it was written.
    pub(crate) files: Vec<Made>,
    /// Whole sentences on what is missing and why.
    pub(crate) notes: Vec<String>,
}

/// One file made for a demonstration.
#[derive(Debug)]
pub(crate) struct Made {
    /// Where the file is: the folder given to [`make`], joined with the file's place in it.
    pub(crate) path: PathBuf,
    /// What it shows, as a short English phrase.
    pub(crate) what: &'static str,
    /// The invented source it is said to come from.
    pub(crate) source: &'static str,
}

/// A file that is ready to be written.
struct Piece {
    place: String,
    what: &'static str,
    source: &'static str,
    bytes: Vec<u8>,
}

/// Writes the demonstration material into a new or empty folder, the same bytes every time.
///
/// Only the video differs between runs, and it is left out, with a note, where `ffmpeg` cannot be
/// run. Nothing is ever overwritten: a folder that holds anything is refused before the first byte.
pub(crate) fn make(dir: &Path) -> anyhow::Result<Material> {
    let pieces = pieces::all().context("The demonstration material could not be drawn")?;
    refuse_occupied(dir)?;
    let mut files = Vec::with_capacity(pieces.len() + 1);
    for piece in pieces {
        let path = dir.join(&piece.place);
        write_new(&path, &piece.bytes)?;
        files.push(Made {
            path,
            what: piece.what,
            source: piece.source,
        });
    }
    let mut notes = Vec::new();
    match video::make(dir, "ffmpeg".as_ref()) {
        Ok(made) => files.push(made),
        Err(why) => notes.push(why),
    }
    Ok(Material { files, notes })
}

fn refuse_occupied(dir: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(dir).with_context(|| format!("Folder {} cannot be made", dir.display()))?;
    let mut inside =
        fs::read_dir(dir).with_context(|| format!("Folder {} cannot be read", dir.display()))?;
    if inside.next().is_some() {
        bail!(
            "Folder {} is not empty; name a new or empty folder",
            dir.display()
        );
    }
    Ok(())
}

/// Writes a file that must not exist yet. Not through `store::Disk`: this is throw-away input, which
/// becomes durable when it is collected.
fn write_new(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let failed = || format!("File {} cannot be written", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(failed)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .with_context(failed)?;
    file.write_all(bytes).with_context(failed)
}
