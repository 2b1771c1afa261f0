//! English: plural, possessive, -ed and -ing; nothing that changes the word.

use super::at_least;

/// Returns the English stem of a folded word.
pub(super) fn stem(word: &str) -> String {
    let word = word.strip_suffix("'s").unwrap_or(word);
    let single = singular(word);
    let bare = verb(&single);
    match bare.strip_suffix('e') {
        Some(rest) if at_least(rest, 3) => rest.to_owned(),
        _ => bare,
    }
}

fn singular(word: &str) -> String {
    if let Some(rest) = word.strip_suffix("ies")
        && at_least(rest, 2)
    {
        return format!("{rest}y");
    }
    for end in ["sses", "xes", "zes", "ches", "shes"] {
        if word.ends_with(end) && at_least(word, 5) {
            return word.strip_suffix("es").unwrap_or(word).to_owned();
        }
    }
    let keeps = ["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    match word.strip_suffix('s') {
        Some(rest) if !keeps && at_least(rest, 3) => rest.to_owned(),
        _ => word.to_owned(),
    }
}

fn verb(word: &str) -> String {
    if let Some(rest) = word.strip_suffix("ied")
        && at_least(rest, 2)
    {
        return format!("{rest}y");
    }
    for end in ["ing", "ed"] {
        let Some(rest) = word.strip_suffix(end) else {
            continue;
        };
        // A stem has a vowel: "string" and "red" are words of their own.
        if at_least(rest, 3) && rest.contains(['a', 'e', 'i', 'o', 'u', 'y']) {
            return undouble(rest).to_owned();
        }
    }
    word.to_owned()
}

fn undouble(stem: &str) -> &str {
    let mut last = stem.chars().rev();
    match (last.next(), last.next()) {
        (Some(a), Some(b)) if a == b && !"aeioulsz".contains(a) => {
            stem.strip_suffix(a).unwrap_or(stem)
        }
        _ => stem,
    }
}
