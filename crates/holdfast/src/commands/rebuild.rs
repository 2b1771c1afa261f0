//! `holdfast rebuild`.

use super::{At, grouped};
use crate::exit::Exit;
use crate::out::{Out, safe};
use archive::Result;
use serde_json::json;

pub(crate) async fn run(at: &At, out: &Out) -> Result<Exit> {
    let (archive, who) = at.open_alone().await?;
    out.talk("Every view is deleted and made again from the log. The log and the originals are not touched.");
    let rebuilt = archive.rebuild(&who).await?;
    let remade = preserve::remake(&archive, &who).await?;
    let exit = if rebuilt.equal {
        Exit::Done
    } else {
        Exit::Damage
    };
    let mut value = json!(rebuilt);
    value["displaced"] = json!(rebuilt.displaced.as_ref().map(|p| p.display().to_string()));
    value["exit"] = json!(exit as u8);
    value["remade"] = json!(remade);
    out.summary(value, || {
        let (entries, dump) = (grouped(rebuilt.entries), &rebuilt.after);
        let rows = if rebuilt.equal {
            "Every row is as it was"
        } else {
            "The rows were NOT what the log says; now they are"
        };
        let made = match (remade.tiles, remade.trees) {
            (0, 0) => String::new(),
            (tiles, trees) => {
                format!("\nMade again: {tiles} hash tiles, {trees} trees of large originals.")
            }
        };
        let displaced = rebuilt.displaced.as_ref().map_or_else(String::new, |file| {
            format!(
                "\nThe database alone held entries that the signed log contradicts. No receipt was given for them; they are kept in {}.",
                safe(&file.display().to_string())
            )
        });
        format!("Rebuilt from {entries} entries. {rows}: {dump}{made}{displaced}")
    });
    Ok(exit)
}
