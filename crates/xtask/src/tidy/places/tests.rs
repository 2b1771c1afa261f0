use super::super::tree::tree;
use super::*;

#[test]
fn a_path_of_a_machine_is_found_and_relative_ones_are_not() {
    let path = concat!("/ho", "me/somebody");
    for text in [
        path.to_owned(),
        format!("\"{path}\""),
        format!("see {path}"),
        format!("file://{path}"),
    ] {
        assert_eq!(machine_paths(&tree(&[("a.md", &text)])).len(), 1, "{text}");
    }
    let inside = concat!(
        "crates/archive/src/wo",
        "rk/jobs.rs and https://example.org/ho",
        "me/"
    );
    assert!(machine_paths(&tree(&[("a.md", inside)])).is_empty());
}

#[test]
fn a_foreign_registry_is_found() {
    let good = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    let check = |path, text| registries(&tree(&[(path, text)])).len();
    assert_eq!(check("Cargo.lock", good), 0);
    assert_eq!(
        check("Cargo.lock", "source = \"git+https://example.org/a\""),
        1
    );
    assert_eq!(
        check(
            ".cargo/config.toml",
            "[source.crates-io]\nreplace-with = \"mirror\""
        ),
        1
    );
    assert_eq!(check("a/.npmrc", "registry = https://example.org"), 1);
    assert_eq!(check("docs/a.md", "pip --index-url"), 0);
}

#[test]
fn a_missing_changelog_is_found() {
    assert_eq!(changelog(&tree(&[])).len(), 1);
    assert_eq!(changelog(&tree(&[("CHANGELOG.md", "")])).len(), 0);
}
