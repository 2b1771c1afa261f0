//! Every template with hostile strings in every place, and the budgets and structure of every page.

use web::frame::{Dir, Theme};

use crate::markup::{Tag, tags};
use crate::sample::{Dress, FIELD, Outside, pages};

const PLAIN: Dress = Dress {
    dir: Dir::Ltr,
    theme: Theme::Auto,
};

fn rendered(texts: &[&str], long: usize) -> Vec<(&'static str, String)> {
    pages(PLAIN, &Outside::new(texts), long)
}

fn shapes(html: &str, what: &str) -> Shapes {
    let tags = tags(html).unwrap_or_else(|why| panic!("{what}: {why}"));
    tags.iter().map(Tag::shape).collect()
}

/// What is typed into names, captions and metadata to make a page run something.
fn payloads() -> Vec<String> {
    const CORES: [&str; 20] = [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<iframe srcdoc=\"<script>alert(1)</script>\">",
        "<a href=\"javascript:alert(1)\">x</a>",
        "\" onmouseover=\"alert(1)",
        "' onfocus='alert(1)' autofocus='",
        "javascript:alert(1)",
        "<!--",
        "]]>",
        "<style>*{display:none}</style>",
        "<base href=//evil.example>",
        "<meta http-equiv=refresh content=0>",
        "{{ 7*7 }}{% raw %}",
        "&lt;script&gt;&#60;script&#62;&#x3c;",
        "<form action=//evil.example><button>",
        "<math><mi//xlink:href=\"data:x,<script>\">",
        "<bdo dir=rtl>",
        "\u{fe64}script\u{fe65}\u{ff1c}script\u{ff1e}",
        "<xss style=\"x:expression(1)\">",
    ];
    const BEFORE: [&str; 12] = [
        "",
        "\">",
        "'>",
        "</bdi>",
        "</textarea>",
        "</title>",
        "</td></tr></table>",
        "-->",
        "\u{202e}",
        "\0",
        "`",
        "</select></option>",
    ];
    const AFTER: [&str; 7] = ["", "<!--", "\"", "'", "\u{2028}", ".jpg", "\r\n\r\n"];
    let mut all = Vec::new();
    for core in CORES {
        for before in BEFORE {
            all.extend(AFTER.iter().map(|after| format!("{before}{core}{after}")));
        }
    }
    all
}

fn assert_harmless(payloads: &[String]) {
    let calm: Vec<_> = rendered(&["calm"], 1)
        .into_iter()
        .map(|(name, html)| (name, shapes(&html, name)))
        .collect();
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for share in payloads.chunks(payloads.len().div_ceil(workers)) {
            let calm = &calm;
            scope.spawn(move || {
                for payload in share {
                    assert_one_harmless(payload, calm);
                }
            });
        }
    });
}

type Shapes = Vec<(String, Vec<String>)>;

fn assert_one_harmless(payload: &str, calm: &[(&str, Shapes)]) {
    for ((name, html), (_, expected)) in rendered(&[payload], 1).iter().zip(calm) {
        let tags = tags(html).unwrap_or_else(|why| panic!("{name} with {payload:?}: {why}"));
        let found: Shapes = tags.iter().map(Tag::shape).collect();
        assert_eq!(&found, expected, "{name} with {payload:?}");
        for address in tags
            .iter()
            .flat_map(|tag| ["href", "src", "action"].map(|name| tag.value(name)))
            .flatten()
        {
            let local = address.starts_with('/') && !address.starts_with("//");
            assert!(
                local || address.starts_with('#'),
                "{name} with {payload:?}: {address}"
            );
        }
        let hides = html.contains(HIDDEN) && !is_typed_back(html);
        assert!(
            !hides,
            "{name} with {payload:?}: a hidden character is not shown"
        );
    }
}

const HIDDEN: [char; 5] = ['\0', '\u{202e}', '\u{2066}', '\u{2028}', '\u{85}'];

/// The search field, the name field, the filter and a form to send again hold exactly what was typed.
fn is_typed_back(html: &str) -> bool {
    let mut outside = String::new();
    for (at, part) in html.split("<textarea").enumerate() {
        let after = part.split_once("</textarea>").map(|(_, rest)| rest);
        outside.push_str(if at == 0 { part } else { after.unwrap_or("") });
    }
    let (html, mut without) = (outside, String::new());
    for (at, part) in html.split("value=\"").enumerate() {
        without.push_str(if at == 0 {
            part
        } else {
            part.split_once('"').map_or("", |(_, rest)| rest)
        });
    }
    !without.contains(HIDDEN)
}

#[test]
fn no_payload_adds_an_element_a_handler_or_an_address() {
    let payloads = payloads();
    assert!(payloads.len() >= 1_600);
    assert_harmless(&payloads);
}

#[test]
fn no_naughty_string_adds_an_element_a_handler_or_an_address() {
    let list = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/names/blns.json");
    let Ok(text) = std::fs::read_to_string(&list) else {
        println!(
            "skipped: the list of naughty strings (shared/data/names/blns.json) is not beside this workspace"
        );
        return;
    };
    let strings: Vec<String> = serde_json::from_str(&text).unwrap();
    assert!(strings.len() > 400);
    assert_harmless(&strings);
}

#[test]
fn every_page_fits_its_budget_at_fifty_rows() {
    for (name, html) in rendered(FIELD, 50) {
        assert!(html.len() <= 60 * 1024, "{name}: {} bytes", html.len());
    }
}

#[test]
fn every_page_has_one_heading_landmarks_and_a_way_past_the_bar() {
    for (name, html) in rendered(FIELD, 3) {
        let tags = tags(&html).unwrap();
        let count = |wanted: &str| tags.iter().filter(|tag| tag.name == wanted).count();
        for one in ["h1", "main", "header", "footer", "title"] {
            assert_eq!(count(one), 1, "{name}: {one}");
        }
        let skip = tags.iter().find(|tag| tag.name == "a").unwrap();
        assert_eq!(skip.value("href"), Some("#main"), "{name}");
        assert!(
            html.contains("Compartment"),
            "{name} says which compartment"
        );
        assert_eq!(
            count("table"),
            count("caption"),
            "{name}: every table has a caption"
        );
        assert!(
            tags.iter()
                .filter(|tag| tag.name == "th")
                .all(|tag| tag.value("scope").is_some()),
            "{name}"
        );
    }
}

#[test]
fn every_control_has_a_form_a_label_and_every_form_a_token() {
    for (name, html) in rendered(FIELD, 3) {
        let (mut depth, mut posts, mut labels, mut inputs) = (0, 0, Vec::new(), Vec::new());
        for tag in tags(&html).unwrap() {
            match tag.name.as_str() {
                "form" => {
                    depth += 1;
                    posts += usize::from(tag.value("method") == Some("post"));
                }
                "/form" => depth -= 1,
                "label" => labels.push(tag.value("for").unwrap().to_owned()),
                "button" | "input" | "select" | "textarea" => {
                    assert_eq!(depth, 1, "{name}: <{}> outside a form", tag.name);
                    if tag.name != "button" && tag.value("type") != Some("hidden") {
                        inputs.push(tag.value("id").unwrap().to_owned());
                    }
                }
                _ => {}
            }
        }
        assert_eq!(labels, inputs, "{name}");
        assert_eq!(
            html.matches("name=\"token\"").count(),
            posts,
            "{name}: one token in each posted form"
        );
    }
}

#[test]
fn no_page_needs_script_pictures_or_another_host() {
    for (name, html) in rendered(FIELD, 3) {
        for tag in tags(&html).unwrap() {
            let refused = [
                "script", "svg", "img", "video", "audio", "iframe", "object", "embed", "style",
                "canvas",
            ];
            assert!(
                !refused.contains(&tag.name.as_str()),
                "{name}: <{}>",
                tag.name
            );
            let odd = tag.attributes.iter().find(|(key, value)| {
                key.starts_with("on") || key == "style" || value.contains("://")
            });
            assert_eq!(odd, None, "{name}");
        }
    }
}

#[test]
fn a_page_mirrors_by_its_own_word_and_never_by_a_stored_one() {
    let rtl = pages(
        Dress {
            dir: Dir::Rtl,
            theme: Theme::Auto,
        },
        &Outside::new(FIELD),
        2,
    );
    for (name, html) in rtl {
        assert!(html.contains(r#"<html lang="en" dir="rtl""#), "{name}");
    }
    for (name, html) in rendered(&["مدرسة"], 2) {
        assert!(html.contains(r#"<html lang="en" dir="ltr""#), "{name}");
    }
}
