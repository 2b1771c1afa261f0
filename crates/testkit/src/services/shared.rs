//! The services that the test command started for all tests.

use std::io::Write;

use super::garage::S3;
use super::postgres::{fresh_name, psql};
use super::{or_stop, wait_for};

/// The services of this run.
#[derive(Debug, Clone)]
pub struct Shared {
    /// The address of a PostgreSQL server, without a database: `postgres://holdfast@127.0.0.1:PORT`.
    pub postgres: String,
    /// The object storage.
    pub s3: S3,
}

impl Shared {
    /// Makes a database of this test alone.
    ///
    /// # Panics
    /// When the server refuses.
    #[track_caller]
    pub fn fresh_database(&self) -> Database {
        or_stop(Database::make(&self.postgres))
    }
}

/// A database of one test; dropped, it is gone, whoever is still connected.
#[derive(Debug)]
pub struct Database {
    server: String,
    name: String,
}

impl Database {
    fn make(server: &str) -> Result<Self, String> {
        let name = fresh_name()?;
        psql(
            &format!("{server}/postgres"),
            &format!("create database {name}"),
        )?;
        Ok(Self {
            server: server.to_owned(),
            name,
        })
    }

    /// Names the database as a client wants it.
    pub fn url(&self) -> String {
        format!("{}/{}", self.server, self.name)
    }

    /// Makes a database that holds what this one holds now, as one that was restored from a backup.
    ///
    /// # Panics
    /// When the server refuses, as it does while anybody is connected to this one.
    #[track_caller]
    #[must_use]
    pub fn copied(&self) -> Self {
        or_stop(self.copy())
    }

    fn copy(&self) -> Result<Self, String> {
        let name = fresh_name()?;
        let copy = format!("create database {name} template {}", self.name);
        // Whoever went away a moment ago may still be counted as connected.
        wait_for(|| psql(&format!("{}/postgres", self.server), &copy))?;
        Ok(Self {
            server: self.server.clone(),
            name,
        })
    }

    /// Runs SQL in it through `psql` and returns its rows, a line each, `|` between columns.
    ///
    /// # Errors
    /// Returns what `psql` said.
    pub fn sql(&self, text: &str) -> Result<String, String> {
        psql(&self.url(), text)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A server that a test ended took the database with it.
        let drop = format!("drop database if exists {} with (force)", self.name);
        psql(&format!("{}/postgres", self.server), &drop).ok();
    }
}

/// Gives both services of this run, or says `SKIPPED: …` where even a passing test shows it.
///
/// # Panics
/// Under `HOLDFAST_REQUIRE_TOOLS=1`, where a skip is a failure.
#[track_caller]
pub fn shared() -> Option<Shared> {
    let both = postgres_url().and_then(|postgres| {
        Ok(Shared {
            postgres,
            s3: s3()?,
        })
    });
    present_or_skipped(both)
}

/// Gives the object storage of this run; without it as [`shared`].
///
/// # Panics
/// As [`shared`].
#[track_caller]
pub fn shared_s3() -> Option<S3> {
    present_or_skipped(s3())
}

/// Makes a database of this test alone in the PostgreSQL of this run; without it as [`shared`].
///
/// # Panics
/// As [`shared`], and when the server refuses.
#[track_caller]
pub fn fresh_database() -> Option<Database> {
    let server = present_or_skipped(postgres_url())?;
    Some(or_stop(Database::make(&server)))
}

fn postgres_url() -> Result<String, String> {
    let url = named("HOLDFAST_TEST_POSTGRES")?;
    Ok(url.trim_end_matches('/').to_owned())
}

fn s3() -> Result<S3, String> {
    let endpoints = named("HOLDFAST_TEST_S3")?;
    Ok(S3 {
        endpoints: endpoints.split(',').map(str::to_owned).collect(),
        bucket: named("HOLDFAST_TEST_S3_BUCKET")?,
        key: named("HOLDFAST_TEST_S3_KEY")?,
        secret: named("HOLDFAST_TEST_S3_SECRET")?,
    })
}

fn named(variable: &str) -> Result<String, String> {
    let value = std::env::var(variable).unwrap_or_default();
    if value.is_empty() {
        return Err(format!(
            "{variable} names no service; `cargo xtask test` and `cargo xtask services` start one"
        ));
    }
    Ok(value)
}

#[track_caller]
fn present_or_skipped<T>(found: Result<T, String>) -> Option<T> {
    let required = std::env::var_os("HOLDFAST_REQUIRE_TOOLS").is_some_and(|value| value == "1");
    // Written past the test harness, which hides what passing tests print.
    decide(found, required, std::io::stderr())
}

#[track_caller]
#[expect(
    clippy::panic,
    reason = "under the test command a missing service fails the test"
)]
fn decide<T>(found: Result<T, String>, required: bool, mut say: impl Write) -> Option<T> {
    match found {
        Ok(service) => Some(service),
        Err(why) if required => panic!("{why}; here a skip is a failure"),
        Err(why) => {
            say.write_all(format!("SKIPPED: {why}\n").as_bytes()).ok();
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing() -> Result<(), String> {
        Err("no service".to_owned())
    }

    #[test]
    fn a_missing_service_is_skipped_aloud() {
        let mut said = Vec::new();
        assert!(decide(missing(), false, &mut said).is_none());
        assert_eq!(said, b"SKIPPED: no service\n");
    }

    #[test]
    #[should_panic(expected = "here a skip is a failure")]
    fn a_missing_service_fails_where_nothing_may_be_skipped() {
        decide(missing(), true, Vec::new());
    }
}
