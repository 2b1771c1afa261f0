//! One connection of the pool while somebody uses it.

use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgSeverity};
use sqlx::{Connection as _, Postgres, raw_sql};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::{Plans, late};
use crate::rows::{CALL, Call, Dump, dump, fault, script};

/// How long a row of a dump may take; longer, and nobody is there any more.
const STALL: Duration = Duration::from_secs(15 * 60);
/// How long to wait for the end of a transaction nobody waits for.
const FAREWELL: Duration = Duration::from_secs(10);

/// Goes back to the pool when dropped, if every call on it came to its end; otherwise it is closed.
#[derive(Debug)]
pub(in crate::rows) struct Lent {
    /// Gone only while dropping.
    on: Option<PoolConnection<Postgres>>,
    plans: Plans,
    /// Whether nothing is under way and nothing unexpected happened.
    sound: bool,
    /// Whether a transaction was begun and not ended.
    open: bool,
    /// Whether this transaction made or dropped tables.
    changed: bool,
}

impl Lent {
    pub(super) fn new(on: PoolConnection<Postgres>, plans: Plans) -> Self {
        Self {
            on: Some(on),
            plans,
            sound: true,
            open: false,
            changed: false,
        }
    }

    /// Does one thing within a time; after anything but an ordinary answer this connection does no more.
    pub(in crate::rows) async fn call<T>(
        &mut self,
        within: Duration,
        call: impl for<'c> FnOnce(&'c mut PgConnection) -> Call<'c, T>,
    ) -> sqlx::Result<T> {
        let Some(on) = self.on.as_mut().filter(|_| self.sound) else {
            return Err(sqlx::Error::PoolClosed);
        };
        // Stays so if this is dropped half way.
        self.sound = false;
        let Ok(done) = timeout(within, call(on)).await else {
            return Err(late());
        };
        self.sound = match &done {
            Ok(_) => true,
            Err(e) => {
                if fault::plan_is_stale(e) {
                    self.plans.forget();
                }
                // After anything worse the server has ended the session.
                fault::server_said(e).is_some_and(|said| said.severity() == PgSeverity::Error)
            }
        };
        done
    }

    pub(super) async fn begin(&mut self, sql: &'static str) -> sqlx::Result<()> {
        self.call(CALL, |on| Box::pin(raw_sql(sql).execute(on)))
            .await?;
        self.open = true;
        Ok(())
    }

    /// Runs a script, in the dialect of SQLite.
    pub(in crate::rows) async fn script(&mut self, sql: &'static str) -> sqlx::Result<()> {
        self.changed = true;
        let text = sqlx::AssertSqlSafe(script::for_postgres(sql));
        self.call(STALL, |on| {
            Box::pin(async move {
                raw_sql(text).execute(&mut *on).await?;
                // What was prepared for the tables of before may not fit these.
                on.clear_cached_statements().await
            })
        })
        .await
    }

    pub(in crate::rows) async fn dump(&mut self, queries: &[&'static str]) -> sqlx::Result<Dump> {
        let queries = queries.to_vec();
        self.call(Duration::MAX, |on| {
            Box::pin(async move {
                // As long as rows come, however many.
                raw_sql("set local statement_timeout = 0")
                    .execute(&mut *on)
                    .await?;
                dump::all(on, &queries, STALL).await
            })
        })
        .await
    }

    pub(in crate::rows) async fn commit(mut self) -> sqlx::Result<()> {
        self.call(CALL, |on| Box::pin(raw_sql("commit").execute(on)))
            .await?;
        self.open = false;
        if self.changed {
            self.plans.forget();
        }
        Ok(())
    }

    pub(in crate::rows) async fn rollback(mut self) -> sqlx::Result<()> {
        self.end(CALL).await
    }

    async fn end(&mut self, within: Duration) -> sqlx::Result<()> {
        self.call(within, |on| Box::pin(raw_sql("rollback").execute(on)))
            .await?;
        self.open = false;
        Ok(())
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(mut on) = self.on.take() else {
            return;
        };
        match (self.sound, self.open, Handle::try_current()) {
            (true, false, _) => drop(on),
            (true, true, Ok(runtime)) => {
                let mut left = Self::new(on, self.plans.clone());
                // If it fails, the connection is closed, which ends the transaction too.
                runtime.spawn(async move { left.end(FAREWELL).await });
            }
            _ => on.close_on_drop(),
        }
    }
}
