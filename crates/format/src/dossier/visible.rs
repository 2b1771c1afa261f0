//! Text from outside, made safe to look at.

use std::fmt::Write as _;

/// Shows control, direction and other invisible characters as tokens such as `⟦RLO⟧`, so that no name can pretend to be another.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match token(c) {
            Some(name) => {
                out.push('⟦');
                out.push_str(name);
                out.push('⟧');
            }
            None if hidden(c) => {
                // Writing to a String cannot fail.
                let _never = write!(out, "⟦U+{:04X}⟧", u32::from(c));
            }
            None => out.push(c),
        }
    }
    out
}

fn token(c: char) -> Option<&'static str> {
    Some(match c {
        '\0' => "NUL",
        '\t' => "TAB",
        '\n' => "LF",
        '\r' => "CR",
        '\u{1b}' => "ESC",
        '\u{7f}' => "DEL",
        '\u{ad}' => "SHY",
        '\u{61c}' => "ALM",
        '\u{200b}' => "ZWSP",
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
        _ => return None,
    })
}

/// Joiners (ZWJ, ZWNJ) and variation selectors stay: Persian, Indic scripts and emoji need them.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{180e}' | '\u{2061}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{e0000}'..='\u{e007f}')
}
