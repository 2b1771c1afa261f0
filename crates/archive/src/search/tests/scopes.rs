//! What may not be seen does not exist: twin worlds.

use proptest::prelude::*;

use super::{doc, index, seqs};
use crate::search::{Doc, Found, Index, Scope};

fn placed(seq: u64, compartment: &str, level: u8, text: &str) -> Doc {
    Doc {
        compartment: compartment.to_owned(),
        level,
        ..doc(seq, &format!("file_{seq}.txt"), text)
    }
}

fn look(index: &Index, query: &str, compartments: &[(String, u8)]) -> Found {
    let scope = Scope { compartments };
    index.find(query, &scope, 50, 0).unwrap()
}

fn scope(pairs: &[(&str, u8)]) -> Vec<(String, u8)> {
    let owned = pairs
        .iter()
        .map(|(name, level)| ((*name).to_owned(), *level));
    owned.collect()
}

#[test]
fn the_scope_changes_totals() {
    let (_dir, index) = index(vec![
        placed(1, "ESTUARY", 0, "bridge"),
        placed(2, "ESTUARY", 2, "bridge"),
        placed(3, "MEADOW", 1, "bridge"),
        placed(4, "", 0, "bridge"),
    ]);
    let total = |pairs: &[(&str, u8)]| look(&index, "bridge", &scope(pairs)).total;
    assert_eq!(total(&[]), 0);
    assert_eq!(total(&[("UNKNOWN", 9)]), 0);
    assert_eq!(total(&[("ESTUARY", 0)]), 1);
    assert_eq!(total(&[("ESTUARY", 1)]), 1);
    assert_eq!(total(&[("ESTUARY", 2)]), 2);
    assert_eq!(total(&[("ESTUARY", 0), ("ESTUARY", 2)]), 2);
    assert_eq!(total(&[("ESTUARY", 0), ("MEADOW", 1)]), 2);
    assert_eq!(total(&[("estuary", 9)]), 0, "names are compared exactly");
    assert_eq!(total(&[("ESTUARY", 255), ("MEADOW", 255), ("", 255)]), 4);
}

#[test]
fn a_level_that_changes_takes_the_document_along() {
    let (_dir, index) = index(vec![placed(1, "ESTUARY", 1, "bridge")]);
    assert_eq!(seqs(&index, "bridge"), [1]);
    index
        .add(vec![placed(1, "ESTUARY", 2, "bridge")], 2)
        .unwrap();
    assert_eq!(seqs(&index, "bridge"), [0; 0]);
}

#[test]
fn a_rare_word_outside_the_scope_does_not_move_the_order_inside() {
    // Under BM25 the hidden documents would make "mill" common and "bridge"
    // rare, and turn the order of these two around.
    let seen = [
        placed(1, "ESTUARY", 1, "bridge quiet"),
        placed(2, "ESTUARY", 1, "mill quiet"),
    ];
    let hidden = (10..200).map(|seq| placed(seq, "MEADOW", 1, "mill mill mill"));
    let (_one, alone) = index(seen.to_vec());
    let (_two, crowded) = index(seen.iter().cloned().chain(hidden).collect());
    let mine = scope(&[("ESTUARY", 1)]);
    assert_eq!(
        look(&alone, "bridge OR mill", &mine),
        look(&crowded, "bridge OR mill", &mine)
    );
}

fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "bridge",
        "bridges",
        "mill",
        "удар",
        "удари",
        "ударів",
        "лікарня",
        "лікарні",
        "قصف",
        "IMG_0148",
        "0148",
        "northMill",
    ]);
    prop::collection::vec(word, 0..8).prop_map(|words| words.join(" "))
}

fn questions() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "bridge",
        "mill OR удар",
        "удар лікарня",
        "\"bridge mill\"",
        "br* -mill",
        "IMG_0148",
        "file",
        "img_01* OR قصف",
        "bridge mill",
        "00000000",
    ])
    .prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn twin_worlds_answer_alike(
        world in prop::collection::vec((0_u8..4, 0_u8..4, words()), 1..40),
        asked in prop::collection::vec(questions(), 1..6),
        cut in 0_usize..40,
    ) {
        let mine = scope(&[("C0", 1), ("C1", 2)]);
        let visible = |doc: &Doc| mine.iter().any(|(c, level)| *c == doc.compartment && doc.level <= *level);
        let all: Vec<Doc> = world.iter().zip(1..).map(|((compartment, level, text), seq)| {
            placed(seq, &format!("C{compartment}"), *level, text)
        }).collect();
        let (_one, narrow) = index(all.iter().filter(|doc| visible(doc)).cloned().collect());
        // Other segments, other neighbours, other documents deleted.
        let (first, second) = all.split_at(cut.min(all.len()));
        let (_two, wide) = index(first.to_vec());
        wide.add(second.to_vec(), 100).unwrap();
        wide.add(first.iter().filter(|doc| !visible(doc)).cloned().collect(), 101).unwrap();
        for query in &asked {
            prop_assert_eq!(look(&narrow, query, &mine), look(&wide, query, &mine), "{}", query);
        }
    }
}
