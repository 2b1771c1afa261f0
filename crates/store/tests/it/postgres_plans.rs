//! Tables made anew by somebody else, under statements that are prepared here.

use store::{Error, Rows, args};

use crate::server::Scratch;
use crate::support::wait;

const ALL: &str = "select * from t order by 1";
const OLD: &str = "create table t (id bigint primary key); insert into t values (1)";
const NEW: &str = "drop table t; create table t (id bigint primary key, name text, n bigint);
    insert into t values (1, 'one', 1)";

async fn with(rows: &Rows, script: &'static str) {
    let mut tx = rows.begin().await.unwrap();
    tx.script(script).await.unwrap();
    tx.commit().await.unwrap();
}

type Wide = (i64, String, i64);

#[test]
fn a_prepared_query_survives_tables_made_anew_elsewhere() {
    let Some(scratch) = Scratch::new() else {
        return;
    };
    wait(async {
        let (here, elsewhere) = (scratch.rows().await, scratch.rows().await);
        with(&elsewhere, OLD).await;
        for _ in 0..8 {
            assert_eq!(here.all::<(i64,)>(ALL, vec![]).await.unwrap(), [(1,)]);
        }
        with(&elsewhere, NEW).await;
        let want = [(1, "one".to_owned(), 1)];
        for _ in 0..8 {
            assert_eq!(here.all::<Wide>(ALL, vec![]).await.unwrap(), want);
        }
        with(&elsewhere, "drop table t").await;
        with(&elsewhere, OLD).await;
        assert_eq!(here.one::<(i64,)>(ALL, vec![]).await.unwrap(), Some((1,)));
        here.close().await;
        elsewhere.close().await;
    });
}

#[test]
fn a_transaction_on_tables_made_anew_elsewhere_says_try_again_and_then_works() {
    let Some(scratch) = Scratch::new() else {
        return;
    };
    wait(async {
        let (here, elsewhere) = (scratch.rows().await, scratch.rows().await);
        with(&elsewhere, OLD).await;
        // Several connections, each with the statement prepared.
        let mut several = Vec::new();
        for _ in 0..4 {
            let mut tx = here.begin().await.unwrap();
            assert_eq!(tx.all::<(i64,)>(ALL, vec![]).await.unwrap(), [(1,)]);
            several.push(tx);
        }
        for tx in several {
            tx.rollback().await.unwrap();
        }
        with(&elsewhere, NEW).await;
        let mut tx = here.begin().await.unwrap();
        let error = tx.all::<Wide>(ALL, vec![]).await.unwrap_err();
        assert!(
            matches!(error, Error::Busy { .. }) && error.is_passing(),
            "{error:?}"
        );
        assert!(tx.commit().await.is_err());
        // Not once more for every connection that had it prepared.
        for _ in 0..4 {
            let mut tx = here.begin().await.unwrap();
            assert_eq!(tx.all::<Wide>(ALL, vec![]).await.unwrap().len(), 1);
            tx.commit().await.unwrap();
        }
        here.close().await;
        elsewhere.close().await;
    });
}

#[test]
fn a_transaction_that_makes_tables_anew_goes_on_with_them() {
    let Some(scratch) = Scratch::new() else {
        return;
    };
    wait(async {
        let rows = scratch.rows().await;
        with(&rows, OLD).await;
        let mut tx = rows.begin().await.unwrap();
        assert_eq!(tx.all::<(i64,)>(ALL, vec![]).await.unwrap(), [(1,)]);
        tx.script(NEW).await.unwrap();
        assert_eq!(tx.all::<Wide>(ALL, vec![]).await.unwrap().len(), 1);
        let insert = "insert into t (id, name) values ($1, $2)";
        tx.run(insert, args![2, "two"]).await.unwrap();
        tx.commit().await.unwrap();
        let names = "select name from t order by id desc";
        assert_eq!(
            rows.one::<(String,)>(names, vec![]).await.unwrap(),
            Some(("two".into(),))
        );
        rows.close().await;
    });
}
