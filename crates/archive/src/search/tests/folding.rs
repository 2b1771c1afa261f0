//! Words: spelling, inflection, scripts.

use super::{marked, seqs, texts};
use crate::search::fold::fold;
use crate::search::stem::stems;

/// Checks that all forms share a stem with the first one.
fn same_stem(forms: &[&str]) {
    let first = stems(&fold(forms[0]));
    for form in forms {
        let other = stems(&fold(form));
        assert!(
            other.iter().any(|stem| first.contains(stem)),
            "{} {first:?} and {form} {other:?}",
            forms[0]
        );
    }
}

#[test]
fn ukrainian_forms_share_a_stem() {
    same_stem(&[
        "лікарня",
        "лікарні",
        "лікарню",
        "лікарнею",
        "лікарень",
        "лікарнями",
        "лікарнях",
    ]);
    same_stem(&[
        "удар",
        "удару",
        "ударом",
        "ударі",
        "удари",
        "ударів",
        "ударам",
        "ударами",
        "ударах",
    ]);
    same_stem(&["об'єкт", "об’єкта", "обʼєктів", "об`єктами"]);
    same_stem(&["ракета", "ракети", "ракет", "ракетою", "ракетами"]);
    same_stem(&[
        "генерал",
        "генерала",
        "генералу",
        "генерали",
        "генералів",
        "генералами",
    ]);
    same_stem(&["солдат", "солдата", "солдати", "солдатів", "солдатами"]);
    same_stem(&["евакуація", "евакуації", "евакуацію", "евакуацією"]);
    same_stem(&["будинок", "будинку", "будинки", "будинків", "будинками"]);
    same_stem(&["свідок", "свідка", "свідки", "свідків", "свідками"]);
    same_stem(&[
        "цивільний",
        "цивільного",
        "цивільні",
        "цивільних",
        "цивільними",
        "цивільна",
    ]);
    same_stem(&["поранення", "поранень", "пораненням", "пораненнями"]);
    same_stem(&["руйнування", "руйнувань", "руйнуванням"]);
    same_stem(&["музей", "музею", "музеї", "музеїв", "музеями"]);
    same_stem(&["січень", "січня", "січні"]);
    same_stem(&["архів", "архіви", "архіву", "архівів", "архівами"]);
    same_stem(&["мости", "мостів", "мостами", "мосту"]);
}

#[test]
fn ukrainian_place_names_with_a_changing_vowel_share_a_stem() {
    same_stem(&["Київ", "Києва", "Києву", "Києві", "Києвом"]);
    same_stem(&["Харків", "Харкова", "Харкову", "Харкові", "Харковом"]);
}

#[test]
fn russian_forms_share_a_stem() {
    same_stem(&[
        "больница",
        "больницы",
        "больнице",
        "больницей",
        "больниц",
        "больницами",
    ]);
    same_stem(&[
        "удар",
        "удара",
        "ударом",
        "удары",
        "ударов",
        "ударами",
        "ударах",
    ]);
    same_stem(&["участок", "участка", "участки", "участков"]);
    same_stem(&["память", "памяти", "памятью"]);
    same_stem(&["человек", "человека", "человеком"]);
    same_stem(&["здание", "здания", "зданий", "зданием", "зданиями"]);
}

#[test]
fn english_forms_share_a_stem() {
    same_stem(&["hospital", "hospitals", "hospital's", "Hospitals"]);
    same_stem(&["shell", "shells", "shelled", "shelling"]);
    same_stem(&["city", "cities"]);
    same_stem(&["witness", "witnesses", "witnessed"]);
    same_stem(&["stop", "stops", "stopped", "stopping"]);
    same_stem(&["escape", "escaped", "escaping", "escapes"]);
    same_stem(&["building", "buildings"]);
}

#[test]
fn arabic_forms_share_a_stem() {
    same_stem(&["مستشفى", "المستشفى", "والمستشفى", "بالمستشفى", "مستشفيات"]);
    same_stem(&["مدينة", "المدينة", "مَدِينَة"]);
}

#[test]
fn different_words_keep_different_stems() {
    for (one, other) in [
        ("лікарня", "лікар"),
        ("ракета", "рак"),
        ("string", "stringent"),
        ("bus", "but"),
        ("red", "ring"),
    ] {
        let known = stems(&fold(other));
        assert!(
            !stems(&fold(one)).iter().any(|s| known.contains(s)),
            "{one} {other}"
        );
    }
}

#[test]
fn a_fold_unifies_spelling_and_keeps_letters() {
    for (written, folded) in [
        ("Ёлка", "елка"),
        ("ЙОД", "йод"),
        ("Їжак", "їжак"),
        ("и\u{306}од", "йод"),
        ("за\u{301}мок", "замок"),
        ("об’єкт", "об'єкт"),
        ("أحمد", "احمد"),
        ("مُحَـمَّـد", "محمد"),
        ("ﬁre", "fire"),
        ("CAFÉ", "cafe"),
        ("٢٠٢٤", "2024"),
        ("sol\u{ad}dier", "soldier"),
    ] {
        assert_eq!(fold(written), folded, "{written}");
    }
}

#[test]
fn an_inflected_form_is_found_and_marked() {
    let (_dir, index) = texts(&["Удар по лікарні вночі", "Тихий вечір"]);
    assert_eq!(seqs(&index, "лікарня"), [1]);
    assert_eq!(marked(&index, "лікарня"), ["лікарні"]);
}

#[test]
fn every_apostrophe_is_the_same() {
    let (_dir, index) = texts(&[
        "біля об’єкта",
        "біля об`єкта",
        "біля обʼєкта",
        "біля об´єкта",
    ]);
    assert_eq!(seqs(&index, "об'єкт"), [1, 2, 3, 4]);
    assert_eq!(marked(&index, "об'єкт"), ["об´єкта"]);
}

#[test]
fn arabic_is_found_with_and_without_harakat() {
    let (_dir, index) = texts(&["قُصِفَ المُسْتَشْفَى لَيْلًا", "قصف المستشفى ليلا", "سوق"]);
    assert_eq!(seqs(&index, "المستشفى"), [1, 2]);
    assert_eq!(seqs(&index, "المُسْتَشْفَى"), [1, 2]);
    assert_eq!(seqs(&index, "مستشفي"), [1, 2]);
    assert_eq!(seqs(&index, "\"قصف المستشفى\""), [1, 2]);
}

#[test]
fn scripts_mix_in_one_text() {
    let (_dir, index) = texts(&["The лікарня مستشفى 病院 hospital", "病気"]);
    assert_eq!(seqs(&index, "hospitals лікарні"), [1]);
    assert_eq!(seqs(&index, "مستشفى 病院"), [1]);
}

#[test]
fn yo_and_ye_are_one_letter_but_yi_is_not_i() {
    let (_dir, index) = texts(&["самолёт", "її", "іі"]);
    assert_eq!(seqs(&index, "самолет"), [1]);
    assert_eq!(seqs(&index, "її"), [2]);
}
