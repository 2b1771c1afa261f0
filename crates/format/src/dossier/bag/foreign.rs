//! Checking a bag that somebody else made.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::digest::{Algorithm, Hasher};
use super::info::{Oxum, canonical, decode, parse_bag_info, parse_bagit_txt};
use super::manifest::{Manifest, manifest_name};
use super::path::{Rules, check_path};
use crate::dossier::fault::{Code, Fault};

/// Tells from the file names at the top of a bag which digests its files need.
pub fn foreign_algorithms<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<Algorithm> {
    names
        .into_iter()
        .filter_map(|name| manifest_name(name)?.1)
        .collect()
}

/// Digests one file of a foreign bag as it streams by.
#[derive(Debug)]
pub struct ForeignFile {
    hashers: BTreeMap<Algorithm, Hasher>,
    bytes: u64,
}

impl ForeignFile {
    /// Starts a file that needs these digests.
    pub fn new(algorithms: &BTreeSet<Algorithm>) -> Self {
        let pairs = algorithms.iter();
        Self {
            hashers: pairs.filter_map(|&a| Some((a, Hasher::new(a)?))).collect(),
            bytes: 0,
        }
    }

    /// Takes the next piece.
    pub fn update(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        for hasher in self.hashers.values_mut() {
            hasher.update(bytes);
        }
    }
}

#[derive(Debug)]
struct Facts {
    digests: BTreeMap<Algorithm, Vec<u8>>,
    bytes: u64,
}

/// What was found in a foreign bag: digests of every file, the text of the tag files at its top.
#[derive(Debug, Default)]
pub struct ForeignBag {
    files: BTreeMap<String, Facts>,
    tags: BTreeMap<String, Vec<u8>>,
}

/// What the check of a foreign bag gave.
#[derive(Debug, Serialize)]
pub struct ForeignReport {
    /// Whether the bag is complete and every digest that could be checked is right.
    pub valid: bool,
    /// Whether at least one digest covers the payload that nobody can forge.
    pub strong: bool,
    /// Everything that makes it invalid.
    pub damage: Vec<Fault>,
    /// Everything else worth knowing.
    pub warnings: Vec<Fault>,
}

impl ForeignBag {
    /// Adds a file; `tag` is its content if it stands at the top of the bag.
    pub fn add(&mut self, path: &str, file: ForeignFile, tag: Option<Vec<u8>>) {
        let digests = file.hashers.into_iter().map(|(a, h)| (a, h.finish()));
        let facts = Facts {
            digests: digests.collect(),
            bytes: file.bytes,
        };
        self.files.insert(path.to_owned(), facts);
        if let Some(bytes) = tag {
            self.tags.insert(path.to_owned(), bytes);
        }
    }

    /// Checks the bag as RFC 8493 and the drafts before it say, and lists every fault.
    pub fn check(&self) -> ForeignReport {
        let mut checking = Checking {
            bag: self,
            damage: Vec::new(),
            warnings: Vec::new(),
            strong: false,
        };
        checking.run();
        ForeignReport {
            valid: checking.damage.is_empty(),
            strong: checking.strong,
            damage: checking.damage,
            warnings: checking.warnings,
        }
    }
}

struct Checking<'a> {
    bag: &'a ForeignBag,
    damage: Vec<Fault>,
    warnings: Vec<Fault>,
    strong: bool,
}

impl Checking<'_> {
    fn run(&mut self) {
        let Some(declaration) = self.bag.tags.get("bagit.txt") else {
            let fault = Fault::new(
                Code::NotADossier,
                "There is no bagit.txt: this is not a bag",
            );
            self.damage.push(fault);
            return;
        };
        let (rules, encoding) = match parse_bagit_txt(declaration) {
            Ok(found) => found,
            Err(why) => {
                self.damage
                    .push(Fault::new(Code::BadBagitTxt, why).at("bagit.txt"));
                return;
            }
        };
        let manifests = self.manifests(rules, &encoding);
        self.payload(&manifests);
        for manifest in &manifests {
            self.digests(manifest);
        }
        self.fetch(rules, &encoding);
        self.oxum(&encoding);
    }

    fn text(&mut self, name: &str, encoding: &str) -> Option<String> {
        match decode(self.bag.tags.get(name)?, encoding) {
            Ok(text) => Some(text),
            Err(why) => {
                self.damage.push(Fault::new(Code::Unreadable, why).at(name));
                None
            }
        }
    }

    fn manifests(&mut self, rules: Rules, encoding: &str) -> Vec<Manifest> {
        let mut out = Vec::new();
        for name in self.bag.tags.keys() {
            let Some((tag, algorithm)) = manifest_name(name) else {
                continue;
            };
            let Some(algorithm) = algorithm else {
                let why = "Its digest is not one that is known, so it was not checked";
                self.warnings
                    .push(Fault::new(Code::BadManifest, why).at(name));
                continue;
            };
            if algorithm.is_weak() {
                let why = format!("{algorithm} finds accidents; it is too weak to prove anything");
                self.warnings
                    .push(Fault::new(Code::WeakDigest, why).at(name));
            } else if !tag {
                self.strong = true;
            }
            let Some(text) = self.text(name, encoding) else {
                continue;
            };
            let (manifest, faults) = Manifest::parse(name, algorithm, &text, rules);
            self.damage.extend(faults);
            self.warnings.extend(manifest.notes.iter().cloned());
            out.push(manifest);
        }
        if !out.iter().any(|m| !m.file.starts_with("tag")) {
            let why = "There is no payload manifest with a known digest";
            self.damage.push(Fault::new(Code::MissingManifest, why));
        }
        out
    }

    /// Since version 1.0 every manifest lists every payload file; before, the manifests together did.
    fn payload(&mut self, manifests: &[Manifest]) {
        let payload: Vec<_> = manifests
            .iter()
            .filter(|m| !m.file.starts_with("tag"))
            .collect();
        for path in self
            .bag
            .files
            .keys()
            .filter(|path| path.starts_with("data/"))
        {
            for manifest in &payload {
                if !manifest.lines.contains_key(path) {
                    let why = format!("It is in the bag but not in {}", manifest.file);
                    self.damage.push(Fault::new(Code::ExtraFile, why).at(path));
                }
            }
        }
    }

    fn digests(&mut self, manifest: &Manifest) {
        for (path, (digest, line)) in &manifest.lines {
            let Some(facts) = self.bag.files.get(path) else {
                let why = format!(
                    "It is listed in {}, line {line}, but is not there",
                    manifest.file
                );
                self.damage
                    .push(Fault::new(Code::MissingFile, why).at(path));
                continue;
            };
            match facts.digests.get(&manifest.algorithm) {
                Some(found) if found == digest => {}
                Some(_) => {
                    let why = format!(
                        "Its {} is not the one in {}",
                        manifest.algorithm, manifest.file
                    );
                    self.damage
                        .push(Fault::new(Code::WrongDigest, why).at(path));
                }
                None => {
                    let why = format!(
                        "Its {} was not computed, so it was not checked",
                        manifest.algorithm
                    );
                    self.warnings
                        .push(Fault::new(Code::WeakDigest, why).at(path));
                }
            }
        }
    }

    /// Addresses are never followed; a path that leads out of the bag is damage all the same.
    fn fetch(&mut self, rules: Rules, encoding: &str) {
        let Some(text) = self.text("fetch.txt", encoding) else {
            return;
        };
        let why = "The bag names files to be fetched; nothing was fetched";
        self.warnings
            .push(Fault::new(Code::FetchFile, why).at("fetch.txt"));
        for (number, line) in text.lines().enumerate() {
            let path = line.trim_end_matches('\r').splitn(3, [' ', '\t']).nth(2);
            let fault = match path {
                None => Fault::new(
                    Code::FetchFile,
                    "The line is not an address, a length and a path",
                ),
                Some(path) => match check_path(path, rules) {
                    Err(why) => why.fault("fetch.txt"),
                    Ok(()) if path.starts_with("data/") => continue,
                    Ok(()) => Fault::new(Code::OutsidePayload, "The path is not in data/"),
                },
            };
            self.damage.push(fault.at("fetch.txt").line(number + 1));
        }
    }

    fn oxum(&mut self, encoding: &str) {
        let Some(text) = self.text("bag-info.txt", encoding) else {
            return;
        };
        let payload = self
            .bag
            .files
            .iter()
            .filter(|(path, _)| path.starts_with("data/"));
        let found = payload.fold(Oxum::default(), |sum, (_, facts)| Oxum {
            bytes: sum.bytes + facts.bytes,
            files: sum.files + 1,
        });
        for (label, value) in parse_bag_info(&text) {
            if !label.eq_ignore_ascii_case("Payload-Oxum") {
                continue;
            }
            let stated = value.split_once('.').and_then(|(bytes, files)| {
                Some(Oxum {
                    bytes: canonical(bytes)?,
                    files: canonical(files)?,
                })
            });
            if stated != Some(found) {
                let why = format!(
                    "Payload-Oxum says {value}, found {}.{}",
                    found.bytes, found.files
                );
                self.damage
                    .push(Fault::new(Code::WrongOxum, why).at("bag-info.txt"));
            }
        }
    }
}
