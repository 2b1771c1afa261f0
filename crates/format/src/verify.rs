//! Checking a dossier (format.md §8) without reading a single file by itself.
//!
//! The caller walks a folder or a tar in any order and hands over each file in pieces:
//! [`Verifier::begin`], [`FileCheck::update`], [`FileCheck::end`], [`Verifier::add`], then [`Verifier::finish`].
//! A [`FileCheck`] needs nothing from the verifier, so several files can be digested on several threads.

mod bag;
mod chain;
mod damage;
mod entries;
mod evidence;
mod file;
mod findings;
mod inclusion;
mod report;
mod role;
mod seal;
mod sentences;
mod statements;
mod times;

use std::collections::{BTreeMap, BTreeSet};

pub use crate::dossier::fault::{Code, Fault};
pub use file::{FileCheck, FileFacts};
pub use report::{ItemReport, Report, State, Statement, Verdict};

use crate::dossier::bag::{Rules, check_path, fold};
use crate::log::policy::Policy;
use damage::Faults;
use findings::Findings;
use role::Role;
pub(crate) use role::is_folder;
pub(crate) use sentences::entries as entries_in_words;
pub(crate) use statements::reason;

/// How much is taken from somebody else's file before it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Files in all.
    pub files: usize,
    /// Bytes of one evidence file.
    pub evidence: u64,
    /// Bytes of all small files that have to be kept until the end.
    pub kept: u64,
    /// Bytes of one such file.
    pub kept_file: u64,
    /// Faults that are listed one by one; further ones are counted.
    pub faults: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            files: 1_000_000,
            evidence: 1 << 44,
            kept: 1 << 30,
            kept_file: 256 << 20,
            faults: 10_000,
        }
    }
}

/// What a checker trusts; it always comes from outside the dossier.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Which logs and witnesses are trusted; without one the result is never better than unanchored.
    pub policy: Option<Policy>,
    /// Root certificates of time-stamping authorities, each a PEM file or one DER certificate.
    pub roots: Vec<Vec<u8>>,
}

/// Collects what is known of each file and gives the verdict at the end.
#[derive(Debug)]
pub struct Verifier {
    limits: Limits,
    trust: Trust,
    files: BTreeMap<String, FileFacts>,
    begun: BTreeMap<String, String>,
    folders: BTreeSet<String>,
    kept: u64,
    /// More files came than are looked at: nothing further is taken, and nothing is concluded.
    full: bool,
    faults: Faults,
}

impl Verifier {
    /// Starts a check.
    pub fn new(limits: Limits, trust: Trust) -> Self {
        Self {
            limits,
            trust,
            files: BTreeMap::new(),
            begun: BTreeMap::new(),
            folders: BTreeSet::new(),
            kept: 0,
            full: false,
            faults: Faults::new(limits.faults),
        }
    }

    /// Takes the path of a file, relative to the top of the bag, and its claimed length.
    ///
    /// Gives `None` for a file that is refused: the fault is in the report, the caller skips the content.
    pub fn begin(&mut self, path: &[u8], length: u64) -> Option<FileCheck> {
        if self.full {
            return None;
        }
        match self.admit(path, length) {
            Ok(check) => Some(check),
            Err(fault) => {
                self.faults.push(fault);
                None
            }
        }
    }

    fn admit(&mut self, path: &[u8], length: u64) -> Result<FileCheck, Fault> {
        let lossy = String::from_utf8_lossy(path);
        let Ok(text) = std::str::from_utf8(path) else {
            return Err(Fault::new(Code::OddPath, "The path is not UTF-8").at(&lossy));
        };
        check_path(text, Rules::Dossier).map_err(|why| why.fault(text))?;
        if self.begun.len() >= self.limits.files {
            self.full = true;
            let why = format!("There are more than {} files", self.limits.files);
            return Err(Fault::new(Code::TooManyFiles, why));
        }
        self.unique(text)?;
        let role = Role::of(text);
        let mut check = FileCheck::new(text, length, role.digests_blake3());
        if role.is_kept() {
            if length > self.limits.kept_file || self.kept.saturating_add(length) > self.limits.kept
            {
                let why = format!("It is said to have {length} bytes, more than is read of it");
                return Err(Fault::new(Code::TooLarge, why).at(text));
            }
            self.kept += length;
            check.keep();
        } else if length > self.limits.evidence {
            let why = format!("It is said to have {length} bytes, more than is read of a file");
            return Err(Fault::new(Code::TooLarge, why).at(text));
        }
        Ok(check)
    }

    fn unique(&mut self, path: &str) -> Result<(), Fault> {
        let folded = fold(path);
        let mut clash = None;
        if let Some(earlier) = self.begun.get(&folded) {
            if earlier == path {
                return Err(Fault::new(Code::DuplicatePath, "The file is there twice").at(path));
            }
            clash = Some(format!("It differs from {earlier} only in capital letters"));
        }
        if self.folders.contains(&folded) {
            clash = Some("There is a folder of the same name".to_owned());
        }
        let parents = folded
            .match_indices('/')
            .filter_map(|(at, _)| folded.get(..at));
        for parent in parents {
            if self.begun.contains_key(parent) {
                clash = Some(format!("{parent} is a file and a folder"));
            }
            if !self.folders.contains(parent) {
                self.folders.insert(parent.to_owned());
            }
        }
        self.begun.insert(folded, path.to_owned());
        clash.map_or(Ok(()), |why| {
            Err(Fault::new(Code::CollidingPath, why).at(path))
        })
    }

    /// Says whether so many files came that no further one changes the result; the caller may stop reading.
    pub fn is_full(&self) -> bool {
        self.full
    }

    /// Takes what was found out about a file.
    pub fn add(&mut self, mut facts: FileFacts) {
        for fault in facts.faults.drain(..) {
            self.faults.push(fault);
        }
        self.files.insert(facts.path.clone(), facts);
    }

    /// Takes a fault that only the caller can see, such as a link in the place of a file.
    pub fn refuse(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// Checks everything that was handed over and lists every fault.
    pub fn finish(mut self) -> Report {
        if !self.files.contains_key("bagit.txt") && !self.files.contains_key("data/log/checkpoint")
        {
            let why = "There is neither bagit.txt nor data/log/checkpoint: this is not a dossier";
            self.faults.push(Fault::new(Code::NotADossier, why));
            return Report::refused(self.faults.listed);
        }
        if self.full {
            return Report::refused(self.faults.listed);
        }
        let bag = bag::check(&self.files, &mut self.faults);
        let parsed = entries::parse(&self.files, &mut self.faults);
        let founded = entries::founded(&parsed, &mut self.faults);
        let anchor = inclusion::checkpoint(
            &self.files,
            self.trust.policy.as_ref(),
            founded.as_ref(),
            &mut self.faults,
        );
        inclusion::proofs(&self.files, &parsed, &anchor, &mut self.faults);
        let times = times::check(&self.files, &self.trust.roots, &mut self.faults);
        entries::check(&parsed, founded.as_ref(), &anchor, &mut self.faults);
        let sealed = seal::find(&parsed, bag.info.as_ref(), &anchor, &mut self.faults);
        let items = chain::check(&parsed, sealed.as_ref(), &self.files, &mut self.faults);
        Findings {
            faults: self.faults,
            info: bag.info,
            anchor,
            times,
            entries: parsed,
            sealed,
            items,
        }
        .report()
    }
}
