//! A name must not move the cursor or turn the text around, whoever chose it.

use crate::support::{Place, Said, skipped};
use std::path::Path;

/// Characters that no human output may have raw.
fn is_harmful(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn clean(what: &str, text: &str) {
    let at = text.chars().position(is_harmful);
    let around =
        |at: usize| -> String { text.chars().skip(at.saturating_sub(20)).take(40).collect() };
    assert!(at.is_none(), "{what}: {:?}", at.map(around));
}

/// Names that a file can have, from the list of naughty strings.
fn naughty() -> Option<Vec<String>> {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/names/blns.json");
    let Ok(bytes) = std::fs::read(list) else {
        skipped("no ../shared/data/names/blns.json");
        return None;
    };
    let all: Vec<String> = serde_json::from_slice(&bytes).unwrap();
    let fits = |s: &String| {
        !s.is_empty() && s != "." && s != ".." && !s.contains(['/', '\0']) && s.len() <= 255
    };
    Some(all.into_iter().filter(fits).collect())
}

/// All names of the list, those that it lacks and an attacker has, and a link with one in its target.
fn filled(place: &Place) -> Option<usize> {
    let mut names = naughty()?;
    assert!(names.len() > 300 && names.iter().any(|n| n.chars().any(is_harmful)));
    let controls = ('\u{1}'..='\u{9f}').filter(|c| c.is_control());
    names.extend(controls.map(|c| format!("c{c}c")));
    let turns = ('\u{2028}'..='\u{202e}').chain('\u{2066}'..='\u{2069}');
    names.extend(turns.map(|c| format!("b{c}b")));
    names.sort();
    names.dedup();
    for name in &names {
        place.put(Path::new("in").join(name), format!("content of {name}"));
    }
    let link = place.at("in").join(format!("link{HARMFUL}"));
    std::os::unix::fs::symlink(HARMFUL, link).unwrap();
    Some(names.len())
}

const HARMFUL: &str = "x\u{1b}[31m\u{202e}y";

fn say(place: &Place, words: &[&str], code: i32) -> Said {
    let said = place.run(words).ends(code);
    clean(&format!("{words:?} out"), &said.stdout);
    clean(&format!("{words:?} err"), &said.stderr);
    said
}

#[test]
fn no_naughty_name_reaches_the_terminal_raw() {
    let place = Place::new();
    let Some(count) = filled(&place) else {
        return;
    };
    let added = say(&place, &["add", "in", "--source", HARMFUL], 3);
    let preserved = added.stdout.lines().filter(|l| l.starts_with("preserved "));
    assert_eq!(
        preserved.count(),
        count,
        "one line for each, whatever line breaks the names hold"
    );
    say(&place, &["add", "in", "--source", HARMFUL, "--dry-run"], 3);
    let listed = say(&place, &["ls", "--limit", "1000"], 0);
    assert_eq!(listed.stdout.lines().count(), count);
    for number in (1..=count).step_by(40) {
        say(&place, &["show", &number.to_string()], 0);
    }
    say(&place, &["find", "content", "--limit", "1000"], 0);
    // JSON says the same, and not raw either.
    clean(
        "json",
        &place.json(&["ls", "--limit", "1000"]).ends(0).stdout,
    );
    // Damage to all of them is told as safely.
    std::fs::remove_dir_all(place.at("archive/originals")).unwrap();
    say(&place, &["check"], 5);
}

#[test]
fn what_was_typed_is_repeated_safely() {
    let place = Place::new();
    place.put("a.txt", "a");
    say(&place, &["add", "a.txt", "--source", HARMFUL], 0);
    let (log, new, none, flag) = (
        format!("log{HARMFUL}"),
        format!("new{HARMFUL}"),
        format!("no{HARMFUL}"),
        format!("--{HARMFUL}"),
    );
    for (words, code) in [
        (
            &[
                "session",
                "start",
                "--purpose",
                HARMFUL,
                "--authority",
                HARMFUL,
            ][..],
            0,
        ),
        (&["session", "ls"], 0),
        (&["log", "ls"], 0),
        (&["get", "1", "-o", HARMFUL], 0),
        (&["get", "1", "-o", HARMFUL], 2),
        (&["show", HARMFUL], 2),
        (&["log", "export", &log], 0),
        (&["add", &none, "--source", "test"], 3),
        (&[&flag], 2),
        (&["find", "a", &flag], 2),
        (&[HARMFUL], 2),
        (&["--archive", HARMFUL, "ls"], 10),
        (&["init", &new, "--owner", HARMFUL], 0),
        (&["user", "passphrase", HARMFUL], 1),
    ] {
        say(&place, words, code);
    }
}
