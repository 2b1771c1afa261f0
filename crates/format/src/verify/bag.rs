//! Step 1: the bag is complete and every list agrees with it.

use std::collections::{BTreeMap, BTreeSet};

use super::damage::Faults;
use super::file::FileFacts;
use super::role::Role;
use crate::dossier::bag::{Algorithm, BAGIT_TXT, BagInfo, Manifest, Oxum, Rules};
use crate::dossier::fault::{Code, Fault};

/// What the bag says of itself.
#[derive(Debug)]
pub(super) struct Bag {
    pub(super) info: Option<BagInfo>,
}

type Files = BTreeMap<String, FileFacts>;

pub(super) fn check(files: &Files, faults: &mut Faults) -> Bag {
    declaration(files, faults);
    let info = info(files, faults);
    for path in ["data/index.html", "data/ro-crate-metadata.json"] {
        if !files.contains_key(path) {
            faults.push(
                Fault::new(Code::MissingFile, "Every dossier has it, this one has not").at(path),
            );
        }
    }
    for (path, facts) in files {
        if Role::of(path) == Role::Unknown {
            let why = format!("No dossier has a file of this name ({} bytes)", facts.bytes);
            faults.push(Fault::new(Code::ExtraFile, why).at(path));
        }
    }
    for tag in [false, true] {
        let lists: Vec<Manifest> = [Algorithm::Sha256, Algorithm::Sha512]
            .into_iter()
            .filter_map(|algorithm| manifest(files, tag, algorithm, faults))
            .collect();
        compare(files, tag, &lists, faults);
    }
    if let Some(info) = &info {
        oxum(files, info.oxum, faults);
    }
    Bag { info }
}

fn declaration(files: &Files, faults: &mut Faults) {
    let fault = match files.get("bagit.txt") {
        Some(facts) if facts.content() == BAGIT_TXT.as_bytes() => return,
        Some(_) => Fault::new(
            Code::BadBagitTxt,
            "It is not the declaration of a BagIt 1.0 bag",
        ),
        None => Fault::new(Code::MissingFile, "It is not there"),
    };
    faults.push(fault.at("bagit.txt"));
}

fn info(files: &Files, faults: &mut Faults) -> Option<BagInfo> {
    let Some(facts) = files.get("bag-info.txt") else {
        faults.push(Fault::new(Code::MissingFile, "It is not there").at("bag-info.txt"));
        return None;
    };
    let text = std::str::from_utf8(facts.content());
    let parsed = text
        .map_err(|_bad| Fault::new(Code::BadBagInfo, "It is not UTF-8").at("bag-info.txt"))
        .and_then(BagInfo::parse);
    parsed.map_err(|fault| faults.push(fault)).ok()
}

fn manifest(
    files: &Files,
    tag: bool,
    algorithm: Algorithm,
    faults: &mut Faults,
) -> Option<Manifest> {
    let name = format!("{}manifest-{algorithm}.txt", if tag { "tag" } else { "" });
    let Some(facts) = files.get(&name) else {
        faults.push(Fault::new(Code::MissingManifest, "It is not there").at(&name));
        return None;
    };
    let Ok(text) = std::str::from_utf8(facts.content()) else {
        faults.push(Fault::new(Code::BadManifest, "It is not UTF-8").at(&name));
        return None;
    };
    let (manifest, found) = Manifest::parse(&name, algorithm, text, Rules::Dossier);
    for fault in found {
        faults.push(fault);
    }
    Some(manifest)
}

/// A file missing from several lists, or differing from several, is one fault.
fn compare(files: &Files, tag: bool, lists: &[Manifest], faults: &mut Faults) {
    let mut listed = BTreeSet::new();
    for list in lists {
        listed.extend(list.lines.keys());
    }
    for path in listed {
        let Some(facts) = files.get(path) else {
            let why = "It is listed in the bag but is not there";
            faults.push(Fault::new(Code::MissingFile, why).at(path));
            continue;
        };
        let wrong: Vec<&str> = lists
            .iter()
            .filter(|list| {
                list.lines
                    .get(path)
                    .is_some_and(|line| !matches(list, facts, &line.0))
            })
            .map(|list| list.file.as_str())
            .collect();
        if !wrong.is_empty() {
            let why = format!(
                "Its content is not the one listed in {}",
                wrong.join(" and ")
            );
            faults.push(Fault::new(Code::WrongDigest, why).at(path));
        }
    }
    for path in files.keys().filter(|path| belongs(path, tag)) {
        let absent: Vec<&str> = lists
            .iter()
            .filter(|list| !list.lines.contains_key(path.as_str()))
            .map(|list| list.file.as_str())
            .collect();
        if !absent.is_empty() {
            let why = format!("It is there but not listed in {}", absent.join(" and "));
            faults.push(Fault::new(Code::ExtraFile, why).at(path));
        }
    }
}

fn matches(list: &Manifest, facts: &FileFacts, digest: &[u8]) -> bool {
    match list.algorithm {
        Algorithm::Sha512 => digest == facts.sha512,
        _ => digest == facts.sha256,
    }
}

/// Payload manifests cover data/; tag manifests cover the rest but themselves.
fn belongs(path: &str, tag: bool) -> bool {
    if path.starts_with("data/") {
        return !tag;
    }
    tag && !path.starts_with("tagmanifest-")
}

fn oxum(files: &Files, stated: Oxum, faults: &mut Faults) {
    let payload = files.iter().filter(|(path, _)| path.starts_with("data/"));
    let found = payload.fold(Oxum::default(), |sum, (_, facts)| Oxum {
        bytes: sum.bytes.saturating_add(facts.bytes),
        files: sum.files + 1,
    });
    if stated != found {
        let why = format!(
            "It states {} bytes in {} files; there are {} bytes in {} files",
            stated.bytes, stated.files, found.bytes, found.files
        );
        faults.push(Fault::new(Code::WrongOxum, why).at("bag-info.txt"));
    }
}
