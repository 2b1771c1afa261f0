//! What an archive takes up beside its originals.

use crate::pair::Place;
use std::path::Path;

/// Bytes of the parts of an archive that lie in its own folder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    /// The rows; none where a database server has them.
    pub(crate) rows: u64,
    /// Entries and hashes; none where a bucket has them.
    pub(crate) log: u64,
    /// What the entries say, beside them; likewise.
    pub(crate) disclosures: u64,
    /// The search index of this host.
    pub(crate) index: u64,
}

impl Sizes {
    pub(crate) fn of(place: &Place) -> Self {
        let files = |of: fn(&str) -> bool| {
            let listed = std::fs::read_dir(&place.root).unwrap();
            let named = listed.map(|entry| entry.unwrap().path());
            named
                .filter(|path| path.file_name().is_some_and(|n| of(&n.to_string_lossy())))
                .map(|path| bytes(&path))
                .sum()
        };
        Self {
            rows: files(|name| name.starts_with("rows.sqlite")),
            log: files(|name| name == "log"),
            disclosures: files(|name| name == "disclosures"),
            index: files(|name| name == "search"),
        }
    }
}

/// The lengths of all files under a path.
fn bytes(path: &Path) -> u64 {
    // A file may go while the folder is read: an index tidies up after itself.
    let Ok(about) = path.symlink_metadata() else {
        return 0;
    };
    if !about.is_dir() {
        return about.len();
    }
    let listed = std::fs::read_dir(path).into_iter().flatten();
    listed.flatten().map(|entry| bytes(&entry.path())).sum()
}
