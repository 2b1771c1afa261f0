//! `holdfast find`.

use super::{At, grouped, items, warn};
use crate::cli;
use crate::exit::Exit;
use crate::out::{Out, safe};
use archive::Result;
use archive::search::Hit;
use serde_json::json;

pub(crate) async fn run(args: cli::Find, at: &At, out: &Out) -> Result<Exit> {
    let (archive, who) = at.open().await?;
    warn(&archive, out);
    let seen = archive.seen_by(&who);
    let found = seen
        .find(&args.query.join(" "), args.limit as usize, args.offset)
        .await?;
    for hit in &found.hits {
        let Ok(id) = hit.item.parse() else { continue };
        let row = seen.item(&id).await?;
        let mut value = items::value(&row);
        value["field"] = json!(format!("{:?}", hit.field).to_lowercase());
        value["snippet"] = hit
            .snippet
            .iter()
            .map(|p| json!({ "text": p.text, "marked": p.marked }))
            .collect();
        out.data("item", value, || {
            format!(
                "{}\n       {}",
                items::line(&row),
                safe(snippet(hit).trim())
            )
        });
    }
    out.summary(
        json!({ "exit": 0, "total": found.total, "shown": found.hits.len() }),
        || match found.total {
            0 => "No results you can see.".into(),
            n if args.offset + found.hits.len() < n => format!(
                "{} found, {} shown; more: --offset {}",
                grouped(n as u64),
                found.hits.len(),
                args.offset + found.hits.len()
            ),
            n => format!("{} found, {} shown", grouped(n as u64), found.hits.len()),
        },
    );
    Ok(Exit::Done)
}

fn snippet(hit: &Hit) -> String {
    let piece = |text: &str, marked| {
        if marked {
            format!("*{text}*")
        } else {
            text.to_owned()
        }
    };
    hit.snippet
        .iter()
        .map(|p| piece(&p.text, p.marked))
        .collect()
}
