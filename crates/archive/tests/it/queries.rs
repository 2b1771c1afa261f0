//! SQL is written once: both databases understand every query there is (design D4).

use archive::{make_tables, named_queries, postgres_queries, sqlite_queries};
use std::collections::BTreeSet;
use store::{Database, Rows};
use testkit::services::fresh_database;

/// Prepares each, and names those that the database does not understand.
async fn refused(rows: &Rows, queries: &[(String, &'static str)]) -> Vec<String> {
    let mut refused = Vec::new();
    for (name, sql) in queries {
        if let Err(e) = rows.prepare(sql).await {
            refused.push(format!("{name}: {e:?}"));
        }
    }
    refused
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_understands_every_query() {
    let rows = Rows::memory().await.unwrap();
    make_tables(&rows).await.unwrap();
    let all = [named_queries(), sqlite_queries()].concat();
    assert_eq!(refused(&rows, &all).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_understands_every_query() {
    let Some(database) = fresh_database() else {
        return;
    };
    let at = Database::parse(&database.url()).unwrap();
    let rows = Rows::postgres(&at).await.unwrap();
    make_tables(&rows).await.unwrap();
    let all = [named_queries(), postgres_queries()].concat();
    assert_eq!(refused(&rows, &all).await, Vec::<String>::new());
    rows.close().await;
}

/// A list that grew shorter would prove less and say nothing; names are what a failure is found by.
#[test]
fn every_query_has_a_name_of_its_own() {
    let all = [named_queries(), sqlite_queries(), postgres_queries()].concat();
    let names: BTreeSet<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.len(), all.len());
    for one in [
        "views::ITEM",
        "views::whole::CHECKS",
        "truth::TAIL",
        "work::LOGIN",
        "jobs::CLAIM",
        "append::look::any_sql",
    ] {
        assert!(names.contains(one), "{one} is in no list");
    }
}
