//! The stylesheet: contrast of every pair, logical properties only, its size, and no reach outside.

use std::collections::BTreeMap;

use web::pages::stylesheet::STYLE;

/// Every declaration as name and value, wherever it stands.
fn declarations() -> Vec<(String, String)> {
    let mut plain = String::new();
    let mut rest = STYLE;
    while let Some((before, after)) = rest.split_once("/*") {
        plain.push_str(before);
        rest = after.split_once("*/").unwrap().1;
    }
    plain.push_str(rest);
    let blocks = plain.split(['{', '}', ';']).map(str::trim);
    let pairs = blocks
        .filter(|part| !part.starts_with('@'))
        .filter_map(|part| part.split_once(':'));
    pairs
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

/// The colour tokens, light and dark.
fn tokens() -> BTreeMap<String, [String; 2]> {
    let pairs = declarations().into_iter().filter_map(|(name, value)| {
        let both = value
            .strip_prefix("light-dark(")?
            .strip_suffix(')')?
            .to_owned();
        let (light, dark) = both.split_once(',')?;
        Some((name, [light.trim().to_owned(), dark.trim().to_owned()]))
    });
    pairs.collect()
}

fn luminance(hex: &str) -> f64 {
    let channel = |at: usize| {
        let value =
            f64::from(u8::from_str_radix(hex.get(at..at + 2).unwrap(), 16).unwrap()) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(one: &str, two: &str) -> f64 {
    let (a, b) = (luminance(one), luminance(two));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn contrast_is_computed_as_wcag_says() {
    assert!((contrast("#000000", "#FFFFFF") - 21.0).abs() < 1e-9);
    assert!((contrast("#777777", "#FFFFFF") - 4.478).abs() < 1e-3);
}

#[test]
fn every_text_and_border_is_legible_on_every_background() {
    let tokens = tokens();
    assert_eq!(tokens.len(), 13, "{:?}", tokens.keys());
    for scheme in [0, 1] {
        for background in ["--bg", "--surface", "--sunk"] {
            for (text, least) in [
                ("--ink", 6.27),
                ("--ink-2", 6.27),
                ("--ink-3", 4.89),
                ("--line", 3.33),
                ("--accent", 6.27),
                ("--ok", 6.27),
                ("--warn", 6.27),
                ("--critical", 6.27),
                ("--sealed", 6.27),
            ] {
                let found = contrast(&tokens[text][scheme], &tokens[background][scheme]);
                assert!(
                    found >= least,
                    "{text} on {background}, scheme {scheme}: {found:.2}, wants {least}"
                );
            }
        }
        // the words of a filled button, at rest and under the pointer
        for filled in ["--accent", "--ink"] {
            let found = contrast(&tokens["--bg"][scheme], &tokens[filled][scheme]);
            assert!(found >= 4.5, "button on {filled}: {found:.2}");
        }
    }
}

#[test]
fn colours_are_written_only_as_tokens() {
    for (name, value) in declarations() {
        assert!(
            name.starts_with("--") || !value.contains('#'),
            "{name}: {value}"
        );
    }
}

#[test]
fn the_stylesheet_mirrors_by_itself() {
    const PHYSICAL: [&str; 8] = [
        "left", "right", "top", "bottom", "width", "height", "float", "clear",
    ];
    for (name, value) in declarations() {
        let is_query = name.starts_with('(') || name.contains('(');
        let parts: Vec<_> = name.split('-').collect();
        let physical =
            name != "line-height" && parts.iter().any(|part| PHYSICAL.contains(part)) && !is_query;
        assert!(!physical, "{name}: {value}");
        let side = value
            .split([' ', ','])
            .any(|word| matches!(word, "left" | "right"));
        assert!(!side, "{name}: {value}");
        if matches!(
            name.as_str(),
            "margin" | "padding" | "inset" | "border-width"
        ) {
            assert!(
                value.split(' ').count() < 4,
                "{name}: {value}: four sides are physical"
            );
        }
    }
}

#[test]
fn the_stylesheet_is_small_and_loads_nothing() {
    assert!(STYLE.len() <= 25 * 1024, "{} bytes", STYLE.len());
    for refused in ["url(", "@import", "@font-face", "http"] {
        assert!(!STYLE.contains(refused), "{refused}");
    }
}
