//! Passwords and keys that are wrong, missing, in the wrong place, or open to others.

use super::{Kept, failure, private, tell};
use crate::support::{Place, Said, ended};
use archive::{Secrets, Shared};
use store::Secret;
use testkit::services::{Garage, Postgres, REGION, S3};
use testkit::tools;

const PASSWORD: &str = "right-word-of-the-day";
const WRONG: &str = "wrong-word-of-the-day";

/// Nothing that was said holds any of these words.
fn silent(said: &Said, words: &[&str]) {
    for word in words {
        let all = format!("{}\n{}", said.stdout, said.stderr);
        assert!(!all.contains(word), "{word:?} was said:\n{all}");
    }
}

fn secret(word: &str) -> Option<Secret> {
    (!word.is_empty()).then(|| Secret::new(word))
}

#[test]
fn a_user_or_password_that_the_database_refuses_is_said_and_nothing_is_made() {
    let (Some(mut kept), Some(_)) = (Kept::bare(), tools::need("postgres")) else {
        return;
    };
    let server = Postgres::with_password(PASSWORD);
    let right = server.create("a").replace(&format!(":{PASSWORD}@"), "@");
    let other = right.replace("holdfast@", "nobody@");
    let no_password = "No password was given: set HOLDFAST_ROWS_PASSWORD";
    for (label, rows, word, next) in [
        (
            "wrong password",
            &right,
            WRONG,
            "rows_password in keys/store.toml",
        ),
        ("wrong user", &other, PASSWORD, "Look at the user"),
        ("no password", &right, "", no_password),
    ] {
        kept.shared.rows.clone_from(rows);
        kept.secrets.rows_password = secret(word);
        let said = kept.init(&[]);
        silent(&said, &[WRONG, PASSWORD]);
        failure(&format!("init, {label}"), said, 12).says("is refused by its server", next);
        assert!(!kept.place.at("archive").exists(), "{label}");
    }
    kept.shared.rows.clone_from(&right);
    kept.secrets.rows_password = secret(PASSWORD);
    kept.init(&[]).ends(0);

    // The environment comes before the file that holds the right one.
    let mut ls = kept.place.command(&["--json", "ls"]);
    ls.env("HOLDFAST_ROWS_PASSWORD", WRONG);
    let said = ended(ls.spawn().unwrap());
    silent(&said, &[WRONG, PASSWORD]);
    failure("ls, wrong password", said, 12)
        .says("is refused by its server", "HOLDFAST_ROWS_PASSWORD");
    let said = kept.on("archive", &["ls"]).ends(0);
    silent(&said, &[PASSWORD]);
    let told = std::fs::read_to_string(kept.place.at("archive/holdfast.toml")).unwrap();
    assert!(!told.contains(PASSWORD), "{told}");
}

#[test]
fn a_key_that_the_object_store_refuses_or_that_may_not_write_is_said_and_nothing_is_made() {
    let (Some(mut kept), Some(_)) = (Kept::bare(), tools::need("garage")) else {
        return;
    };
    let garage = Garage::start(1);
    let S3 {
        endpoints,
        bucket,
        key,
        secret: right,
    } = garage.s3();
    let (weak, weak_secret) = garage.new_key_without_rights();
    kept.shared.objects = format!("s3://{bucket}/one");
    kept.shared.objects_endpoint = endpoints.first().cloned();
    assert_eq!(kept.shared.objects_region, REGION);
    let (odd_key, odd) = ("GK000000000000000000000000", "0".repeat(64));
    for (label, key, word, next) in [
        (
            "wrong access key",
            odd_key,
            right.as_str(),
            "AWS_ACCESS_KEY_ID",
        ),
        (
            "wrong secret",
            key.as_str(),
            odd.as_str(),
            "AWS_SECRET_ACCESS_KEY",
        ),
        (
            "key without rights",
            weak.as_str(),
            weak_secret.as_str(),
            "may read and write in the bucket",
        ),
    ] {
        kept.secrets.objects_access_key = secret(key);
        kept.secrets.objects_secret_key = secret(word);
        let said = kept.init(&[]);
        silent(&said, &[&right, &odd, &weak_secret]);
        failure(&format!("init, {label}"), said, 12).says("is refused by its store", next);
        assert!(!kept.place.at("archive").exists(), "{label}");
    }
    kept.secrets.objects_access_key = None;
    kept.secrets.objects_secret_key = None;
    failure("init, no key", kept.init(&[]), 12).says("There is no access key", "AWS_ACCESS_KEY_ID");
    assert!(!kept.place.at("archive").exists());

    kept.secrets.objects_access_key = secret(&key);
    kept.secrets.objects_secret_key = secret(&right);
    kept.init(&[]).ends(0);
    kept.place.put("in/a.txt", "river bridge");
    let file = kept.place.at("archive/keys/store.toml");
    let words = std::fs::read_to_string(&file).unwrap();
    kept.place.put(
        &file,
        words.replace(&right, &weak_secret).replace(&key, &weak),
    );
    let said = kept.on("archive", &["add", "in", "--source", "test"]);
    silent(&said, &[&right, &weak_secret]);
    failure("add, key without rights", said, 12).says("is refused by its store", "");
    kept.place.put(&file, words);
    kept.on("archive", &["add", "in", "--source", "test"])
        .ends(0);
    assert_eq!(kept.items().len(), 1);
}

#[test]
fn without_credentials_the_two_places_for_them_are_named() {
    let Some(kept) = Kept::new() else { return };
    let file = kept.place.at("archive/keys/store.toml");
    let words = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    failure("ls, no credentials", kept.on("archive", &["ls"]), 12).says(
        "There is no access key for s3://",
        "write objects_access_key and objects_secret_key into keys/store.toml",
    );
    let from_environment = kept.with_secrets(kept.place.command(&["ls"]));
    ended({ from_environment }.spawn().unwrap()).ends(0);

    kept.place.put(&file, words);
    private(&file, 0o640);
    failure(
        "ls, credentials open to others",
        kept.on("archive", &["ls"]),
        4,
    )
    .says("keys/store.toml can be read by others", "chmod 600");
    private(&file, 0o600);
    kept.on("archive", &["ls"]).ends(0);

    kept.place.put(&file, "rows_password = hunter2\n");
    let said = kept.on("archive", &["ls"]);
    silent(&said, &["hunter2"]);
    failure("ls, credentials not readable", said, 2).says("keys/store.toml cannot be read", "");
}

#[test]
fn a_secret_in_an_address_is_refused_and_never_repeated() {
    let place = Place::bare();
    let (rows, objects) = ("postgres://u@127.0.0.1:1/a", "s3://bucket/prefix");
    let cases: &[&[&str]] = &[
        &[
            "--rows",
            "postgres://u:hunter2@127.0.0.1:1/a",
            "--objects",
            objects,
        ],
        &[
            "--rows",
            "postgres://u:hun/hunter2@127.0.0.1:1/a",
            "--objects",
            objects,
        ],
        &["--rows", "postgres://u:hunter2", "--objects", objects],
        &["--rows", "u:hunter2@127.0.0.1:1/a", "--objects", objects],
        &[
            "--rows",
            "postgres://u@127.0.0.1:1/a?password=hunter2",
            "--objects",
            objects,
        ],
        &["--rows", "postgres://u:hunter2@127.0.0.1:1/a"],
        &[
            "--rows",
            rows,
            "--objects",
            "s3://key:hunter2@bucket/prefix",
        ],
        &[
            "--rows",
            rows,
            "--objects",
            objects,
            "--endpoint",
            "http://key:hunter2@127.0.0.1:1",
        ],
    ];
    let mut all: Vec<Vec<&str>> = cases
        .iter()
        .map(|c| [&["init", "new"], *c].concat())
        .collect();
    place.put(
        "places.toml",
        format!("rows = \"postgres://u:hunter2@h/a\"\nobjects = \"{objects}\"\n"),
    );
    all.push(vec!["init", "new", "--config", "places.toml"]);
    place.put(
        "broken.toml",
        "rows = \"postgres://u:hunter2@h/a\nobjects = 1\n",
    );
    all.push(vec!["init", "new", "--config", "broken.toml"]);
    for words in all {
        for json in [&["--json"][..], &[]] {
            let said = place.run(&[json, &words].concat());
            silent(&said, &["hunter2"]);
            tell(&format!(
                "{words:?}: {}{}",
                said.stdout.lines().next().unwrap_or_default(),
                said.stderr
            ));
            // The last two are refused for want of a key: nothing is asked of anybody before that.
            assert!(
                matches!(said.code, 2 | 12),
                "{words:?}: {} {}",
                said.code,
                said.stderr
            );
        }
        assert!(!place.at("new").exists());
    }
    let shared = Shared {
        rows: rows.into(),
        rows_ca: None,
        objects: objects.into(),
        objects_endpoint: None,
        objects_region: REGION.into(),
    };
    let opening = archive::Opening {
        secrets: Secrets {
            rows_password: secret("hunter2"),
            objects_access_key: secret("hunter2"),
            objects_secret_key: secret("hunter2"),
        },
        ..archive::Opening::default()
    };
    let shown = format!("{shared:?} {opening:?} {:?}", opening.secrets);
    assert!(!shown.contains("hunter2"), "{shown}");
}
