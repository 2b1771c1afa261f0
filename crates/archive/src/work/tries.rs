//! Tries to sign in that did not succeed: after a few of them the next one has to wait, never for long and never for ever.
//!
//! Counted before a passphrase is compared, so that a hundred tries sent at once to several servers count as a hundred.

use super::sql;
use crate::error::{Error, Result};
use crate::open::Archive;
use store::args;

/// So many tries cost no waiting: people mistype.
const FREE: i64 = 5;
/// The longest time between two tries.
const LONGEST: i64 = 60 * SECOND;
/// After so long without a try the count begins anew.
const FORGOTTEN: i64 = 60 * 60 * SECOND;
const SECOND: i64 = 1_000_000;

/// Whether a passphrase may be tried now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Try {
    /// It may, and counts as failed until [`Archive::sign_in_worked`] is told otherwise.
    Now,
    /// Not before so many microseconds have passed; this one did not count.
    Later(i64),
}

impl Archive {
    /// Counts one try to sign in, unless it comes too early. `counter` names who tries, in 32 bytes; `now` is in microseconds.
    ///
    /// Every server that shares the rows counts together. A clock that went back never makes anybody wait longer.
    pub async fn try_sign_in(&self, counter: &[u8; 32], now: i64) -> Result<Try> {
        let mut tx = self.rows.begin().await?;
        let old = args![now - FORGOTTEN];
        tx.run(sql::TRIES_OLD, old).await?;
        tx.run(sql::TRY_START, args![counter.to_vec(), now]).await?;
        // The update holds the row: of two tries at once the second sees what the first has counted.
        let row: Option<(i64, i64)> = tx.one(sql::TRY_TAKE, args![counter.to_vec(), now]).await?;
        let (failures, next_at) =
            row.ok_or_else(|| Error::bug("A count of sign-ins is gone while it is held"))?;
        let wait = next_at - now;
        if failures >= FREE && (1..=LONGEST).contains(&wait) {
            return Ok(Try::Later(wait));
        }
        let failures = failures.saturating_add(1);
        let next_at = now.saturating_add(delay(failures));
        tx.run(sql::TRY_COUNT, args![counter.to_vec(), failures, next_at])
            .await?;
        tx.commit().await?;
        Ok(Try::Now)
    }

    /// Forgets the failed tries of somebody who has signed in.
    pub async fn sign_in_worked(&self, counter: &[u8; 32]) -> Result<()> {
        let mut tx = self.rows.begin().await?;
        tx.run(sql::TRIES_DROP, args![counter.to_vec()]).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// How long after this many tries the next one may come: nothing, then 1, 2, 4 … 60 seconds.
fn delay(failures: i64) -> i64 {
    match failures - FREE {
        less if less < 0 => 0,
        over => LONGEST.min(SECOND << over.min(6)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_doubles_from_one_second_and_stops_at_sixty() {
        let seconds: Vec<i64> = (0..14).map(|n| delay(n) / SECOND).collect();
        assert_eq!(seconds, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(delay(i64::MAX), LONGEST);
    }
}
