//! The files of a dossier, in one fixed order (format.md §7.1).

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256, Sha512};

use super::bag::{
    Algorithm, BAGIT_TXT, BagInfo, FileDigests, Oxum, Rules, check_path, write_manifest,
};
use super::fault::{Code, Fault};
use crate::log::proof::Proof;
use crate::verify::is_folder;
use crate::{DossierId, Entry, ItemId};

/// An entry as it goes into the dossier, with its place and its proof.
#[derive(Clone, Debug)]
pub struct LaidEntry {
    /// Log index.
    pub index: u64,
    /// The entry with its shown fields; with none it becomes a `.jws`.
    pub entry: Entry,
    /// Proof against the checkpoint of the dossier.
    pub proof: Proof,
}

/// What is known of one item's bytes; the bytes themselves are streamed later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaidEvidence {
    /// The item.
    pub item: ItemId,
    /// Its folder: 12 random characters, as `contents` of the sealing entry names it.
    pub folder: String,
    /// SHA-256 of the original.
    pub sha256: [u8; 32],
    /// SHA-512 of the original.
    pub sha512: [u8; 64],
    /// Length of the original.
    pub bytes: u64,
}

/// A time-stamp over the checkpoint file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaidToken {
    /// The RFC 3161 token.
    pub token: Vec<u8>,
    /// Its certificates in PEM, empty if there are none.
    pub certificates: String,
}

/// Everything that goes into a dossier.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The dossier.
    pub dossier: DossierId,
    /// Log index of its sealing entry.
    pub sealed: u64,
    /// Origin of the log.
    pub origin: String,
    /// Day of sealing, `2026-03-04`.
    pub date: String,
    /// The program and its version.
    pub agent: String,
    /// The signed checkpoint with its cosignatures.
    pub checkpoint: String,
    /// Time-stamps over exactly these bytes.
    pub tokens: Vec<LaidToken>,
    /// Entry 0, the entries of every item's chain, the dossier's own.
    pub entries: Vec<LaidEntry>,
    /// One for each item.
    pub evidence: Vec<LaidEvidence>,
    /// `ro-crate-metadata.json`.
    pub description: String,
    /// `index.html`.
    pub page: String,
}

/// Where the bytes of a file come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// From here.
    Bytes(Vec<u8>),
    /// From the original of this item.
    Evidence(ItemId),
}

/// One file of the bag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BagFile {
    /// Path inside the bag.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Its content.
    pub source: Source,
}

/// Lays out a dossier: the same parts give the same files in the same order, lists first, evidence last.
pub fn lay_out(parts: &Parts) -> Result<Vec<BagFile>, Fault> {
    let mut payload = Vec::new();
    put(
        &mut payload,
        "data/log/checkpoint",
        parts.checkpoint.as_bytes(),
    );
    for (k, token) in (1..).zip(&parts.tokens) {
        put(
            &mut payload,
            &format!("data/log/checkpoint.{k}.tsr"),
            &token.token,
        );
        if !token.certificates.is_empty() {
            let path = format!("data/log/tsa.{k}.pem");
            put(&mut payload, &path, token.certificates.as_bytes());
        }
    }
    log(parts, &mut payload)?;
    put(
        &mut payload,
        "data/ro-crate-metadata.json",
        parts.description.as_bytes(),
    );
    put(&mut payload, "data/index.html", parts.page.as_bytes());
    let mut listed: Vec<FileDigests> = payload.iter().filter_map(digests).collect();
    evidence(parts, &mut payload, &mut listed)?;

    let oxum = Oxum {
        bytes: payload.iter().map(|file| file.bytes).sum(),
        files: payload.len() as u64,
    };
    let mut files = tags(parts, oxum, &listed)?;
    files.extend(payload);
    let mut seen = BTreeSet::new();
    for file in &files {
        check_path(&file.path, Rules::Dossier).map_err(|why| why.fault(&file.path))?;
        if !seen.insert(&file.path) {
            return Err(Fault::new(Code::DuplicatePath, "It would be there twice").at(&file.path));
        }
    }
    Ok(files)
}

fn put(files: &mut Vec<BagFile>, path: &str, bytes: &[u8]) {
    files.push(BagFile {
        path: path.to_owned(),
        bytes: bytes.len() as u64,
        source: Source::Bytes(bytes.to_vec()),
    });
}

fn log(parts: &Parts, files: &mut Vec<BagFile>) -> Result<(), Fault> {
    let mut sorted: Vec<&LaidEntry> = parts.entries.iter().collect();
    sorted.sort_by_key(|laid| laid.index);
    for laid in &sorted {
        let index = laid.index;
        let stale = laid.proof.checkpoint() != parts.checkpoint;
        if stale || laid.proof.index() != index {
            let why = format!("The proof of entry {index} is of another entry or checkpoint");
            return Err(Fault::new(Code::SwappedProof, why).index(index));
        }
        if laid.entry.disclosures.is_empty() {
            let path = format!("data/log/entries/{index}.jws");
            put(files, &path, laid.entry.record.as_bytes());
        } else {
            let path = format!("data/log/entries/{index}.sd-jwt");
            put(files, &path, laid.entry.sd_jwt().as_bytes());
        }
    }
    for laid in sorted {
        let path = format!("data/log/proofs/{}.tlog-proof", laid.index);
        put(files, &path, laid.proof.to_string().as_bytes());
    }
    Ok(())
}

fn evidence(
    parts: &Parts,
    files: &mut Vec<BagFile>,
    listed: &mut Vec<FileDigests>,
) -> Result<(), Fault> {
    let mut sorted: Vec<&LaidEvidence> = parts.evidence.iter().collect();
    sorted.sort_by(|a, b| a.folder.cmp(&b.folder));
    for one in sorted {
        if !is_folder(&one.folder) {
            let why = "Its folder is not 12 characters of base32";
            return Err(Fault::new(Code::WrongSeal, why).item(one.item));
        }
        let path = format!("data/evidence/{}/content", one.folder);
        listed.push(FileDigests {
            path: path.clone(),
            sha256: one.sha256,
            sha512: one.sha512,
            bytes: one.bytes,
        });
        files.push(BagFile {
            path,
            bytes: one.bytes,
            source: Source::Evidence(one.item),
        });
    }
    Ok(())
}

fn digests(file: &BagFile) -> Option<FileDigests> {
    let Source::Bytes(bytes) = &file.source else {
        return None;
    };
    Some(FileDigests {
        path: file.path.clone(),
        sha256: Sha256::digest(bytes).into(),
        sha512: Sha512::digest(bytes).into(),
        bytes: file.bytes,
    })
}

fn tags(parts: &Parts, oxum: Oxum, listed: &[FileDigests]) -> Result<Vec<BagFile>, Fault> {
    let info = BagInfo {
        dossier: parts.dossier.to_string(),
        sealed: parts.sealed,
        origin: parts.origin.clone(),
        oxum,
        date: parts.date.clone(),
        agent: parts.agent.clone(),
    };
    let mut files = Vec::new();
    put(&mut files, "bagit.txt", BAGIT_TXT.as_bytes());
    put(&mut files, "bag-info.txt", info.write()?.as_bytes());
    for algorithm in [Algorithm::Sha256, Algorithm::Sha512] {
        let text = write_manifest(algorithm, listed);
        put(
            &mut files,
            &format!("manifest-{algorithm}.txt"),
            text.as_bytes(),
        );
    }
    let covered: Vec<FileDigests> = files.iter().filter_map(digests).collect();
    for algorithm in [Algorithm::Sha256, Algorithm::Sha512] {
        let text = write_manifest(algorithm, &covered);
        put(
            &mut files,
            &format!("tagmanifest-{algorithm}.txt"),
            text.as_bytes(),
        );
    }
    Ok(files)
}
