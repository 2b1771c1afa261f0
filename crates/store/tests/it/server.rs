//! A database of a test's own on the PostgreSQL server of `HOLDFAST_TEST_POSTGRES`.

use std::io::Write as _;

use sqlx::{AssertSqlSafe, Connection as _};
use store::{Database, Rows};

use crate::support::wait;

/// Is one empty database, gone with this.
#[derive(Debug)]
pub(crate) struct Scratch {
    pub(crate) at: Database,
    server: String,
}

impl Scratch {
    /// Makes one, or says loudly that there is no server, which is a failure where services are required.
    pub(crate) fn new() -> Option<Self> {
        Self::with("")
    }

    /// Makes one with more words to `create database`.
    pub(crate) fn with(words: &str) -> Option<Self> {
        let Ok(server) = std::env::var("HOLDFAST_TEST_POSTGRES") else {
            let required = std::env::var_os("HOLDFAST_REQUIRE_TOOLS").is_some_and(|v| v == "1");
            assert!(
                !required,
                "HOLDFAST_TEST_POSTGRES is not set, and here a skip is a failure"
            );
            // Written past the test harness, which hides what passing tests print.
            std::io::stderr()
                .write_all(b"SKIPPED: no PostgreSQL; set HOLDFAST_TEST_POSTGRES\n")
                .unwrap();
            return None;
        };
        let name = format!("t_{:016x}", random());
        let at = Database::parse(&format!("{server}/{name}")).unwrap();
        let scratch = Self { at, server };
        scratch.say(&format!("create database {name} {words}"));
        Some(scratch)
    }

    pub(crate) async fn rows(&self) -> Rows {
        Rows::postgres(&self.at).await.unwrap()
    }

    /// Tells the server something as its owner, outside of this database and of what is tested.
    pub(crate) fn say(&self, sql: &str) {
        say(&format!("{}/postgres", self.server), sql);
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.say(&format!("drop database {} with (force)", self.at.name));
        }
    }
}

/// On a thread of its own, because the caller may be inside another piece of asynchronous work.
fn say(url: &str, sql: &str) {
    let (url, sql) = (url.to_owned(), AssertSqlSafe(sql.to_owned()));
    let said = std::thread::spawn(|| {
        wait(async move {
            let mut on = sqlx::PgConnection::connect(&url).await?;
            sqlx::raw_sql(sql).execute(&mut on).await?;
            on.close().await
        })
    });
    said.join().unwrap().unwrap();
}

/// Runs the same claims on SQLite, and on PostgreSQL where there is one, each time on an empty database.
pub(crate) fn each_engine(claims: impl AsyncFn(Rows)) {
    wait(async { claims(Rows::memory().await.unwrap()).await });
    if let Some(scratch) = Scratch::new() {
        wait(async {
            let rows = scratch.rows().await;
            claims(rows.clone()).await;
            rows.close().await;
        });
    }
}

/// A number nobody else has: the standard library seeds its maps so.
pub(crate) fn random() -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _};
    std::hash::RandomState::new().build_hasher().finish()
}
