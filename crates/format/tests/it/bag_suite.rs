//! The Library of Congress suite, and paths and manifests made at random.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use format::dossier::bag::{
    Algorithm, ForeignBag, ForeignFile, ForeignReport, Manifest, Rules, check_path,
    foreign_algorithms,
};
use format::dossier::fault::Code;
use proptest::prelude::*;

fn suite() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/bagit")
}

fn files(folder: &Path, top: &Path, out: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, top, out);
        } else {
            let name = path.strip_prefix(top).unwrap().to_str().unwrap().to_owned();
            out.push((name, fs::read(&path).unwrap()));
        }
    }
}

fn check(folder: &Path) -> ForeignReport {
    let mut found = Vec::new();
    files(folder, folder, &mut found);
    let top = found
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| !name.contains('/'));
    let algorithms = foreign_algorithms(top);
    let mut bag = ForeignBag::default();
    for (name, bytes) in found {
        let mut file = ForeignFile::new(&algorithms);
        for piece in bytes.chunks(11) {
            file.update(piece);
        }
        let tag = (!name.contains('/')).then_some(bytes);
        bag.add(&name, file, tag);
    }
    bag.check()
}

fn bags(group: &str) -> BTreeMap<String, ForeignReport> {
    let mut out = BTreeMap::new();
    for entry in fs::read_dir(suite().join(group)).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            out.insert(name, check(&path));
        }
    }
    out
}

#[test]
fn every_valid_bag_of_the_suite_is_valid() {
    let mut count = 0;
    for group in ["v0.97/valid", "v1.0/valid"] {
        for (name, report) in bags(group) {
            assert!(report.valid, "{name}: {:?}", report.damage);
            count += 1;
        }
    }
    assert_eq!(count, 13);
}

const REFUSED: [(&str, &str, Code); 27] = [
    (
        "v0.97/invalid",
        "baginfo-missing-encoding",
        Code::BadBagitTxt,
    ),
    ("v0.97/invalid", "bom-in-bagit.txt", Code::BadBagitTxt),
    ("v0.97/invalid", "corrupt-data-file", Code::WrongDigest),
    ("v0.97/invalid", "corrupt-tag-file", Code::WrongDigest),
    ("v0.97/invalid", "extra-file-in-bag", Code::ExtraFile),
    ("v0.97/invalid", "invalid-version-number", Code::BadBagitTxt),
    ("v0.97/invalid", "missing-baginfo", Code::MissingFile),
    ("v0.97/invalid", "missing-bagit.txt", Code::NotADossier),
    (
        "v0.97/invalid",
        "out-of-scope-file-paths-using-dot-notation",
        Code::ClimbingPath,
    ),
    (
        "v0.97/invalid",
        "out-of-scope-file-paths-using-dot-notation-for-fetch",
        Code::ClimbingPath,
    ),
    (
        "v0.97/invalid",
        "same-filename-listed-twice-with-different-hashes",
        Code::DuplicatePath,
    ),
    (
        "v0.97/linux-only",
        "out-of-scope-file-paths-using-absolute-path",
        Code::AbsolutePath,
    ),
    (
        "v0.97/linux-only",
        "out-of-scope-file-paths-using-absolute-path-for-fetch",
        Code::AbsolutePath,
    ),
    (
        "v0.97/linux-only",
        "out-of-scope-file-paths-using-shortcut",
        Code::HomePath,
    ),
    (
        "v0.97/linux-only",
        "out-of-scope-file-paths-using-shortcut-for-fetch",
        Code::HomePath,
    ),
    (
        "v0.97/linux-only",
        "out-of-scope-file-paths-using-shortcut-username",
        Code::HomePath,
    ),
    (
        "v0.97/linux-only",
        "out-of-scope-file-paths-using-shortcut-username-for-fetch",
        Code::HomePath,
    ),
    (
        "v0.97/windows-only",
        "out-of-scope-file-paths-using-absolute-path",
        Code::DrivePath,
    ),
    (
        "v0.97/windows-only",
        "out-of-scope-file-paths-using-absolute-path-for-fetch",
        Code::DrivePath,
    ),
    (
        "v0.97/windows-only",
        "out-of-scope-file-paths-using-shortcut",
        Code::BackslashPath,
    ),
    (
        "v0.97/windows-only",
        "out-of-scope-file-paths-using-shortcut-for-fetch",
        Code::BackslashPath,
    ),
    (
        "v0.97/windows-only",
        "out-of-scope-file-paths-using-unc",
        Code::BackslashPath,
    ),
    (
        "v0.97/windows-only",
        "out-of-scope-file-paths-using-unc-for-fetch",
        Code::BackslashPath,
    ),
    (
        "v1.0/invalid",
        "bagit-with-invalid-whitespace",
        Code::BadBagitTxt,
    ),
    (
        "v1.0/invalid",
        "notAllManifestsListAllFiles",
        Code::ExtraFile,
    ),
    (
        "v1.0/invalid",
        "same-filename-listed-twice-with-different-hashes",
        Code::BadBagitTxt,
    ),
    (
        "v1.0/invalid",
        "same-filename-listed-twice-with-the-same-hash",
        Code::DuplicatePath,
    ),
];

#[test]
fn every_invalid_bag_of_the_suite_is_refused_for_its_reason() {
    let mut listed = BTreeMap::<&str, usize>::new();
    for (group, name, code) in REFUSED {
        *listed.entry(group).or_default() += 1;
        let report = check(&suite().join(group).join(name));
        let codes: Vec<Code> = report.damage.iter().map(|fault| fault.code).collect();
        assert!(codes.contains(&code), "{group}/{name}: {:?}", report.damage);
        assert!(!report.valid);
    }
    for (group, count) in listed {
        assert_eq!(
            bags(group).len(),
            count,
            "every bag of {group} is expected to fail"
        );
    }
}

#[test]
fn doubtful_bags_of_the_suite_pass_with_a_warning() {
    let expected = [
        ("made-with-md5sum-tools", Code::WeakDigest),
        ("relative-path", Code::DotPath),
        (
            "same-filename-listed-twice-with-the-same-hash",
            Code::DuplicatePath,
        ),
    ];
    for (name, code) in expected {
        let report = check(&suite().join("v0.97/warning").join(name));
        assert!(report.valid, "{name}: {:?}", report.damage);
        assert!(
            report.warnings.iter().any(|f| f.code == code),
            "{name}: {:?}",
            report.warnings
        );
    }
    // These three need a file system that Linux does not have; here a file is simply missing.
    for name in [
        "duplicate-file-with-different-case",
        "same-filename-listed-twice-with-different-normalization",
        "special-system-files",
    ] {
        let report = check(&suite().join("v0.97/warning").join(name));
        assert!(
            report.damage.iter().any(|f| f.code == Code::MissingFile),
            "{name}"
        );
    }
}

#[test]
fn a_bag_with_md5_alone_is_called_weak() {
    assert!(!check(&suite().join("v0.97/valid/basic-bag")).strong);
    assert!(check(&suite().join("v1.0/valid/basicBag")).strong);
}

fn climbs(path: &str) -> bool {
    path.starts_with('/') || path.split(['/', '\\']).any(|part| part == "..")
}

proptest! {
    #[test]
    fn no_accepted_path_leads_out(path in r"[a-zA-Z0-9._/~\\%: \t-]{0,24}|\PC{0,24}") {
        for rules in [Rules::Dossier, Rules::Bag10, Rules::Bag097] {
            if check_path(&path, rules).is_ok() {
                prop_assert!(!climbs(&path), "{path:?}");
            }
        }
    }

    #[test]
    fn no_manifest_text_makes_the_reader_panic(text in r"([0-9a-f]{0,66}[ \t*]{0,3}(data/)?[a-z./%]{0,9}\r?\n?|\PC{0,30}){0,6}") {
        for rules in [Rules::Dossier, Rules::Bag10, Rules::Bag097] {
            let (manifest, _faults) = Manifest::parse("manifest-sha256.txt", Algorithm::Sha256, &text, rules);
            for path in manifest.lines.keys() {
                prop_assert!(path.starts_with("data/") && !climbs(path));
            }
        }
    }
}
