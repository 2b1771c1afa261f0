//! Russian: endings of nouns, adjectives and the commonest verb forms.

use super::{Fleeting, contract, strip, trim};

const REFLEXIVE: &[&str] = &["ся", "сь"];

#[rustfmt::skip]
const ENDINGS: &[&str] = &[
    // nouns
    "а", "я", "о", "е", "и", "ы", "у", "ю", "й", "ь",
    "ом", "ем", "ам", "ям", "ой", "ей", "ою", "ею", "ах", "ях", "ами", "ями",
    "ия", "ии", "ию", "ией", "ий", "иям", "иями", "иях", "ие", "ием", "ья", "ье", "ью", "ьи",
    "ость", "ости", "остью", "остей", "остям", "остями", "остях",
    // adjectives and participles
    "ый", "ая", "яя", "ое", "ее", "ые", "ого", "его", "ому", "ему", "ым", "им", "ых", "их", "ыми", "ими", "ую", "юю",
    // verbs
    "овать", "ировать", "овал", "овала", "овали", "ировал", "ировала", "ировали",
    "ует", "уют", "ает", "ают", "яет", "яют",
];

const ALTERNATING: &[&str] = &["ов", "ев"];

const FLEETING: &[Fleeting] = &[("ок", "к", 4), ("ец", "ц", 4)];

/// Returns the Russian stem of a folded word.
pub(super) fn stem(word: &str) -> String {
    let plain = strip(word, REFLEXIVE, 4);
    if let Some(stem) = contract(plain, FLEETING) {
        return stem;
    }
    let stem = strip(plain, ENDINGS, 3);
    let stem = strip(stem, ALTERNATING, 3);
    trim(stem)
}
