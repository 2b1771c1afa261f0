use super::super::tree::tree;
use super::*;

#[test]
fn every_kind_of_write_outside_its_owner_is_found() {
    for text in [
        "insert into view_item (id) values (?)",
        "INSERT OR REPLACE INTO\n  view_item",
        "update view_item set a = 1",
        "delete from view_item",
        "create table if not exists view_item (id)",
        "create unique index a on view_item (id)",
        "drop table if exists view_item",
        "alter table view_item add b",
        "update work_job set a = 1",
    ] {
        assert_eq!(
            writers(&tree(&[("crates/web/src/a.rs", text)])).len(),
            1,
            "{text}"
        );
    }
}

#[test]
fn owners_readers_comments_and_tests_are_left_alone() {
    let write = "delete from view_item";
    assert!(
        writers(&tree(&[
            ("crates/archive/src/views.rs", write),
            ("crates/archive/src/views/sql/a.sql", write),
            ("crates/archive/src/work/jobs.rs", "insert into work_job"),
            ("crates/archive/tests/it/a.rs", write),
            (
                "crates/web/src/a.rs",
                "select a from view_item // delete from view_item"
            ),
        ]))
        .is_empty()
    );
}

#[test]
fn a_folder_that_only_begins_like_the_owner_is_not_the_owner() {
    assert_eq!(
        writers(&tree(&[(
            "crates/archive/src/views_old/a.rs",
            "delete from view_item"
        )]))
        .len(),
        1
    );
    assert_eq!(
        writers(&tree(&[(
            "crates/archive/src/views/a.rs",
            "delete from work_job"
        )]))
        .len(),
        1
    );
}

#[test]
fn sql_text_without_a_name_is_refused_wherever_it_stands_in_the_archive() {
    let named = "store::queries! {\n    /// All.\n    ALL = \"select a from b\";\n}\n";
    let fed = "macro_rules! all {\n    () => {\n        \"select a from b\"\n    };\n}\n";
    let nested =
        "mod sqlite {\n    store::queries! {\n        A = \"select a from b\";\n    }\n}\n";
    let bare = "fn a() {\n    let sql = \"delete from b\";\n}\n";
    let found = |path: &str, text: &str| nameless(&tree(&[(path, text)])).len();
    let path = "crates/archive/src/work/a.rs";
    for fine in [named, fed, nested, "let a = \"select\";", "// \"select a\""] {
        assert_eq!(found(path, fine), 0, "{fine}");
    }
    for before in ["", named, fed, nested] {
        assert_eq!(found(path, &format!("{before}{bare}")), 1, "after {before}");
    }
    assert_eq!(found("crates/archive/tests/it/a.rs", bare), 0);
    assert_eq!(found("crates/web/src/a.rs", bare), 0);
}
