use super::super::tree::tree;
use super::*;

fn html(text: &str) -> usize {
    pages(&tree(&[("crates/web/templates/a.html", text)])).len()
}

fn css(text: &str) -> usize {
    pages(&tree(&[("crates/web/static/a.css", text)])).len()
}

#[test]
fn what_the_policy_refuses_is_found() {
    assert_eq!(html("<svg viewBox='0'>"), 1);
    assert_eq!(html("<a onclick=\"x()\">"), 1);
    assert_eq!(html("<a class=\"b\"\n onfocus = 'x()'>"), 1);
    assert_eq!(html("<p style=\"color: red\">"), 1);
    assert_eq!(html("<a href=\"https://example.org/\">"), 1);
    assert_eq!(html("<script src=\"//example.org/a.js\">"), 1);
    assert_eq!(css("a { background: url(//example.org/a) }"), 1);
}

#[test]
fn ordinary_pages_pass() {
    assert_eq!(
        html("<a class=\"on\" href=\"/items\" data-style=\"a\">On = off</a>"),
        0
    );
    assert_eq!(
        html("<input name=\"version\" placeholder=\"https://…\">"),
        0
    );
    assert_eq!(html("<link rel=\"stylesheet\" href=\"/static/a.css\">"), 0);
}

#[test]
fn physical_sides_are_found_and_logical_ones_pass() {
    for bad in [
        "a { margin-left: 1em }",
        "a { padding-right: 0; }",
        "a {\n left: 0;\n}",
        "a { text-align: left }",
        "a { float: right }",
        "a { border-top-left-radius: 1px }",
    ] {
        assert_eq!(css(bad), 1, "{bad}");
    }
    assert_eq!(
        css("a { margin-inline-start: 1em; text-align: start; float: inline-end }"),
        0
    );
    assert_eq!(
        css(".to-left:hover { color: #000 } /* left: 0;\n float: left; */ b { top: 0 }"),
        0
    );
}
