//! Whatever is done to the bytes of an entry: no panic, and never other fields.

use format::{Entry, Record, json};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;

use crate::record_support::{entry, fields, key};

#[derive(Clone, Debug)]
enum Change {
    Set(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    Cut(Index),
    Copy(Index, Index, Index),
}

fn change() -> impl Strategy<Value = Change> {
    let byte = prop_oneof![
        any::<u8>(),
        proptest::sample::select(&b"~.-_AZaz09={}\n"[..])
    ];
    prop_oneof![
        (any::<Index>(), byte.clone()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (any::<Index>(), byte).prop_map(|(at, byte)| Change::Insert(at, byte)),
        any::<Index>().prop_map(Change::Remove),
        any::<Index>().prop_map(Change::Cut),
        any::<(Index, Index, Index)>().prop_map(|(a, b, c)| Change::Copy(a, b, c)),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    if bytes.is_empty() {
        return;
    }
    let length = bytes.len();
    match change {
        Change::Set(at, byte) => bytes[at.index(length)] = *byte,
        Change::Insert(at, byte) => bytes.insert(at.index(length), *byte),
        Change::Remove(at) => drop(bytes.remove(at.index(length))),
        Change::Cut(at) => bytes.truncate(at.index(length)),
        Change::Copy(from, to, at) => {
            let (a, b) = (from.index(length), to.index(length));
            let piece = bytes[a.min(b)..a.max(b)].to_vec();
            let at = at.index(length);
            bytes.splice(at..at, piece);
        }
    }
}

fn sample() -> Entry {
    entry(fields(&[
        ("kind", json!("exported")),
        ("how", json!("get")),
        ("purpose", json!("Reading for the Oakford inquiry")),
        ("chain", json!({"n": 0})),
    ]))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_mutated_entry_never_verifies_to_other_fields(changes in proptest::collection::vec(change(), 1..4)) {
        let whole = sample();
        let mut bytes = whole.sd_jwt().into_bytes();
        changes.iter().for_each(|change| apply(&mut bytes, change));
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(read) = Entry::open(&text, Some(key().verifier())) {
            prop_assert_eq!(&read.record, &whole.record);
            for (name, value) in &read.fields {
                prop_assert_eq!(whole.shown(name), Some(value));
            }
            prop_assert_eq!(read.sd_jwt(), text.as_ref());
        }
        drop(Entry::open(&text, None));
    }

    #[test]
    fn disclosures_in_any_choice_and_order_show_only_true_fields(
        picks in proptest::collection::vec(0_usize..4, 0..6),
    ) {
        let whole = sample();
        let mut text = format!("{}~", whole.record.as_str());
        picks.iter().for_each(|&n| text += &format!("{}~", whole.disclosures[n].text));
        let mut once = picks.clone();
        once.sort_unstable();
        once.dedup();
        let read = Entry::open(&text, Some(key().verifier()));
        prop_assert_eq!(read.is_ok(), once.len() == picks.len());
        if let Ok(read) = read {
            prop_assert_eq!(read.fields.len(), picks.len());
        }
    }

    #[test]
    fn no_text_makes_a_reader_panic(text: String, ascii in "[A-Za-z0-9~._-]{0,80}") {
        for text in [&text, &ascii] {
            drop(Entry::open(text, None));
            drop(Record::parse(text));
            drop(format::Disclosure::parse(text));
            drop(json::parse(text.as_bytes()));
        }
    }
}

#[test]
fn every_single_byte_of_the_record_counts() {
    let whole = sample();
    let text = whole.sd_jwt();
    let end = whole.record.as_bytes().len();
    for at in 0..=end {
        let mut bytes = text.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(
            Entry::open(&changed, Some(key().verifier())).is_err(),
            "byte {at}"
        );
    }
}
