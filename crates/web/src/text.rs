//! Strings that came from outside, made safe to show: hidden characters become visible tokens.
//!
//! Templates never get a bare evidence string. They get one of these types, whose `Display`
//! escapes, isolates direction and shows what would otherwise be invisible.

use std::borrow::Cow;
use std::fmt;

use askama::filters::{Escaper as _, Html, HtmlSafe};

/// What happens to line breaks and tabs, which are structure in a text and a trick in a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaks {
    /// Breaks become tokens: for names, titles and anything on one line.
    Shown,
    /// Breaks stay: for running text.
    Kept,
}

/// Replaces every control, bidirectional or invisible character by a token such as `⟦RLO⟧`.
pub fn visible(text: &str) -> String {
    shown(text, Breaks::Shown)
}

fn shown(text: &str, breaks: Breaks) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match token(c, before, rest.peek().copied(), breaks) {
            Some(name) => {
                out.push('⟦');
                out.push_str(&name);
                out.push('⟧');
            }
            None => out.push(c),
        }
        before = Some(c);
    }
    out
}

/// Names the character when it must not be shown as it is.
fn token(
    c: char,
    before: Option<char>,
    after: Option<char>,
    breaks: Breaks,
) -> Option<Cow<'static, str>> {
    let name = match c {
        '\n' | '\t' if breaks == Breaks::Kept => return None,
        '\0' => "NUL",
        '\t' => "TAB",
        '\n' => "LF",
        '\r' => "CR",
        '\u{1b}' => "ESC",
        '\u{7f}' => "DEL",
        '\u{85}' => "NEL",
        '\u{ad}' => "SHY",
        '\u{61c}' => "ALM",
        '\u{200b}' => "ZWSP",
        '\u{200c}' if !joins(before, after) => "ZWNJ",
        '\u{200d}' if !joins(before, after) => "ZWJ",
        '\u{200e}' => "LRM",
        '\u{200f}' => "RLM",
        '\u{2028}' => "LSEP",
        '\u{2029}' => "PSEP",
        '\u{202a}' => "LRE",
        '\u{202b}' => "RLE",
        '\u{202c}' => "PDF",
        '\u{202d}' => "LRO",
        '\u{202e}' => "RLO",
        '\u{2060}' => "WJ",
        '\u{2066}' => "LRI",
        '\u{2067}' => "RLI",
        '\u{2068}' => "FSI",
        '\u{2069}' => "PDI",
        '\u{feff}' => "BOM",
        c if hidden(c) => return Some(Cow::Owned(format!("U+{:04X}", u32::from(c)))),
        _ => return None,
    };
    Some(Cow::Borrowed(name))
}

/// Joiners are ordinary spelling between two letters outside ASCII (Persian, Hindi, emoji), a trick elsewhere.
fn joins(before: Option<char>, after: Option<char>) -> bool {
    let spelled = |c: Option<char>| c.is_some_and(|c| !c.is_ascii() && !hidden(c));
    spelled(before) && spelled(after)
}

/// Characters that draw nothing or steer others, beyond the ones that have a short name.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// One line that came from outside: escaped, isolated in direction, hidden characters shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence(String);

impl Evidence {
    /// Takes any text; nothing of it is lost, everything of it can be seen.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Gives the visible text without markup, for attribute values, where the template escapes it.
    pub fn plain(&self) -> String {
        visible(&self.0)
    }

    /// Gives the text unchanged, for a form field that must send back what was typed.
    pub fn typed(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(r#"<bdi dir="auto">"#)?;
        Html.write_escaped_str(&mut *f, &visible(&self.0))?;
        f.write_str("</bdi>")
    }
}
impl HtmlSafe for Evidence {}

/// A piece of running text with the parts that a search hit marked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snippet(Vec<(String, bool)>);

impl Snippet {
    /// Starts an empty snippet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds text that did not match.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.0.push((text.into(), false));
        self
    }

    /// Adds text that matched and is shown marked.
    #[must_use]
    pub fn hit(mut self, text: impl Into<String>) -> Self {
        self.0.push((text.into(), true));
        self
    }

    /// Says whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Snippet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(r#"<bdi dir="auto">"#)?;
        for (text, hit) in &self.0 {
            let (open, close) = if *hit {
                ("<mark>", "</mark>")
            } else {
                ("", "")
            };
            f.write_str(open)?;
            Html.write_escaped_str(&mut *f, &shown(text, Breaks::Kept))?;
            f.write_str(close)?;
        }
        f.write_str("</bdi>")
    }
}
impl HtmlSafe for Snippet {}

/// Something exact that always reads left to right: a command, a key, an address, a root hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// Takes the exact text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(r#"<code dir="ltr">"#)?;
        Html.write_escaped_str(&mut *f, &visible(&self.0))?;
        f.write_str("</code>")
    }
}
impl HtmlSafe for Code {}

/// A point in time as written in records, with its zone; it never reorders in a right-to-left page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment(String);

impl Moment {
    /// Takes the written form, such as `2026-03-04 18:22:07Z`.
    pub fn new(written: impl Into<String>) -> Self {
        Self(written.into())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(r#"<bdi dir="ltr" class="time">"#)?;
        Html.write_escaped_str(&mut *f, &visible(&self.0))?;
        f.write_str("</bdi>")
    }
}
impl HtmlSafe for Moment {}

/// A digest of 256 bits in lower-case hexadecimal; anything else is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest(String);

impl Digest {
    /// Accepts exactly 64 lower-case hexadecimal digits.
    pub fn from_hex(hex: &str) -> Option<Self> {
        let fits = hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        fits.then(|| Self(hex.to_owned()))
    }

    fn groups(&self) -> Vec<&str> {
        let ends = (0..64).step_by(4);
        ends.filter_map(|at| self.0.get(at..at + 4)).collect()
    }

    /// Gives the first and last groups, enough for an eye to compare and never for a proof.
    pub fn short(&self) -> ShortDigest {
        let groups = self.groups();
        ShortDigest(format!("{} {} … {}", groups[0], groups[1], groups[15]))
    }
}

/// All 64 digits in groups of four; the gaps are drawn, so that a copy is the exact digest.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(r#"<span class="hash" dir="ltr">"#)?;
        for group in self.groups() {
            write!(f, "<i>{group}</i>")?;
        }
        f.write_str("</span>")
    }
}
impl HtmlSafe for Digest {}

/// The first two groups and the last of a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShortDigest(String);

impl fmt::Display for ShortDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r#"<span class="hash" dir="ltr">{}</span>"#, self.0)
    }
}
impl HtmlSafe for ShortDigest {}

/// A count or a size with its digits in groups of three, so that it can be read aloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count(pub u64);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                f.write_str("\u{a0}")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
