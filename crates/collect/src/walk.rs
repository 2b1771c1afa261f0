//! Finding files: in byte order, never following a link, never entering the archive itself.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

/// One thing the walk came upon.
#[derive(Debug)]
pub(crate) struct Found {
    /// Where it is.
    pub(crate) at: PathBuf,
    /// Its path from the folder that was named, segments joined with `/`.
    pub(crate) path: Vec<u8>,
    /// Why it cannot be taken; none for a file to be read.
    pub(crate) refused: Option<String>,
}

/// Deepest folder that is entered.
const DEPTH: usize = 200;

/// Which folder is the archive, however it is reached.
pub(crate) type Own = Option<(u64, u64)>;

/// Walks everything named; `each` answers whether to go on.
pub(crate) fn walk(named: &[PathBuf], archive: Own, each: &mut dyn FnMut(Found) -> bool) {
    for at in named {
        let path = named_as(at);
        let refused = if is_within(at, archive) {
            Some("this is a part of the archive itself".to_owned())
        } else {
            fs::symlink_metadata(at).err().map(|e| match e.kind() {
                ErrorKind::NotFound => "there is no such file: check how it is spelled".to_owned(),
                _ => format!("cannot be looked at: {}", words(&e)),
            })
        };
        let go_on = match refused {
            None => one(at, path, 0, archive, each),
            Some(_) => each(Found {
                at: at.clone(),
                path,
                refused,
            }),
        };
        if !go_on {
            return;
        }
    }
}

/// The last name of what was named: it stays part of the path, so that two folders added together stay apart.
fn named_as(at: &Path) -> Vec<u8> {
    let absolute = std::path::absolute(at).unwrap_or_else(|_cannot| at.to_owned());
    let last = |p: &Path| p.file_name().map(|n| n.as_bytes().to_vec());
    last(&absolute)
        // `..` has no name of its own, the folder it leads to has.
        .or_else(|| last(&fs::canonicalize(at).ok()?))
        .unwrap_or_default()
}

/// Whether something named lies inside the archive's folder; the folder itself is met on the walk.
fn is_within(at: &Path, archive: Own) -> bool {
    let Ok(whole) = fs::canonicalize(at) else {
        return false;
    };
    archive.is_some()
        && whole
            .ancestors()
            .skip(1)
            .any(|a| fs::metadata(a).ok().map(|m| (m.dev(), m.ino())) == archive)
}

fn one(
    at: &Path,
    path: Vec<u8>,
    depth: usize,
    archive: Own,
    each: &mut dyn FnMut(Found) -> bool,
) -> bool {
    let mut refuse = |reason: String, path: Vec<u8>| {
        each(Found {
            at: at.to_owned(),
            path,
            refused: Some(reason),
        })
    };
    let meta = match fs::symlink_metadata(at) {
        Ok(meta) => meta,
        Err(e) => return refuse(format!("cannot be looked at: {}", words(&e)), path),
    };
    let kind = meta.file_type();
    if kind.is_file() {
        return each(Found {
            at: at.to_owned(),
            path,
            refused: None,
        });
    }
    if kind.is_symlink() {
        let to = fs::read_link(at)
            .map(|t| t.to_string_lossy().into_owned())
            .unwrap_or_default();
        return refuse(
            format!("a link to {to:?}; links are not followed: name its target to add it"),
            path,
        );
    }
    if !kind.is_dir() {
        let what = if kind.is_fifo() {
            "a named pipe"
        } else if kind.is_socket() {
            "a socket"
        } else {
            "a device"
        };
        return refuse(
            format!("{what}, not a file: copy its content into a file to add it"),
            path,
        );
    }
    if archive == Some((meta.dev(), meta.ino())) {
        return refuse("this is the archive itself".into(), path);
    }
    if depth >= DEPTH {
        return refuse(
            format!("folders are nested deeper than {DEPTH}: name this folder by itself to add it"),
            path,
        );
    }
    folder(at, &path, depth, archive, each)
}

fn folder(
    at: &Path,
    path: &[u8],
    depth: usize,
    archive: Own,
    each: &mut dyn FnMut(Found) -> bool,
) -> bool {
    let refuse = |e: &std::io::Error, each: &mut dyn FnMut(Found) -> bool| {
        each(Found {
            at: at.to_owned(),
            path: path.to_owned(),
            refused: Some(format!("folder cannot be read: {}", words(e))),
        })
    };
    let entries = match fs::read_dir(at) {
        Ok(entries) => entries,
        Err(e) => return refuse(&e, each),
    };
    let mut names = Vec::new();
    for entry in entries {
        match entry {
            Ok(entry) => names.push(entry.file_name()),
            Err(e) => {
                if !refuse(&e, each) {
                    return false;
                }
            }
        }
    }
    names.sort_unstable();
    names.into_iter().all(|name| {
        let mut child = path.to_owned();
        child.push(b'/');
        child.extend_from_slice(name.as_bytes());
        one(&at.join(&name), child, depth + 1, archive, each)
    })
}

/// What the system said, in words without its number, and what may be done.
pub(crate) fn words(e: &std::io::Error) -> String {
    match e.kind() {
        ErrorKind::NotFound => "it is gone".into(),
        ErrorKind::PermissionDenied => {
            "permission denied: ask its owner, or run as a user who may read it".into()
        }
        ErrorKind::InvalidFilename => {
            "its path is too long: name a folder further down by itself to add it".into()
        }
        _ => {
            let said = e.to_string();
            let said = said.split(" (os error").next().unwrap_or_default();
            format!(
                "{said}: the medium may be failing; copy it with a rescue tool and add the copy"
            )
        }
    }
}
