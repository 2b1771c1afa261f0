//! Every query there is, by name, so that a test can prepare each on every database.

use crate::append::look;
use crate::error::Result;
use crate::work::{self, jobs};
use crate::{truth, views};
use store::Rows;

/// A query and its name, such as `views::ITEM`.
type Named = (String, &'static str);

/// Lists the queries that every database understands, those made at run time included.
#[must_use]
pub fn named_queries() -> Vec<Named> {
    let mut all = named("views", views::sql::NAMED);
    all.extend(named("views::whole", views::sql::whole::NAMED));
    all.extend(named("truth", truth::sql::NAMED));
    all.extend(named("work", work::sql::NAMED));
    all.extend(named("jobs", jobs::sql::NAMED));
    all.push(("append::look::any_sql".to_owned(), look::any_sql()));
    all
}

/// Lists those that SQLite alone understands.
#[must_use]
pub fn sqlite_queries() -> Vec<Named> {
    named("views::sqlite", views::sql::sqlite::NAMED)
}

/// Lists those that PostgreSQL alone understands.
#[must_use]
pub fn postgres_queries() -> Vec<Named> {
    named("jobs::postgres", jobs::sql::postgres::NAMED)
}

/// Makes every table there is, empty, in a database that holds none.
pub async fn make_tables(rows: &Rows) -> Result<()> {
    let mut tx = rows.begin().await?;
    views::make(&mut tx).await?;
    truth::sql::make(&mut tx).await?;
    work::make(&mut tx).await?;
    Ok(tx.commit().await?)
}

fn named(of: &str, queries: &[(&'static str, &'static str)]) -> Vec<Named> {
    let name = |(name, sql): &(&str, &'static str)| (format!("{of}::{name}"), *sql);
    queries.iter().map(name).collect()
}
