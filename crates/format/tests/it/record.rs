//! What a record and its entry promise.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use format::json::{self, Value};
use format::{Entry, EntryError, EntryKey, EntryVerifier, Record, compose};
use proptest::prelude::*;
use serde_json::json;

use crate::record_support::{ORIGIN, SEED, b64, counted, digest, entry, fields, header, key};

fn any_value() -> impl Strategy<Value = Value> {
    let integer = -((1_i64 << 53) - 1)..(1_i64 << 53);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        integer.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::hash_map("[a-z ÿ😀]{0,4}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_fields() -> impl Strategy<Value = Vec<(String, Value)>> {
    let name = any::<String>().prop_filter("reserved", |name| {
        !["_sd", "...", "_sd_alg", "iss", "v"].contains(&name.as_str())
    });
    proptest::collection::btree_map(name, any_value(), 0..20)
        .prop_map(|map| map.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_was_composed_opens_to_the_same_fields(list in any_fields()) {
        let made = compose(ORIGIN, list.clone(), &mut counted(), &key()).unwrap();
        let read = Entry::open(&made.sd_jwt(), Some(key().verifier())).unwrap();
        prop_assert_eq!(&read, &made);
        prop_assert_eq!(read.fields.into_iter().collect::<Vec<_>>(), {
            let mut list = list;
            list.sort_by(|a, b| a.0.cmp(&b.0));
            list
        });
    }

    #[test]
    fn a_withheld_field_leaves_the_record_and_the_other_fields_as_they_were(
        list in any_fields(), pick: proptest::sample::Index,
    ) {
        let whole = entry(list.clone());
        if !list.is_empty() {
            let (name, _) = &list[pick.index(list.len())];
            let part = Entry::open(&whole.without(&[name]).sd_jwt(), Some(key().verifier())).unwrap();
            prop_assert_eq!(part.record.as_bytes(), whole.record.as_bytes());
            prop_assert_eq!(part.shown(name), None);
            let mut rest = whole.fields.clone();
            rest.remove(name);
            prop_assert_eq!(part.fields, rest);
            prop_assert_eq!(part.disclosures.len(), list.len() - 1);
        }
    }
}

#[test]
fn a_record_is_the_bytes_that_the_format_describes() {
    let made = entry(fields(&[
        ("kind", json!("exported")),
        ("how", json!("get")),
    ]));
    let text = std::str::from_utf8(made.record.as_bytes()).unwrap();
    let parts: Vec<&str> = text.split('.').collect();
    assert_eq!(parts.len(), 3);
    assert_eq!(
        URL_SAFE_NO_PAD.decode(parts[0]).unwrap(),
        header().as_bytes()
    );
    let payload = json::parse(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    let names: Vec<&String> = payload.as_object().unwrap().keys().collect();
    assert_eq!(names, ["_sd", "_sd_alg", "iss", "v"]);
    assert_eq!(
        (&payload["_sd_alg"], &payload["v"]),
        (&json!("sha-256"), &json!(1))
    );
    assert_eq!(payload["iss"], made.record.issuer());
    let list: Vec<&str> = payload["_sd"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d.as_str().unwrap())
        .collect();
    assert_eq!(list.len(), 8);
    assert!(list.is_sorted());
    for disclosure in &made.disclosures {
        assert!(list.contains(&b64(digest(&disclosure.text)).as_str()));
        assert!(made.record.has(&disclosure.digest()));
    }
    assert!(!made.record.has(&[0; 32]));
    assert_eq!(made.record.key_id(), key().verifier().key_id());
}

#[test]
fn the_number_of_fields_does_not_show_in_the_record() {
    for (count, digests) in [(0, 8), (1, 8), (8, 8), (9, 16), (16, 16), (17, 24)] {
        let list = (0..count).map(|n| (format!("f{n}"), json!(n))).collect();
        let record = entry(list).record;
        let payload = URL_SAFE_NO_PAD
            .decode(record.as_str().split('.').nth(1).unwrap())
            .unwrap();
        let payload = json::parse(&payload).unwrap();
        assert_eq!(
            payload["_sd"].as_array().unwrap().len(),
            digests,
            "{count} fields"
        );
    }
}

#[test]
fn the_text_is_record_then_disclosures_each_with_a_tilde() {
    let made = entry(fields(&[("a", json!(1)), ("b", json!(2))]));
    let line = made.disclosures_line();
    assert_eq!(
        line,
        format!("{}~{}~", made.disclosures[0].text, made.disclosures[1].text)
    );
    assert_eq!(made.sd_jwt(), format!("{}~{line}", made.record.as_str()));
    let bare = made.without(&["a", "b"]);
    assert_eq!(bare.sd_jwt(), format!("{}~", made.record.as_str()));
    assert_eq!(bare.disclosures_line(), "");
    assert_eq!(
        Entry::open(&bare.sd_jwt(), Some(key().verifier())),
        Ok(bare)
    );
}

#[test]
fn a_leaf_holds_no_value_and_no_bare_hash_of_one() {
    let secrets = [
        "Jonna Arkwright of Mill Lane",
        "north",
        "2026-03-04T18:22:07.000000Z",
    ];
    let content = digest("the footage itself");
    let digests = json!({"sha256": format::Sha256(content).to_string(), "bytes": 18});
    let mut list = fields(&[("digests", digests.clone())]);
    list.extend(
        secrets
            .iter()
            .enumerate()
            .map(|(n, text)| (format!("field_{n}"), json!(text))),
    );
    let record = entry(list.clone()).record;
    let payload = URL_SAFE_NO_PAD
        .decode(record.as_str().split('.').nth(1).unwrap())
        .unwrap();
    let haystacks = [record.as_bytes(), &payload[..]];

    let mut guesses = vec![content, digest(&digests.to_string())];
    let mut needles: Vec<Vec<u8>> = list
        .iter()
        .map(|(name, _)| name.clone().into_bytes())
        .collect();
    for text in secrets {
        let json = json!(text).to_string();
        needles.extend([
            text.as_bytes().to_vec(),
            b64(text).into(),
            b64(&json).into(),
        ]);
        guesses.extend([
            digest(text),
            digest(&json),
            digest(&b64(text)),
            digest(&b64(&json)),
        ]);
    }
    for guess in &guesses {
        assert!(
            !record.has(guess),
            "a hash that anybody can compute is in the record"
        );
        needles.extend([
            guess.to_vec(),
            b64(guess).into(),
            STANDARD.encode(guess).into(),
        ]);
        needles.push(format::Sha256(*guess).to_string().into());
    }
    for needle in needles {
        let found = haystacks
            .iter()
            .any(|hay| hay.windows(needle.len()).any(|part| part == needle));
        assert!(!found, "{}", String::from_utf8_lossy(&needle));
    }
}

#[test]
fn equal_values_get_different_digests() {
    let made = entry(fields(&[("a", json!("same")), ("b", json!("same"))]));
    let mut random = counted();
    let twice =
        [(); 2].map(|()| compose(ORIGIN, fields(&[("a", json!(1))]), &mut random, &key()).unwrap());
    assert_ne!(made.disclosures[0].digest(), made.disclosures[1].digest());
    assert_ne!(twice[0].disclosures[0].text, twice[1].disclosures[0].text);
    assert_ne!(twice[0].record, twice[1].record);
}

#[test]
fn what_no_reader_would_accept_is_not_composed() {
    let refused = |list: &[(&str, Value)], why: EntryError| {
        assert_eq!(
            compose(ORIGIN, fields(list), &mut counted(), &key()),
            Err(why)
        );
    };
    let value = |why| EntryError::Value {
        field: "a".into(),
        why,
    };
    for name in ["_sd", "...", "_sd_alg", "iss", "v"] {
        refused(&[(name, json!(1))], EntryError::ReservedName(name.into()));
    }
    refused(
        &[("a", json!([{"x": {"...": 1}}]))],
        EntryError::Nested("a".into()),
    );
    refused(&[("a", json!({"_sd": []}))], EntryError::Nested("a".into()));
    refused(
        &[("a", json!(1)), ("a", json!(2))],
        EntryError::FieldTwice("a".into()),
    );
    refused(&[("a", json!(1.5))], value(json::JsonError::NotInteger));
    refused(&[("a", json!(1_u64 << 53))], value(json::JsonError::TooBig));
    let deep =
        |levels: usize| json::parse(("[".repeat(levels) + &"]".repeat(levels)).as_bytes()).unwrap();
    refused(&[("a", deep(16))], value(json::JsonError::TooDeep));
    let made = entry(fields(&[("a", deep(15))]));
    assert_eq!(
        Entry::open(&made.sd_jwt(), Some(key().verifier())),
        Ok(made)
    );

    let origins = [
        "",
        "a.example",
        "/holdfast/0123abcd",
        "A.example/holdfast/0123abcd",
        "a.example/holdfast/0123abc",
        "a\".example/holdfast/0123abcd",
        "a.example/holdfast/0123ABCD",
    ];
    for origin in origins {
        let made = compose(origin, vec![], &mut counted(), &key());
        assert_eq!(made, Err(EntryError::Issuer(origin.into())));
    }
    let repeated = Record::sign(ORIGIN, vec![], || [7; 32], &key());
    assert_eq!(repeated, Err(EntryError::SdRepeated));
}

#[test]
fn a_record_that_would_not_fit_its_length_field_is_not_signed() {
    let many = |count: usize| {
        (0..count)
            .map(|n| (format!("f{n}"), json!(n)))
            .collect::<Vec<_>>()
    };
    let longest = (0..)
        .step_by(8)
        .take_while(|count| compose(ORIGIN, many(*count), &mut counted(), &key()).is_ok());
    let longest = longest.last().unwrap();
    let made = entry(many(longest));
    assert!((65_000..=65_535).contains(&made.record.as_bytes().len()));
    assert_eq!(
        Entry::open(&made.sd_jwt(), Some(key().verifier())),
        Ok(made)
    );
    let next = compose(ORIGIN, many(longest + 1), &mut counted(), &key());
    assert!(matches!(next, Err(EntryError::RecordTooLong(_))));
}

#[test]
fn an_entry_key_comes_back_from_its_file_and_its_hex() {
    let pem = key().to_pem().unwrap();
    assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
    assert_eq!(
        EntryKey::from_pem(&pem).unwrap().verifier(),
        key().verifier()
    );
    assert_eq!(
        EntryKey::from_pem("-----BEGIN PRIVATE KEY-----").unwrap_err(),
        EntryError::KeyPem
    );
    let hex = key().verifier().to_string();
    assert_eq!(hex.parse::<EntryVerifier>().as_ref(), Ok(key().verifier()));
    assert_eq!(
        hex.to_uppercase().parse::<EntryVerifier>(),
        Err(EntryError::KeyHex)
    );
    assert!(!format!("{:?}", key()).contains(&format::Sha256(SEED).to_string()));
    let id = format::Sha256(digest_of_key()).to_string();
    assert_eq!(Some(key().verifier().key_id()), id.get(..16));
}

fn digest_of_key() -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(key().verifier().as_bytes()).into()
}
