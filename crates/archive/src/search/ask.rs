//! What somebody asked, read into words; or why it cannot be asked like that.

use super::Error;
use super::words::Words;

/// The longest question, in characters.
const MOST_CHARS: usize = 2_000;
/// The most words in one question, so that one person cannot stop the rest.
const MOST_WORDS: usize = 128;
/// A prefix shorter than this would match much of the vocabulary.
const PREFIX_CHARS: usize = 2;

/// A question: every group must be met by one of its wants, no unwanted one.
#[derive(Debug, Default)]
pub(super) struct Ask {
    pub(super) wanted: Vec<Vec<Want>>,
    pub(super) unwanted: Vec<Want>,
}

/// One word, phrase, prefix, hash or id of a question.
#[derive(Debug)]
pub(super) struct Want {
    /// The folded words, to be found in a row.
    pub(super) parts: Vec<String>,
    pub(super) how: How,
    /// The beginning of a SHA-256, if it can be one.
    pub(super) hash: Option<String>,
    /// The beginning of an item id, if it can be one.
    pub(super) item: Option<String>,
}

/// How the words of a [`Want`] are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Inflected forms count too.
    AnyForm,
    /// Only the same folded form.
    Exact,
    /// The last word may go on.
    Prefix,
}

/// Reads a question.
pub(super) fn ask(query: &str) -> Result<Ask, Error> {
    if query.chars().nth(MOST_CHARS).is_some() {
        return Err(Error::TooLong);
    }
    let mut ask = Ask::default();
    let mut or = Or::No;
    for piece in pieces(query)? {
        let Piece { text, excluded, .. } = piece;
        if !piece.quoted && text == "OR" && !excluded {
            if or != Or::No || ask.wanted.is_empty() {
                return Err(Error::LooseOr);
            }
            or = Or::Waiting;
            continue;
        }
        let Some(want) = want(&piece)? else { continue };
        match (excluded, or) {
            (true, Or::Waiting) => return Err(Error::LooseOr),
            (true, Or::No) => ask.unwanted.push(want),
            (false, Or::Waiting) => {
                if let Some(group) = ask.wanted.last_mut() {
                    group.push(want);
                }
                or = Or::No;
            }
            (false, Or::No) => ask.wanted.push(vec![want]),
        }
    }
    complete(ask, or)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Or {
    No,
    Waiting,
}

fn complete(ask: Ask, or: Or) -> Result<Ask, Error> {
    let wants = ask.wanted.iter().flatten().chain(&ask.unwanted);
    if wants.map(|want| want.parts.len()).sum::<usize>() > MOST_WORDS {
        return Err(Error::TooLong);
    }
    match (ask.wanted.is_empty(), ask.unwanted.is_empty()) {
        (true, true) => Err(Error::Empty),
        (true, false) => Err(Error::OnlyExclusions),
        _ if or == Or::Waiting => Err(Error::LooseOr),
        _ => Ok(ask),
    }
}

struct Piece<'a> {
    text: &'a str,
    quoted: bool,
    excluded: bool,
}

fn pieces(query: &str) -> Result<Vec<Piece<'_>>, Error> {
    let mut found = Vec::new();
    let mut rest = query.trim_start();
    while !rest.is_empty() {
        let excluded = rest
            .strip_prefix('-')
            .filter(|after| after.starts_with(|c: char| !c.is_whitespace()));
        let body = excluded.unwrap_or(rest);
        let (text, quoted, after) = match body.strip_prefix(is_quote) {
            Some(inside) => {
                let (text, after) = close(inside).ok_or(Error::UnclosedQuote)?;
                (text, true, after)
            }
            None => {
                let (text, after) = body.split_once(char::is_whitespace).unwrap_or((body, ""));
                (text, false, after)
            }
        };
        found.push(Piece {
            text,
            quoted,
            excluded: excluded.is_some(),
        });
        rest = after.trim_start();
    }
    Ok(found)
}

/// Splits at the closing mark: one that no letter follows, because Hebrew
/// abbreviations have a quotation mark inside.
fn close(inside: &str) -> Option<(&str, &str)> {
    inside.match_indices(is_quote).find_map(|(at, mark)| {
        let after = inside.get(at + mark.len()..)?;
        let ends = !after.starts_with(char::is_alphanumeric);
        ends.then(|| inside.get(..at).map(|text| (text, after)))?
    })
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»' | '＂')
}

fn want(piece: &Piece<'_>) -> Result<Option<Want>, Error> {
    let parts: Vec<String> = Words::of(piece.text).map(|word| word.exact).collect();
    let prefix = !piece.quoted && piece.text.ends_with('*');
    if prefix && parts.last().is_none_or(|last| !long_enough(&parts, last)) {
        return Err(Error::ShortPrefix);
    }
    if parts.is_empty() {
        return Ok(None);
    }
    let plain = piece.text.trim_end_matches('*').to_ascii_lowercase();
    let how = match (piece.quoted, prefix) {
        (true, _) => How::Exact,
        (_, true) => How::Prefix,
        _ => How::AnyForm,
    };
    Ok(Some(Want {
        parts,
        how,
        hash: is_hash(&plain).then(|| plain.clone()),
        item: is_item(&plain).then_some(plain),
    }))
}

fn long_enough(parts: &[String], last: &str) -> bool {
    parts.len() > 1 || last.chars().nth(PREFIX_CHARS - 1).is_some()
}

fn is_hash(plain: &str) -> bool {
    (8..=64).contains(&plain.len()) && plain.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_item(plain: &str) -> bool {
    plain.strip_prefix("i-").is_some_and(|id| {
        (4..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}
