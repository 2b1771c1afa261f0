//! Programs that are not ours accept what we write, and refuse it when it was tampered with.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::string_slice,
    clippy::too_many_lines,
    reason = "in tests a panic is the answer, tables are long, and scratch files need no durability"
)]

mod authority;
mod page;
mod second;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tempfile::TempDir;
use testkit::tools;

use crate::dossier::desk::{Desk, Files, Said, lay, program, relist, said, unpacked};

/// An archive with more than 600 entries, two states of its log, and a dossier in each form.
struct World {
    desk: Desk,
    files: Files,
    /// The log's key and the key of its entries.
    keys: (String, String),
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let desk = Desk::new();
        for n in 0..310 {
            desk.put(
                &format!("small/{n}.txt"),
                format!("invented note {n}").as_bytes(),
            );
        }
        desk.good(&["add", "small", "--source", "A"]);
        desk.good(&["log", "export", "before"]);
        desk.good(&["add", "small", "--source", "B"]);
        desk.good(&["get", "7", "-o", "out.txt"]);
        let chosen = ["7", "300", "301", "620", "--withhold", "source,name"];
        desk.dossier("D-1", &chosen);
        let (top, files) = unpacked(&desk.seal("D-1", "d.tar"));
        lay(&files, &desk.at(&top));
        desk.good(&["log", "export", "after"]);
        let keys = desk.keys();
        desk.put("key", keys.0.as_bytes());
        World { desk, files, keys }
    })
}

/// The dossier as a folder, changed.
fn folder_with(change: impl FnOnce(&mut Files)) -> TempDir {
    let folder = TempDir::new().unwrap();
    let mut files = world().files.clone();
    change(&mut files);
    lay(&files, folder.path());
    folder
}

fn one(files: &Files, ending: &str) -> String {
    files
        .keys()
        .find(|path| path.ends_with(ending))
        .unwrap()
        .clone()
}

#[test]
fn bagit_and_sha256sum_accept_a_dossier_and_refuse_a_tampered_one() {
    let (Some(_), Some(_)) = (tools::need("bagit"), tools::need("sha256sum")) else {
        return;
    };
    let good = folder_with(|_| {});
    tools::bagit_validate(good.path()).unwrap();
    tools::sha256sum_check(good.path()).unwrap();
    let altered = folder_with(|files| {
        let path = one(files, "/content");
        files.get_mut(&path).unwrap()[0] ^= 1;
    });
    assert!(
        tools::bagit_validate(altered.path())
            .unwrap_err()
            .contains("/content")
    );
    assert!(
        tools::sha256sum_check(altered.path())
            .unwrap_err()
            .contains("/content")
    );
    let missing = folder_with(|files| drop(files.remove(&one(files, "/content"))));
    assert!(tools::bagit_validate(missing.path()).is_err());
    let extra = folder_with(|files| drop(files.insert("data/x".into(), b"x".to_vec())));
    assert!(tools::bagit_validate(extra.path()).is_err());
    tools::sha256sum_check(extra.path()).expect("sha256sum sees no extra file; bagit.py and we do");
}

#[test]
fn the_demo_is_accepted_by_all_that_read_bags_and_crates() {
    let (Some(_), Some(_)) = (tools::need("bagit"), tools::need("rocrate")) else {
        return;
    };
    let folder = TempDir::new().unwrap();
    let mut command = program();
    command
        .args(["demo", "demo", "--no-serve"])
        .current_dir(folder.path());
    let demo = said(&mut command);
    assert_eq!(demo.code, 0, "{demo:?}");
    let tar = fs::read(folder.path().join("demo/eastbridge.dossier.tar")).unwrap();
    let (top, files) = unpacked(&tar);
    let top = folder.path().join(top);
    lay(&files, &top);
    tools::bagit_validate(&top).unwrap();
    tools::sha256sum_check(&top).unwrap();
    tools::rocrate_validate(&top).unwrap();
    let python = second::python(
        &top,
        Some(&folder.path().join("demo/policy-given-in-person.txt")),
    );
    assert_eq!(python.map_or(0, |said| said.code), 0);
}

#[test]
fn the_crate_validator_accepts_a_dossier_and_misses_an_unnamed_part() {
    if tools::need("rocrate").is_none() {
        return;
    }
    tools::rocrate_validate(folder_with(|_| {}).path()).unwrap();
    let metadata = "data/ro-crate-metadata.json";
    let gone = folder_with(|files| {
        files.remove(&one(files, "/content"));
        relist(files);
    });
    let said = tools::rocrate_validate(gone.path()).unwrap_err();
    assert!(said.contains("content"), "{said}");
    let undated = folder_with(|files| {
        let text = String::from_utf8(files[metadata].clone()).unwrap();
        assert!(text.contains("\"datePublished\""));
        files.insert(
            metadata.into(),
            text.replace("\"datePublished\"", "\"dateKept\"")
                .into_bytes(),
        );
        relist(files);
    });
    assert!(tools::rocrate_validate(undated.path()).is_err());
    let altered = folder_with(|files| {
        let path = one(files, "/content");
        files.get_mut(&path).unwrap()[0] ^= 1;
    });
    tools::rocrate_validate(altered.path()).expect("it checks no digests: never the only check");
}

/// The indexes of the entries in the dossier.
fn indexes() -> Vec<String> {
    let names = world()
        .files
        .keys()
        .filter_map(|path| path.strip_prefix("data/log/proofs/"));
    names
        .map(|name| name.trim_end_matches(".tlog-proof").to_owned())
        .collect()
}

/// The record of an entry of the dossier.
fn record(index: &str) -> Vec<u8> {
    let files = &world().files;
    let hidden = files.get(&format!("data/log/entries/{index}.jws"));
    let bytes = hidden.unwrap_or_else(|| &files[&format!("data/log/entries/{index}.sd-jwt")]);
    bytes.split(|byte| *byte == b'~').next().unwrap().to_vec()
}

#[test]
fn go_accepts_every_proof_of_a_dossier_and_no_other_record() {
    if tools::need("go").is_none() {
        return;
    }
    let key = world().desk.at("key");
    let scratch = TempDir::new().unwrap();
    let (record_file, proof_file) = (scratch.path().join("record"), scratch.path().join("proof"));
    let indexes = indexes();
    assert!(indexes.len() >= 7, "{indexes:?}");
    let proof = |index: &String| &world().files[&format!("data/log/proofs/{index}.tlog-proof")];
    let check = |record: &[u8], proof: &[u8]| {
        fs::write(&record_file, record).unwrap();
        fs::write(&proof_file, proof).unwrap();
        tools::go_proof(&key, &record_file, &proof_file)
    };
    for index in &indexes {
        check(&record(index), proof(index)).unwrap();
    }
    let (first, last) = (&indexes[0], &indexes[indexes.len() - 1]);
    let mut other = record(first);
    other[40] ^= 1;
    for (record, proof) in [
        (other, proof(first)),
        (record(first), proof(last)),
        (record(last), proof(first)),
    ] {
        assert!(check(&record, proof).unwrap_err().contains("REFUSED"));
    }
    let text = String::from_utf8(proof(last).clone()).unwrap();
    let moved = text.replacen(&format!("index {last}\n"), "index 5\n", 1);
    assert!(
        check(&record(last), moved.as_bytes())
            .unwrap_err()
            .contains("REFUSED")
    );
    let foreign = Desk::new().keys().0;
    fs::write(&proof_file, proof(first)).unwrap();
    fs::write(&record_file, record(first)).unwrap();
    let other_key = scratch.path().join("key");
    fs::write(&other_key, foreign).unwrap();
    assert!(tools::go_proof(&other_key, &record_file, &proof_file).is_err());
}

fn copied(from: &Path) -> TempDir {
    let to = TempDir::new().unwrap();
    let mut command = Command::new("cp");
    assert!(
        command
            .arg("-rT")
            .arg(from)
            .arg(to.path())
            .status()
            .unwrap()
            .success()
    );
    to
}

/// Files below a folder whose path holds this text.
fn below(folder: &Path, part: &str) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(below(&path, part));
        } else if path.to_str().unwrap().contains(part) {
            out.push(path);
        }
    }
    out.sort();
    out
}

#[test]
fn go_rebuilds_the_exported_log_and_refuses_a_forked_or_shrunk_one() {
    if tools::need("go").is_none() {
        return;
    }
    let desk = &world().desk;
    let (key, before, after) = (desk.at("key"), desk.at("before"), desk.at("after"));
    tools::go_log(&before, &key).unwrap();
    tools::go_log(&after, &key).unwrap();
    let old = before.join("checkpoint");
    tools::go_consistency(&key, &old, &after).unwrap();
    let rolled_back = tools::go_consistency(&key, after.join("checkpoint"), &before).unwrap_err();
    assert!(rolled_back.contains("REFUSED"), "{rolled_back}");
    for part in [
        "tile/entries/000",
        "tile/entries/002",
        "tile/0/001",
        "tile/1/000",
        "checkpoint",
    ] {
        let copy = copied(&after);
        let file = below(copy.path(), part).remove(0);
        let mut bytes = fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&file, bytes).unwrap();
        assert!(
            tools::go_log(copy.path(), &key)
                .unwrap_err()
                .contains("REFUSED"),
            "{part}"
        );
    }
    // An archive restored from an old copy that went on in another way: both heads are well signed.
    let fork = fork();
    tools::go_log(fork.path(), &key).unwrap();
    let forked = tools::go_consistency(&key, after.join("checkpoint"), fork.path()).unwrap_err();
    assert!(forked.contains("REFUSED"), "{forked}");
    for (since, log, code) in [
        (&old, after.as_path(), 0),
        (&after.join("checkpoint"), fork.path(), 6),
    ] {
        let mut command = program();
        command
            .args(["log", "verify"])
            .arg(log)
            .arg("--since")
            .arg(since);
        let ours: Said = said(command.args(["--key", &world().keys.0]));
        assert_eq!(ours.code, code, "{ours:?}");
    }
}

/// A copy of the archive that went on in another way than the archive itself.
fn fork() -> TempDir {
    let desk = &world().desk;
    let copy = copied(&desk.archive());
    let scratch = TempDir::new().unwrap();
    let run = |archive: &Path, arguments: &[&str]| {
        let mut command = program();
        command
            .current_dir(scratch.path())
            .arg("--archive")
            .arg(archive);
        let done = said(command.args(arguments));
        assert_eq!(done.code, 0, "{done:?}");
    };
    fs::write(scratch.path().join("fork.txt"), "another invented note").unwrap();
    run(copy.path(), &["add", "fork.txt", "--source", "Fork"]);
    let out = scratch.path().join("log");
    run(copy.path(), &["log", "export", out.to_str().unwrap()]);
    let exported = copied(&out);
    // The true log goes on as well, so that its newest head is longer than what both share.
    desk.put("more.txt", b"one more invented note");
    desk.good(&["add", "more.txt", "--source", "C"]);
    let after = desk.at("after");
    fs::remove_dir_all(&after).unwrap();
    desk.good(&["log", "export", "after"]);
    exported
}

#[test]
fn an_sd_jwt_library_reads_entries_with_fields_withheld_and_refuses_a_bad_signature() {
    if tools::need("sd-jwt").is_none() {
        return;
    }
    let bytes = |hex: &str| -> Vec<u8> {
        (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect()
    };
    let jwk = |key: &str| {
        let x = URL_SAFE_NO_PAD.encode(bytes(key));
        serde_json::json!({ "kty": "OKP", "crv": "Ed25519", "x": x }).to_string()
    };
    let own = jwk(&world().keys.1);
    let entries = world()
        .files
        .iter()
        .filter(|(path, _)| path.contains("/entries/"));
    let mut kinds = Vec::new();
    for (path, bytes) in entries {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let token = if path.ends_with(".jws") {
            format!("{text}~")
        } else {
            text
        };
        let payload =
            tools::sd_jwt_verify(&token, &own).unwrap_or_else(|why| panic!("{path}: {why}"));
        let payload: serde_json::Value = serde_json::from_str(&payload).unwrap();
        assert_eq!(payload["iss"].as_str(), world().keys.0.split('+').next());
        if payload["kind"] == "collected" {
            assert!(payload["digests"]["sha256"].is_string());
            assert!(
                payload.get("source").is_none() && payload.get("name").is_none(),
                "withheld"
            );
        }
        kinds.push(
            payload["kind"]
                .as_str()
                .unwrap_or("nothing shown")
                .to_owned(),
        );
    }
    for kind in ["founded", "collected", "dossier_sealed", "nothing shown"] {
        assert!(kinds.iter().any(|k| k == kind), "{kind}: {kinds:?}");
    }
    let token = String::from_utf8(world().files["data/log/entries/0.sd-jwt"].clone()).unwrap();
    let other = jwk(&Desk::new().keys().1);
    assert!(
        tools::sd_jwt_verify(&token, &other).is_err(),
        "another archive's key"
    );
    let dot = token.split('~').next().unwrap().rfind('.').unwrap() + 10;
    let mut forged = token.clone();
    let letter = if &token[dot..=dot] == "A" { "B" } else { "A" };
    forged.replace_range(dot..=dot, letter);
    assert!(
        tools::sd_jwt_verify(&forged, &own).is_err(),
        "an altered signature"
    );
}
