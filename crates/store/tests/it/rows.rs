//! What `Rows` promises.

use std::path::PathBuf;

use store::{Arg, Error, Mode, Rows, args};

use crate::server::each_engine;
use crate::support::wait;

const COLUMNS: &[&str] = &["id", "name", "data", "good"];
const TABLE: &str = "create table t (id bigint primary key, name text, data blob, good boolean)";
const DUMP: &[&str] = &["select * from t order by id"];

fn folder() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = dir.path().join("rows.sqlite");
    (dir, path)
}

async fn with_table(rows: &Rows) {
    let mut tx = rows.begin().await.unwrap();
    tx.script(TABLE).await.unwrap();
    tx.commit().await.unwrap();
}

fn many(n: i64) -> Vec<Vec<Arg>> {
    let row = |i: i64| {
        args![
            i,
            (i % 3 > 0).then(|| format!("n{i}")),
            i.to_be_bytes(),
            (i % 5 > 0).then_some(i % 2 == 0)
        ]
    };
    (0..n).map(row).collect()
}

type Loaded = (i64, Option<String>, Vec<u8>, Option<bool>);

#[test]
fn rows_of_every_type_come_back_as_they_went_in() {
    each_engine(async |rows| {
        with_table(&rows).await;
        for n in [1, 499, 500, 501, 1777] {
            let mut tx = rows.begin().await.unwrap();
            assert_eq!(
                tx.bulk("t", COLUMNS, many(n)).await.unwrap(),
                n.unsigned_abs()
            );
            tx.commit().await.unwrap();
            let all: Vec<Loaded> = rows
                .all("select id, name, data, good from t order by id", vec![])
                .await
                .unwrap();
            let back = all
                .into_iter()
                .map(|(id, name, data, good)| args![id, name, data, good]);
            assert!(back.eq(many(n)));
            rows.run("delete from t", vec![]).await.unwrap();
        }
    });
}

#[test]
fn what_is_not_committed_is_seen_inside_and_nowhere_else_and_can_be_taken_back() {
    wait(async {
        let (_dir, path) = folder();
        let rows = Rows::sqlite(&path, Mode::ReadWrite).await.unwrap();
        with_table(&rows).await;
        let count = "select count(*) from t";
        let mut tx = rows.begin().await.unwrap();
        tx.bulk("t", COLUMNS, many(10)).await.unwrap();
        assert_eq!(tx.one::<(i64,)>(count, vec![]).await.unwrap(), Some((10,)));
        assert_eq!(
            rows.one::<(i64,)>(count, vec![]).await.unwrap(),
            Some((0,)),
            "readers do not wait"
        );
        tx.rollback().await.unwrap();
        drop(rows.begin().await.unwrap()); // a dropped transaction gives its place free too
        assert_eq!(
            rows.run("insert into t (id) values ($1), ($2)", args![1, 2])
                .await
                .unwrap(),
            2
        );
        assert_eq!(
            rows.all::<(i64,)>("select id from t where id > $1", args![1])
                .await
                .unwrap(),
            [(2,)]
        );
        assert_eq!(
            rows.one::<(i64,)>("select id from t where id > $1", args![2])
                .await
                .unwrap(),
            None
        );
    });
}

#[test]
fn a_row_that_breaks_a_rule_or_does_not_fit_is_refused() {
    each_engine(async |rows| {
        with_table(&rows).await;
        let insert = "insert into t (id) values ($1)";
        rows.run(insert, args![1]).await.unwrap();
        assert!(matches!(
            rows.run(insert, args![1]).await,
            Err(Error::Conflict { .. })
        ));
        assert!(matches!(
            rows.run("insert into nowhere values (1)", vec![]).await,
            Err(Error::Statement { .. })
        ));
        let mut tx = rows.begin().await.unwrap();
        assert!(matches!(
            tx.bulk("t", COLUMNS, vec![args![1]]).await,
            Err(Error::Invalid { .. })
        ));
        assert!(matches!(
            tx.bulk("t; drop table t", COLUMNS, vec![]).await,
            Err(Error::Invalid { .. })
        ));
        assert_eq!(tx.bulk("t", COLUMNS, vec![]).await.unwrap(), 0);
    });
}

#[test]
fn writers_in_two_pools_wait_for_each_other_and_lose_nothing() {
    let (_dir, path) = folder();
    wait(async {
        let rows = Rows::sqlite(&path, Mode::ReadWrite).await.unwrap();
        let mut tx = rows.begin().await.unwrap();
        tx.script("create table head (one bigint primary key, seq bigint); insert into head values (1, 0)").await.unwrap();
        tx.commit().await.unwrap();
    });
    let write = || {
        wait(async {
            let rows = Rows::sqlite(&path, Mode::ReadWrite).await.unwrap();
            for _ in 0..100 {
                let mut tx = rows.begin().await.unwrap();
                let (read,): (i64,) = tx
                    .one("select seq from head", vec![])
                    .await
                    .unwrap()
                    .unwrap();
                tokio::task::yield_now().await;
                tx.run("update head set seq = $1 where one = 1", args![read + 1])
                    .await
                    .unwrap();
                tx.commit().await.unwrap();
            }
        });
    };
    std::thread::scope(|s| {
        for _ in 0..3 {
            s.spawn(write);
        }
    });
    wait(async {
        let rows = Rows::sqlite(&path, Mode::ReadOnly).await.unwrap();
        assert_eq!(
            rows.one::<(i64,)>("select seq from head", vec![])
                .await
                .unwrap(),
            Some((300,))
        );
    });
}

#[test]
fn a_database_opened_to_read_refuses_writes_and_must_exist() {
    let (_dir, path) = folder();
    wait(async {
        assert!(matches!(
            Rows::sqlite(&path, Mode::ReadOnly).await,
            Err(Error::NotFound { .. })
        ));
        with_table(&Rows::sqlite(&path, Mode::ReadWrite).await.unwrap()).await;
        let rows = Rows::sqlite(&path, Mode::ReadOnly).await.unwrap();
        assert!(matches!(rows.begin().await, Err(Error::ReadOnly { .. })));
        assert!(matches!(
            rows.run("delete from t", vec![]).await,
            Err(Error::ReadOnly { .. })
        ));
        let sneaky = rows
            .all::<(i64,)>("insert into t (id) values (1) returning id", vec![])
            .await;
        assert!(matches!(sneaky, Err(Error::ReadOnly { .. })));
        rows.close().await;
    });
}

#[test]
fn a_file_that_is_no_database_is_called_damaged_and_left_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (dir, path) = folder();
    wait(async {
        let rows = Rows::sqlite(&path, Mode::ReadWrite).await.unwrap();
        with_table(&rows).await;
        for file in std::fs::read_dir(dir.path()).unwrap().map(Result::unwrap) {
            assert_eq!(
                file.metadata().unwrap().permissions().mode() & 0o777,
                0o600,
                "{file:?}"
            );
        }
        let other = dir.path().join("other");
        let mut bad = store::Disk::create(&store::RealDisk::new(), &other, 0).unwrap();
        bad.write(&[b'x'; 5000]).unwrap();
        bad.finish().unwrap();
        assert!(matches!(
            Rows::sqlite(&other, Mode::ReadWrite).await,
            Err(Error::Damaged { .. })
        ));
        assert_eq!(std::fs::read(&other).unwrap(), [b'x'; 5000]);
    });
}

#[test]
fn dumps_are_equal_exactly_when_the_rows_are() {
    wait(async {
        let (_dir, path) = folder();
        let (live, rebuilt) = (
            Rows::sqlite(&path, Mode::ReadWrite).await.unwrap(),
            Rows::memory().await.unwrap(),
        );
        for rows in [&live, &rebuilt] {
            with_table(rows).await;
        }
        let mut tx = live.begin().await.unwrap();
        tx.bulk("t", COLUMNS, many(1200)).await.unwrap();
        let inside = tx.dump(DUMP).await.unwrap();
        assert_eq!(live.dump(DUMP).await.unwrap().rows, 0);
        tx.commit().await.unwrap();
        let mut tx = rebuilt.begin().await.unwrap();
        tx.bulk("t", COLUMNS, many(1200).into_iter().rev().collect())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let dump = live.dump(DUMP).await.unwrap();
        assert_eq!((dump.rows, dump), (1200, inside));
        assert_eq!(rebuilt.dump(DUMP).await.unwrap(), dump);
        for change in [
            "update t set name = 'n2x' where id = 2",
            "update t set name = '' where id = 3",
            "update t set data = x'' where id = 3",
            "update t set good = null where id = 4",
            "delete from t where id = 5",
            "insert into t (id) values (5)",
            "update t set name = data, data = name where id = 7",
        ] {
            let before = rebuilt.dump(DUMP).await.unwrap();
            rebuilt.run(change, vec![]).await.unwrap();
            assert_ne!(rebuilt.dump(DUMP).await.unwrap(), before, "{change}");
        }
        assert_eq!(dump.to_string().len(), 64);
    });
}

#[test]
fn everything_can_be_awaited_on_any_thread() {
    fn sendable<T: Send>(work: impl Future<Output = T> + Send) -> T {
        wait(work)
    }
    sendable(async {
        let rows = Rows::memory().await.unwrap();
        with_table(&rows).await;
        let mut tx = rows.begin().await.unwrap();
        tx.bulk("t", COLUMNS, many(3)).await.unwrap();
        tx.run("delete from t where id = $1", args![1])
            .await
            .unwrap();
        assert_eq!(
            tx.all::<(i64,)>("select id from t order by id", vec![])
                .await
                .unwrap(),
            [(0,), (2,)]
        );
        assert_eq!(tx.dump(DUMP).await.unwrap().rows, 2);
        tx.commit().await.unwrap();
        assert_eq!(rows.dump(DUMP).await.unwrap().rows, 2);
    });
}
