//! Asking for a job: twice is once.

use super::{JobRow, State, lease_clock, sql};
use crate::access::{Act, Who, may};
use crate::error::{Error, Result, Why};
use crate::open::Archive;
use format::id::ItemId;
use store::{Arg, Tx, args};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Ask {
    kind: String,
    about: String,
    body: serde_json::Value,
    units: Option<i64>,
    host: Option<String>,
    priority: i64,
}

impl Ask {
    /// Work of this kind about this thing: its natural key, such as the id of a dossier.
    pub fn new(kind: &str, about: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            about: about.into(),
            body: serde_json::Value::Null,
            units: None,
            host: None,
            priority: 0,
        }
    }

    /// With parameters: no personal data, no secrets.
    #[must_use]
    pub fn body(mut self, body: serde_json::Value) -> Self {
        self.body = body;
        self
    }

    /// So many units of work, for progress and the time left.
    #[must_use]
    pub fn units(mut self, units: i64) -> Self {
        self.units = Some(units);
        self
    }

    /// To be done on this host only.
    #[must_use]
    pub fn on(mut self, host: &str) -> Self {
        self.host = Some(host.to_owned());
        self
    }

    /// Lower goes first; 0 without a word.
    #[must_use]
    pub fn priority(mut self, priority: i64) -> Self {
        self.priority = priority;
        self
    }
}

/// The job that asking gave.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The job.
    pub job: JobRow,
    /// Whether it was made now; otherwise it was there, and has not ended.
    pub fresh: bool,
}

/// Asks for a job. While one of this kind about this thing has not ended, it is that one.
pub async fn ask(archive: &Archive, who: &Who, ask: Ask) -> Result<Asked> {
    ask_batch(archive, who, ask, |_id| Vec::new()).await
}

/// Asks for a job and for its parts: it is claimed only once all of them have ended, and is done or cancelled with
/// them. The parts are made only with it, and are given its id to name themselves by.
pub async fn ask_batch(
    archive: &Archive,
    who: &Who,
    last: Ask,
    parts: impl FnOnce(&str) -> Vec<Ask>,
) -> Result<Asked> {
    may(who, Act::AskJobs)?;
    archive.writable()?;
    let by = who.person()?.to_string();
    let now = lease_clock(archive).await?;
    let mut tx = archive.rows.begin().await?;
    // Taken first, it makes all who ask wait for one another: what is not there now is not made by another meanwhile.
    let number: Option<(i64,)> = tx.one(sql::LAST_TAKE, args![]).await?;
    let (number,) =
        number.ok_or_else(|| Error::bug("The number of the last job is gone from the rows"))?;
    if let Some(job) = open(&mut tx, &last).await? {
        // Dropped, the transaction gives the number back.
        return Ok(Asked { job, fresh: false });
    }
    let id = drawn(archive);
    let parts = parts(&id);
    let end = number + parts.len() as i64;
    let mut rows = vec![row(&id, number, &by, now, None, last)?];
    for (number, part) in (number + 1..).zip(parts) {
        rows.push(row(&drawn(archive), number, &by, now, Some(&id), part)?);
    }
    tx.bulk("work_job", COLUMNS, rows).await?;
    tx.run(sql::LAST_SET, args![end]).await?;
    let job: Option<JobRow> = tx.one(sql::JOB, args![id]).await?;
    tx.commit().await?;
    let job = job.ok_or_else(|| Error::bug("A job just made is not there"))?;
    Ok(Asked { job, fresh: true })
}

async fn open(tx: &mut Tx, ask: &Ask) -> Result<Option<JobRow>> {
    Ok(tx.one(sql::OPEN, args![&ask.kind, &ask.about]).await?)
}

/// An id that nobody guesses and that is never given twice, even when the rows are lost and numbers begin anew.
fn drawn(archive: &Archive) -> String {
    let random = ItemId::from_random(archive.draw()).to_string();
    format!("j-{}", random.chars().skip(2).collect::<String>())
}

const COLUMNS: &[&str] = &[
    "id",
    "number",
    "kind",
    "about",
    "body",
    "host",
    "part_of",
    "priority",
    "state",
    "made_at",
    "made_by",
    "not_before",
    "attempts",
    "deaths",
    "lease_no",
    "done_units",
    "all_units",
];

fn row(
    id: &str,
    number: i64,
    by: &str,
    now: i64,
    part_of: Option<&str>,
    ask: Ask,
) -> Result<Vec<Arg>> {
    let kind = ask.kind;
    let plain = |c: char| c.is_ascii_lowercase() || c == '_';
    if kind.is_empty() || !kind.chars().all(plain) || ask.about.is_empty() {
        let what = format!("{kind:?} about {:?} is no job", ask.about);
        return Err(Error::new(Why::Invalid, what).next("Name a kind and what it is about"));
    }
    Ok(args![
        id,
        number,
        kind,
        ask.about,
        ask.body.to_string(),
        ask.host,
        part_of,
        ask.priority,
        State::Waiting.word(),
        now,
        by,
        now,
        0_i64,
        0_i64,
        0_i64,
        0_i64,
        ask.units,
    ])
}
