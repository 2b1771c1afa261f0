//! Stems: what the inflected forms of a word have in common.
//!
//! Light on purpose. A stem is a key for finding, never shown, and the exact
//! form is always indexed beside it and ranks higher. A name does not say
//! which language it is in, so Cyrillic words get a Ukrainian and a Russian
//! stem, and a question is asked with both.

mod arabic;
mod english;
mod russian;
mod ukrainian;

/// Returns the stems of a folded word: none for scripts without a stemmer.
pub(super) fn stems(word: &str) -> Vec<String> {
    match word.chars().find(|c| c.is_alphabetic()) {
        Some('\u{400}'..='\u{52f}') => {
            let mut both = vec![ukrainian::stem(word), russian::stem(word)];
            both.dedup();
            both
        }
        Some('a'..='z' | '\u{df}'..='\u{24f}') => vec![english::stem(word)],
        Some('\u{600}'..='\u{6ff}') => vec![arabic::stem(word)],
        _ => Vec::new(),
    }
}

/// Takes off the longest suffix of the list that leaves at least `least` letters.
fn strip<'a>(word: &'a str, suffixes: &[&str], least: usize) -> &'a str {
    suffixes
        .iter()
        .filter_map(|suffix| word.strip_suffix(suffix))
        .filter(|stem| at_least(stem, least))
        .min_by_key(|stem| stem.len())
        .unwrap_or(word)
}

fn at_least(word: &str, letters: usize) -> bool {
    word.chars().nth(letters.saturating_sub(1)).is_some()
}

/// A suffix with a fleeting vowel, the same without it, and how many letters
/// must stand before: (-ок, -к) joins "будинок" and "будинку".
type Fleeting = (&'static str, &'static str, usize);

/// Joins forms with and without a fleeting vowel; `None` if the word has none.
fn contract(word: &str, pairs: &[Fleeting]) -> Option<String> {
    pairs.iter().find_map(|(with, without, least)| {
        let rest = word.strip_suffix(with)?;
        at_least(rest, *least).then(|| format!("{rest}{without}"))
    })
}

/// Takes off what may still stand at the end of a Cyrillic stem: a soft sign,
/// one vowel.
fn trim(stem: &str) -> String {
    let hard = stem.trim_end_matches('ь');
    if hard.is_empty() {
        return stem.to_owned();
    }
    hard.strip_suffix(['а', 'е', 'є', 'и', 'і', 'ї', 'о', 'у', 'ю', 'я', 'ы', 'э'])
        .filter(|rest| at_least(rest, 3))
        .unwrap_or(hard)
        .to_owned()
}
