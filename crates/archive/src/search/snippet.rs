//! Which field answers, and the extract of it that shows why.

use std::collections::VecDeque;
use std::ops::Range;

use super::ask::{Ask, How, Want};
use super::fold::head;
use super::stem::stems;
use super::words::{Word, Words, exact_key};
use super::{Field, Piece};

/// How much of a field a snippet shows, in bytes.
const SHOWN_BYTES: usize = 320;
/// How much is shown before the first mark, in bytes.
const BEFORE_BYTES: usize = 80;
/// How many marks are looked at to choose the best place.
const MARKS: usize = 64;

/// How much text one page of hits may read for its snippets, in bytes: beyond
/// it a snippet is the beginning of the text, without marks.
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(16 * 1024 * 1024)
    }
}

/// A word or row of words to mark: for each word the keys that will do.
pub(super) struct Pattern {
    parts: Vec<Vec<String>>,
    prefix: bool,
}

impl Pattern {
    /// Returns a pattern for each wanted word or row.
    pub(super) fn all(ask: &Ask) -> Vec<Self> {
        let wants = ask.wanted.iter().flatten();
        wants.flat_map(Self::of).collect()
    }

    /// The word with the star need not stand beside the others: see `query`.
    fn of(want: &Want) -> Vec<Self> {
        let any_form = want.how == How::AnyForm;
        let mut parts: Vec<Vec<String>> = want
            .parts
            .iter()
            .map(|part| {
                let more = if any_form { stems(part) } else { Vec::new() };
                std::iter::once(exact_key(part)).chain(more).collect()
            })
            .collect();
        let mut all = Vec::new();
        if want.how == How::Prefix {
            all.extend(parts.pop().map(|last| Self {
                parts: vec![last],
                prefix: true,
            }));
        }
        if !parts.is_empty() {
            all.push(Self {
                parts,
                prefix: false,
            });
        }
        all
    }

    fn accepts(&self, part: usize, keys: &[String]) -> bool {
        let open = self.prefix && part + 1 == self.parts.len();
        self.parts[part].iter().any(|wanted| {
            keys.iter()
                .any(|key| key == wanted || (open && key.starts_with(wanted.as_str())))
        })
    }
}

#[derive(Debug, PartialEq)]
struct Mark {
    range: Range<usize>,
    pattern: usize,
}

/// Returns the field that holds most of the question, and the extract.
pub(super) fn snippet(
    ask: &Ask,
    patterns: &[Pattern],
    texts: &[(Field, &str); 6],
    budget: &mut Budget,
) -> (Field, Vec<Piece>) {
    if let Some(found) = identity(ask, texts) {
        return found;
    }
    let mut best = (0, Field::Text, "", Vec::new());
    for (field, text) in texts {
        if matches!(field, Field::Item | Field::Sha256) {
            continue;
        }
        let Some(left) = budget.0.checked_sub(text.len()) else {
            continue;
        };
        budget.0 = left;
        let marks = marks(patterns, text);
        let mut kinds: Vec<_> = marks.iter().map(|mark| mark.pattern).collect();
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.len() > best.0 {
            best = (kinds.len(), *field, *text, marks);
        }
    }
    let (found, field, text, marks) = best;
    if found == 0 {
        let (field, text) = texts[texts.len() - 1];
        return (field, extract(text, &[]));
    }
    (field, extract(text, &marks))
}

/// Returns the id or the hash, if the question gives the beginning of it.
fn identity(ask: &Ask, texts: &[(Field, &str); 6]) -> Option<(Field, Vec<Piece>)> {
    ask.wanted.iter().flatten().find_map(|want| {
        let asked = [(Field::Item, &want.item), (Field::Sha256, &want.hash)];
        asked.into_iter().find_map(|(field, start)| {
            let start = start.as_deref()?;
            let (_, text) = texts.iter().find(|(of, _)| *of == field)?;
            text.starts_with(start).then(|| {
                let mark = Mark {
                    range: 0..start.len(),
                    pattern: 0,
                };
                (field, extract(text, &[mark]))
            })
        })
    })
}

/// Follows every pattern through the words, one step a word.
fn marks(patterns: &[Pattern], text: &str) -> Vec<Mark> {
    let longest = patterns.iter().map(|p| p.parts.len()).max().unwrap_or(0);
    // open[p][n]: the last n+1 words were the first n+1 parts of pattern p.
    let mut open: Vec<Vec<bool>> = patterns
        .iter()
        .map(|p| vec![false; p.parts.len()])
        .collect();
    let mut starts: VecDeque<usize> = VecDeque::with_capacity(longest + 1);
    let mut found = Vec::new();
    for word in Words::of(text) {
        starts.push_front(word.start);
        starts.truncate(longest);
        step(patterns, &mut open, &starts, &word, &mut found);
        if found.len() >= MARKS {
            break;
        }
    }
    found.sort_by_key(|mark: &Mark| (mark.range.start, mark.range.end));
    found
}

fn step(
    patterns: &[Pattern],
    open: &mut [Vec<bool>],
    starts: &VecDeque<usize>,
    word: &Word,
    found: &mut Vec<Mark>,
) {
    let keys = word.keys();
    for (pattern, (wanted, open)) in patterns.iter().zip(open).enumerate() {
        for part in (0..open.len()).rev() {
            let reached = part == 0 || open[part - 1];
            open[part] = reached && wanted.accepts(part, &keys);
        }
        if open.last() == Some(&true)
            && let Some(start) = starts.get(open.len() - 1)
        {
            let range = *start..word.end;
            found.push(Mark { range, pattern });
        }
    }
}

/// Cuts the text around the place with most different marks.
fn extract(text: &str, marks: &[Mark]) -> Vec<Piece> {
    let first = best_place(marks);
    let shown = shown(text, marks.get(first).map_or(0, |mark| mark.range.start));
    let mut pieces = Vec::new();
    let mut at = shown.start;
    for mark in marks.get(first..).unwrap_or_default() {
        if mark.range.start < at || mark.range.end > shown.end {
            continue;
        }
        push(&mut pieces, text, at..mark.range.start, false);
        push(&mut pieces, text, mark.range.clone(), true);
        at = mark.range.end;
    }
    push(&mut pieces, text, at..shown.end, false);
    pieces
}

fn push(pieces: &mut Vec<Piece>, text: &str, range: Range<usize>, marked: bool) {
    let text = text.get(range).unwrap_or_default();
    if !text.is_empty() {
        pieces.push(Piece {
            text: text.to_owned(),
            marked,
        });
    }
}

fn best_place(marks: &[Mark]) -> usize {
    let mut best = (0, 0);
    for (at, first) in marks.iter().enumerate() {
        let end = first.range.start + SHOWN_BYTES - BEFORE_BYTES;
        let near = marks.iter().skip(at).filter(|mark| mark.range.end <= end);
        let mut kinds: Vec<_> = near.map(|mark| mark.pattern).collect();
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.len() > best.0 {
            best = (kinds.len(), at);
        }
    }
    best.1
}

/// Returns what is shown around the first mark: whole words where white space
/// allows it.
fn shown(text: &str, mark: usize) -> Range<usize> {
    let mut start = text.ceil_char_boundary(mark.saturating_sub(BEFORE_BYTES));
    if start > 0 {
        let before = text.get(start..mark).unwrap_or_default();
        if let Some((space, c)) = before.char_indices().find(|(_, c)| c.is_whitespace()) {
            start += space + c.len_utf8();
        }
    }
    let rest = text.get(start..).unwrap_or_default();
    let mut end = start + head(rest, SHOWN_BYTES).len();
    if end < text.len() {
        let after = text.get(mark.min(end)..end).unwrap_or_default();
        if let Some(space) = after.rfind(char::is_whitespace) {
            end = mark.min(end) + space;
        }
    }
    start..end
}
