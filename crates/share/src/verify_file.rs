//! Checking a dossier that lies on disk, as a folder or as a tar; nothing is unpacked, nothing is written.

mod folder;
mod stream;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufReader, Read as _, Seek as _};
use std::path::{Path, PathBuf};

use format::verify::{Code, Fault, Limits, Report, Trust};

/// Says why a file could not be read at all; everything else is in the report.
#[derive(Debug)]
pub struct VerifyError {
    path: PathBuf,
    source: io::Error,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        write!(
            f,
            "{path} could not be read: {}; check the path and the permissions",
            self.source
        )
    }
}

impl std::error::Error for VerifyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Checks a folder or a tar; `progress` is told how many bytes were read, from any thread.
pub fn verify_file(
    path: &Path,
    trust: Trust,
    limits: Limits,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Report, VerifyError> {
    let failed = |source| VerifyError {
        path: path.to_owned(),
        source,
    };
    if fs::metadata(path).map_err(failed)?.is_dir() {
        return folder::check(path, trust, limits, progress).map_err(failed);
    }
    let mut file = File::open(path).map_err(failed)?;
    let mut start = Vec::new();
    file.by_ref()
        .take(512)
        .read_to_end(&mut start)
        .map_err(failed)?;
    if let Some(what) = not_a_tar(&start) {
        return Ok(Report::refused(vec![Fault::new(Code::NotADossier, what)]));
    }
    file.rewind().map_err(failed)?;
    let reader = BufReader::with_capacity(1 << 20, file);
    Ok(stream::check(reader, trust, limits, progress))
}

/// Says what a file is, if it is no tar; it is not opened to find out.
fn not_a_tar(start: &[u8]) -> Option<String> {
    let packed = [
        (&b"PK\x03\x04"[..], "a zip"),
        (b"PK\x05\x06", "a zip"),
        (b"\x1f\x8b", "packed with gzip"),
        (b"\x28\xb5\x2f\xfd", "packed with zstd"),
        (b"BZh", "packed with bzip2"),
        (b"\xfd7zXZ\0", "packed with xz"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z"),
        (b"Rar!", "a rar"),
    ];
    if let Some((_, what)) = packed.iter().find(|(magic, _)| start.starts_with(magic)) {
        return Some(format!("A dossier is an uncompressed tar; this is {what}"));
    }
    if start.starts_with(b"age-encryption.org/") || start.starts_with(b"-----BEGIN AGE") {
        return Some("The dossier is still encrypted; decrypt it with age first".to_owned());
    }
    let tar = start.len() == 512 && start.get(257..262) == Some(b"ustar");
    (!tar).then(|| "A dossier is an uncompressed tar or a folder; this is neither".to_owned())
}
