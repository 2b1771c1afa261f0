use super::*;

#[track_caller]
fn check(from: &str, to: &str) {
    assert_eq!(for_postgres(from), to);
}

#[test]
fn the_types_of_columns_and_nothing_else_are_changed() {
    check(
        "create table t (id text primary key, n bigint not null, data blob);",
        "create table t (id text collate \"C\" primary key, n bigint not null, data bytea);",
    );
    check(
        "create table if not exists work_login (\n    token blob primary key, person text not null\n);",
        "create table if not exists work_login (\n    token bytea primary key, person text collate \"C\" not null\n);",
    );
    check(
        "alter table t add column a text; alter table t add b blob, add column if not exists c text;",
        "alter table t add column a text collate \"C\"; alter table t add b bytea, add column if not exists c text collate \"C\";",
    );
}

#[test]
fn names_strings_comments_and_expressions_stay() {
    for same in [
        "insert into t values ('blob', 'it''s text', x'00');",
        "create index t_text on t (text, blob);",
        "-- create table t (a text, b blob)\n/* create table t (a text); */",
        "drop table if exists text; drop table blob;",
        "create table text (n bigint default 1 check (n > 0));",
        "create table t (n bigint check (cast(n as text) <> 'a text, b blob'));",
        "create unique index i on t (cast(a as text)) where b = 'blob';",
        "update t set text = 'x', blob = null;",
        "",
        "'unfinished text",
        "\"unfinished blob",
    ] {
        check(same, same);
    }
    check(
        "create table t (text text, \"blob\" blob, textual bigint, blobs text, \"a text\" bigint);",
        "create table t (text text collate \"C\", \"blob\" bytea, textual bigint, blobs text collate \"C\", \"a text\" bigint);",
    );
    check(
        "create table t (a text default 'b, c text', n bigint check (n in (1, 2)), z text,\n\
         primary key (a, z), check (length(a) > 1), constraint text unique (a, z), unique (z, a), last blob);",
        "create table t (a text collate \"C\" default 'b, c text', n bigint check (n in (1, 2)), z text collate \"C\",\n\
         primary key (a, z), check (length(a) > 1), constraint text unique (a, z), unique (z, a), last bytea);",
    );
    check(
        "create table a (x text -- one, blob\n, y /* text */ text);CREATE TABLE B (X TEXT, Y BLOB)",
        "create table a (x text collate \"C\" -- one, blob\n, y /* text */ text collate \"C\");CREATE TABLE B (X text collate \"C\", Y bytea)",
    );
}

#[test]
fn any_text_at_all_is_taken_to_its_end() {
    for odd in [
        "(((",
        ")))",
        ";;,",
        "ä text ö",
        "create table",
        "'",
        "\"",
        "--",
        "/*",
        "create table t (a",
    ] {
        check(odd, odd);
    }
}
