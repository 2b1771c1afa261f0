//! Looking at jobs, and what a person may do with them.

use super::{JobRow, KEPT, State, lease_clock, micros, no_such, sql};
use crate::access::{Act, Who, may};
use crate::error::{Error, Result, Why};
use crate::open::Archive;
use store::{Tx, args};

/// Which jobs to list: newest first, before a number.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Only of this state.
    pub state: Option<State>,
    /// Only of this kind; all when empty.
    pub kind: String,
    /// Without parts of another job, unless somebody is at them or a person must decide.
    pub whole: bool,
    /// Only numbers below this one.
    pub before: i64,
    /// How many at the most.
    pub limit: i64,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            state: None,
            kind: String::new(),
            whole: false,
            before: i64::MAX,
            limit: 50,
        }
    }
}

/// Jobs, newest first.
pub async fn list(archive: &Archive, who: &Who, filter: &Filter) -> Result<Vec<JobRow>> {
    may(who, Act::ReadJobs)?;
    let state = filter.state.map_or("", State::word);
    let args = args![
        state,
        &filter.kind,
        filter.before,
        filter.whole,
        filter.limit
    ];
    Ok(archive.rows.all(sql::JOBS, args).await?)
}

/// One job by its number or id.
pub async fn show(archive: &Archive, who: &Who, text: &str) -> Result<JobRow> {
    may(who, Act::ReadJobs)?;
    let number = text.parse::<i64>().unwrap_or(-1);
    let row: Option<JobRow> = archive
        .rows
        .one(sql::JOB_NAMED, args![number, text])
        .await?;
    row.ok_or_else(|| no_such(text))
}

/// Puts back a job that was set aside or cancelled, with its tries counted anew, and its parts that ended likewise.
pub async fn again(archive: &Archive, who: &Who, text: &str) -> Result<JobRow> {
    let job = tended(archive, who, text).await?;
    if !matches!(job.state(), State::SetAside | State::Cancelled) {
        let what = format!(
            "Job {} is {}; there is nothing to try again",
            job.number, job.state
        );
        return Err(
            Error::new(Why::Stale, what).next("Ask for a new one if it must be done once more")
        );
    }
    let now = lease_clock(archive).await?;
    let mut tx = archive.rows.begin().await?;
    if is_there(&mut tx, &job).await? {
        let what = format!(
            "Another job {} about {:?} has not ended",
            job.kind, job.about
        );
        return Err(Error::new(Why::Stale, what).next("See it with `holdfast job ls`"));
    }
    tx.run(sql::AGAIN, args![&job.id, &job.id, now]).await?;
    tx.commit().await?;
    show(archive, who, &job.id).await
}

/// Whether a job of this kind about the same thing has not ended, other than this one.
async fn is_there(tx: &mut Tx, job: &JobRow) -> Result<bool> {
    let other: Option<(String,)> = tx
        .one(sql::OPEN_OTHER, args![&job.kind, &job.about, &job.id])
        .await?;
    Ok(other.is_some())
}

/// Takes back a job that has not ended, and its parts. Whoever is at it loses its lease and changes nothing more.
pub async fn cancel(archive: &Archive, who: &Who, text: &str) -> Result<JobRow> {
    let job = tended(archive, who, text).await?;
    if matches!(job.state(), State::Done | State::Cancelled) {
        let what = format!(
            "Job {} is {}; there is nothing to cancel",
            job.number, job.state
        );
        return Err(Error::new(Why::Stale, what).next("See what there is with `holdfast job ls`"));
    }
    let now = lease_clock(archive).await?;
    archive
        .rows
        .run(sql::CANCEL, args![&job.id, &job.id, now])
        .await?;
    show(archive, who, &job.id).await
}

async fn tended(archive: &Archive, who: &Who, text: &str) -> Result<JobRow> {
    may(who, Act::TendJobs)?;
    archive.writable()?;
    show(archive, who, text).await
}

/// Forgets jobs that ended long ago; says how many.
pub async fn prune(archive: &Archive) -> Result<u64> {
    archive.writable()?;
    let before = lease_clock(archive).await?.saturating_sub(micros(KEPT));
    // A part goes with the job that waited for it, which reads its result.
    Ok(archive.rows.run(sql::PRUNE, args![before, before]).await?)
}
