//! Opening, filling and sealing a dossier, through the same functions as the command line.

use std::fs::File;
use std::sync::Arc;

use archive::views::DossierRow;
use archive::{Error, Result, Why};
use format::id::{DossierId, ItemId};
use share::Sealing;
use tempfile::TempDir;

use crate::app::App;
use crate::guard::sessions::Who;
use crate::pages::file;

/// Opens a dossier for a recipient.
pub(crate) async fn open(app: &App, who: &Who, recipient: &str, purpose: &str) -> Result<String> {
    let id = share::open_dossier(&app.archive, who.access(), recipient, purpose).await?;
    Ok(id.to_string())
}

/// Chooses items for an open dossier, named by its id or number; what is chosen already stays as it is.
pub(crate) async fn choose(
    app: &App,
    who: &Who,
    dossier: &str,
    items: &[ItemId],
    after: Option<u64>,
) -> Result<String> {
    let row = app
        .archive
        .seen_by(who.access())
        .dossier_named(dossier)
        .await?;
    share::add_items(&app.archive, who.access(), &id(&row)?, items, &[], after).await?;
    Ok(row.id)
}

/// Seals a dossier into a file that only this process can reach; one sealed before is written again.
pub(crate) async fn seal_to_file(
    app: &App,
    who: &Who,
    row: &DossierRow,
    after: Option<u64>,
) -> Result<(File, TempDir)> {
    let folder = file::private_folder("holdfast-out-").map_err(unwritten)?;
    let output = folder.path().join("dossier");
    let sealing = Sealing {
        tsa: None,
        tool: format!("holdfast {}", env!("CARGO_PKG_VERSION")),
        after,
    };
    let tell = Arc::new(|_event| {});
    share::seal(
        &app.archive,
        who.access(),
        &id(row)?,
        &output,
        &sealing,
        tell,
    )
    .await?;
    let file = File::open(output).map_err(unwritten)?;
    Ok((file, folder))
}

fn id(row: &DossierRow) -> Result<DossierId> {
    row.id
        .parse()
        .map_err(|_broken| Error::bug("A dossier id in the views is not one"))
}

fn unwritten(e: std::io::Error) -> Error {
    let what = format!("The folder for a dossier on its way out cannot be used: {e}");
    Error::new(Why::Disk, what).next("Free some space where TMPDIR points, or seal it on the machine itself with holdfast dossier seal")
}
