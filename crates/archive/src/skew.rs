//! How far this host's clock is from the shared database's: hosts that disagree would write times in no order.

use crate::error::{Error, Result, Why};
use crate::open::Archive;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long one look holds.
const HOLDS: Duration = Duration::from_secs(30);

/// The limit, and when the clocks were last found within it.
#[derive(Debug)]
pub(crate) struct Skew {
    limit: i64,
    good_at: Mutex<Option<Instant>>,
}

impl Skew {
    pub(crate) fn within(limit: i64) -> Self {
        Self {
            limit,
            good_at: Mutex::default(),
        }
    }
}

/// What a difference of clocks is called, in microseconds that this host's is ahead of the database's.
pub fn compared(ahead: i64) -> String {
    let apart = ahead.unsigned_abs();
    let way = if ahead > 0 { "ahead of" } else { "behind" };
    match apart {
        0..1_000_000 => format!(
            "This host's clock agrees with the database's (to {} ms)",
            apart.div_ceil(1_000)
        ),
        _ => format!(
            "This host's clock is {} s {way} the database's",
            apart / 1_000_000
        ),
    }
}

impl Archive {
    /// How many microseconds this host's clock is ahead of the shared database's; none where there is none.
    pub async fn clock_ahead(&self) -> Result<Option<i64>> {
        let theirs = self.rows.server_time().await?;
        Ok(theirs.map(|t| self.clock.now().micros().saturating_sub(t)))
    }

    /// The clock that leases are counted by: the shared database's, where there is one that this host goes by.
    pub(crate) async fn lease_clock(&self) -> Result<i64> {
        let own = self.clock.now().micros();
        if self.skew.limit == i64::MAX {
            return Ok(own);
        }
        Ok(self.rows.server_time().await?.unwrap_or(own))
    }

    /// Refuses to write with a clock that other hosts would not believe.
    pub(crate) async fn clock_agrees(&self) -> Result<()> {
        let lock = || {
            self.skew
                .good_at
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if !self.is_shared() || lock().is_some_and(|at| at.elapsed() < HOLDS) {
            return Ok(());
        }
        // As rarely as the clock: who keeps the work tables of a shared archive up to date stops every server first.
        Box::pin(crate::work::must_be_known(&self.rows)).await?;
        let ahead = self.clock_ahead().await?.unwrap_or(0);
        if ahead.saturating_abs() <= self.skew.limit {
            *lock() = Some(Instant::now());
            return Ok(());
        }
        Err(Error::new(
            Why::ReadOnly,
            format!("{}; times in the log would be wrong", compared(ahead)),
        )
        .next("Set the clock (a time service such as NTP on every host); writing goes on by itself within half a minute"))
    }
}
