//! A copy of the log for others, and the check of such a copy without any archive.

use archive::{Act, Archive, Error, Result, Who, Why};
use format::log::checkpoint::Checkpoint;
use format::log::edge::Edge;
use format::log::hash::{Hash, leaf};
use format::log::note::VerifierKey;
use format::log::tile::{self, BundleId};
use format::log::tree::Builder;
use std::path::{Path, PathBuf};

/// What was copied.
#[derive(Debug, Clone, Copy)]
pub struct Exported {
    /// Files written.
    pub files: u64,
    /// Entries covered.
    pub size: u64,
}

/// What a copy was found to be.
#[derive(Debug, Clone, Copy)]
pub struct Checked {
    /// Entries.
    pub size: u64,
    /// The root that the records give and the key signed.
    pub root: Hash,
}

/// Copies checkpoint, tiles and bundles into a new folder. They hold salted digests only.
pub async fn export_log(archive: &Archive, who: &Who, dir: &Path) -> Result<Exported> {
    archive::access::may(who, Act::ReadLog)?;
    let (checkpoint, bytes) = archive
        .truth()
        .checkpoint()
        .await?
        .ok_or_else(|| missing("log/checkpoint"))?;
    let mut paths: Vec<String> = BundleId::all(checkpoint.size)
        .map(|b| b.entries_path())
        .collect();
    paths.extend(tiles(checkpoint.size));
    let mut files = vec![("checkpoint".to_owned(), bytes)];
    make_folder(dir)?;
    let mut written = 0;
    for path in paths {
        let name = format!("log/{path}");
        files.push((
            path,
            archive
                .truth()
                .raw(&name)
                .await?
                .ok_or_else(|| missing(&name))?,
        ));
        if files.len() >= 64 {
            written += write(dir, std::mem::take(&mut files))?;
        }
    }
    written += write(dir, files)?;
    Ok(Exported {
        files: written,
        size: checkpoint.size,
    })
}

/// Every hash tile of a log of this size.
fn tiles(size: u64) -> Vec<String> {
    let mut all = Vec::new();
    for level in 0..8_u8 {
        let hashes = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
        all.extend(
            (0..hashes.div_ceil(256))
                .filter_map(|n| tile::TileId::at(level, n, size))
                .map(|t| t.to_string()),
        );
    }
    all
}

fn missing(name: &str) -> Error {
    Error::new(Why::Damaged, format!("{name} is missing"))
        .next("Run `holdfast check --full` to see all damage")
}

fn make_folder(dir: &Path) -> Result<()> {
    std::fs::create_dir(dir).map_err(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => Error::new(
            Why::Invalid,
            format!("{} exists; nothing is overwritten", dir.display()),
        )
        .next("Name a new folder"),
        _ => Error::new(Why::Disk, format!("{} cannot be made: {e}", dir.display()))
            .next("Name a folder where you may write"),
    })
}

fn write(dir: &Path, files: Vec<(String, Vec<u8>)>) -> Result<u64> {
    use std::io::Write as _;
    let count = files.len() as u64;
    for (path, bytes) in files {
        let at = dir.join(path);
        let failed = |e: std::io::Error| {
            Error::new(
                Why::Disk,
                format!("{} cannot be written: {e}", at.display()),
            )
            .next("Free some space, delete the folder and export again")
        };
        if let Some(folder) = at.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&at)
            .map_err(failed)?;
        file.write_all(&bytes)
            .and_then(|()| file.sync_all())
            .map_err(failed)?;
    }
    Ok(count)
}

/// Hashes every record of a copy and compares the root with what the key signed.
pub fn verify_copy(dir: &Path, key: &VerifierKey) -> Result<Checked> {
    let checkpoint = read_checkpoint(&dir.join("checkpoint"), key)?;
    let mut builder = Builder::new();
    each_leaf(dir, checkpoint.size, &mut |hash| builder.push(hash))?;
    if builder.root() != checkpoint.root {
        return Err(Error::new(Why::Unproven, "The records do not give the root that was signed")
            .next("Ask for the copy again; if it stays so, the log was altered: keep this copy as evidence"));
    }
    Ok(Checked {
        size: checkpoint.size,
        root: checkpoint.root,
    })
}

/// Whether the log in this folder continues an older checkpoint; gives that one's size.
pub fn grown_since(dir: &Path, key: &VerifierKey, older: &Path) -> Result<u64> {
    let old = read_checkpoint(older, key)?;
    let new = read_checkpoint(&dir.join("checkpoint"), key)?;
    if old.size > new.size {
        return Err(Error::new(Why::Unproven, format!("The older checkpoint covers {} entries, this log only {}: its end was cut off or an old copy was put back", old.size, new.size))
            .next("Keep both checkpoints: together they are evidence"));
    }
    let mut edge = Edge::empty();
    let mut leaves = Vec::new();
    each_leaf(dir, new.size, &mut |hash| leaves.push(hash))?;
    edge.append(
        leaves
            .get(..usize::try_from(old.size).unwrap_or(usize::MAX))
            .unwrap_or_default(),
    );
    if edge.root() != old.root {
        return Err(Error::new(Why::Unproven, format!("The first {} entries are not those of the older checkpoint: the past was rewritten", old.size))
            .next("Keep both checkpoints: together they are evidence"));
    }
    Ok(old.size)
}

fn each_leaf(dir: &Path, size: u64, give: &mut dyn FnMut(Hash)) -> Result<()> {
    for id in BundleId::all(size) {
        let path = dir.join(id.entries_path());
        let bytes = read(&path)?;
        let records = tile::decode_bundle(&bytes, id.width()).map_err(|e| {
            Error::new(Why::Unproven, format!("{}: {e}", path.display()))
                .next("Ask for the copy again")
        })?;
        records.into_iter().for_each(|r| give(leaf(r)));
    }
    Ok(())
}

fn read_checkpoint(path: &Path, key: &VerifierKey) -> Result<Checkpoint> {
    Checkpoint::parse_and_verify(&read(path)?, key).map_err(|e| {
        Error::new(Why::Unproven, format!("{}: {e}", path.display()))
            .next("Compare the key with the one the archive's owner gave you")
    })
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|e| {
        Error::new(
            Why::Unproven,
            format!("{} cannot be read: {e}", PathBuf::from(path).display()),
        )
        .next("Ask for the copy again, whole")
    })
}
