//! Twenty thousand documents, and what they cost.

use std::time::Instant;

use super::{doc, index};
use crate::search::{Found, Index, Scope};

const MANY: u64 = 20_000;

const WORDS: &[&str] = &[
    "удар",
    "лікарня",
    "міст",
    "свідок",
    "будинок",
    "ракета",
    "вночі",
    "район",
    "bridge",
    "witness",
    "hospital",
    "shelling",
    "north",
    "harbour",
    "report",
    "больница",
    "здание",
    "قصف",
    "مستشفى",
    "مدينة",
];

/// Returns forty words, the same for the same number.
fn text(seq: u64) -> String {
    let mut state = seq.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut words = Vec::new();
    for _ in 0..40 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let at = usize::try_from(state >> 33).unwrap() % (WORDS.len() * 4);
        words.push(
            WORDS
                .get(at)
                .map_or_else(|| format!("w{at}x{}", seq % 97), |w| (*w).to_owned()),
        );
    }
    words.join(" ")
}

/// Asks for one page, as people do.
fn ask(index: &Index, query: &str) -> Found {
    let scope = [("ESTUARY".to_owned(), 1)];
    let scope = Scope {
        compartments: &scope,
    };
    index.find(query, &scope, 20, 0).unwrap()
}

#[test]
fn twenty_thousand_documents_are_indexed_and_asked() {
    let docs: Vec<_> = (1..=MANY)
        .map(|seq| doc(seq, &format!("IMG_{seq:05}.jpg"), &text(seq)))
        .collect();
    let expected = docs.iter().filter(|doc| {
        let mut words = doc.text.split(' ');
        words.any(|word| word == "лікарня")
    });
    let expected = expected.count();
    let start = Instant::now();
    let (_dir, index) = index(docs);
    let took = start.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let rate = MANY as f64 / took;
    println!("{rate:.0} documents/s, {took:.2} s");
    assert_eq!(index.position(), MANY);
    assert!(expected > 1_000);
    assert_eq!(ask(&index, "лікарні").total, expected);
    assert_eq!(ask(&index, "IMG_12345.jpg").total, 1);
    for query in [
        "удар",
        "удар лікарня",
        "bridge hospitals north",
        "\"удар лікарня\"",
        "буд*",
        "img_001*",
        "міст -свідок",
    ] {
        let mut times: Vec<_> = (0..20)
            .map(|_| {
                let start = Instant::now();
                let found = ask(&index, query);
                assert!(found.total > 0, "{query}");
                start.elapsed()
            })
            .collect();
        times.sort_unstable();
        println!(
            "{query}: {} found, median {:?}, worst {:?}",
            ask(&index, query).total,
            times[10],
            times[19]
        );
    }
}
