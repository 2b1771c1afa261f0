//! Ukrainian: endings of nouns, adjectives and the commonest verb forms.
//!
//! Endings that also end many nouns (-ал, -ати, -ння) are left alone: "генерал"
//! and "солдат" must stay one word through their cases.

use super::{Fleeting, contract, strip, trim};

const REFLEXIVE: &[&str] = &["ся", "сь"];

#[rustfmt::skip]
const ENDINGS: &[&str] = &[
    // nouns
    "а", "я", "о", "е", "є", "и", "і", "ї", "у", "ю", "й",
    "ом", "ем", "єм", "ям", "ам", "ою", "ею", "єю", "ам", "ах", "ях", "ами", "ями",
    "ові", "еві", "єві", "ей", "їв", "ьми", "ія", "ії", "ію", "ією", "іям", "іями", "іях", "ій", "ієм", "ії",
    "ість", "ості", "істю", "остей", "остям", "остями", "остях",
    "ьою", "ьо",
    // adjectives and participles
    "ий", "ого", "ому", "им", "их", "ими", "ої", "ої", "ій", "ього", "ьому", "їй", "їм", "їх", "їми", "ьої",
    "іший", "ішого", "ішому", "іша", "іше", "іші", "ішим", "іших", "ішої", "ішою", "ішу",
    // verbs
    "увати", "ювати", "ував", "ював", "увала", "ювала", "увало", "ювало",
    "ували", "ювали", "увано", "ювано", "ано", "яно", "ено", "ує", "ює", "ують", "юють", "уємо", "юємо",
    "ають", "яють", "ають", "ить", "уть", "ють", "ає", "яє", "аємо", "яємо", "имо", "ємо", "емо",
];

/// The last letters that change between -ів and -ов-, as in Харків, Харкова.
const ALTERNATING: &[&str] = &["ів", "ов", "ев"];
/// The same after a vowel, as in Київ, Києва, where less of a stem is left.
const AFTER_VOWEL: &[&str] = &["їв", "єв"];

const FLEETING: &[Fleeting] = &[
    ("ок", "к", 4),
    ("ець", "ц", 4),
    ("ень", "н", 3),
    ("ань", "анн", 3),
    ("інь", "інн", 3),
];

const DOUBLED: &[Fleeting] = &[("енн", "н", 3)];

/// Returns the Ukrainian stem of a folded word.
pub(super) fn stem(word: &str) -> String {
    let plain = strip(word, REFLEXIVE, 4);
    if let Some(stem) = contract(plain, FLEETING) {
        return stem;
    }
    let stem = strip(plain, ENDINGS, 3);
    let stem = strip(stem, AFTER_VOWEL, 2);
    let stem = strip(stem, ALTERNATING, 3);
    // So that "поранення" meets "поранень".
    contract(stem, DOUBLED).unwrap_or_else(|| trim(stem))
}

#[cfg(test)]
#[test]
fn the_list_holds_more_than_sixty_endings() {
    let distinct: std::collections::BTreeSet<_> = ENDINGS.iter().collect();
    assert!(distinct.len() > 60, "{}", distinct.len());
}
