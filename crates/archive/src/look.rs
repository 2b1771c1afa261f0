//! A look at the database and the bucket of a shared archive, one by one: also when the archive itself does not open.

use crate::error::Result;
use crate::open::parts::{self, named};
use crate::open::{Opening, folder, refused};
use crate::place::{self, Secrets, Shared};
use std::path::Path;
use std::time::{Duration, Instant};
use store::Probe;

/// What was found at the places that `holdfast.toml` names.
#[derive(Debug)]
pub struct Looked {
    /// The places.
    pub shared: Shared,
    /// Whether credentials lie in `keys/store.toml`; an error where others could read them.
    pub credentials: Result<bool>,
    /// The database.
    pub database: Result<Answers>,
    /// The bucket: a small object is put there, read back and discarded, unless the look is read only.
    pub bucket: Result<Probe>,
}

/// A database that answers.
#[derive(Debug)]
pub struct Answers {
    /// Its version, as it names it.
    pub version: String,
    /// How long a small question and its answer took.
    pub round_trip: Duration,
    /// How many microseconds this host's clock is ahead of its.
    pub clock_ahead: i64,
}

/// Looks at both places at once; none where everything lies in the folder.
pub async fn look(root: &Path, opening: &Opening) -> Result<Option<Looked>> {
    let Some(shared) = named(&opening.disk, root).await? else {
        return Ok(None);
    };
    let file = root.join(place::SECRETS);
    let bytes = folder::small(&opening.disk, &file).await?;
    let secrets = opening.secrets.clone().or_file(bytes.as_deref())?;
    let credentials = match &bytes {
        Some(_) => place::must_be_private(&file).map(|()| true),
        None => Ok(false),
    };
    let (database, bucket) = tokio::join!(
        database(&shared, &secrets, opening),
        bucket(root, &shared, &secrets, opening.read_only)
    );
    Ok(Some(Looked {
        shared,
        credentials,
        database,
        bucket,
    }))
}

async fn database(shared: &Shared, secrets: &Secrets, opening: &Opening) -> Result<Answers> {
    let rows = parts::rows_of(shared, secrets).await?;
    // The first question of all makes the connection.
    let version = rows.server_version().await?.unwrap_or_default();
    let (asked, own) = (Instant::now(), opening.clock.now().micros());
    let theirs = rows.server_time().await?;
    let round_trip = asked.elapsed();
    rows.close().await;
    let half = i64::try_from(round_trip.as_micros() / 2).unwrap_or(0);
    Ok(Answers {
        version,
        round_trip,
        clock_ahead: theirs.map_or(0, |t| own.saturating_add(half).saturating_sub(t)),
    })
}

async fn bucket(root: &Path, shared: &Shared, secrets: &Secrets, read_only: bool) -> Result<Probe> {
    let objects = parts::objects_of(root, shared, secrets, read_only).await?;
    objects.probe().await.map_err(refused::by_bucket)
}
