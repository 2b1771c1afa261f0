//! The rows and objects of an archive that is opened or founded, wherever its folder says they are.

use super::folder::small;
use super::{Opening, refused, rows};
use crate::error::{Error, Result};
use crate::place::{self, Secrets, Shared};
use crate::truth::keep::Keep;
use std::path::Path;
use std::sync::Arc;
use store::{Disk, Objects, Rows};

/// What an archive is kept in.
pub(crate) struct Parts {
    pub(crate) objects: Objects,
    pub(crate) rows: Rows,
    pub(crate) keep: Keep,
}

/// The database and bucket that the folder names; none when everything lies in the folder itself.
pub(crate) async fn named(disk: &Arc<dyn Disk>, root: &Path) -> Result<Option<Shared>> {
    let bytes = small(disk, &root.join(place::FILE)).await?;
    bytes.map(|b| Shared::read(&b)).transpose()
}

impl Parts {
    /// Opens them; nothing is made but what an empty folder needs.
    pub(crate) async fn open(
        root: &Path,
        opening: &Opening,
        shared: Option<&Shared>,
    ) -> Result<Self> {
        match shared {
            None => Self::beside(root, opening).await,
            Some(shared) => Self::shared(root, opening, shared).await,
        }
    }

    async fn beside(root: &Path, opening: &Opening) -> Result<Self> {
        let (disk, at) = (Arc::clone(&opening.disk), root.to_owned());
        let read_only = opening.read_only;
        let objects = off_thread(move || {
            if read_only {
                Objects::read_only(disk, &at)
            } else {
                Objects::local(disk, &at)
            }
        })
        .await?;
        Ok(Self {
            objects,
            rows: rows::open(root, opening).await?,
            keep: Keep::File {
                disk: Arc::clone(&opening.disk),
                path: root.join("log").join("tail"),
            },
        })
    }

    async fn shared(root: &Path, opening: &Opening, shared: &Shared) -> Result<Self> {
        let file = root.join(place::SECRETS);
        let bytes = small(&opening.disk, &file).await?;
        if bytes.is_some() {
            place::must_be_private(&file)?;
        }
        let secrets = opening.secrets.clone().or_file(bytes.as_deref())?;
        let objects = objects_of(root, shared, &secrets, opening.read_only).await?;
        let rows = rows_of(shared, &secrets).await?;
        Ok(Self {
            objects,
            keep: Keep::Table(rows.clone()),
            rows,
        })
    }
}

/// The bucket that hosts share.
pub(crate) async fn objects_of(
    root: &Path,
    shared: &Shared,
    secrets: &Secrets,
    read_only: bool,
) -> Result<Objects> {
    let bucket = shared.bucket(secrets, root.join("incoming"))?;
    off_thread(move || {
        if read_only {
            Objects::s3_read_only(&bucket)
        } else {
            Objects::s3(&bucket)
        }
    })
    .await
}

/// The database that hosts share.
pub(crate) async fn rows_of(shared: &Shared, secrets: &Secrets) -> Result<Rows> {
    let rows = Rows::postgres(&shared.database(secrets)?).await;
    rows.map_err(|e| refused::by_database(e, secrets.rows_password.is_some()))
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> store::Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(|e| Error::bug("Opening the objects stopped").because(e))??)
}
