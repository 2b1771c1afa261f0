//! `holdfast get`: the original, every byte checked against its digest while it is read.

use super::{At, grouped};
use crate::cli;
use crate::exit::Exit;
use crate::out::{Out, safe};
use archive::{Error, Result, Why};
use serde_json::json;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

pub(crate) async fn run(args: cli::Get, at: &At, out: &Out) -> Result<Exit> {
    if args.output.symlink_metadata().is_ok() {
        return Err(taken(&args.output));
    }
    let (archive, who) = at.open().await?;
    let seen = archive.seen_by(&who);
    let item = seen.item_named(&args.item).await?.item()?;
    let original = seen.original(&item, "get", args.purpose).await?;
    let output = args.output.clone();
    let bytes = tokio::task::spawn_blocking(move || {
        // Under another name until every byte was checked: half a file never looks whole.
        let folder = output
            .parent()
            .filter(|p| !p.as_os_str().is_empty())
            .unwrap_or_else(|| Path::new("."));
        let failed = |e: std::io::Error| {
            Error::new(
                Why::Disk,
                format!("{} cannot be written: {e}", output.display()),
            )
            .next("Name another file, or free some space")
        };
        let mut part = tempfile::Builder::new()
            .prefix(".holdfast-")
            .tempfile_in(folder)
            .map_err(failed)?;
        let bytes = original.read_verified(&mut |chunk| part.write_all(chunk).map_err(failed))?;
        part.as_file().sync_all().map_err(failed)?;
        match part.persist_noclobber(&output) {
            Ok(_) => Ok(bytes),
            Err(e) if e.error.kind() == ErrorKind::AlreadyExists => Err(taken(&output)),
            Err(e) => Err(failed(e.error)),
        }
    })
    .await
    .map_err(|e| Error::bug("Writing the file stopped").because(e))??;
    let file = args.output.display().to_string();
    out.data(
        "file",
        json!({ "id": item.to_string(), "file": file, "bytes": bytes }),
        || {
            format!(
                "{item} → {}  {} B, every byte checked",
                safe(&file),
                grouped(bytes)
            )
        },
    );
    out.summary(json!({ "exit": 0 }), String::new);
    Ok(Exit::Done)
}

fn taken(path: &Path) -> Error {
    Error::new(
        Why::Invalid,
        format!("{} exists; nothing is overwritten", path.display()),
    )
    .next("Name another file")
}
