//! A server that goes away, comes back, asks for a password, shows a certificate.

use store::{Database, Error, Rows, Secret, Tls, args};

use crate::cluster::{Cluster, PASSWORD};
use crate::server::Scratch;
use crate::support::wait;

const COUNT: &str = "select count(*) from t";
const INSERT: &str = "insert into t (id) values ($1)";

async fn with_table(rows: &Rows) {
    let mut tx = rows.begin().await.unwrap();
    tx.script("create table t (id bigint primary key)")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    rows.run(INSERT, args![1]).await.unwrap();
}

async fn count(rows: &Rows) -> i64 {
    rows.one::<(i64,)>(COUNT, vec![]).await.unwrap().unwrap().0
}

#[test]
fn sessions_ended_by_the_server_are_made_anew_and_their_transactions_are_not_committed() {
    let Some(scratch) = Scratch::new() else {
        return;
    };
    let name = &scratch.at.name;
    let end =
        format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'");
    wait(async {
        let rows = scratch.rows().await;
        with_table(&rows).await;
        let mut first = rows.begin().await.unwrap();
        first.run(INSERT, args![2]).await.unwrap();
        let mut second = rows.begin().await.unwrap();
        second.run(INSERT, args![3]).await.unwrap();
        scratch.say(&end);
        let error = first.run(INSERT, args![4]).await.unwrap_err();
        assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
        // Not even when the caller goes on as if nothing had been.
        assert!(first.run(INSERT, args![5]).await.is_err());
        assert!(first.commit().await.is_err());
        let error = second.commit().await.unwrap_err();
        assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
        assert_eq!(count(&rows).await, 1);
        rows.run(INSERT, args![2]).await.unwrap();
        scratch.say(&end);
        assert_eq!(count(&rows).await, 2, "idle ones are replaced before use");
        rows.close().await;
    });
}

#[test]
fn a_transaction_left_alone_is_ended_by_the_server() {
    let Some(scratch) = Scratch::new() else {
        return;
    };
    wait(async {
        let rows = scratch.rows().await;
        with_table(&rows).await;
        let mut tx = rows.begin().await.unwrap();
        tx.run(
            "set local idle_in_transaction_session_timeout = '50ms'",
            vec![],
        )
        .await
        .unwrap();
        tx.run("update t set id = 7", vec![]).await.unwrap();
        // Waits for the row, until the server takes it from the first.
        rows.run("update t set id = 8", vec![]).await.unwrap();
        let error = tx.run("update t set id = 9", vec![]).await.unwrap_err();
        assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
        assert!(tx.commit().await.is_err());
        let id = rows
            .one::<(i64,)>("select id from t", vec![])
            .await
            .unwrap();
        assert_eq!(id, Some((8,)));
        rows.close().await;
    });
}

#[test]
fn a_server_that_stops_and_starts_again_is_used_again_without_hands() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let rows = Rows::postgres(&cluster.at()).await.unwrap();
        with_table(&rows).await;
        let mut tx = rows.begin().await.unwrap();
        tx.run(INSERT, args![2]).await.unwrap();
        cluster.stop();
        let error = tx.commit().await.unwrap_err();
        assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
        assert!(!format!("{error} {error:?} {rows:?}").contains(PASSWORD));
        let error = Rows::postgres(&cluster.at()).await.unwrap_err();
        assert!(error.is_passing(), "{error:?}");
        // Asked while it is away, answered when it is back.
        let asked = tokio::spawn({
            let rows = rows.clone();
            async move { count(&rows).await }
        });
        cluster.resume();
        assert_eq!(asked.await.unwrap(), 1);
        rows.run(INSERT, args![2]).await.unwrap();
        assert_eq!(count(&rows).await, 2);
        rows.close().await;
    });
}

#[test]
fn a_server_that_only_follows_another_is_read_and_refuses_writers() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    cluster.put("data/standby.signal", b"");
    cluster.stop();
    cluster.resume();
    wait(async {
        let rows = Rows::postgres(&cluster.at()).await.unwrap();
        assert!(rows.tables().await.unwrap().is_empty());
        let error = rows.begin().await.unwrap_err();
        assert!(matches!(error, Error::ReadOnly { .. }), "{error:?}");
        rows.close().await;
    });
}

#[test]
fn the_right_password_opens_and_a_wrong_one_is_denied_and_shown_nowhere() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    wait(async {
        let rows = Rows::postgres(&cluster.at()).await.unwrap();
        assert!(rows.tables().await.unwrap().is_empty());
        assert!(!format!("{rows:?} {rows:#?}").contains(PASSWORD));
        let mut tx = rows.begin().await.unwrap();
        assert!(!format!("{tx:#?}").contains(PASSWORD));
        let error = tx.script("create table t (id nothing)").await.unwrap_err();
        assert!(!all(&error).contains(PASSWORD));
        tx.rollback().await.unwrap();
        for wrong in [Some("hunter2"), Some(""), None] {
            let at = Database {
                password: wrong.map(Secret::new),
                ..cluster.at()
            };
            let error = Rows::postgres(&at).await.unwrap_err();
            assert!(matches!(error, Error::Denied { .. }), "{error:?}");
            assert!(!error.is_passing());
            assert!(!all(&error).contains("hunter2"));
        }
        rows.close().await;
    });
}

#[test]
fn a_certificate_is_asked_for_and_must_be_right() {
    let (Some(openssl), Some(cluster)) = (testkit::tools::need("openssl"), Cluster::start()) else {
        return;
    };
    let certificate = |name: &str| {
        let (key, cert) = (format!("{name}.key"), format!("{name}.pem"));
        // Its own authority, and not one for others: that is all a test needs.
        let settings = format!(
            "[req]\nprompt = no\ndistinguished_name = who\nx509_extensions = what\n[who]\nCN = {name}\n\
             [what]\nbasicConstraints = critical, CA:FALSE\nsubjectAltName = DNS:{name}\n"
        );
        cluster.put("settings", settings.as_bytes());
        let made = openssl
            .command()
            .current_dir(cluster.path(""))
            .args([
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            ])
            .args(["-config", "settings", "-keyout", &key, "-out", &cert])
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let read = |name: &str| std::fs::read(cluster.path(name)).unwrap();
        (read(&key), read(&cert))
    };
    let (key, cert) = certificate("localhost");
    certificate("other");
    cluster.put("data/server.key", &key);
    cluster.put("data/server.crt", &cert);
    cluster.set("ssl = on\n");
    cluster.stop();
    cluster.resume();
    wait(async {
        let with = |host: &str, ca: Option<&str>| {
            let tls = Tls::Required {
                ca: ca.map(|name| cluster.path(name)),
            };
            let host = host.to_owned();
            let at = Database {
                host,
                tls,
                ..cluster.at()
            };
            async move { Rows::postgres(&at).await }
        };
        let rows = with("localhost", Some("localhost.pem")).await.unwrap();
        let used =
            "select cast(count(*) as bigint) from pg_stat_ssl where pid = pg_backend_pid() and ssl";
        assert_eq!(rows.one(used, vec![]).await.unwrap(), Some((1_i64,)));
        rows.close().await;
        for (host, ca) in [
            ("localhost", None),
            ("localhost", Some("other.pem")),
            ("127.0.0.1", Some("localhost.pem")),
        ] {
            let error = with(host, ca).await.unwrap_err();
            assert!(
                matches!(error, Error::Unreachable { .. }),
                "{host} {ca:?}: {error:?}"
            );
        }
    });
}

/// Everything an error says, its causes included.
fn all(error: &Error) -> String {
    let mut said = format!("{error} {error:?} {error:#?}");
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        said.push_str(&format!(" {next} {next:?}"));
        cause = next.source();
    }
    said
}
