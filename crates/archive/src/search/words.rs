//! Text into words, the same way for what is stored and for what is asked.
//!
//! ICU finds the borders; each run is then cut where letters meet digits and
//! at `_`, `-`, `.`, so that `IMG_0148.jpg` is three words in a row and a
//! question for the whole name is a phrase. Only the words inside a
//! `camelCase` word share its position: how something is capitalised must not
//! decide whether a phrase is found.

use std::borrow::Cow;
use std::collections::VecDeque;

use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};

use super::fold::{fold, is_apostrophe, is_ignorable, is_mark};
use super::stem::stems;

/// How much text is looked at in one go: bounds the memory for any input.
const CHUNK: usize = 16 * 1024;

/// At most this many words inside one `camelCase` word are indexed.
const HUMPS: usize = 16;

/// Marks the exact form of a word in the index; no stem begins with it.
pub(super) const EXACT: char = '=';

/// One word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// The first byte in the text.
    pub(super) start: usize,
    /// The byte after the last one.
    pub(super) end: usize,
    /// Its number in the text, from 0, without holes.
    pub(super) position: usize,
    /// The folded form; never empty.
    pub(super) exact: String,
    /// The folded words inside a `camelCase` word.
    humps: Vec<String>,
}

impl Word {
    /// Returns all keys under which the word is indexed.
    pub(super) fn keys(&self) -> Vec<String> {
        let mut keys = Vec::with_capacity(3);
        for form in std::iter::once(&self.exact).chain(&self.humps) {
            keys.push(exact_key(form));
            keys.extend(stems(form));
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

/// Returns the key of an exact folded form.
pub(super) fn exact_key(form: &str) -> String {
    format!("{EXACT}{form}")
}

/// The words of a text, in order, read in bounded memory.
pub(super) struct Words<'a> {
    segmenter: WordSegmenterBorrowed<'static>,
    text: &'a str,
    at: usize,
    found: VecDeque<Word>,
    next: usize,
}

impl<'a> Words<'a> {
    /// Starts at the beginning of `text`.
    pub(super) fn of(text: &'a str) -> Self {
        Self {
            segmenter: WordSegmenter::new_dictionary(WordBreakInvariantOptions::default()),
            text,
            at: 0,
            found: VecDeque::new(),
            next: 0,
        }
    }

    fn read_chunk(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let chunk = chunk(rest);
        let plain = plain_apostrophes(chunk);
        let mut from = 0;
        for to in self.segmenter.segment_str(&plain) {
            let run = plain.get(from..to).unwrap_or_default();
            if run.chars().any(char::is_alphanumeric) {
                self.cut(run, self.at + from);
            }
            from = to;
        }
        self.at += chunk.len();
    }

    fn cut(&mut self, run: &str, offset: usize) {
        let mut part = 0..0;
        let mut kind = Kind::Other;
        for (at, c) in run.char_indices() {
            let end = at + c.len_utf8();
            let next = Kind::of(c);
            let goes_on = match kind {
                Kind::Letter => next != Kind::Digit && (next != Kind::Other || is_apostrophe(c)),
                Kind::Digit => next == Kind::Digit || next == Kind::Same,
                Kind::Same | Kind::Other => false,
            };
            if goes_on {
                part.end = end;
            } else {
                self.push(run, part, offset);
                part = at..end;
                kind = if next == Kind::Same {
                    Kind::Other
                } else {
                    next
                };
            }
        }
        self.push(run, part, offset);
    }

    fn push(&mut self, run: &str, part: std::ops::Range<usize>, offset: usize) {
        let (start, end) = (offset + part.start, offset + part.end);
        let written = run.get(part).unwrap_or_default();
        if !written.starts_with(char::is_alphanumeric) {
            return;
        }
        let exact = fold(written);
        if exact.is_empty() {
            return;
        }
        self.found.push_back(Word {
            start,
            end,
            position: self.next,
            humps: humps(written),
            exact,
        });
        self.next += 1;
    }
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        while self.found.is_empty() && self.at < self.text.len() {
            self.read_chunk();
        }
        self.found.pop_front()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letter,
    Digit,
    /// Belongs to the character before it, whatever that was.
    Same,
    Other,
}

impl Kind {
    fn of(c: char) -> Self {
        if is_mark(c) || is_ignorable(c) {
            Self::Same
        } else if is_apostrophe(c) {
            Self::Other
        } else if c.is_alphabetic() {
            Self::Letter
        } else if c.is_numeric() {
            Self::Digit
        } else {
            Self::Other
        }
    }
}

/// Returns the beginning of `rest` up to the last white space that fits.
fn chunk(rest: &str) -> &str {
    if rest.len() <= CHUNK {
        return rest;
    }
    let most = super::fold::head(rest, CHUNK);
    match most.rfind(char::is_whitespace) {
        Some(space) if space > 0 => most.get(..space).unwrap_or(most),
        _ => most,
    }
}

/// Replaces what people type for an apostrophe by one that ICU keeps inside a
/// word, of the same length, so that every offset stays true.
fn plain_apostrophes(text: &str) -> Cow<'_, str> {
    let wrong = ['`', '\u{b4}', '\u{2b9}', '\u{2032}', '\u{201b}'];
    if !text.contains(wrong) {
        return Cow::Borrowed(text);
    }
    let right = text.chars().map(|c| match c {
        '`' => '\'',
        '\u{b4}' | '\u{2b9}' => '\u{2bc}',
        '\u{2032}' | '\u{201b}' => '\u{2019}',
        c => c,
    });
    Cow::Owned(right.collect())
}

/// Returns the folded words inside a `camelCase` word, none for any other.
fn humps(written: &str) -> Vec<String> {
    let written = super::fold::head(written, super::fold::WORD_BYTES);
    let mut cuts = vec![0];
    let mut lower = false;
    for (at, c) in written.char_indices() {
        if lower && c.is_uppercase() {
            cuts.push(at);
        }
        lower = c.is_lowercase();
    }
    if cuts.len() == 1 {
        return Vec::new();
    }
    cuts.push(written.len());
    cuts.windows(2)
        .take(HUMPS)
        .filter_map(|pair| written.get(pair[0]..pair[1]))
        .map(fold)
        .filter(|hump| !hump.is_empty())
        .collect()
}
