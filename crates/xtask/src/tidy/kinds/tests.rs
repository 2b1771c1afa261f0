use super::super::tree::tree;
use super::*;

const ROOT: &str = "crates/format/src/kind.rs";
const NAMES: &str =
    "/// All.\npub const NAMES: &[&str] = &[\n    \"item.added\",\n    \"item\",\n];\n";

#[test]
fn a_kind_without_golden_file_or_line_is_found() {
    let found = kinds(&tree(&[
        (ROOT, NAMES),
        ("crates/format/tests/golden/v1/item.added.json", ""),
        (TEXT, "| `item.added` | … |"),
    ]));
    assert_eq!(found.len(), 2);
    assert!(
        found
            .iter()
            .all(|problem| problem.fatal && problem.what.starts_with("kind item has no"))
    );
}

#[test]
fn complete_kinds_pass() {
    let found = kinds(&tree(&[
        (ROOT, NAMES),
        ("crates/format/tests/golden/v1/item.added/entry", ""),
        ("crates/format/tests/golden/v1/item.json", ""),
        (TEXT, "`item.added` `item`"),
    ]));
    assert_eq!(found, []);
}

#[test]
fn a_missing_list_warns_and_an_unreadable_or_empty_one_fails() {
    let one = |files: &[(&str, &str)]| kinds(&tree(files)).pop().map(|problem| problem.fatal);
    assert_eq!(one(&[]), Some(false));
    assert_eq!(one(&[(ROOT, "pub enum Kind {}")]), Some(true));
    assert_eq!(
        one(&[(ROOT, "pub const NAMES: &[&str] = &[];")]),
        Some(true)
    );
}

#[test]
fn kinds_are_read_from_the_table_that_a_macro_expands() {
    let table = "macro_rules! kinds {\n    pub const NAMES: &[&str] = &[$($name),*];\n}\n\nkinds! {\n    /// Begins.\n    \
        Founded \"founded\" (Subject::Archive) { name: String, } {}\n    Checked \"checked\" (Subject::Archive) {\n    \
        scope: String,\n    } {}\n}\n";
    let found = kinds(&tree(&[
        (ROOT, "mod list;\n"),
        ("crates/format/src/kind/list.rs", table),
        ("crates/format/tests/golden/v1/entries/founded.sd-jwt", ""),
        (TEXT, "`founded` `checked`"),
    ]));
    assert_eq!(found.len(), 1);
    assert!(
        found[0].what.starts_with("kind checked has no golden file"),
        "{found:?}"
    );
    assert_eq!(
        (found[0].path.as_str(), found[0].line),
        ("crates/format/src/kind/list.rs", 8)
    );
}
