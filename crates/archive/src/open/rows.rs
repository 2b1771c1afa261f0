//! The rows of an archive that is being opened: as they stand, made anew, or in memory.

use super::Opening;
use crate::error::{Error, Result};
use crate::views;
use std::path::Path;
use store::{Mode, Rows, args};

/// Opens the rows as this opening asks for them.
pub(super) async fn open(root: &Path, opening: &Opening) -> Result<Rows> {
    let path = opening
        .rows_at
        .clone()
        .unwrap_or_else(|| root.join("rows.sqlite"));
    if !opening.read_only {
        return rows_to_write(&path, opening.alone).await;
    }
    // Rows that cannot be read as they stand are views: to read only, they are made again in memory.
    match Rows::sqlite(&path, Mode::ReadOnly).await {
        Ok(rows) if matches!(views::version(&rows).await, Ok(Some(views::VERSION))) => Ok(rows),
        _ => Ok(Rows::memory().await?),
    }
}

/// Rows that take writes. Whoever has the archive alone, as a rebuild has, gets new ones in place of damaged ones:
/// what is lost with them are sign-ins and passphrases.
async fn rows_to_write(path: &Path, alone: bool) -> Result<Rows> {
    let opened = match Rows::sqlite(path, Mode::ReadWrite).await {
        Ok(rows) if alone => match usable(&rows).await {
            Ok(()) => return Ok(rows),
            Err(e) => {
                rows.close().await;
                Err(e)
            }
        },
        other => other,
    };
    match opened {
        Err(store::Error::Damaged { .. } | store::Error::Statement { .. }) if alone => {
            for end in ["", "-wal", "-shm"] {
                let mut name = path.as_os_str().to_owned();
                name.push(end);
                match std::fs::remove_file(&name) {
                    Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                        return Err(store::Error::io("rows.sqlite", e).into());
                    }
                    _ => {}
                }
            }
            Ok(Rows::sqlite(path, Mode::ReadWrite).await?)
        }
        Err(e @ store::Error::Damaged { .. }) => {
            Err(Error::from(e).next("Run `holdfast rebuild`: it makes the rows again from the log"))
        }
        other => Ok(other?),
    }
}

/// Whether rows are whole, and views can be made anew in them. An index that names another table than its own stays
/// behind when the tables are dropped, and then nothing can be read any more: no other check sees that.
async fn usable(rows: &Rows) -> std::result::Result<(), store::Error> {
    sound(rows).await?;
    let strays: Option<(i64,)> = rows.one(views::sql::sqlite::STRAYS, args![]).await?;
    match strays {
        Some((0,)) => Ok(()),
        _ => Err(store::Error::Damaged {
            place: "rows.sqlite".into(),
            source: "its schema names tables that are not there".into(),
        }),
    }
}

/// Whether every page and index of the rows is whole, as the database itself sees it.
pub(super) async fn sound(rows: &Rows) -> std::result::Result<(), store::Error> {
    let said: Option<(String,)> = rows.one(views::sql::sqlite::INTEGRITY, args![]).await?;
    match said {
        Some((ok,)) if ok == "ok" => Ok(()),
        other => Err(store::Error::Damaged {
            place: "rows.sqlite".into(),
            source: other.map_or_else(String::new, |(what,)| what).into(),
        }),
    }
}
