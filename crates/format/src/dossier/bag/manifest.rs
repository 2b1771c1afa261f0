//! Manifests: one line per file, digest and path.

use std::collections::BTreeMap;

use super::digest::Algorithm;
use super::path::{Rules, check_path, fold};
use crate::dossier::fault::{Code, Fault};

/// What a writer knows about one file of the bag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDigests {
    /// Path inside the bag.
    pub path: String,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
    /// SHA-512 of the bytes.
    pub sha512: [u8; 64],
    /// Number of bytes.
    pub bytes: u64,
}

/// Writes a manifest, sorted by path, in the form that `sha256sum -c` and `sha512sum -c` read.
pub fn write_manifest(algorithm: Algorithm, files: &[FileDigests]) -> String {
    let mut sorted: Vec<&FileDigests> = files.iter().collect();
    sorted.sort_by(|a, b| a.path.cmp(&b.path));
    let mut out = String::new();
    for file in sorted {
        let digest = match algorithm {
            Algorithm::Sha512 => hex(&file.sha512),
            _ => hex(&file.sha256),
        };
        out.push_str(&digest);
        out.push_str("  ");
        out.push_str(&file.path);
        out.push('\n');
    }
    out
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    out
}

/// What one manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Its file name.
    pub file: String,
    /// The digest it uses.
    pub algorithm: Algorithm,
    /// Digest and line number by path.
    pub lines: BTreeMap<String, (Vec<u8>, usize)>,
    /// What is tolerated in a bag that others made.
    pub notes: Vec<Fault>,
}

/// Recognises the file names of manifests; the flag tells a tag manifest.
pub fn manifest_name(file: &str) -> Option<(bool, Option<Algorithm>)> {
    let (tag, rest) = match file.strip_prefix("tagmanifest-") {
        Some(rest) => (true, rest),
        None => (false, file.strip_prefix("manifest-")?),
    };
    let name = rest.strip_suffix(".txt")?;
    if name.contains('/') {
        return None;
    }
    Some((tag, Algorithm::from_name(name)))
}

impl Manifest {
    /// Reads a manifest and lists every fault of it; lines with a fault are left out.
    ///
    /// A manifest of a dossier has exactly the form that [`write_manifest`] gives.
    pub fn parse(file: &str, algorithm: Algorithm, text: &str, rules: Rules) -> (Self, Vec<Fault>) {
        let mut reading = Reading {
            manifest: Self {
                file: file.to_owned(),
                algorithm,
                lines: BTreeMap::new(),
                notes: Vec::new(),
            },
            folded: BTreeMap::new(),
            faults: Vec::new(),
            tag: file.starts_with("tagmanifest-"),
            rules,
        };
        if rules == Rules::Dossier && !text.is_empty() && !text.ends_with('\n') {
            let fault = Fault::new(Code::BadManifest, "The last line does not end").at(file);
            reading.faults.push(fault);
        }
        for (number, line) in lines(text, rules) {
            if let Err(fault) = reading.line(number, line) {
                let named = if fault.path.is_none() {
                    fault.at(file)
                } else {
                    fault
                };
                reading.faults.push(named.line(number));
            }
        }
        (reading.manifest, reading.faults)
    }
}

/// Dossiers end lines with LF only; others may use CR LF, or CR alone.
fn lines(text: &str, rules: Rules) -> Vec<(usize, &str)> {
    if rules == Rules::Dossier {
        let body = text.strip_suffix('\n').unwrap_or(text);
        if body.is_empty() && text.is_empty() {
            return Vec::new();
        }
        return body
            .split('\n')
            .enumerate()
            .map(|(i, l)| (i + 1, l))
            .collect();
    }
    let mut out = Vec::new();
    let mut rest = text;
    let mut number = 1;
    while !rest.is_empty() {
        let end = rest.find(['\r', '\n']).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        if !line.trim_matches([' ', '\t']).is_empty() {
            out.push((number, line));
        }
        rest = after
            .strip_prefix("\r\n")
            .or_else(|| after.strip_prefix(['\r', '\n']))
            .unwrap_or("");
        number += 1;
    }
    out
}

struct Reading {
    manifest: Manifest,
    folded: BTreeMap<String, usize>,
    faults: Vec<Fault>,
    tag: bool,
    rules: Rules,
}

impl Reading {
    fn line(&mut self, number: usize, line: &str) -> Result<(), Fault> {
        let bad = |why: &str| Fault::new(Code::BadManifest, why);
        let (digest, rest) = line
            .split_once([' ', '\t'])
            .ok_or_else(|| bad("The line is not a digest, two spaces and a path"))?;
        let digest = self.digest(digest)?;
        let path = self.path(number, rest)?;
        check_path(&path, self.rules).map_err(|why| {
            let shown = crate::dossier::visible(&path);
            let mut fault = Fault::new(why.code(), format!("{why}: “{shown}”"));
            fault.path = Some(self.manifest.file.clone());
            fault
        })?;
        if self.tag == path.starts_with("data/") {
            let why = if self.tag {
                "A tag manifest lists a file of data/"
            } else {
                "A payload manifest lists a file outside data/"
            };
            return Err(Fault::new(Code::OutsidePayload, format!("{why}: “{path}”")));
        }
        self.add(number, digest, path)
    }

    fn digest(&self, text: &str) -> Result<Vec<u8>, Fault> {
        let size = self.manifest.algorithm.size();
        let strict = self.rules == Rules::Dossier;
        let bytes = unhex(text, strict).filter(|bytes| bytes.len() == size);
        bytes.ok_or_else(|| {
            Fault::new(
                Code::BadManifest,
                format!(
                    "The line does not start with a {} digest",
                    self.manifest.algorithm
                ),
            )
        })
    }

    /// Takes the path as written, undoing what the version of the bag allows.
    fn path(&mut self, number: usize, rest: &str) -> Result<String, Fault> {
        if self.rules == Rules::Dossier {
            let path = rest.strip_prefix(' ').ok_or_else(|| {
                Fault::new(
                    Code::BadManifest,
                    "Digest and path are not two spaces apart",
                )
            })?;
            return Ok(path.to_owned());
        }
        let mut path = rest.trim_start_matches([' ', '\t']);
        if let Some(plain) = path.strip_prefix('*') {
            self.warn(number, "The path is marked with “*”, as checksum tools do");
            path = plain;
        }
        if let Some(plain) = path.strip_prefix("./") {
            self.warn(number, "The path starts with “./”");
            path = plain;
        }
        Ok(match self.rules {
            Rules::Bag10 => unescape(path),
            Rules::Dossier | Rules::Bag097 => path.to_owned(),
        })
    }

    fn warn(&mut self, number: usize, why: &str) {
        let fault = Fault::new(Code::DotPath, why)
            .at(&self.manifest.file)
            .line(number);
        self.manifest.notes.push(fault);
    }

    fn add(&mut self, number: usize, digest: Vec<u8>, path: String) -> Result<(), Fault> {
        let earlier = *self.folded.entry(fold(&path)).or_insert(number);
        let shown = crate::dossier::visible(&path);
        let seen = self
            .manifest
            .lines
            .get(&path)
            .map(|(seen, _)| *seen == digest);
        let (fault, tolerated) = match seen {
            Some(false) => {
                let why = format!("“{shown}” is listed with two digests; first on line {earlier}");
                (Fault::new(Code::DuplicatePath, why), false)
            }
            Some(true) => {
                let why = format!("“{shown}” is listed again; first on line {earlier}");
                (
                    Fault::new(Code::DuplicatePath, why),
                    self.rules == Rules::Bag097,
                )
            }
            None => {
                self.manifest.lines.insert(path, (digest, number));
                if earlier == number {
                    return Ok(());
                }
                let why = format!("“{shown}” differs from line {earlier} only in capital letters");
                (
                    Fault::new(Code::CollidingPath, why),
                    self.rules != Rules::Dossier,
                )
            }
        };
        if !tolerated {
            return Err(fault);
        }
        let file = self.manifest.file.clone();
        self.manifest.notes.push(fault.at(&file).line(number));
        Ok(())
    }
}

fn unhex(text: &str, strict: bool) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || strict && text.bytes().any(|b| b.is_ascii_uppercase()) {
        return None;
    }
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| {
            let high = char::from(pair[0]).to_digit(16)?;
            let low = char::from(pair[1]).to_digit(16)?;
            u8::try_from(high * 16 + low).ok()
        })
        .collect()
}

/// Undoes the three encodings of RFC 8493 §2.1.3 and no others.
fn unescape(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let code = after.get(..2).map(str::to_ascii_uppercase);
        let plain = match code.as_deref() {
            Some("0A") => '\n',
            Some("0D") => '\r',
            Some("25") => '%',
            _ => {
                out.push('%');
                rest = after;
                continue;
            }
        };
        out.push(plain);
        rest = after.get(2..).unwrap_or("");
    }
    out.push_str(rest);
    out
}
