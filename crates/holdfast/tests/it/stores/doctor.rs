//! `holdfast doctor` looks at the database and the bucket one by one.

use super::{Kept, private, tell};
use crate::support::Said;
use serde_json::Value;

fn finding(said: &Said, what: &str) -> (bool, String) {
    let found: Vec<Value> = said.typed("finding");
    let one = found.iter().find(|f| f["what"] == what);
    let one = one.unwrap_or_else(|| panic!("nothing about {what}: {}", said.stdout));
    let text = one["text"].as_str().unwrap().to_owned();
    tell(&format!("| doctor, {what} | {} | {text} |", one["good"]));
    (one["good"] == true, text)
}

#[test]
fn doctor_says_what_database_bucket_keys_and_credentials_are_like() {
    let Some(kept) = Kept::new() else { return };
    let said = kept.on("archive", &["doctor"]).ends(0);
    for (what, words) in [
        (
            "database",
            &[
                "answers in ",
                " ms",
                "PostgreSQL 1",
                kept.shared.rows.as_str(),
            ][..],
        ),
        ("clocks", &["This host's clock agrees with the database's"]),
        (
            "bucket",
            &[
                "can be written and read",
                "If-None-Match",
                kept.shared.objects.as_str(),
            ],
        ),
        ("secrets", &["keys/store.toml is for its owner only"]),
        ("keys", &["both signing keys are here and fit"]),
        ("archive", &["opens; log of 2 entries"]),
    ] {
        let (good, text) = finding(&said, what);
        assert!(good, "{what}: {text}");
        for word in words {
            assert!(text.contains(word), "{what}: {word:?} is not in {text}");
        }
    }
    let read = kept.on("archive", &["--read-only", "doctor"]).ends(0);
    let (_, text) = finding(&read, "bucket");
    assert!(text.contains("nothing was written to try"), "{text}");
}

#[test]
fn doctor_says_which_of_them_is_away_and_that_the_other_is_not() {
    let Some(kept) = Kept::new() else { return };
    for (host, away, there) in [("one", "database", "bucket"), ("two", "bucket", "database")] {
        kept.host(host);
        let mut shared = kept.shared.clone();
        if away == "database" {
            shared.rows = "postgres://holdfast@127.0.0.1:1/a".into();
        } else {
            shared.objects_endpoint = Some("http://127.0.0.1:1".into());
        }
        kept.point(host, &shared);
        let said = kept.on(host, &["doctor"]).ends(1);
        let (good, text) = finding(&said, away);
        assert!(!good && text.contains("cannot be reached"), "{text}");
        assert!(finding(&said, there).0);
        assert!(!finding(&said, "archive").0);
    }
    kept.host("three");
    private(&kept.place.at("three/keys/store.toml"), 0o644);
    let said = kept.on("three", &["doctor"]).ends(1);
    let (good, text) = finding(&said, "secrets");
    assert!(!good && text.contains("chmod 600"), "{text}");
    assert!(finding(&said, "database").0 && finding(&said, "bucket").0);
}
