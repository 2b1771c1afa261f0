//! `--json`: only JSON lines on standard output, a summary last, its exit code the true one. On every command.

use crate::support::Place;

#[test]
fn every_command_keeps_the_contract() {
    let place = Place::new();
    place.put("in/a.txt", "a river");
    place.put("in/b.txt", "b");
    for words in [
        &["init", "second"][..],
        &["session", "start", "--purpose", "p"],
        &["session", "note", "S-1", "n"],
        &["session", "ls"],
        &["add", "in", "--source", "test", "--session", "S-1"],
        &["add", "in", "--source", "test", "--dry-run"],
        &["session", "end", "S-1"],
        &["ls"],
        &["show", "1"],
        &["get", "1", "-o", "out"],
        &["find", "river"],
        &["find", "river", "-b"],
        &["check"],
        &["check", "--full"],
        &["check", "--item", "1"],
        &["log", "head"],
        &["log", "ls"],
        &["log", "export", "copy"],
        &["log", "verify"],
        &["rebuild"],
        &["user", "passphrase"],
        &["doctor"],
        &["dossier", "new", "--for", "Example", "--purpose", "p"],
        &["dossier", "add", "D-1", "1"],
        &["dossier", "ls"],
        &["dossier", "show", "D-1"],
        &["dossier", "seal", "D-1", "-o", "d.tar.gz"],
        &["verify", "d.tar.gz"],
        &["dossier", "seal", "D-1", "-o", "later.tar.gz", "--later"],
        &["job", "ls"],
        &["check", "--full", "--later"],
        &["job", "add", "index"],
        &["job", "show", "1"],
        &["worker", "--until-empty"],
        &["worker", "--once", "--kinds", "index,sweep"],
        &[
            "job", "ls", "--state", "done", "--kind", "sweep", "--limit", "3",
        ],
        &["completions", "zsh"],
        &["help"],
        &["help", "json"],
        &["help", "add"],
        &["--help"],
        &["add", "--help"],
        &["--version"],
    ] {
        // Before the verb and after everything: it is one flag.
        let said = place.json(words).ends(0);
        assert!(said.stderr.is_empty(), "{words:?}: {}", said.stderr);
        let behind = place.run(&[words, &["--json"]].concat());
        drop(behind.lines());
    }
}

#[test]
fn wrong_words_are_answered_in_json_too() {
    let place = Place::new();
    for words in [
        &["--nonsense"][..],
        &["nonsense"],
        &["ls", "--nonsense"],
        &["ls", "--limit"],
        &["ls", "--limit", "many"],
        &["add"],
        &["add", "x"],
        &["add", "x", "--source", "s", "--workers", "0"],
        &["get", "1"],
        &["find"],
        &["find", "a", "--nonsense"],
        &["find", "a", "--limit", "0"],
        &["check", "--quick", "--full"],
        &["check", "--later"],
        &["job", "ls", "--state", "asleep"],
        &["job", "add", "nothing"],
        &["worker", "--kinds", "nothing"],
        &["worker", "--once", "--until-empty"],
        &["completions", "tcsh-or-so"],
        &["session"],
        &[],
    ] {
        let said = place.json(words).ends(2);
        assert!(said.stderr.is_empty(), "{words:?}: {}", said.stderr);
        assert_eq!(said.typed("error").len(), 1, "{words:?}");
        let behind = place.run(&[words, &["--json"]].concat()).ends(2);
        assert_eq!(behind.typed("error").len(), 1, "{words:?}");
        // Without the flag the same is said to people, and nothing to programs.
        let said = place.run(words).ends(2);
        assert!(
            said.stdout.is_empty() && said.stderr.starts_with("holdfast: "),
            "{words:?}: {said:?}"
        );
    }
    // Behind a bare `--` the flag is a name.
    let said = place
        .run(&["add", "--source", "test", "--", "--json"])
        .ends(3);
    assert!(said.stdout.starts_with("refused"), "{}", said.stdout);
}

#[test]
fn a_find_takes_its_flags_before_and_after_its_words() {
    let place = Place::new();
    for i in 0..3 {
        place.put(format!("in/{i}.txt"), format!("river {i}"));
    }
    place.add(&["in"]).ends(0);
    let shown = |words: &[&str]| place.json(words).ends(0).summary()["shown"].clone();
    assert_eq!(shown(&["find", "river"]), 3);
    assert_eq!(shown(&["find", "river", "--limit", "2"]), 2);
    assert_eq!(shown(&["find", "--limit=1", "river"]), 1);
    assert_eq!(shown(&["find", "river", "-1", "--offset", "0"]), 2);
}

#[test]
fn progress_comes_at_most_once_a_second() {
    let place = Place::new();
    // Waiting on a pipe is not possible, so the work itself must last: many small files.
    for i in 0..6_000 {
        place.put(format!("in/{i}.txt"), format!("file {i}"));
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "how long the program ran is what is measured"
    )]
    let now = std::time::SystemTime::now;
    let start = now();
    let said = place.json(&["add", "in", "--source", "test"]).ends(0);
    let seconds = now().duration_since(start).map_or(0, |d| d.as_secs());
    let told = said.typed("progress");
    assert!(
        told.len() as u64 <= seconds,
        "{} lines in {seconds} s",
        told.len()
    );
    for line in told {
        assert!(
            line["done"].is_u64() && line["bytes"].is_u64() && line["refused"].is_u64(),
            "{line}"
        );
    }
}
