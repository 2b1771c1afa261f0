//! Whether the database and the bucket that a folder names are this archive's, and this program's.

use super::{Archive, new, refused};
use crate::error::{Error, Result, Why};
use crate::home::{self, Home};
use crate::truth::log::{OLDER_COPY, name};
use crate::{rebuild, views, work};

impl Archive {
    /// Refuses a database or bucket of another archive, and rows of another version. What is only behind is opened
    /// to read. A rebuild, which has the archive alone, needs no views.
    pub(super) async fn check_shared(&self, rebuilding: bool) -> Result<()> {
        self.must_be_ours(rebuilding).await?;
        match views::version(&self.rows).await? {
            Some(views::VERSION) => {}
            Some(newer) if newer > views::VERSION => return Err(too_old(newer)),
            Some(_) if rebuilding => return Ok(()),
            // A lost database: nobody could be told apart in it, not even the owner who shall rebuild it.
            None if rebuilding => return rebuild::from_log(self).await.map(drop),
            other => {
                let there =
                    other.map_or("no views".to_owned(), |v| format!("views of version {v}"));
                return Err(Error::new(
                    Why::Stale,
                    format!("The shared rows hold {there}; this program works with version {}", views::VERSION),
                )
                .next("Run `holdfast rebuild` once with this program; servers with an older one then refuse to write until they are replaced"));
            }
        }
        if rebuilding || self.read_only {
            return Ok(());
        }
        let mut tx = self.rows.begin().await?;
        views::take_head(&mut tx).await?;
        work::make(&mut tx).await?;
        tx.commit().await?;
        match self.must_not_be_older().await {
            Err(e) if e.why == Why::Damaged => {
                drop(self.stop_writing(e));
                Ok(())
            }
            done => done,
        }
    }

    /// Refuses rows that know less than the objects hold under a signature. What other hosts record and cover between
    /// two looks is no sign of that: the rows then know it at the second.
    async fn must_not_be_older(&self) -> Result<()> {
        let head = views::log::head(&self.rows).await?;
        let Some(seen) = self.truth.newest_beyond(head).await? else {
            return Ok(());
        };
        let head = views::log::head(&self.rows).await?;
        if head >= seen.size {
            return Ok(());
        }
        Err(Error::new(
            Why::Damaged,
            format!("the database knows {head} entries and the objects hold a signed log of {}: the database is an older copy of itself", seen.size),
        )
        .next(OLDER_COPY))
    }

    async fn must_be_ours(&self, rebuilding: bool) -> Result<()> {
        let own = self.home.bytes();
        match new::home_of(&self.rows).await? {
            Some(home) if home != own => return Err(another("database", &home, &self.home)),
            None if !rebuilding => {
                return Err(Error::new(Why::NoArchive, "The database holds no archive")
                    .next("Look at `rows` in holdfast.toml: is it the right database? If it was lost, `holdfast rebuild` makes it again from the bucket"));
            }
            _ => {}
        }
        let home = self.truth.objects.get_if_there(&name(home::OBJECT)?).await;
        let home = home.map_err(refused::by_bucket)?;
        let home = home.ok_or_else(|| {
            Error::new(
                Why::NoArchive,
                "The bucket holds no archive under this prefix",
            )
            .next("Look at `objects` in holdfast.toml: is it the right bucket and prefix?")
        })?;
        if home == own {
            Ok(())
        } else {
            Err(another("bucket", &home, &self.home))
        }
    }
}

/// What a program says that meets views from its own future.
pub(crate) fn too_old(theirs: i64) -> Error {
    Error::new(
        Why::ReadOnly,
        format!(
            "The archive's rows are of version {theirs}; this program knows version {} and would spoil them",
            views::VERSION
        ),
    )
    .next("Use the newer program on this host too; nothing was changed")
}

fn another(what: &str, theirs: &[u8], ours: &Home) -> Error {
    let theirs = Home::read(theirs).map_or("an unreadable one".to_owned(), |h| h.origin);
    Error::new(
        Why::NoArchive,
        format!(
            "The {what} belongs to another archive: {theirs}; this folder is {}",
            ours.origin
        ),
    )
    .next("Put the right address into holdfast.toml; nothing was read or changed")
}
