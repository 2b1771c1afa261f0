use super::super::tree::tree;
use super::*;

#[test]
fn a_long_file_warns_a_very_long_one_fails_a_reason_excuses() {
    let of = |lines: usize, top: &str| format!("{top}{}", "x\n".repeat(lines));
    let found = long_files(&tree(&[
        ("a.rs", &of(400, "")),
        ("b.rs", &of(401, "")),
        ("c.rs", &of(801, "")),
        ("d.rs", &of(900, "// tidy: long because it is a table\n")),
    ]));
    let seen: Vec<_> = found
        .iter()
        .map(|problem| (problem.path.as_str(), problem.fatal))
        .collect();
    assert_eq!(seen, [("b.rs", false), ("c.rs", true)]);
}

#[test]
fn unfinished_code_is_found() {
    let text = format!(
        "fn a() {{}}\n// {}: later\n    {});\n",
        concat!("FIX", "ME"),
        concat!("to", "do!(")
    );
    assert_eq!(
        unfinished(&tree(&[("a.rs", &text), ("a.md", &text)])).len(),
        2
    );
}

#[test]
fn a_file_that_nobody_names_is_found() {
    let found = orphans(&tree(&[
        ("crates/a/src/lib.rs", "pub mod b;\n// mod lost;\n"),
        ("crates/a/src/b.rs", "#[cfg(test)]\nmod tests;\n"),
        ("crates/a/src/b/tests.rs", ""),
        ("crates/a/src/lost.rs", ""),
        ("crates/a/src/b/lost.rs", ""),
        ("crates/a/tests/it/main.rs", "mod one;\n"),
        ("crates/a/tests/it/one.rs", ""),
        ("crates/a/tests/it/two.rs", ""),
    ]));
    let seen: Vec<_> = found.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(
        seen,
        [
            "crates/a/src/lost.rs",
            "crates/a/src/b/lost.rs",
            "crates/a/tests/it/two.rs"
        ]
    );
}
