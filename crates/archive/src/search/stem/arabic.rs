//! Arabic: the article with its particles, and the commonest endings.

use super::at_least;

const BEFORE: &[&str] = &["وال", "بال", "كال", "فال", "لل", "ال"];
const AFTER: &[&str] = &["ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي"];

/// Returns the Arabic stem of a folded word.
pub(super) fn stem(word: &str) -> String {
    let mut stem = word;
    let article = BEFORE
        .iter()
        .filter_map(|prefix| stem.strip_prefix(prefix))
        .find(|rest| at_least(rest, 3));
    let and = stem.strip_prefix('و').filter(|rest| at_least(rest, 4));
    stem = article.or(and).unwrap_or(stem);
    for end in AFTER {
        if let Some(rest) = stem.strip_suffix(end)
            && at_least(rest, 3)
        {
            stem = rest;
        }
    }
    stem.to_owned()
}
