//! Claiming: one statement, one winner.

use super::held::{Held, LeaseLost};
use super::{JobRow, LEASE, MOST_TRIES, lease_clock, micros, sql};
use crate::error::{Error, Result, Why};
use crate::open::Archive;
use store::{Arg, Engine, args};

#[cfg(test)]
mod tests;

/// Kinds one worker may name: a list in SQL has a fixed length, filled up with repetitions.
pub(super) const MOST_KINDS: usize = 8;

/// The one fork of dialects there is. SQLite has one writer at a time: nobody else claims meanwhile. In PostgreSQL
/// many do; without these words all of them would wait for the first one's row, and then find it taken.
fn text(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => sql::CLAIM,
        Engine::Postgres => sql::postgres::CLAIM,
    }
}

/// The kinds as the list in SQL takes them; the last one fills it up.
pub(super) fn padded<'a>(kinds: &'a [&str]) -> impl Iterator<Item = Arg> + 'a {
    let last = kinds.last().copied().unwrap_or_default();
    (0..MOST_KINDS).map(move |n| Arg::from(kinds.get(n).copied().unwrap_or(last)))
}

/// What asking for a job gave.
#[derive(Debug)]
pub(super) enum Claimed {
    /// The job, and a minute for it.
    Held(Held),
    /// A job at which too many workers died: it waits for a person now, for this reason.
    SetAside(Held, String),
    /// None is due.
    Nothing,
}

/// Gives this worker the first job that is due, of these kinds and for this host or any; none when none is.
///
/// A job whose worker died too often is set aside here instead.
pub async fn claim(
    archive: &Archive,
    worker: &str,
    kinds: &[&str],
    host: &str,
) -> Result<Option<Held>> {
    loop {
        match next(archive, worker, kinds, host).await? {
            Claimed::Held(held) => return Ok(Some(held)),
            Claimed::SetAside(..) => {}
            Claimed::Nothing => return Ok(None),
        }
    }
}

/// The same for one job at a time, and says what was set aside.
pub(super) async fn next(
    archive: &Archive,
    worker: &str,
    kinds: &[&str],
    host: &str,
) -> Result<Claimed> {
    archive.writable()?;
    if kinds.is_empty() || kinds.len() > MOST_KINDS {
        let what = format!(
            "A worker takes 1 to {MOST_KINDS} kinds of jobs, not {}",
            kinds.len()
        );
        return Err(Error::new(Why::Invalid, what).next("Name fewer kinds, or start two workers"));
    }
    let now = lease_clock(archive).await?;
    let mut args = args![now, host];
    args.extend(padded(kinds));
    // Looked for first without a place among the writers: an idle worker is in nobody's way.
    let due: Option<(String,)> = archive.rows.one(sql::DUE, args.clone()).await?;
    if due.is_none() {
        return Ok(Claimed::Nothing);
    }
    args.extend(args![now.saturating_add(micros(LEASE)), worker]);
    let mut tx = archive.rows.begin().await?;
    let row: Option<JobRow> = tx.one(text(archive.rows.engine()), args).await?;
    tx.commit().await?;
    let Some(row) = row else {
        return Ok(Claimed::Nothing);
    };
    let died = row.deaths;
    let held = Held::new(archive, row, now);
    if died < MOST_TRIES {
        return Ok(Claimed::Held(held));
    }
    let reason =
        format!("The worker died {died} times at this job, or was ended; look at its last words");
    match held.set_aside(&reason).await {
        Err(e) if !LeaseLost::caused(&e) => Err(e),
        _ => Ok(Claimed::SetAside(held, reason)),
    }
}
