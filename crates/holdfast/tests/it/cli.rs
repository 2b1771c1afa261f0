//! What each command does and says, read as a new user reads it.

use crate::support::Place;
use std::fs;

#[test]
fn a_repeated_add_knows_everything_and_adds_nothing_to_the_log() {
    let place = Place::new();
    place.put("in/a.txt", "a");
    place.put("in/b/c.txt", "c");
    std::os::unix::fs::symlink("a.txt", place.at("in/link")).unwrap();
    place.add(&["in"]).ends(3);
    let (size, truth) = (place.log_size(), place.truth());
    let again = place.add(&["in"]).ends(3).summary();
    assert_eq!(
        (again["known"].clone(), again["preserved"].clone()),
        (2.into(), 0.into())
    );
    // The refusal is said again and recorded once.
    assert_eq!(again["refused"], 1);
    assert_eq!((place.log_size(), place.truth()), (size, truth));
    // A refusal for another reason is news.
    fs::remove_file(place.at("in/link")).unwrap();
    std::os::unix::fs::symlink("b", place.at("in/link")).unwrap();
    place.add(&["in"]).ends(3);
    assert_eq!(place.log_size(), size + 1);
    // So is the same refusal in a session.
    place.run(&["session", "start", "--purpose", "p"]).ends(0);
    place
        .json(&["add", "in/link", "--source", "test", "--session", "S-1"])
        .ends(3);
    assert_eq!(place.log_size(), size + 3);
    place
        .json(&["add", "in/link", "--source", "test", "--session", "S-1"])
        .ends(3);
    assert_eq!(place.log_size(), size + 3);
    place.is_whole();
}

#[test]
fn the_same_bytes_from_another_source_are_another_item() {
    let place = Place::new();
    place.put("a.txt", "a");
    place.add(&["a.txt"]).ends(0);
    let said = place.json(&["add", "a.txt", "--source", "other"]).ends(0);
    assert_eq!(said.summary()["preserved"], 1);
    assert_eq!(
        fs::read_dir(place.at("archive/originals")).unwrap().count(),
        1
    );
}

#[test]
fn a_dry_run_never_says_preserved_and_writes_nothing() {
    let place = Place::new();
    place.put("in/a.txt", "a");
    place.put("in/b.txt", "b");
    let before = (place.log_size(), place.truth());
    let said = place
        .run(&["add", "in", "--source", "test", "--dry-run"])
        .ends(0);
    assert!(!said.stdout.contains("preserved") && !said.stderr.contains("preserved"));
    assert_eq!(
        said.stdout
            .lines()
            .filter(|l| l.starts_with("would add "))
            .count(),
        2
    );
    let said = place
        .json(&["add", "in", "--source", "test", "--dry-run"])
        .ends(0);
    assert!(said.outcomes().values().all(|o| o == "would_add"));
    let summary = said.summary();
    assert_eq!(
        (summary["would_add"].clone(), summary["preserved"].clone()),
        (2.into(), 0.into())
    );
    assert_eq!(summary["dry_run"], true);
    assert_eq!((place.log_size(), place.truth()), before);
    place.add(&["in/a.txt"]).ends(0);
    let said = place
        .json(&[
            "add",
            "in/a.txt",
            "in/b.txt",
            "--source",
            "test",
            "--dry-run",
        ])
        .ends(0);
    let summary = said.summary();
    assert_eq!(
        (summary["known"].clone(), summary["would_add"].clone()),
        (1.into(), 1.into())
    );
}

#[test]
fn a_session_lives_once() {
    let place = Place::new();
    place.put("a.txt", "a");
    let add =
        |session: &str| place.json(&["add", "a.txt", "--source", "test", "--session", session]);
    add("S-1").ends(1);
    place.run(&["session", "start", "--purpose", " "]).ends(2);
    let said = place
        .run(&[
            "session",
            "start",
            "--purpose",
            "Visit",
            "--authority",
            "Team",
        ])
        .ends(0);
    assert!(said.stdout.starts_with("S-1 s-"), "{}", said.stdout);
    add("S-1").ends(0);
    place
        .run(&["session", "note", "S-1", "A second phone was handed over"])
        .ends(0);
    place.run(&["session", "note", "S-1", ""]).ends(2);
    place
        .run(&["session", "end", "S-1", "--note", "Done"])
        .ends(0);
    let size = place.log_size();
    place.put("b.txt", "b");
    for words in [
        &["session", "end", "S-1"][..],
        &["session", "note", "S-1", "late"],
        &["add", "b.txt", "--source", "test", "--session", "S-1"],
        &[
            "add",
            "b.txt",
            "--source",
            "test",
            "--session",
            "S-1",
            "--dry-run",
        ],
    ] {
        let error = place.json(words).ends(1).typed("error")[0].clone();
        assert_eq!(error["message"], "Session S-1 has ended", "{words:?}");
        assert!(
            error["next"]
                .as_str()
                .unwrap()
                .contains("session start --purpose")
        );
    }
    assert_eq!(place.log_size(), size);
    // What was refused was not read either: no stray is left behind.
    assert_eq!(place.json(&["check"]).ends(0).summary()["strays"], 0);
    let rows = place.json(&["session", "ls"]).ends(0).typed("session");
    assert!(rows[0]["ended_at"].is_string());
}

#[test]
fn nothing_is_overwritten() {
    let place = Place::new();
    place.put("a.txt", "a");
    place.add(&["a.txt"]).ends(0);
    place.put("mine.txt", "mine");
    let size = place.log_size();
    for words in [
        &["get", "1", "-o", "mine.txt"][..],
        &["get", "1", "-o", "archive"],
        &["log", "export", "mine.txt"],
        &["log", "export", "archive"],
        &["init", "archive"],
    ] {
        place.json(words).ends(2);
    }
    std::os::unix::fs::symlink("nowhere", place.at("dangling")).unwrap();
    place.json(&["get", "1", "-o", "dangling"]).ends(2);
    assert_eq!(fs::read(place.at("mine.txt")).unwrap(), b"mine");
    assert_eq!(
        place.log_size(),
        size,
        "what was not taken out is not recorded as taken out"
    );
    place.json(&["get", "1", "-o", "out.txt"]).ends(0);
    assert_eq!(fs::read(place.at("out.txt")).unwrap(), b"a");
    assert_eq!(place.log_size(), size + 1);
    place.json(&["log", "export", "copy"]).ends(0);
    place.json(&["log", "export", "copy"]).ends(2);
}

#[test]
fn help_has_every_topic_and_command_and_completions_know_them() {
    let place = Place::bare();
    for topic in ["exit-codes", "json", "evidence", "no-network", "recover"] {
        let said = place.run(&["help", topic]).ends(0);
        assert!(said.stdout.lines().count() > 3, "{topic}");
        assert!(
            said.stdout.lines().all(|l| l.chars().count() <= 100),
            "{topic}"
        );
        assert_eq!(
            place.json(&["help", topic]).ends(0).typed("help")[0]["topic"],
            *topic
        );
    }
    let verbs = [
        "init", "session", "add", "ls", "show", "get", "find", "check", "log", "rebuild",
        "dossier", "verify", "user", "serve", "doctor", "demo",
    ];
    let all = place.run(&["help"]).ends(0).stdout;
    for verb in verbs {
        assert!(all.contains(&format!("\n  {verb} ")), "{verb}");
        assert!(
            place.run(&["help", verb]).ends(0).stdout.contains("Usage"),
            "{verb}"
        );
    }
    for shell in ["bash", "zsh", "fish"] {
        let script = place.run(&["completions", shell]).ends(0).stdout;
        assert!(verbs.iter().all(|v| script.contains(v)), "{shell}");
        let said = place.json(&["completions", shell]).ends(0);
        let same = said.typed("completions")[0]["script"]
            .as_str()
            .unwrap()
            .trim_end()
            == script.trim_end();
        assert!(same, "{shell}");
    }
    let next = place.json(&["help", "nothing"]).ends(2).typed("error")[0]["next"].clone();
    assert!(next.as_str().unwrap().contains("exit-codes"));
}

#[test]
fn no_word_of_ours_says_verified_alone() {
    let place = Place::new();
    place.put("a.txt", "a river");
    let mut said = String::new();
    for words in [
        &["add", "a.txt", "--source", "test"][..],
        &["ls"],
        &["show", "1"],
        &["find", "river"],
        &["get", "1", "-o", "out"],
        &["check"],
        &["check", "--full"],
        &["check", "--item", "1"],
        &["log", "head"],
        &["log", "ls"],
        &["log", "verify"],
        &["rebuild"],
        &["doctor"],
        &["help"],
    ] {
        let one = place.run(words).ends(0);
        said.push_str(&one.stdout);
        said.push_str(&one.stderr);
    }
    assert!(!said.to_lowercase().contains("verified"), "{said}");
    assert!(
        !said.contains("1 things")
            && !said.contains("1 files")
            && !said.contains("1 places")
            && !said.contains("1 entries"),
        "{said}"
    );
}

#[test]
fn what_help_recover_says_is_true_of_lost_rows_and_lost_keys() {
    let place = Place::new();
    place.put("in/a.txt", "a river");
    place.add(&["in"]).ends(0);
    for name in ["rows.sqlite", "rows.sqlite-wal", "rows.sqlite-shm"] {
        drop(fs::remove_file(place.at("archive").join(name)));
    }
    drop(fs::remove_dir_all(place.at("archive/search")));
    assert_eq!(place.json(&["ls"]).ends(0).summary()["total"], 1);
    assert_eq!(place.json(&["find", "river"]).ends(0).summary()["total"], 1);
    assert_eq!(place.add(&["in"]).ends(0).summary()["known"], 1);
    place.is_whole();
    place.rename("archive/keys", "keys");
    let truth = place.truth();
    for words in [
        &["ls"][..],
        &["show", "1"],
        &["find", "river"],
        &["log", "head"],
        &["check", "--full"],
    ] {
        place.json(&[&["--read-only"], words].concat()).ends(0);
        let said = place
            .json(words)
            .ends(if words[0] == "check" { 5 } else { 0 });
        let lost = said.typed("damage");
        assert!(lost.iter().all(|d| d["place"] == "key"), "{lost:?}");
    }
    place.put("b.txt", "b");
    let error = place.add(&["b.txt"]).ends(12).typed("error")[0].to_string();
    assert!(
        error.contains("keys") && error.contains("backup"),
        "{error}"
    );
    for words in [
        &["get", "1", "-o", "out"][..],
        &["session", "start", "--purpose", "p"],
        &["dossier", "new", "--for", "Example", "--purpose", "p"],
    ] {
        place.json(words).ends(12);
    }
    assert_eq!(
        place.truth().len(),
        truth.len(),
        "what cannot be recorded is not kept either"
    );
    place.rename("keys", "archive/keys");
    assert_eq!(place.add(&["b.txt"]).ends(0).summary()["preserved"], 1);
    place.is_whole();
}

#[test]
fn progress_goes_where_it_was_asked_to() {
    let place = Place::new();
    place.put("a.txt", "a");
    for (word, code) in [
        ("none", 0),
        ("plain", 0),
        ("bar", 0),
        ("", 0),
        ("fast", 2),
        ("None", 2),
    ] {
        for json in [false, true] {
            let mut command = place.command(&["add", "a.txt", "--source", "test"]);
            if json {
                command.arg("--json");
            }
            command.env("HOLDFAST_PROGRESS", word);
            let said = crate::support::ended(command.spawn().unwrap()).ends(code);
            if json {
                assert_eq!(said.typed("progress").len(), 0, "short work says nothing");
            }
            if code == 2 {
                let both = format!("{}{}", said.stdout, said.stderr);
                assert!(both.contains("none, plain or bar"), "{both}");
            }
        }
    }
}
