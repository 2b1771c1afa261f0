//! Carrying a whole archive to another place: folder, database and bucket, in any pairing.
//!
//! The new place has no name until everything in it was found to be what the old place holds: until then it is only
//! *arriving*, and the same call goes on where an earlier one stopped. The old place is shut before the log is copied,
//! so that nobody records anything in two archives of one name; it stays readable for ever.

mod log;

use crate::access::{self, Act, Who};
use crate::error::{Error, Result, Why};
use crate::home::Home;
use crate::open::parts::{self, Parts};
use crate::open::{Archive, Opening, folder, found};
use crate::place::{self, Shared};
use crate::truth::log::{blocking, name};
use crate::{rebuild, views, work};
use std::path::Path;
use std::sync::Arc;
use store::args;

/// Marks a place that is not yet the archive's; holds what `HOLDFAST` will say.
const ARRIVING: &str = "ARRIVING";
/// The same in a bucket.
const ARRIVING_OBJECT: &str = "arriving";
/// Marks a folder whose archive lives elsewhere; holds a sentence for people.
pub(crate) const MOVED: &str = "MOVED";

/// A place that an archive is being carried to.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The archive as it is so far; it has no name yet and nobody else opens it.
    pub archive: Archive,
}

impl Archive {
    /// Shuts the door on every host: nothing is recorded until [`Archive::reopen`]. Reading goes on.
    pub async fn close(&self, who: &Who, reason: &str) -> Result<()> {
        self.shut(who, Some(reason)).await
    }

    /// Opens the door again.
    pub async fn reopen(&self, who: &Who) -> Result<()> {
        self.shut(who, None).await
    }

    async fn shut(&self, who: &Who, reason: Option<&str>) -> Result<()> {
        access::may(who, Act::Move)?;
        self.writable()?;
        let mut tx = self.begin_patiently().await?;
        views::take_head(&mut tx).await?;
        tx.run(views::sql::HEAD_CLOSE, args![reason]).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whether the archive is shut, and why.
    pub async fn closed(&self) -> Result<Option<String>> {
        let row: Option<(Option<String>,)> = self.rows.one(views::sql::CLOSED, args![]).await?;
        Ok(row.and_then(|(closed,)| closed))
    }

    /// Says for good that this place is no longer the archive's.
    pub async fn leave(&self, who: &Who, to: &str) -> Result<()> {
        let text = format!("This archive was moved to {to}; what is here is a copy to read");
        self.close(who, &text).await?;
        let (disk, path) = (Arc::clone(&self.disk), self.root.clone());
        blocking(move || {
            let mut file = disk.create(&path.join(MOVED), 0)?;
            file.write(text.as_bytes())?;
            file.sync()?;
            file.finish()?;
            disk.sync_dir(&path)
        })
        .await
    }

    /// Prepares a place for this archive, or goes on with one that it was arriving at.
    pub async fn arrive(
        &self,
        who: &Who,
        root: &Path,
        shared: Option<Shared>,
        keep_secrets: bool,
        opening: Opening,
    ) -> Result<Arrival> {
        access::may(who, Act::Move)?;
        let shared = shared.map(Shared::checked).transpose()?;
        let keys = self.keys.clone().ok_or_else(|| {
            Error::new(
                Why::WrongKey,
                "The signing keys of this archive are not here",
            )
            .next("Run the move on a host that has `keys/`")
        })?;
        let begun = folder::small(&opening.disk, &root.join(ARRIVING)).await?;
        match &begun {
            Some(home) if *home == self.home.bytes() => {}
            Some(_) => return Err(occupied(root, "another archive is arriving there")),
            None => found::check_empty(&opening.disk, root).await?,
        }
        let named = parts::named(&opening.disk, root).await?;
        if begun.is_some() && named != shared {
            return Err(occupied(
                root,
                "its holdfast.toml names other places than this command",
            ));
        }
        let parts = match &shared {
            None => None,
            Some(shared) => Some(Parts::open(root, &opening, Some(shared)).await?),
        };
        if begun.is_none() {
            let mut files: Vec<(&str, String)> =
                keys.files().map(|(f, pem)| (f, pem.to_owned())).into();
            if let Some(shared) = &shared {
                files.push((place::FILE, shared.text()));
                if keep_secrets {
                    files.push((place::SECRETS, opening.secrets.text()));
                }
            }
            found::make_folders(&opening.disk, root, files, shared.is_some()).await?;
        }
        let parts = match parts {
            Some(parts) => parts,
            None => Parts::open(root, &opening, None).await?,
        };
        let home = Home::read(&self.home.bytes())?;
        let archive = Self::assemble(root, home, opening, parts, Some(keys), None);
        let arrival = Arrival { archive };
        arrival.begin(begun.is_some()).await?;
        Ok(arrival)
    }
}

impl Arrival {
    /// Claims the place, once nothing else is found in it, and makes the tables.
    async fn begin(&self, begun: bool) -> Result<()> {
        let (archive, bytes) = (&self.archive, self.archive.home.bytes());
        let mark = name(ARRIVING_OBJECT)?;
        let objects = &archive.truth.objects;
        if archive.is_shared() {
            match objects.get_if_there(&mark).await? {
                Some(there) if there == bytes => {}
                Some(_) => {
                    let what = "Another archive is arriving in this bucket";
                    return Err(Error::new(Why::Invalid, what).next("Name another prefix"));
                }
                None => archive.must_be_new().await?,
            }
            objects.put_once(&mark, &bytes).await?;
        }
        if !begun {
            let (disk, path) = (Arc::clone(&archive.disk), archive.root.join(ARRIVING));
            blocking(move || {
                let mut file = disk.create(&path, 0)?;
                file.write(&bytes)?;
                file.sync()?;
                file.finish()?;
                disk.sync_dir(path.parent().unwrap_or(&path))
            })
            .await?;
        }
        archive.make_views().await
    }

    /// Makes the views from the log that arrived.
    pub async fn make_views(&self) -> Result<()> {
        rebuild::from_log(&self.archive).await.map(drop)
    }

    /// Refuses unless the views are row for row those of the old place. Then the archive is here: it gets its name,
    /// and the old place is left.
    pub async fn complete(self, from: &Archive, who: &Who, to: &str) -> Result<Archive> {
        let (here, there) = (self.archive.dump().await?, from.dump().await?);
        if here != there {
            return Err(Error::new(
                Why::Damaged,
                "The views made from the log that arrived are not those of the old place",
            )
            .next("Run `holdfast check --full` and `holdfast rebuild` on the old place, then move again"));
        }
        work::carry(&from.rows, &self.archive.rows).await?;
        self.archive.complete().await?;
        from.leave(who, to).await?;
        let archive = self.archive;
        if archive.is_shared() {
            let mark = name(ARRIVING_OBJECT)?;
            archive.truth.objects.discard(&mark).await?;
        }
        let (disk, path) = (Arc::clone(&archive.disk), archive.root.join(ARRIVING));
        blocking(move || disk.remove(&path)).await?;
        Ok(archive)
    }
}

fn occupied(root: &Path, why: &str) -> Error {
    Error::new(
        Why::Invalid,
        format!("{} cannot be moved to: {why}", root.display()),
    )
    .next("Name a new or empty folder")
}

/// Whether a folder was left for another place, and the sentence that says so.
pub(crate) async fn moved(archive: &Archive) -> Result<Option<String>> {
    let bytes = folder::small(&archive.disk, &archive.root.join(MOVED)).await?;
    Ok(bytes.map(|b| String::from_utf8_lossy(&b).into_owned()))
}
