use super::*;

#[test]
fn a_reversed_file_name_shows_its_trick() {
    assert_eq!(visible("photo\u{202e}gpj.exe"), "photo⟦RLO⟧gpj.exe");
    assert_eq!(
        visible("a\u{0}b\nc\u{200b}d\u{e0041}"),
        "a⟦NUL⟧b⟦LF⟧c⟦ZWSP⟧d⟦U+E0041⟧"
    );
}

#[test]
fn joiners_are_spelling_in_persian_and_a_token_in_latin() {
    assert_eq!(visible("می\u{200c}خواهم"), "می\u{200c}خواهم");
    assert_eq!(visible("pay\u{200c}roll"), "pay⟦ZWNJ⟧roll");
    assert_eq!(visible("\u{200d}"), "⟦ZWJ⟧");
}

#[test]
fn ordinary_text_in_any_script_is_untouched() {
    for text in [
        "Школа № 4",
        "مدرسة الحي",
        "naïve café",
        "学校",
        "👩\u{200d}🔬",
    ] {
        assert_eq!(visible(text), text);
    }
}

#[test]
fn evidence_is_escaped_and_isolated() {
    let name = Evidence::new("<b onclick=x>\"'&\u{202e}");
    let html = name.to_string();
    assert!(
        html.starts_with(r#"<bdi dir="auto">&#60;b onclick=x&#62;"#),
        "{html}"
    );
    assert!(html.ends_with("⟦RLO⟧</bdi>"), "{html}");
    assert!(!html.contains("<b "), "{html}");
}

#[test]
fn running_text_keeps_its_lines_and_marks_only_hits() {
    let snippet = Snippet::new().text("one\ntwo ").hit("<three>\u{202e}");
    assert_eq!(
        snippet.to_string(),
        "<bdi dir=\"auto\">one\ntwo <mark>&#60;three&#62;⟦RLO⟧</mark></bdi>"
    );
}

#[test]
fn a_digest_copies_without_gaps_and_a_wrong_one_is_refused() {
    let hex = "0123456789abcdef".repeat(4);
    let digest = Digest::from_hex(&hex).unwrap();
    let bare: String = digest.to_string().replace("<i>", "").replace("</i>", "");
    assert!(bare.contains(&hex));
    assert!(digest.short().to_string().contains("0123 4567 … cdef"));
    assert_eq!(Digest::from_hex(&hex.to_uppercase()), None);
    assert_eq!(Digest::from_hex("0123"), None);
}

#[test]
fn counts_are_grouped_by_three() {
    assert_eq!(Count(1_204_551).to_string(), "1\u{a0}204\u{a0}551");
    assert_eq!(Count(12).to_string(), "12");
}
