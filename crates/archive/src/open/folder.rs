//! What lies in an archive's own folder: the file HOLDFAST, the keys, the lock.

use super::Opening;
use crate::error::{Error, Result, Why};
use crate::home::{self, Home};
use crate::keys::{self, Keys};
use crate::truth::log::blocking;
use std::path::Path;
use std::sync::Arc;
use store::{Disk, Lock, LockKind, Wait};

pub(crate) async fn read_home(disk: &Arc<dyn Disk>, root: &Path) -> Result<Vec<u8>> {
    small(disk, &root.join(home::FILE)).await?.ok_or_else(|| {
        Error::new(
            Why::NoArchive,
            format!("There is no archive in {}", root.display()),
        )
        .next("Name one with --archive DIR, or make one with `holdfast init DIR`")
    })
}

fn read_small(disk: &dyn Disk, path: &Path) -> std::io::Result<Vec<u8>> {
    let file = disk.open(path)?;
    let mut bytes = vec![
        0;
        usize::try_from(file.len()?)
            .unwrap_or(usize::MAX)
            .min(1 << 20)
    ];
    let n = file.read_at(&mut bytes, 0)?;
    bytes.truncate(n);
    Ok(bytes)
}

/// The lock that keeps a rebuild apart from everybody else; none where the folder cannot be written.
pub(crate) async fn take_lock(opening: &Opening, root: &Path) -> Result<Option<Box<dyn Lock>>> {
    let (disk, path) = (Arc::clone(&opening.disk), root.join("lock"));
    let kind = if opening.alone {
        LockKind::Exclusive
    } else {
        LockKind::Shared
    };
    let got = tokio::task::spawn_blocking(move || disk.lock(&path, kind, Wait::No))
        .await
        .map_err(|e| Error::bug("Taking the lock stopped").because(e))?;
    match got {
        Ok(lock) => Ok(Some(lock)),
        Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => Err(Error::new(
            Why::Busy,
            format!("Another process holds the archive in {}", root.display()),
        )
        .next("Wait until it is done, or end it, then run the same command again")),
        Err(e)
            if matches!(
                e.kind(),
                // A file system that takes no new files may say that the lock is not there.
                std::io::ErrorKind::ReadOnlyFilesystem
                    | std::io::ErrorKind::PermissionDenied
                    | std::io::ErrorKind::NotFound
            ) =>
        {
            Ok(None)
        }
        Err(e) => Err(store::Error::io("the lock file", e).into()),
    }
}

/// The signing keys; none when either file is not here, which leaves the archive readable.
pub(crate) async fn read_keys(
    disk: &Arc<dyn Disk>,
    root: &Path,
    home: &Home,
) -> Result<Option<Keys>> {
    let (entry, log) = (
        small(disk, &root.join(keys::ENTRY)).await?,
        small(disk, &root.join(keys::LOG)).await?,
    );
    match (entry, log) {
        (Some(entry), Some(log)) => Keys::read(
            home,
            &String::from_utf8_lossy(&entry),
            &String::from_utf8_lossy(&log),
        )
        .map(Some),
        _ => Ok(None),
    }
}

pub(crate) async fn small(disk: &Arc<dyn Disk>, path: &Path) -> Result<Option<Vec<u8>>> {
    let (disk, path) = (Arc::clone(disk), path.to_owned());
    blocking(move || {
        if disk.stat(&path)?.is_some() {
            read_small(&*disk, &path).map(Some)
        } else {
            Ok(None)
        }
    })
    .await
}
