//! Bad dossiers, and sealing, through the program itself.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::string_slice,
    clippy::too_many_lines,
    reason = "in tests a panic is the answer, tables are long, and scratch files need no durability"
)]

mod canary;
pub(crate) mod desk;
mod hostile;
mod sealing;
pub(crate) mod tampered;

use std::collections::BTreeSet;
use std::fs;

use desk::{lay, program, relist, said, sample, verify, verify_at};
use tempfile::TempDir;

#[test]
fn a_good_dossier_verifies_and_every_tampered_one_is_refused_by_name() {
    let good = verify(&tampered::packed(&sample().top, &sample().files, |_| {}));
    assert_eq!(
        (good.code, good.json()["verdict"].as_str()),
        (0, Some("good")),
        "{good:?}"
    );
    let mut names = BTreeSet::new();
    for case in tampered::all() {
        let name = case.name;
        assert!(names.insert(name), "{name} is there twice");
        let said = verify(&case.tar);
        let (codes, json) = (said.codes(), said.json());
        assert_eq!(said.code, 6, "{name}: {said:?}");
        assert!(codes.iter().any(|c| c == case.code), "{name}: {codes:?}");
        assert_eq!(
            (&json["exit"], &json["verdict"]),
            (&6.into(), &"bad".into())
        );
        assert_eq!(json["proven"], serde_json::json!([]), "{name}");
    }
    assert!(names.len() >= 40);
}

#[test]
fn a_fault_is_said_in_words_too() {
    let case = tampered::all()
        .into_iter()
        .find(|c| c.name == "one altered bit of evidence")
        .unwrap();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("d.tar");
    fs::write(&file, &case.tar).unwrap();
    let said = said(program().arg("verify").arg(&file));
    assert_eq!(said.code, 6);
    assert!(
        said.out.starts_with("Do not rely on dossier d-"),
        "{said:?}"
    );
    assert!(
        said.out.contains("Fault: data/evidence/") && said.out.contains("manifest-sha256.txt"),
        "{said:?}"
    );
    assert!(!said.out.contains("Proven:"), "{said:?}");
}

/// Whoever strips a field from an entry leaves no fault; the verdict must say what is no longer proven.
#[test]
fn content_whose_digests_were_stripped_is_never_called_good() {
    for field in ["digests", "kind"] {
        let mut files = sample().files.clone();
        let (path, text) = files
            .iter()
            .filter(|(path, _)| path.ends_with(".sd-jwt"))
            .map(|(path, bytes)| (path.clone(), String::from_utf8(bytes.clone()).unwrap()))
            .find(|(_, text)| text.split('~').any(|part| tampered::shows(part, "digests")))
            .unwrap();
        let kept: Vec<&str> = text
            .split('~')
            .filter(|part| !tampered::shows(part, field))
            .collect();
        files.insert(path, kept.join("~").into_bytes());
        for (path, bytes) in &mut files {
            if path.ends_with("/content") {
                bytes.push(b'!');
            }
        }
        relist(&mut files);
        let both = verify(&tampered::packed(&sample().top, &files, |_| {}));
        assert_eq!(both.code, 6, "the other item still has its digests");
        let report = both.json();
        let states: Vec<_> = report["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|i| i["state"].as_str().unwrap())
            .collect();
        assert!(
            states.contains(&"unproven") && states.contains(&"damaged"),
            "{states:?}"
        );

        // The second item, which still shows its digests, is put back; the first stays exchanged.
        for (path, bytes) in &mut files {
            if path.ends_with("/content") && bytes.len() == 5001 {
                bytes.pop();
            }
        }
        relist(&mut files);
        let one = verify(&tampered::packed(&sample().top, &files, |_| {}));
        assert_eq!(one.json()["verdict"], "good_in_part", "{one:?}");
        let words = one.json()["missing"].to_string();
        assert!(words.contains("could be any file"), "{words}");
    }
}

#[test]
fn a_folder_is_checked_like_the_file_and_no_link_in_it_is_followed() {
    let folder = TempDir::new().unwrap();
    let top = folder.path().join(&sample().top);
    lay(&sample().files, &top);
    assert_eq!(verify_at(&top).code, 0);
    assert_eq!(verify_at(folder.path()).code, 0, "the folder around it");
    let page = top.join("data/index.html");
    let kept = folder.path().join("page");
    fs::rename(&page, &kept).unwrap();
    std::os::unix::fs::symlink(&kept, &page).unwrap();
    let said = verify_at(&top);
    assert_eq!(said.code, 6, "{said:?}");
    assert!(said.codes().contains(&"not_a_file".to_owned()), "{said:?}");
}
