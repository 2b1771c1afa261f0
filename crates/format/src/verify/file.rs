//! One file of a dossier, digested as it streams by.

use sha2::{Digest as _, Sha256, Sha512};

use crate::dossier::fault::{Code, Fault};

/// Digests one file; independent of everything else, so it can run on any thread.
#[derive(Debug)]
pub struct FileCheck {
    path: String,
    claimed: u64,
    seen: u64,
    sha256: Sha256,
    sha512: Sha512,
    blake3: Option<blake3::Hasher>,
    kept: Option<Vec<u8>>,
}

/// What is known of one file once it has been read.
#[derive(Debug)]
pub struct FileFacts {
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) sha256: [u8; 32],
    pub(super) sha512: [u8; 64],
    pub(super) blake3: Option<[u8; 32]>,
    pub(super) kept: Option<Vec<u8>>,
    pub(super) faults: Vec<Fault>,
}

impl FileCheck {
    pub(super) fn new(path: &str, claimed: u64, blake3: bool) -> Self {
        Self {
            path: path.to_owned(),
            claimed,
            seen: 0,
            sha256: Sha256::new(),
            sha512: Sha512::new(),
            blake3: blake3.then(blake3::Hasher::new),
            kept: None,
        }
    }

    pub(super) fn keep(&mut self) {
        self.kept = Some(Vec::new());
    }

    /// The path of the file inside the bag.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Takes the next piece; never keeps more than the claimed length.
    pub fn update(&mut self, bytes: &[u8]) {
        self.seen = self.seen.saturating_add(bytes.len() as u64);
        self.sha256.update(bytes);
        self.sha512.update(bytes);
        if let Some(hasher) = &mut self.blake3 {
            hasher.update(bytes);
        }
        if let Some(kept) = &mut self.kept {
            let room = self.claimed.saturating_sub(kept.len() as u64);
            let take = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
            kept.extend(bytes.iter().take(take));
        }
    }

    /// Closes the file and states what was found.
    pub fn end(self) -> FileFacts {
        let mut faults = Vec::new();
        if self.seen != self.claimed {
            let why = format!(
                "It is said to have {} bytes and has {}",
                self.claimed, self.seen
            );
            faults.push(Fault::new(Code::WrongLength, why).at(&self.path));
        }
        FileFacts {
            path: self.path,
            bytes: self.seen,
            sha256: self.sha256.finalize().into(),
            sha512: self.sha512.finalize().into(),
            blake3: self.blake3.map(|hasher| hasher.finalize().into()),
            kept: self.kept,
            faults,
        }
    }

    /// Closes a file that could not be read to its end.
    pub fn fail(self, why: &str) -> FileFacts {
        let fault =
            Fault::new(Code::Unreadable, format!("It could not be read: {why}")).at(&self.path);
        let mut facts = self.end();
        facts.faults.push(fault);
        facts
    }
}

impl FileFacts {
    /// The kept content, for files small enough to be kept.
    pub(super) fn content(&self) -> &[u8] {
        self.kept.as_deref().unwrap_or_default()
    }
}
