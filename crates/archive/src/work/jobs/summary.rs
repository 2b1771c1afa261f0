//! How many there are, how fast it goes, and how long it will take: from the rows alone, or unknown.

use super::{State, lease_clock, sql};
use crate::access::{Act, Who, may};
use crate::error::Result;
use crate::open::Archive;
use serde::Serialize;
use std::collections::BTreeMap;
use store::args;

/// How far back the speed is looked at, in microseconds: ten minutes.
const WINDOW: i64 = 600 * 1_000_000;

/// The jobs of one kind, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// The kind.
    pub kind: String,
    /// May be claimed.
    pub waiting: i64,
    /// In the hands of workers.
    pub running: i64,
    /// Wait for a person.
    pub set_aside: i64,
    /// Done, as far as they are still kept.
    pub done: i64,
    /// Cancelled, as far as they are still kept.
    pub cancelled: i64,
    /// Units left to do; none when a job does not say how many it has.
    pub left: Option<i64>,
    /// Units done lately, and in how many seconds.
    pub lately: Option<(i64, i64)>,
    /// Seconds until all is done if it goes on like this; none when nobody works, nothing was done lately, or the units
    /// are not known.
    pub eta: Option<i64>,
}

/// Counts by kind and state, with speed and time left.
pub async fn summary(archive: &Archive, who: &Who) -> Result<Vec<Counted>> {
    may(who, Act::ReadJobs)?;
    let now = lease_clock(archive).await?;
    let mut kinds: BTreeMap<String, Counted> = BTreeMap::new();
    let rows: Vec<(String, String, i64)> = archive.rows.all(sql::COUNTS, args![]).await?;
    for (kind, state, many) in rows {
        let counted = kinds.entry(kind.clone()).or_insert_with(|| Counted {
            kind,
            ..Counted::default()
        });
        match State::named(&state) {
            Some(State::Waiting) => counted.waiting += many,
            Some(State::Running) => counted.running += many,
            Some(State::Done) => counted.done += many,
            Some(State::Cancelled) => counted.cancelled += many,
            Some(State::SetAside) | None => counted.set_aside += many,
        }
    }
    speed(archive, now, &mut kinds).await?;
    Ok(kinds.into_values().collect())
}

async fn speed(archive: &Archive, now: i64, kinds: &mut BTreeMap<String, Counted>) -> Result<()> {
    let from = now.saturating_sub(WINDOW);
    let done: Vec<(String, Option<i64>, Option<i64>)> =
        archive.rows.all(sql::LATELY, args![from]).await?;
    for (kind, units, started) in done {
        let (Some(counted), Some(units)) = (kinds.get_mut(&kind), units) else {
            continue;
        };
        let since = started.unwrap_or(from).max(from);
        let seconds = now.saturating_sub(since).max(0) / 1_000_000;
        counted.lately = Some((units, seconds.max(1)));
    }
    let left: Vec<(String, Option<i64>, i64)> = archive.rows.all(sql::UNITS_LEFT, args![]).await?;
    for (kind, units, without) in left {
        let Some(counted) = kinds.get_mut(&kind) else {
            continue;
        };
        counted.left = units.filter(|_| without == 0).map(|units| units.max(0));
        counted.eta = match (counted.left, counted.lately) {
            (Some(left), Some((units, seconds))) if units > 0 && counted.running > 0 => {
                Some(left.saturating_mul(seconds) / units)
            }
            _ => None,
        };
    }
    Ok(())
}
