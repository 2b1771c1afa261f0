//! One spelling for what people spell in several ways.
//!
//! Folding runs over every indexed word and every asked word, so it decides
//! what counts as "the same word". It never drops a letter that tells two
//! Ukrainian words apart: й and ї stay.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// The longest form that is kept of one word, in bytes.
pub(super) const WORD_BYTES: usize = 200;

/// How much of a word is read at all: enough for every real word, and a bound
/// for a megabyte of combining marks.
const READ_BYTES: usize = 4 * WORD_BYTES;

/// Returns the folded form of a word, at most [`WORD_BYTES`] long, perhaps empty.
pub(super) fn fold(word: &str) -> String {
    let mut plain = String::with_capacity(word.len().min(READ_BYTES));
    let mut base = ' ';
    for c in head(word, READ_BYTES).nfkd() {
        if is_mark(c) {
            if keeps(base, c) {
                plain.push(c);
            }
            continue;
        }
        if is_ignorable(c) {
            continue;
        }
        for lower in letter(c).to_lowercase() {
            base = letter(lower);
            plain.push(base);
        }
    }
    let folded: String = plain.nfc().collect();
    head(folded.trim_matches('\''), WORD_BYTES).to_owned()
}

/// Returns the longest beginning of `text` that is at most `bytes` long.
pub(super) fn head(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

/// Tells whether a character only changes the one before it.
pub(super) fn is_mark(c: char) -> bool {
    is_combining_mark(c)
}

/// Tells whether a character is invisible inside a word: joiners, direction
/// marks, soft hyphens, and the tatweel that only stretches Arabic.
pub(super) fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{640}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
}

/// Tells whether a character is used as an apostrophe inside words.
pub(super) fn is_apostrophe(c: char) -> bool {
    matches!(
        c,
        '\'' | '`'
            | '\u{b4}'
            | '\u{2b9}'
            | '\u{2bb}'
            | '\u{2bc}'
            | '\u{2bd}'
            | '\u{2018}'
            | '\u{2019}'
            | '\u{201b}'
            | '\u{2032}'
            | '\u{ff07}'
    )
}

fn keeps(base: char, mark: char) -> bool {
    match mark {
        // й, ў and ї, and no accent on any other letter: ё is е, é is e.
        '\u{306}' => matches!(base, 'и' | 'у'),
        '\u{308}' => base == 'і',
        // Hamza and madda sit on alef, waw and yeh; alef alone is unified.
        '\u{653}'..='\u{655}' => base != 'ا',
        '\u{300}'..='\u{36f}' => false,
        // Harakat, the marks of the Koran, and the Hebrew points.
        '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' => false,
        '\u{670}' | '\u{6d6}'..='\u{6ed}' | '\u{8d3}'..='\u{8ff}' => false,
        // Vowel signs of South and East Asian scripts are letters to a reader.
        _ => true,
    }
}

fn letter(c: char) -> char {
    match c {
        'ٱ' | 'ٲ' | 'ٳ' | 'ٵ' => 'ا',
        'ى' | 'ی' | 'ې' => 'ي',
        'ة' | 'ە' | 'ہ' | 'ۃ' => 'ه',
        'ک' => 'ك',
        'ς' => 'σ',
        'ı' => 'i',
        '\u{660}'..='\u{669}' => digit(c, 0x660),
        '\u{6f0}'..='\u{6f9}' => digit(c, 0x6f0),
        c if is_apostrophe(c) => '\'',
        c => c,
    }
}

fn digit(c: char, zero: u32) -> char {
    char::from_digit(u32::from(c) - zero, 10).unwrap_or(c)
}
