//! Every kind, against bytes that must never change.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use format::json::JsonError;
use format::json::Value;
use format::kind::{self, Kind, KindError, NAMES};
use format::{Chain, Common, Entry, EntryError, Subject, compose};
use proptest::prelude::*;
use serde_json::json;

use crate::record_support::{ORIGIN, counted, entry, key};

mod samples;

fn golden() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1/entries")
}

fn fields_of(kind: &Kind, subject: Subject) -> Vec<(String, Value)> {
    let mut fields = samples::common(kind.name(), subject).fields();
    fields.extend(kind.body());
    fields
}

fn read(fields: &[(&str, Value)]) -> Result<Kind, KindError> {
    let fields: BTreeMap<_, _> = fields
        .iter()
        .map(|(n, v)| ((*n).to_owned(), v.clone()))
        .collect();
    Kind::read(&fields)
}

#[test]
fn every_kind_is_read_and_written_as_its_golden_file_says() {
    for (kind, subject) in samples::all() {
        let name = kind.name();
        let made = entry(fields_of(&kind, subject)).sd_jwt();
        let Ok(kept) = std::fs::read_to_string(golden().join(format!("{name}.sd-jwt"))) else {
            panic!("{name} has no golden file; put there:\n{made}");
        };
        assert_eq!(
            made, kept,
            "{name}: entries are written for ever; add a kind, change none"
        );
        let read = Entry::open(&kept, Some(key().verifier())).unwrap();
        assert_eq!(Kind::read(&read.fields).as_ref(), Ok(&kind));
        assert_eq!(
            Common::read(&read.fields),
            Ok(samples::common(name, subject))
        );
    }
}

#[test]
fn every_kind_has_a_sample_and_a_golden_file_and_no_file_is_left_over() {
    let names: BTreeSet<String> = NAMES.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(names.len(), NAMES.len());
    let samples: BTreeSet<_> = samples::all()
        .iter()
        .map(|(kind, _)| kind.name().to_owned())
        .collect();
    assert_eq!(samples, names);
    let files: BTreeSet<_> = std::fs::read_dir(golden())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(
        files,
        names.iter().map(|name| format!("{name}.sd-jwt")).collect()
    );
}

#[test]
fn kinds_and_their_subjects_are_the_rows_of_the_format_text() {
    let text = include_str!("../../../../docs/format.md");
    let table = text
        .split("\n## 4. Kinds")
        .nth(1)
        .unwrap()
        .split("\n## ")
        .next()
        .unwrap();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            line.split('|')
                .map(|cell| cell.trim().trim_matches('`'))
                .collect()
        })
        .collect();
    assert_eq!(rows.iter().map(|row| row[1]).collect::<Vec<_>>(), NAMES);

    let subjects = [
        ("archive", "archive"),
        ("item", "i-000000000000"),
        ("session", "s-000000000000"),
        ("dossier", "d-000000000000"),
        ("person", "p-000000000000"),
    ];
    for (kind, _) in samples::all() {
        let row = rows.iter().find(|row| row[1] == kind.name()).unwrap();
        for (word, id) in subjects {
            let subject = id.parse().unwrap();
            assert_eq!(
                kind.is_about(&subject),
                row[2].contains(word),
                "{} {word}",
                kind.name()
            );
        }
    }
}

#[test]
fn any_withheld_field_reads_as_absent_and_the_rest_as_before() {
    for (kind, subject) in samples::all() {
        let whole = entry(fields_of(&kind, subject));
        assert_eq!(kind.missing(), Vec::<&str>::new(), "{}", kind.name());
        for (name, _) in kind.body() {
            let part = whole.without(&[&name]);
            assert_eq!(part.record, whole.record);
            let mut body = kind.body();
            body.retain(|(other, _)| *other != name);
            assert_eq!(Kind::read(&part.fields).unwrap().body(), body);
        }
        assert_eq!(
            Kind::read(&whole.without(&["kind"]).fields),
            Err(KindError::Withheld)
        );
    }
}

#[test]
fn mandatory_fields_that_are_not_there_are_named() {
    let exported = read(&[("kind", json!("exported")), ("purpose", json!("x"))]).unwrap();
    assert_eq!(exported.missing(), ["how"]);
    let ended = read(&[("kind", json!("session_ended"))]).unwrap();
    assert_eq!(ended.missing(), Vec::<&str>::new());
    assert_eq!(ended.body(), []);
}

#[test]
fn unknown_fields_are_ignored_and_unknown_kinds_are_named() {
    let with = read(&[
        ("kind", json!("exported")),
        ("how", json!("get")),
        ("new", json!(1)),
    ]);
    assert_eq!(with, Ok(kind::Exported::new("get".into()).into()));
    assert_eq!(
        read(&[("kind", json!("later"))]),
        Err(KindError::Unknown("later".into()))
    );
    assert_eq!(read(&[]), Err(KindError::Withheld));
}

#[test]
fn a_field_of_the_wrong_type_is_refused_by_name() {
    let wrong = |kind: &str, field: &'static str, value: Value| {
        let result = read(&[("kind", json!(kind)), (field, value.clone())]);
        let named =
            matches!(&result, Err(KindError::Field { field: named, .. }) if *named == field);
        assert!(named, "{kind} {field} {value}: {result:?}");
    };
    wrong("exported", "kind", json!(7));
    wrong("exported", "how", json!(null));
    wrong("exported", "purpose", json!(null));
    wrong("collected", "level", json!("Open"));
    wrong("collected", "level", json!("secret"));
    wrong(
        "collected",
        "digests",
        json!({"sha256": "00", "blake3": "00", "bytes": 1}),
    );
    wrong(
        "collected",
        "digests",
        json!({"sha256": "0".repeat(64), "blake3": "0".repeat(64), "bytes": -1}),
    );
    wrong("collected", "name", json!({"b64": "YQ"}));
    wrong("collected", "session", json!("i-000000000000"));
    wrong("collected", "file", json!({"modified": null}));
    wrong("collected", "file", json!({"modified": "2026-03-04"}));
    wrong(
        "collected",
        "media",
        json!({"type": "image/png", "by": "guess"}),
    );
    wrong(
        "founded",
        "keys",
        json!({"log": "x", "entry": "0".repeat(64)}),
    );
    wrong("checked", "originals", json!("7"));
    wrong(
        "checked",
        "damage",
        json!([{"what": "x", "name": "y", "detail": "z", "item": null}]),
    );
    wrong("dossier_sealed", "contents", json!([{}]));
}

#[test]
fn common_fields_of_the_wrong_type_are_refused_by_name() {
    for (field, value) in [
        ("at", json!("2026-03-04T18:22:07Z")),
        ("by", json!("i-000000000000")),
        ("subject", json!("Archive")),
        ("chain", json!(null)),
        ("kind", json!([])),
    ] {
        let fields = BTreeMap::from([(field.to_owned(), value)]);
        let result = Common::read(&fields);
        assert!(
            matches!(&result, Err(KindError::Field { field: named, .. }) if *named == field),
            "{result:?}"
        );
    }
    assert_eq!(Common::read(&BTreeMap::new()), Ok(Common::default()));
}

#[test]
fn a_chain_is_whole_or_refused() {
    let leaf = "ab".repeat(32);
    let wrong = [
        json!({}),
        json!({"n": 1}),
        json!({"n": 1, "prev_index": 1}),
        json!({"n": 1, "prev_leaf": leaf}),
        json!({"n": 0, "prev_index": 1, "prev_leaf": leaf}),
        json!({"n": 0, "prev_index": 1}),
        json!({"n": 0, "prev_index": null, "prev_leaf": null}),
        json!({"n": 1, "prev_index": -1, "prev_leaf": leaf}),
        json!({"n": 1, "prev_index": 1, "prev_leaf": leaf.to_uppercase()}),
        json!({"n": 1, "prev_index": 1, "prev_leaf": leaf, "more": 1}),
    ];
    for value in wrong {
        assert!(
            serde_json::from_value::<Chain>(value.clone()).is_err(),
            "{value}"
        );
    }
    assert_eq!(
        serde_json::to_value(Chain { n: 0, prev: None }).unwrap(),
        json!({"n": 0})
    );
    let later = Chain {
        n: 2,
        prev: Some((9, [0xAB; 32])),
    };
    let written = json!({"n": 2, "prev_index": 9, "prev_leaf": leaf});
    assert_eq!(serde_json::to_value(later).unwrap(), written);
    assert_eq!(serde_json::from_value::<Chain>(written).unwrap(), later);
}

#[test]
fn a_number_that_other_readers_would_round_is_not_recorded() {
    let checked = kind::Checked::new("all".into(), 1, 1 << 53, vec![]);
    let made = compose(ORIGIN, Kind::from(checked).body(), &mut counted(), &key());
    let why = JsonError::TooBig;
    assert_eq!(
        made,
        Err(EntryError::Value {
            field: "bytes".into(),
            why
        })
    );
}

#[test]
fn levels_rise_from_open_to_sealed() {
    use format::Level::{Internal, Open, Restricted, Sealed};
    assert!(Open < Internal && Internal < Restricted && Restricted < Sealed);
}

proptest! {
    #[test]
    fn free_text_of_any_kind_comes_back(text: String, bytes: Vec<u8>, number in 0_u64..1 << 53) {
        let not_collected = kind::NotCollected::new(format::BytesName(bytes), text.clone());
        let mut checked = kind::Checked::new(text.clone(), number, number, vec![]);
        checked.damage = Some(vec![samples::damage(&text, number)]);
        for kind in [Kind::from(not_collected), Kind::from(checked)] {
            let made = entry(fields_of(&kind, Subject::Archive));
            let read = Entry::open(&made.sd_jwt(), Some(key().verifier())).unwrap();
            prop_assert_eq!(Kind::read(&read.fields), Ok(kind));
        }
    }
}
