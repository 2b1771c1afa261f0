//! What only PostgreSQL has to do: writers side by side, sessions as we need them, refusals by name.

use std::sync::Arc;

use store::{Arg, Database, Engine, Error, Rows, Secret, Tls, args};
use tokio::sync::Barrier;

use crate::server::Scratch;
use crate::support::wait;

async fn with(rows: &Rows, script: &'static str) {
    let mut tx = rows.begin().await.unwrap();
    tx.script(script).await.unwrap();
    tx.commit().await.unwrap();
}

const HEAD: &str = "create table head (one bigint primary key, seq bigint not null); insert into head values (1, 0);
    create table taken (who bigint primary key, seq bigint not null)";

/// Takes the next number and then decides; a rule lets only the first one in.
async fn take(rows: &Rows, who: i64, start: &Barrier) -> bool {
    start.wait().await;
    let mut tx = rows.begin().await.unwrap();
    let next = "update head set seq = seq + 1 where one = 1 returning seq";
    let (seq,): (i64,) = tx.one(next, vec![]).await.unwrap().unwrap();
    let (others,): (i64,) = tx
        .one("select count(*) from taken", vec![])
        .await
        .unwrap()
        .unwrap();
    if others > 0 {
        tx.rollback().await.unwrap();
        return false;
    }
    tx.run(
        "insert into taken (who, seq) values ($1, $2)",
        args![who, seq],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    true
}

#[test]
fn of_eight_writers_whose_rule_allows_one_exactly_one_wins() {
    let Some(scratch) = Scratch::new() else {
        return;
    };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        // Two hosts with a pool each.
        let hosts = [scratch.rows().await, scratch.rows().await];
        with(&hosts[0], HEAD).await;
        for _ in 0..20 {
            let start = Arc::new(Barrier::new(8));
            let mut writers = tokio::task::JoinSet::new();
            for who in 0..8 {
                let (rows, start) = (hosts[usize::from(who > 3)].clone(), Arc::clone(&start));
                writers.spawn(async move { take(&rows, who, &start).await });
            }
            let won = writers.join_all().await;
            assert_eq!(won.iter().filter(|won| **won).count(), 1);
            assert_eq!(hosts[0].run("delete from taken", vec![]).await.unwrap(), 1);
        }
        // A refused one gives its number back.
        let seq = hosts[1].one::<(i64,)>("select seq from head", vec![]);
        assert_eq!(seq.await.unwrap(), Some((20,)));
        for rows in hosts {
            rows.close().await;
        }
    });
}

#[test]
fn readers_do_not_wait_for_writers() {
    let Some(scratch) = Scratch::new() else {
        return;
    };
    wait(async {
        let rows = scratch.rows().await;
        with(&rows, HEAD).await;
        let mut tx = rows.begin().await.unwrap();
        tx.run("update head set seq = 9", vec![]).await.unwrap();
        let seq = "select seq from head";
        assert_eq!(rows.one(seq, vec![]).await.unwrap(), Some((0_i64,)));
        let mut other = rows.begin().await.unwrap();
        assert_eq!(other.one(seq, vec![]).await.unwrap(), Some((0_i64,)));
        tx.commit().await.unwrap();
        assert_eq!(other.one(seq, vec![]).await.unwrap(), Some((9_i64,)));
        drop(other);
        rows.close().await;
    });
}

#[test]
fn a_session_is_durable_and_in_order_whatever_the_server_was_told() {
    let Some(scratch) = Scratch::new() else {
        return;
    };
    let name = &scratch.at.name;
    for setting in [
        "synchronous_commit = off",
        "default_transaction_isolation = 'serializable'",
        "standard_conforming_strings = off",
        "statement_timeout = 1",
        "timezone = 'Asia/Tokyo'",
        "client_encoding = 'LATIN1'",
    ] {
        scratch.say(&format!("alter database {name} set {setting}"));
    }
    wait(async {
        let rows = scratch.rows().await;
        let mut tx = rows.begin().await.unwrap();
        for (setting, want) in [
            ("synchronous_commit", "on"),
            ("transaction_isolation", "read committed"),
            ("standard_conforming_strings", "on"),
            ("statement_timeout", "10min"),
            ("lock_timeout", "75s"),
            ("idle_in_transaction_session_timeout", "1min"),
            ("TimeZone", "UTC"),
            ("client_encoding", "UTF8"),
            ("application_name", "holdfast"),
            ("client_connection_check_interval", "10s"),
        ] {
            let got: Option<(String,)> = tx
                .one("select current_setting($1)", args![setting])
                .await
                .unwrap();
            assert_eq!(got, Some((want.to_owned(),)), "{setting}");
        }
        tx.rollback().await.unwrap();
        assert_eq!(rows.engine(), Engine::Postgres);
        let first = rows.server_time().await.unwrap().unwrap();
        assert!(rows.server_time().await.unwrap().unwrap() > first);
        // Between the year this was written and the year 2200.
        assert!((1_700_000_000_000_000..7_258_118_400_000_000).contains(&first));
        rows.close().await;
        let memory = Rows::memory().await.unwrap();
        assert_eq!(memory.server_time().await.unwrap(), None);
    });
}

#[test]
fn a_wrong_user_database_place_or_encoding_is_refused_by_name() {
    let Some(scratch) = Scratch::with("template template0 encoding 'LATIN1' locale 'C'") else {
        return;
    };
    wait(async {
        let wrong = |change: &dyn Fn(&mut Database)| {
            let mut at = scratch.at.clone();
            at.password = Some(Secret::new("hunter2"));
            change(&mut at);
            async move { (at.to_string(), Rows::postgres(&at).await.unwrap_err()) }
        };
        let (place, error) = wrong(&|at| at.user = "nobody".into()).await;
        assert!(matches!(error, Error::Denied { .. }), "{error:?}");
        assert!(error.to_string().contains(&place), "{error}");
        let (place, error) = wrong(&|at| at.name = "t_nowhere".into()).await;
        assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
        assert!(error.to_string().contains(&place), "{error}");
        let (place, error) = wrong(&|at| at.port = unused_port()).await;
        assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
        assert!(error.is_passing() && error.to_string().contains(&place));
        let (_, error) = wrong(&|at| at.host = "db.invalid".into()).await;
        assert!(
            matches!(error, Error::Invalid { .. }),
            "no encryption: {error:?}"
        );
        let (_, error) = wrong(&|at| at.tls = Tls::Required { ca: None }).await;
        assert!(
            matches!(error, Error::Unreachable { .. }),
            "no TLS there: {error:?}"
        );
        let nowhere = Some("nowhere.pem".into());
        let (_, error) = wrong(&|at| {
            at.tls = Tls::Required {
                ca: nowhere.clone(),
            }
        })
        .await;
        assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
        let (_, error) = wrong(&|_| ()).await;
        assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
        assert!(error.to_string().contains("LATIN1"), "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    });
}

#[test]
fn a_text_with_a_null_character_is_refused_in_words() {
    let Some(scratch) = Scratch::new() else {
        return;
    };
    wait(async {
        let rows = scratch.rows().await;
        with(&rows, "create table t (name text)").await;
        let insert = "insert into t (name) values ($1)";
        // Made by hand: what `args!` makes holds none.
        let raw = vec![Arg::Text(Some("a\0b".to_owned()))];
        let error = rows.run(insert, raw).await.unwrap_err();
        assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
        rows.run(insert, args!["a\0b"]).await.unwrap();
        let kept: Option<(String,)> = rows.one("select name from t", args![]).await.unwrap();
        assert_eq!(kept.unwrap().0, "a\u{2400}b");
        rows.close().await;
    });
}

/// A port nobody listens on, or nobody did a moment ago.
fn unused_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
