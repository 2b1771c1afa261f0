//! Exit codes are a contract: each is brought about.

use crate::support::{Place, ended, noise};
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn codes_0_1_2_3_and_10() {
    let place = Place::bare();
    let error = place.json(&["ls"]).ends(10).typed("error")[0].clone();
    assert!(error["next"].as_str().unwrap().contains("holdfast init"));
    place.run(&["init", "archive"]).ends(0);
    place.run(&["show", "1"]).ends(1);
    place.run(&["show", "nothing like an id"]).ends(2);
    place.run(&["add"]).ends(2);
    place.run(&["add", "x"]).ends(2);
    place.run(&["ls", "--limit", "0"]).ends(2);
    place.run(&["ls", "--nonsense"]).ends(2);
    place.run(&["nonsense"]).ends(2);
    place.run::<&str>(&[]).ends(2);
    place.run(&["add", "nowhere", "--source", "test"]).ends(3);
    place.run(&["ls"]).ends(0);
    let help = place.run(&["help", "exit-codes"]).ends(0).stdout;
    for code in [0, 1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 14, 130] {
        let listed = help
            .lines()
            .any(|l| l.starts_with(&format!("  {code:<4} ")));
        assert!(listed, "{code}");
    }
}

#[test]
fn code_5_damage() {
    let place = Place::new();
    place.put("a.bin", noise(1, 3 << 20));
    let said = place.add(&["a.bin"]).ends(0);
    let item = said.typed("item")[0].clone();
    let sha = item["sha256"].as_str().unwrap();
    let original = place
        .at("archive/originals")
        .join(sha.split_at(2).0)
        .join(sha.split_at(2).1);
    let mut bytes = fs::read(&original).unwrap();
    bytes[2_500_000] ^= 1;
    fs::set_permissions(&original, PermissionsExt::from_mode(0o644)).unwrap();
    place.put(&original, &bytes);
    let said = place.run(&["check", "--full"]).ends(5);
    // How serious, what is touched, what now, may I go on.
    for word in [
        "DAMAGE in 1 place:",
        "chunk 2",
        "DO NOT CITE",
        item["id"].as_str().unwrap(),
        "backup",
        "may go on",
    ] {
        assert!(
            format!("{}{}", said.stdout, said.stderr).contains(word),
            "{word}: {said:?}"
        );
    }
    assert_eq!(
        place
            .json(&["check", "--full"])
            .ends(5)
            .typed("damage")
            .len(),
        1
    );
    place.json(&["get", "1", "-o", "out.bin"]).ends(5);
    assert!(
        !place.at("out.bin").exists(),
        "damaged bytes never look like a file"
    );
    let left = fs::read_dir(place.at("")).unwrap();
    assert!(
        left.map(|e| e.unwrap().file_name())
            .all(|n| !n.as_encoded_bytes().starts_with(b".holdfast"))
    );
}

#[test]
fn code_6_a_copy_of_the_log_under_another_key() {
    let place = Place::new();
    let other = Place::new();
    let key = |p: &Place| {
        p.json(&["log", "head"]).ends(0).typed("head")[0]["log_key"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    place.json(&["log", "export", "copy"]).ends(0);
    place
        .json(&["log", "verify", "copy", "--key", &key(&place)])
        .ends(0);
    place
        .json(&["log", "verify", "copy", "--key", &key(&other)])
        .ends(6);
    place
        .json(&["log", "verify", "copy", "--key", "nonsense"])
        .ends(2);
    place.json(&["log", "verify", "copy"]).ends(2);
}

#[test]
fn code_11_another_process_holds_the_archive() {
    let place = Place::new();
    for i in 0..3_000 {
        place.put(format!("in/{i}.bin"), noise(i, 40 << 10));
    }
    let mut adding = place
        .command(&["--json", "add", "in", "--source", "test", "--workers", "1"])
        .spawn()
        .unwrap();
    let mut out = std::io::BufReader::new(adding.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut out, &mut String::new()).unwrap();
    let said = place.json(&["rebuild"]);
    assert!(
        adding.try_wait().unwrap().is_none(),
        "the add was over too soon to hold anything"
    );
    let error = said.ends(11).typed("error")[0].clone();
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("Another process holds the archive")
    );
    assert!(
        error["next"]
            .as_str()
            .unwrap()
            .contains("Wait until it is done")
    );
    // Reading goes on beside it.
    place.json(&["ls"]).ends(0);
    drop(out);
    ended(adding).ends(0);
    place.json(&["rebuild"]).ends(0);
    assert_eq!(place.json(&["ls"]).summary()["total"], 3_000);
}

#[test]
fn code_12_keys_of_another_archive() {
    let place = Place::new();
    let other = Place::new();
    for name in fs::read_dir(other.at("archive/keys")).unwrap() {
        let name = name.unwrap();
        let here = place.at("archive/keys").join(name.file_name());
        fs::set_permissions(&here, PermissionsExt::from_mode(0o600)).unwrap();
        place.put(here, fs::read(name.path()).unwrap());
    }
    let error = place.json(&["ls"]).ends(12).typed("error")[0].clone();
    assert!(error["next"].is_string(), "{error}");
}

#[test]
fn every_error_has_a_next_step_and_begins_with_a_capital() {
    let place = Place::new();
    place.put("a.txt", "a");
    let long = "x".repeat(120_000);
    let mut bad = Vec::new();
    for words in [
        &["show", "99"][..],
        &["show", "zz"],
        &["show", "i-"],
        &["get", "99", "-o", "x"],
        &["session", "end", "S-9"],
        &["session", "start", "--purpose", ""],
        &["session", "start", "--purpose", &long],
        &["add", "a.txt", "--source", " "],
        &["add", "a.txt", "--source", &long],
        &["check", "--item", "99"],
        &["log", "verify", "nowhere", "--key", "x"],
        &["log", "verify", "--since", "nowhere"],
        &["log", "export", "nowhere/deeper/still"],
        &["find", ""],
        &["find", "-only"],
        &["find", "\"open"],
        &["user", "passphrase", "nobody"],
        &["init", "a.txt"],
        &["init", "new", "--domain", "Not A Domain"],
        &["init", "new", "--passphrase-fd", "99"],
        &["help", "nothing"],
        &["--archive", "nowhere", "ls"],
        &["--archive", "a.txt", "ls"],
        &["rebuild", "now"],
    ] {
        let said = place.json(words);
        let short: Vec<&str> = words.iter().map(|w| w.get(..20).unwrap_or(w)).collect();
        let error = said.typed("error").pop().unwrap_or_default();
        let (what, next) = (
            error["message"].as_str().unwrap_or_default(),
            error["next"].as_str(),
        );
        // A message may begin with the name of a thing, written as it is.
        let begins = what.starts_with(|c: char| !c.is_lowercase())
            || words.iter().any(|w| what.starts_with(w));
        let good = [1, 2, 10].contains(&said.code)
            && next.is_some_and(|n| n.len() > 3)
            && begins
            && !what.ends_with('.')
            && !what.contains("os error")
            && what.len() < 500;
        if !good {
            bad.push(format!(
                "{short:?} ends with {}: {what:.200} | {next:?}",
                said.code
            ));
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
    place.is_whole();
}
