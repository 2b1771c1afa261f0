//! What both databases promise alike, and that the same rows are the same on both.

use store::{Arg, Engine, Error, Rows, args};

use crate::server::{Scratch, each_engine};
use crate::support::wait;

const TABLE: &str = "create table every (
    id bigint primary key, name text, data blob, good boolean, small integer, unique (name)
); create index every_name on every (name)";
const COLUMNS: &[&str] = &["id", "name", "data", "good", "small"];
const DUMP: &[&str] = &[
    "select id, name, data, good, small from every order by id",
    "select name from every where name is not null order by name",
    "select good, cast(count(*) as bigint) as many from every where good is not null group by good order by good",
    "select name from every where id < -1000000000000 order by id",
];

async fn with(rows: &Rows, script: &'static str) {
    let mut tx = rows.begin().await.unwrap();
    tx.script(script).await.unwrap();
    tx.commit().await.unwrap();
}

async fn fill(rows: &Rows, every: Vec<Vec<Arg>>) {
    let mut tx = rows.begin().await.unwrap();
    tx.bulk("every", COLUMNS, every).await.unwrap();
    tx.commit().await.unwrap();
}

/// Rows with everything that one database might store or sort unlike another.
fn odd() -> Vec<Vec<Arg>> {
    let null = || (None::<String>, None::<Vec<u8>>, None::<bool>, None::<i64>);
    let mut all = Vec::new();
    for (at, name) in [
        "",
        " ",
        "a",
        "A",
        "ä",
        "Z",
        "z",
        "é",
        "e\u{301}",
        "ß",
        "日本",
        "\u{1f3db}",
        "\u{ffff}",
        "\u{10ffff}",
        "a b",
        "a-b",
        "ab",
        "'",
        "\\",
        "\\x00",
        "%",
        "\u{1}\t\r\n",
        "null",
    ]
    .into_iter()
    .enumerate()
    {
        let id = i64::try_from(at).unwrap();
        all.push(args![id, name, name.as_bytes(), id % 2 == 0, -id]);
    }
    for id in [i64::MIN, -1, 1000, i64::MAX] {
        let (name, data, good, small) = null();
        all.push(args![id, name, data, good, small]);
    }
    all.push(args![
        2000,
        "bytes",
        (0..=255).collect::<Vec<u8>>(),
        true,
        i64::from(i32::MIN)
    ]);
    all.push(args![
        2001,
        "no bytes",
        Vec::<u8>::new(),
        false,
        i64::from(i32::MAX)
    ]);
    all
}

#[test]
fn equal_rows_have_equal_dumps_on_both_databases_and_any_difference_shows() {
    let Some(scratch) = Scratch::new() else {
        return;
    };
    wait(async {
        let (one, other) = (Rows::memory().await.unwrap(), scratch.rows().await);
        for rows in [&one, &other] {
            with(rows, TABLE).await;
        }
        assert_eq!(
            one.dump(DUMP).await.unwrap(),
            other.dump(DUMP).await.unwrap()
        );
        fill(&one, odd()).await;
        fill(&other, odd().into_iter().rev().collect()).await;
        let dump = one.dump(DUMP).await.unwrap();
        assert!(dump.rows > 50);
        assert_eq!(dump, other.dump(DUMP).await.unwrap());
        let mut tx = other.begin().await.unwrap();
        assert_eq!(dump, tx.dump(DUMP).await.unwrap());
        for change in [
            "update every set good = not good where id = 2000",
            "update every set good = null where id = 2001",
            "update every set name = 'A ' where name = 'A'",
            "update every set name = null where name = ''",
            "update every set data = null where id = 2001",
            "update every set small = 0 where id = 2000",
            "delete from every where id = 1000",
        ] {
            let before = tx.dump(DUMP).await.unwrap();
            assert_eq!(tx.run(change, vec![]).await.unwrap(), 1, "{change}");
            assert_ne!(tx.dump(DUMP).await.unwrap(), before, "{change}");
        }
        tx.rollback().await.unwrap();
        assert_eq!(dump, other.dump(DUMP).await.unwrap());
        // What a dump cannot compare it says, and leaves nothing behind.
        let half: &[&str] = &["select cast(1 as double precision) as half"];
        assert!(matches!(
            other.dump(half).await,
            Err(Error::Statement { .. })
        ));
        assert!(matches!(one.dump(half).await, Err(Error::Statement { .. })));
        assert_eq!(dump, other.dump(DUMP).await.unwrap());
        other.close().await;
    });
}

#[test]
fn more_parameters_than_one_statement_takes_are_inserted_all_the_same() {
    each_engine(async |rows| {
        with(&rows, "create table wide (a bigint, b text, c boolean, d bigint, e bigint, f bigint, g bigint)").await;
        let columns: &[&str] = &["a", "b", "c", "d", "e", "f", "g"];
        let row = |i: i64| args![i, format!("n{i}"), i % 2 == 0, i, -i, None::<i64>, i * i];
        let mut tx = rows.begin().await.unwrap();
        let inserted = tx
            .bulk("wide", columns, (0..10_000).map(row).collect())
            .await;
        assert_eq!(inserted.unwrap(), 10_000);
        tx.commit().await.unwrap();
        let sum: Option<(i64, i64)> = rows
            .one("select count(*), cast(sum(g + e) as bigint) from wide where d = a and b = 'n' || cast(a as text)", vec![])
            .await
            .unwrap();
        assert_eq!(
            sum,
            Some((10_000, (0..10_000_i64).map(|i| i * i - i).sum()))
        );
    });
}

#[test]
fn a_statement_is_filled_up_to_its_limit_and_not_beyond() {
    // 496 rows of 132 values are 65,472 parameters, 500 would be too many for PostgreSQL; SQLite takes half.
    let columns: Vec<&'static str> = (0..132).map(|i| &*format!("c{i}").leak()).collect();
    let columns: &'static [&'static str] = columns.leak();
    let script: &'static str =
        format!("create table wide ({} bigint)", columns.join(" bigint, ")).leak();
    each_engine(async |rows| {
        with(&rows, script).await;
        let mut tx = rows.begin().await.unwrap();
        let row = |_| columns.iter().map(|_| Arg::from(1)).collect();
        let inserted = tx.bulk("wide", columns, (0..1000).map(row).collect()).await;
        assert_eq!(inserted.unwrap(), 1000);
        tx.commit().await.unwrap();
        let sum = "select cast(sum(c0 + c131) as bigint) from wide";
        assert_eq!(rows.one(sum, vec![]).await.unwrap(), Some((2000_i64,)));
    });
}

#[test]
fn after_a_statement_that_failed_a_transaction_commits_nothing() {
    each_engine(async |rows| {
        with(&rows, "create table t (id bigint primary key)").await;
        let insert = "insert into t (id) values ($1)";
        let mut tx = rows.begin().await.unwrap();
        tx.run(insert, args![1]).await.unwrap();
        assert!(matches!(
            tx.run(insert, args![1]).await,
            Err(Error::Conflict { .. })
        ));
        assert!(matches!(tx.commit().await, Err(Error::Statement { .. })));
        let count = "select count(*) from t";
        assert_eq!(rows.one::<(i64,)>(count, vec![]).await.unwrap(), Some((0,)));
        let mut tx = rows.begin().await.unwrap();
        tx.run("insert into nowhere (id) values (1)", vec![])
            .await
            .unwrap_err();
        tx.rollback().await.unwrap();
        rows.run(insert, args![1]).await.unwrap();
    });
}

#[test]
fn what_is_not_committed_is_gone_and_its_locks_with_it() {
    each_engine(async |rows| {
        with(&rows, "create table head (one bigint primary key, seq bigint not null); insert into head values (1, 0)").await;
        let next = "update head set seq = seq + 1 where one = 1 returning seq";
        for _ in 0..20 {
            let mut tx = rows.begin().await.unwrap();
            assert_eq!(tx.one::<(i64,)>(next, vec![]).await.unwrap(), Some((1,)));
            drop(tx);
        }
        let mut tx = rows.begin().await.unwrap();
        assert_eq!(tx.one::<(i64,)>(next, vec![]).await.unwrap(), Some((1,)));
        tx.commit().await.unwrap();
        assert_eq!(
            rows.one::<(i64,)>("select seq from head", vec![])
                .await
                .unwrap(),
            Some((1,))
        );
    });
}

#[test]
fn outside_a_transaction_nothing_is_written() {
    each_engine(async |rows| {
        if rows.engine() == Engine::Sqlite {
            return; // in memory the reader is the writer; the file has a test of its own
        }
        with(&rows, "create table t (id bigint primary key)").await;
        let sneaky = "insert into t (id) values (1) returning id";
        assert!(matches!(
            rows.one::<(i64,)>(sneaky, vec![]).await,
            Err(Error::ReadOnly { .. })
        ));
        assert!(matches!(
            rows.all::<(i64,)>(sneaky, vec![]).await,
            Err(Error::ReadOnly { .. })
        ));
        assert_eq!(rows.run(sneaky, vec![]).await.unwrap(), 1);
    });
}

#[test]
fn a_statement_is_prepared_without_running_and_leaves_nothing_behind() {
    each_engine(async |rows| {
        with(&rows, "create table t (id integer primary key, name text)").await;
        // The server would take the parameter for a 32-bit number here; a call brings 64 bits.
        let insert = "insert into t (id, name) values ($1, $2)";
        let select = "select name from t where id = $1";
        for _ in 0..40 {
            rows.prepare(insert).await.unwrap();
            rows.prepare(select).await.unwrap();
        }
        assert_eq!(rows.one::<(String,)>(select, args![7]).await.unwrap(), None);
        assert_eq!(rows.run(insert, args![7, "x"]).await.unwrap(), 1);
        assert_eq!(
            rows.one::<(String,)>(select, args![7]).await.unwrap(),
            Some(("x".into(),))
        );
        for bad in ["select nothing from t", "select * from nowhere", "selec 1"] {
            assert!(
                matches!(rows.prepare(bad).await, Err(Error::Statement { .. })),
                "{bad}"
            );
        }
    });
}

#[test]
fn tables_are_listed_by_name() {
    each_engine(async |rows| {
        assert!(rows.tables().await.unwrap().is_empty());
        with(&rows, "create table view_b (id bigint primary key); create table log_a (id text unique); create table work_c (a blob); create index i on work_c (a)").await;
        assert_eq!(rows.tables().await.unwrap(), ["log_a", "view_b", "work_c"]);
        with(&rows, "drop table log_a").await;
        assert_eq!(rows.tables().await.unwrap(), ["view_b", "work_c"]);
    });
}

#[test]
fn text_sorts_and_compares_by_its_bytes_whatever_the_language_of_the_database() {
    let words = "template template0 lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8' icu_locale 'de' locale_provider icu";
    let Some(scratch) = Scratch::with(words) else {
        return;
    };
    wait(async {
        let (one, other) = (Rows::memory().await.unwrap(), scratch.rows().await);
        for rows in [&one, &other] {
            with(rows, TABLE).await;
            fill(rows, odd()).await;
        }
        let names = "select name from every where name is not null order by name";
        let sorted: Vec<(String,)> = one.all(names, vec![]).await.unwrap();
        assert!(sorted.is_sorted());
        assert_eq!(other.all::<(String,)>(names, vec![]).await.unwrap(), sorted);
        assert_eq!(
            one.dump(DUMP).await.unwrap(),
            other.dump(DUMP).await.unwrap()
        );
        let between = "select count(*) from every where name > $1 and name < $2";
        let count = other.one::<(i64,)>(between, args!["Z", "a"]).await.unwrap();
        assert_eq!(count, one.one(between, args!["Z", "a"]).await.unwrap());
        other.close().await;
    });
}
