//! What can be asked, and what a bad question is told.

use super::{ask, doc, in_order, index, marked, seqs, texts};
use crate::search::{Doc, Error, Field, Scope};

#[test]
fn plain_words_are_all_needed_in_any_field() {
    let mut far = doc(3, "bridge.txt", "nothing here");
    far.source = "Harbour office".to_owned();
    let (_dir, index) = index(vec![
        doc(1, "", "the bridge at the harbour"),
        doc(2, "", "the bridge at the mill"),
        far,
    ]);
    assert_eq!(seqs(&index, "bridge harbour"), [1, 3]);
}

#[test]
fn or_joins_its_two_neighbours_only() {
    let (_dir, index) = texts(&["red bridge", "blue bridge", "green bridge", "red mill"]);
    assert_eq!(seqs(&index, "bridge red OR blue"), [1, 2]);
    assert_eq!(seqs(&index, "red OR green OR mill"), [1, 3, 4]);
}

#[test]
fn a_phrase_is_exact_in_order_and_form() {
    let (_dir, index) = texts(&["удар по лікарні", "по лікарні удар", "удар по лікарнях"]);
    assert_eq!(seqs(&index, "\"удар по лікарні\""), [1]);
    assert_eq!(seqs(&index, "“лікарні”"), [1, 2]);
    assert_eq!(seqs(&index, "«лікарня»"), [0; 0]);
    assert_eq!(seqs(&index, "удар лікарня"), [1, 2, 3]);
    assert_eq!(marked(&index, "\"по лікарні\""), ["по лікарні"]);
}

#[test]
fn an_excluded_word_or_phrase_takes_documents_out() {
    let (_dir, index) = texts(&["bridge and mill", "bridge and harbour", "bridge in ruins"]);
    assert_eq!(seqs(&index, "bridge -mill"), [2, 3]);
    assert_eq!(seqs(&index, "bridge -\"and mill\""), [2, 3]);
    assert_eq!(seqs(&index, "bridge -mills -ruin"), [2]);
}

#[test]
fn a_prefix_finds_every_continuation() {
    let (_dir, index) = texts(&["hospital", "hospitable", "house", "лікарня"]);
    assert_eq!(seqs(&index, "hosp*"), [1, 2]);
    assert_eq!(seqs(&index, "HO*"), [1, 2, 3]);
    assert_eq!(seqs(&index, "лік*"), [4]);
    assert_eq!(marked(&index, "hospita* -hospitable"), ["hospital"]);
}

#[test]
fn a_file_name_is_found_by_its_parts_and_whole() {
    let (_dir, index) = index(vec![
        doc(1, "IMG_0148.jpg", ""),
        doc(2, "IMG_0149.jpg", ""),
        doc(3, "fieldReport-north.v2.PDF", ""),
    ]);
    for query in [
        "0148",
        "IMG_0148.jpg",
        "img_0148",
        "img0148",
        "\"IMG 0148\"",
        "IMG_0148*",
    ] {
        assert_eq!(seqs(&index, query), [1], "{query}");
    }
    assert_eq!(seqs(&index, "img"), [1, 2]);
    assert_eq!(seqs(&index, "IMG_01*"), [1, 2]);
    for query in [
        "field",
        "report",
        "fieldreport",
        "fieldReport-north",
        "north v2",
        "v2.pdf",
    ] {
        assert_eq!(seqs(&index, query), [3], "{query}");
    }
}

#[test]
fn a_hash_is_found_by_its_beginning() {
    let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let hashed = |seq, sha256: &str| Doc {
        sha256: sha256.to_owned(),
        ..doc(seq, "", "")
    };
    let quoting = doc(3, "", &format!("The digest was {hash}."));
    let (_dir, index) = index(vec![hashed(1, hash), hashed(2, &"1".repeat(64)), quoting]);
    assert_eq!(seqs(&index, "9f86d081"), [1]);
    assert_eq!(seqs(&index, &hash.to_uppercase()), [1, 3]);
    assert_eq!(seqs(&index, "9f86d08"), [0; 0], "seven digits are too few");
    let hit = &ask(&index, "9F86D081").hits[0];
    assert_eq!(hit.field, Field::Sha256);
    assert_eq!(marked(&index, "9f86d081"), ["9f86d081"]);
}

#[test]
fn an_item_is_found_by_the_beginning_of_its_id() {
    let with_id = |seq, item: &str| Doc {
        item: item.to_owned(),
        ..doc(seq, "", "")
    };
    let (_dir, index) = index(vec![
        with_id(1, "i-7k3m9q2xw4pd"),
        with_id(2, "i-7k3m00000000"),
        doc(3, "", "compare i-7k3m9q2xw4pd"),
    ]);
    assert_eq!(in_order(&ask(&index, "i-7k3m").hits), [2, 1, 3]);
    assert_eq!(in_order(&ask(&index, "I-7K3M9Q2XW4PD").hits), [1, 3]);
    assert_eq!(
        seqs(&index, "i-7k3"),
        [3],
        "too short for an id, so only words"
    );
    assert_eq!(ask(&index, "i-7k3m9q").hits[0].field, Field::Item);
}

#[test]
fn a_name_ranks_above_a_text_and_the_exact_form_above_another() {
    let (_dir, index) = index(vec![
        doc(1, "harbour", ""),
        doc(2, "", "the harbour"),
        doc(3, "", "two harbours"),
        doc(4, "", "the harbour again"),
    ]);
    assert_eq!(in_order(&ask(&index, "harbour").hits), [1, 4, 2, 3]);
}

#[test]
fn words_side_by_side_rank_above_words_apart() {
    let (_dir, index) = texts(&["north bridge", "bridge in the north"]);
    assert_eq!(in_order(&ask(&index, "north bridge").hits), [1, 2]);
}

#[test]
fn a_hit_names_the_field_that_holds_most_of_the_question() {
    let mut there = doc(1, "bridge.jpg", "the bridge at the old mill");
    there.path = "north/valley".to_owned();
    let (_dir, index) = index(vec![there]);
    assert_eq!(ask(&index, "bridge").hits[0].field, Field::Name);
    assert_eq!(ask(&index, "bridge mill").hits[0].field, Field::Text);
    assert_eq!(ask(&index, "valley").hits[0].field, Field::Path);
}

#[test]
fn a_snippet_shows_the_best_place_of_a_long_text() {
    let far = format!(
        "mill {}the old <b>mill</b> & bridge{}",
        "word ".repeat(5_000),
        " word".repeat(5_000)
    );
    let (_dir, index) = texts(&[&far]);
    let hit = ask(&index, "mill bridge").hits.remove(0);
    assert_eq!(marked(&index, "mill bridge"), ["mill", "bridge"]);
    let shown: String = hit
        .snippet
        .iter()
        .map(|piece| piece.text.as_str())
        .collect();
    assert!(far.contains(&shown) && shown.len() < 400, "{shown}");
    assert!(
        shown.contains("<b>mill</b> & bridge"),
        "stored characters, not HTML: {shown}"
    );
}

#[test]
fn pages_follow_each_other() {
    let many: Vec<_> = (1..=25).map(|seq| doc(seq, "", "bridge")).collect();
    let (_dir, index) = index(many);
    let scope = [("ESTUARY".to_owned(), 1)];
    let scope = Scope {
        compartments: &scope,
    };
    let page = |limit, offset| {
        let found = index.find("bridge", &scope, limit, offset).unwrap();
        assert_eq!(found.total, 25);
        in_order(&found.hits)
    };
    assert_eq!(page(10, 0), (16..=25).rev().collect::<Vec<_>>());
    assert_eq!(page(10, 20), [5, 4, 3, 2, 1]);
    assert_eq!(page(10, usize::MAX), [0; 0]);
    assert_eq!(page(0, 0), [0; 0]);
}

#[test]
fn a_bad_question_is_told_what_to_write() {
    let (_dir, index) = texts(&["bridge"]);
    let scope = [("ESTUARY".to_owned(), 1)];
    let refused = |query: &str| {
        let scope = Scope {
            compartments: &scope,
        };
        let error = index.find(query, &scope, 10, 0).unwrap_err();
        assert!(error.is_about_the_query());
        let text = error.to_string();
        assert!(text.contains(';') && !text.ends_with('.'), "{text}");
        error
    };
    assert!(matches!(refused(""), Error::Empty));
    assert!(matches!(refused(" \t ?! -"), Error::Empty));
    assert!(matches!(refused("-bridge"), Error::OnlyExclusions));
    assert!(matches!(refused("\"old bridge"), Error::UnclosedQuote));
    for loose in ["OR bridge", "bridge OR", "a OR OR b", "a OR -b"] {
        assert!(matches!(refused(loose), Error::LooseOr), "{loose}");
    }
    assert!(matches!(refused("b*"), Error::ShortPrefix));
    assert!(matches!(refused("*"), Error::ShortPrefix));
    assert!(matches!(refused(&"a ".repeat(1_001)), Error::TooLong));
    assert!(matches!(refused(&"a ".repeat(129)), Error::TooLong));
}

#[test]
fn a_quotation_mark_inside_a_word_opens_nothing() {
    let (_dir, index) = texts(&["ארה\"ב שלחה"]);
    assert_eq!(seqs(&index, "ארה\"ב"), [1]);
    assert_eq!(seqs(&index, "\"ארה\"ב שלחה\""), [1]);
}
