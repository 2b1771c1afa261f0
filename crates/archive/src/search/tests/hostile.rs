//! Any input: bounded, found where it can be, never an error or a panic.

use proptest::prelude::*;

use super::{doc, index, seqs, texts};
use crate::search::words::Words;
use crate::search::{Scope, TEXT_BYTES};

#[test]
fn control_and_direction_characters_are_only_text() {
    let (_dir, index) =
        texts(&["a\0b bridge\u{202e}\u{1}\u{7f}\r\n\u{2066}mill\u{2069} harb\u{202e}our"]);
    assert_eq!(seqs(&index, "bridge mill"), [1]);
    assert_eq!(seqs(&index, "harbour"), [1]);
}

#[test]
fn a_word_of_a_megabyte_is_bounded() {
    let long = "x".repeat(1 << 20);
    let marks = format!("z{}", "\u{301}".repeat(1 << 19));
    let digits = "a1".repeat(1 << 18);
    let (_dir, index) = texts(&[&format!("{long} bridge"), &format!("{marks} mill"), &digits]);
    assert_eq!(seqs(&index, "bridge"), [1]);
    assert_eq!(seqs(&index, "mill"), [2]);
    assert_eq!(seqs(&index, &"x".repeat(300)), [1]);
    for text in [&long, &marks, &digits] {
        assert!(Words::of(text).all(|word| word.exact.len() <= 200));
    }
}

#[test]
fn only_the_first_four_mebibytes_of_a_text_are_read() {
    let long = format!("bridge {} mill", "слово ".repeat(TEXT_BYTES / 11));
    assert!(long.len() > TEXT_BYTES);
    let (_dir, index) = texts(&[&long]);
    assert_eq!(seqs(&index, "bridge"), [1]);
    assert_eq!(seqs(&index, "mill"), [0; 0]);
}

#[test]
fn huge_names_and_ids_are_no_error() {
    let mut huge = doc(1, &"name ".repeat(50_000), "bridge");
    huge.item = "i".repeat(100_000);
    huge.sha256 = "f".repeat(100_000);
    huge.media = "m".repeat(100_000);
    huge.path = "/p".repeat(100_000);
    let (_dir, index) = index(vec![huge]);
    assert_eq!(seqs(&index, "bridge name"), [1]);
}

#[test]
fn a_compartment_too_long_to_index_is_seen_by_nobody() {
    let mut hidden = doc(1, "", "bridge");
    hidden.compartment = "C".repeat(100_000);
    let all = [(hidden.compartment.clone(), u8::MAX)];
    let (_dir, index) = index(vec![hidden]);
    let scope = Scope { compartments: &all };
    assert_eq!(index.find("bridge", &scope, 10, 0).unwrap().total, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn words_lie_in_the_text_one_after_another(text in any_text()) {
        let mut at = 0;
        for (position, word) in Words::of(&text).enumerate() {
            prop_assert!(word.start >= at && word.end > word.start);
            prop_assert!(text.get(word.start..word.end).is_some());
            prop_assert_eq!(word.position, position);
            prop_assert!(!word.exact.is_empty());
            prop_assert!(word.keys().iter().all(|key| !key.is_empty() && key.len() <= 208));
            at = word.end;
        }
    }

    #[test]
    fn a_text_is_found_by_each_of_its_words(text in any_text()) {
        let (_dir, index) = texts(&[&text]);
        for word in Words::of(&text).take(4) {
            let written = text.get(word.start..word.end).unwrap();
            if word.exact.chars().all(char::is_alphanumeric) {
                prop_assert_eq!(seqs(&index, &format!("\"{written}\"")), [1], "{:?}", word);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_question_panics(query in any_query()) {
        use std::sync::OnceLock;
        static INDEX: OnceLock<(tempfile::TempDir, crate::search::Index)> = OnceLock::new();
        let (_, index) = INDEX.get_or_init(|| index(vec![
            doc(1, "IMG_0148.jpg", "Удар по лікарні о 10:30, قصف المستشفى"),
            doc(2, "notes.txt", "a bridge, 病院, \"quoted\" and об’єкт"),
        ]));
        let scope = [("ESTUARY".to_owned(), 1)];
        match index.find(&query, &Scope { compartments: &scope }, 10, 0) {
            Ok(found) => prop_assert_eq!(found.total, found.hits.len()),
            Err(error) => prop_assert!(error.is_about_the_query(), "{}", error),
        }
    }
}

fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,12}",
        any::<String>(),
        "[а-яіїєґʼ’'`]{1,12}",
        "[ء-ي\u{640}\u{64b}-\u{652}]{1,12}",
        "[A-Za-z0-9_.-]{1,16}",
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.join(" "))
}

fn any_query() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        "\\PC{0,8}",
        "-?[\"“«]?[a-zа-я0-9 _.*-]{0,12}[\"”»*]?",
        Just("OR".to_owned()),
        Just("-".to_owned()),
        Just("i-7k3m".to_owned()),
        "[0-9a-f]{6,70}",
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.join(" "))
}
