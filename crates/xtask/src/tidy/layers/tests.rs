use super::super::tree::tree;
use super::*;

fn count(check: fn(&Tree) -> Vec<Problem>, path: &str, text: &str) -> usize {
    check(&tree(&[(path, text)])).len()
}

#[test]
fn a_driver_outside_store_is_found_in_every_way_of_writing_it() {
    let web = "crates/web/Cargo.toml";
    assert_eq!(
        count(
            drivers,
            web,
            "[dependencies]\nobject_store.workspace = true\n"
        ),
        1
    );
    assert_eq!(
        count(drivers, web, "[dependencies.rusqlite]\nversion = \"1\"\n"),
        1
    );
    assert_eq!(
        count(
            drivers,
            web,
            "[target.'cfg(unix)'.dependencies]\nredb = \"1\"\n"
        ),
        1
    );
    assert_eq!(
        count(drivers, web, "[dependencies]\nsqlx.workspace = true\n"),
        1
    );
    let archive = "crates/archive/Cargo.toml";
    assert_eq!(
        count(
            drivers,
            archive,
            "[dependencies]\nsqlx = { features = [\"sqlite\"] }\n"
        ),
        1
    );
    assert_eq!(
        count(
            drivers,
            archive,
            "[dependencies.sqlx]\nfeatures = [\"postgres\"]\n"
        ),
        1
    );
    assert_eq!(
        count(drivers, archive, "[dependencies]\nsqlx.workspace = true\n"),
        0
    );
    assert_eq!(
        count(
            drivers,
            "crates/store/Cargo.toml",
            "[dependencies]\nobject_store = \"0\"\n"
        ),
        0
    );
}

#[test]
fn archive_may_derive_from_row_and_nothing_else() {
    let path = "crates/archive/src/views/items.rs";
    assert_eq!(
        count(
            archive_sqlx,
            path,
            "#[derive(sqlx::FromRow)]\nuse sqlx::FromRow;\n// sqlx::query\n"
        ),
        0
    );
    assert_eq!(count(archive_sqlx, path, "sqlx::query(\"select 1\")\n"), 1);
    assert_eq!(
        count(
            archive_sqlx,
            path,
            "#[derive(sqlx::FromRow)] struct A(sqlx::SqlitePool);\n"
        ),
        1
    );
}

#[test]
fn truth_that_names_views_is_found() {
    let path = "crates/archive/src/truth/log.rs";
    assert_eq!(
        count(truth_and_views, path, "use crate::views::apply;\n"),
        1
    );
    assert_eq!(
        count(
            truth_and_views,
            "crates/archive/src/truth.rs",
            "use super::{views, a};\n"
        ),
        1
    );
    assert_eq!(
        count(truth_and_views, path, "// views follow\nlet reviews = 1;\n"),
        0
    );
}

#[test]
fn a_verb_that_needs_a_verb_is_found() {
    let path = "crates/share/Cargo.toml";
    assert_eq!(
        count(verbs, path, "[dependencies]\ncollect.workspace = true\n"),
        1
    );
    assert_eq!(
        count(
            verbs,
            path,
            "[dev-dependencies]\npreserve = { path = \"../preserve\" }\n"
        ),
        1
    );
    assert_eq!(
        count(
            verbs,
            path,
            "[package]\nname = \"share\"\n[dependencies]\narchive.workspace = true\n"
        ),
        0
    );
}

#[test]
fn format_stands_alone() {
    let path = "crates/format/Cargo.toml";
    for name in ["store", "tokio", "sqlx", "testkit"] {
        assert_eq!(
            count(
                format,
                path,
                &format!("[dependencies]\n{name}.workspace = true\n")
            ),
            1,
            "{name}"
        );
    }
    assert_eq!(
        count(
            format,
            path,
            "[dependencies]\nsha2.workspace = true\n[dev-dependencies]\ntestkit.workspace = true\n"
        ),
        0
    );
    assert_eq!(count(format, "elsewhere", ""), 1);
}
