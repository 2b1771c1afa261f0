//! Evidence in a terminal: a file name must not move the cursor or turn the text around.

/// Shows control and direction characters as visible tokens.
pub(crate) fn safe(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => shown.push_str("⟦LF⟧"),
            '\r' => shown.push_str("⟦CR⟧"),
            '\t' => shown.push_str("⟦TAB⟧"),
            '\u{202a}' => shown.push_str("⟦LRE⟧"),
            '\u{202b}' => shown.push_str("⟦RLE⟧"),
            '\u{202c}' => shown.push_str("⟦PDF⟧"),
            '\u{202d}' => shown.push_str("⟦LRO⟧"),
            '\u{202e}' => shown.push_str("⟦RLO⟧"),
            '\u{2066}' => shown.push_str("⟦LRI⟧"),
            '\u{2067}' => shown.push_str("⟦RLI⟧"),
            '\u{2068}' => shown.push_str("⟦FSI⟧"),
            '\u{2069}' => shown.push_str("⟦PDI⟧"),
            c if hidden(c) => shown.push_str(&format!("⟦U+{:04X}⟧", u32::from(c))),
            c if c.is_control() => shown.push_str(&format!("⟦{:02X}⟧", u32::from(c))),
            c => shown.push(c),
        }
    }
    shown
}

/// Characters that show nothing, or change how others show.
fn hidden(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// The same JSON with such characters as escapes, which mean the same to every reader and nothing to a terminal.
pub(crate) fn safe_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_control() || hidden(c) {
            // Outside strings a line of JSON has none of these.
            for unit in c.encode_utf16(&mut [0; 2]) {
                shown.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::{safe, safe_json};

    #[test]
    fn json_says_the_same_with_nothing_raw() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            let json = serde_json::Value::from(format!("a{c}b")).to_string();
            let shown = safe_json(&json);
            assert!(!shown.chars().any(|c| c.is_control() || super::hidden(c)));
            let back: String = serde_json::from_str(&shown).unwrap();
            assert_eq!(back, format!("a{c}b"));
        }
    }

    #[test]
    fn no_name_moves_the_cursor_or_turns_the_text() {
        for code in (0..=0x10_ffff).filter_map(char::from_u32) {
            let shown = safe(&code.to_string());
            assert!(!shown.chars().any(|c| c.is_control()
                || super::hidden(c)
                || ('\u{202a}'..='\u{202e}').contains(&c)
                || ('\u{2066}'..='\u{2069}').contains(&c)));
        }
    }

    #[test]
    fn tokens_say_what_stood_there() {
        assert_eq!(
            safe("photo\u{202e}gpj.exe\u{1b}[2J"),
            "photo⟦RLO⟧gpj.exe⟦1B⟧[2J"
        );
        assert_eq!(safe("Істбридж شارع"), "Істбридж شارع");
    }
}
