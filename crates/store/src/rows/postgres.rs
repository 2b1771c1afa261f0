//! How PostgreSQL is reached, and what is asked of every session.

use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgSslMode};
use sqlx::{Connection as _, Executor as _, SqlSafeStr as _, query_as};
use tokio::time::timeout;

pub(super) use self::lent::Lent;
use super::{Call, Database, Dump, Tls, fault};
use crate::error::{Error, Result};

mod lent;
#[cfg(test)]
mod tests;

const CONNECTIONS: u32 = 16;
/// How long to wait for a connection: long enough for a server to start again.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a connection may take to show that it still lives.
const PING: Duration = Duration::from_secs(5);
/// The oldest server we test against.
const OLDEST: u32 = 150_000;

/// A commit that returned is on the server's disk, a host that is cut off holds no lock for long, and
/// nothing a server's settings may say changes what a statement means.
const SETTINGS: [(&str, &str); 11] = [
    ("synchronous_commit", "on"),
    ("default_transaction_isolation", "read committed"),
    // A write outside a transaction of ours is a mistake on every database.
    ("default_transaction_read_only", "on"),
    ("standard_conforming_strings", "on"),
    ("statement_timeout", "10min"),
    // Longer than a host that stopped in the middle may hold a row: whoever waits for it gets it.
    ("lock_timeout", "75s"),
    ("idle_in_transaction_session_timeout", "60s"),
    ("tcp_keepalives_idle", "10"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "3"),
    ("timezone", "UTC"),
];

/// Several connections to one database.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    connections: PgPool,
    plans: Plans,
}

/// Remembers when the tables last changed under prepared statements: older connections are not used again.
#[derive(Debug, Clone, Default)]
struct Plans {
    stale_since: Arc<Mutex<Option<Instant>>>,
}

impl Plans {
    fn forget(&self) {
        *self
            .stale_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn outlive(&self, age: Duration) -> bool {
        self.stale_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_none_or(|since| since.elapsed() > age)
    }
}

impl Pool {
    /// Connects once, to see that everything is as it must be.
    pub(super) async fn open(at: &Database) -> Result<Self> {
        let place = at.to_string();
        if at.tls == Tls::Off && !at.is_here() {
            return Err(Error::invalid(format!(
                "{place} is on another machine, and without encryption anybody on the way could read and \
                 change everything; use TLS for it"
            )));
        }
        if let Tls::Required { ca: Some(file) } = &at.tls {
            File::open(file).map_err(|e| Error::io(file.display().to_string(), e))?;
        }
        let options = options(at);
        let seen = match timeout(PATIENCE, look(&options)).await {
            Ok(seen) => seen,
            Err(_) => Err(late()),
        };
        if let Some(what) = seen.map_err(|e| Error::postgres(&place, e))? {
            return Err(Error::invalid(format!("{place} {what}")));
        }
        let plans = Plans::default();
        let connections = pool(plans.clone()).connect_lazy_with(options);
        Ok(Self { connections, plans })
    }

    /// Takes a connection; the server is in no transaction there.
    pub(super) async fn lend(&self) -> sqlx::Result<Lent> {
        let connection = self.connections.acquire().await?;
        Ok(Lent::new(connection, self.plans.clone()))
    }

    /// Does one thing on one connection, and again on a new one if the tables had changed under it.
    pub(super) async fn read<T>(
        &self,
        call: impl for<'c> Fn(&'c mut PgConnection) -> Call<'c, T>,
    ) -> sqlx::Result<T> {
        match self.lend().await?.call(super::CALL, &call).await {
            Err(e) if fault::plan_is_stale(&e) => self.lend().await?.call(super::CALL, call).await,
            done => done,
        }
    }

    /// Leaves nothing prepared: the server chose the types of the parameters, a call brings its own.
    pub(super) async fn prepare(&self, sql: &'static str) -> sqlx::Result<()> {
        self.read(|on| {
            Box::pin(async move {
                on.prepare(sql.into_sql_str()).await?;
                on.clear_cached_statements().await
            })
        })
        .await
    }

    /// Begins a transaction that sees what others commit meanwhile.
    pub(super) async fn begin(&self) -> sqlx::Result<Option<Lent>> {
        let mut lent = self.lend().await?;
        lent.begin("begin isolation level read committed read write")
            .await?;
        Ok(Some(lent))
    }

    /// Digests in one snapshot.
    pub(super) async fn dump(&self, queries: &[&'static str]) -> sqlx::Result<Dump> {
        let mut lent = self.lend().await?;
        lent.begin("begin isolation level repeatable read read only")
            .await?;
        let dump = lent.dump(queries).await?;
        lent.rollback().await?;
        Ok(dump)
    }

    pub(super) async fn close(&self) {
        self.connections.close().await;
    }
}

/// Looks at the server, and says what is wrong with it.
async fn look(options: &PgConnectOptions) -> sqlx::Result<Option<String>> {
    let mut on = PgConnection::connect_with(options).await?;
    let encoding = "select current_setting('server_encoding'), current_setting('server_version')";
    let (encoding, version): (String, String) = query_as(encoding).fetch_one(&mut on).await?;
    let old = on.server_version_num().is_none_or(|n| n < OLDEST);
    on.close().await?;
    Ok(if old {
        Some(format!(
            "runs PostgreSQL {version}; version 15 or later is needed"
        ))
    } else if encoding != "UTF8" {
        Some(format!(
            "is encoded in {encoding}; make a new database with `encoding 'UTF8'`"
        ))
    } else {
        None
    })
}

fn options(at: &Database) -> PgConnectOptions {
    // The driver takes what is not set from the environment: everything is set here, and what is set
    // twice counts as set last.
    let options = PgConnectOptions::new_without_pgpass()
        .host(&at.host)
        .port(at.port)
        .database(&at.name)
        .username(&at.user)
        .password(at.password.as_ref().map_or("", |p| p.expose()))
        .application_name("holdfast")
        .ssl_root_cert_from_pem(Vec::new())
        .options(SETTINGS);
    match &at.tls {
        Tls::Off => options.ssl_mode(PgSslMode::Disable),
        Tls::Required { ca } => {
            let options = options.ssl_mode(PgSslMode::VerifyFull);
            match ca {
                Some(file) => options.ssl_root_cert(file),
                None => options,
            }
        }
    }
}

fn pool(plans: Plans) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(PATIENCE)
        // In place of the driver's own test, which would wait for a dead network as long as for a place.
        .test_before_acquire(false)
        .before_acquire(move |on, of| {
            let current = plans.outlive(of.age);
            Box::pin(async move { Ok(current && alive(on).await) })
        })
        .after_release(|on, _| Box::pin(async move { Ok(alive(on).await) }))
        .after_connect(|on, _| {
            Box::pin(async move {
                // Ends the statement of a host that is gone; not every system the server runs on can.
                let sql = "set client_connection_check_interval = '10s'";
                match sqlx::raw_sql(sql).execute(on).await {
                    Ok(_) | Err(sqlx::Error::Database(_)) => Ok(()),
                    Err(e) => Err(e),
                }
            })
        })
}

async fn alive(on: &mut PgConnection) -> bool {
    matches!(timeout(PING, on.ping()).await, Ok(Ok(())))
}

/// What a call that took too long ends with.
fn late() -> sqlx::Error {
    let what = "no answer within the time for it";
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, what))
}
