//! `holdfast dossier …`.

use super::{At, grouped, instant, items, job, moment};
use crate::cli;
use crate::exit::Exit;
use crate::out::{Out, safe};
use crate::worker;
use archive::views::{DossierRow, Listing};
use archive::{Archive, Error, MAIN, Result, Who};
use format::id::{DossierId, ItemId};
use serde_json::{Value, json};
use share::{Event, Sealing};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) async fn run(args: cli::Dossier, at: &At, out: &Arc<Out>) -> Result<Exit> {
    let (archive, who) = at.open().await?;
    match args {
        cli::Dossier::New { recipient, purpose } => {
            let id = share::open_dossier(&archive, &who, &recipient, &purpose).await?;
            let row = archive.seen_by(&who).dossier_named(&id.to_string()).await?;
            out.data("dossier", value(&row), || {
                format!("D-{} {}", row.number, row.id)
            });
            out.summary(json!({ "exit": 0 }), || format!("Dossier D-{n} is open for {}. Choose items with `holdfast dossier add D-{n} ITEM…`.", safe(&recipient), n = row.number));
        }
        cli::Dossier::Add {
            dossier,
            items,
            all,
            withhold,
        } => {
            let row = archive.seen_by(&who).dossier_named(&dossier).await?;
            let chosen = if all {
                every(&archive, &who).await?
            } else {
                named(&archive, &who, &items).await?
            };
            let added =
                share::add_items(&archive, &who, &id(&row)?, &chosen, &withhold, None).await?;
            out.summary(
                json!({ "exit": 0, "added": added, "named": chosen.len() }),
                || {
                    format!(
                        "{} items added to D-{}, {} were in it already.",
                        grouped(added),
                        row.number,
                        grouped(chosen.len() as u64 - added)
                    )
                },
            );
        }
        cli::Dossier::Ls => ls(&archive, &who, out).await?,
        cli::Dossier::Show { dossier } => show(&archive, &who, &dossier, out).await?,
        cli::Dossier::Seal {
            dossier,
            output,
            tsa,
            later: true,
        } => {
            let row = archive.seen_by(&who).dossier_named(&dossier).await?;
            let (id, host) = (id(&row)?, worker::host());
            let asked = share::job::ask(&archive, &who, &id, &output, tsa, &host).await?;
            return Ok(job::asked(&asked, out));
        }
        cli::Dossier::Seal {
            dossier,
            output,
            tsa,
            later: false,
        } => seal(&archive, &who, &dossier, output, tsa, out).await?,
    }
    Ok(Exit::Done)
}

fn id(row: &DossierRow) -> Result<DossierId> {
    (row.id.parse().ok()).ok_or_else(|| Error::bug("A dossier id in the views is not one"))
}

async fn named(archive: &Archive, who: &Who, texts: &[String]) -> Result<Vec<ItemId>> {
    let mut ids = Vec::new();
    for text in texts {
        ids.push(archive.seen_by(who).item_named(text).await?.item()?);
    }
    Ok(ids)
}

async fn every(archive: &Archive, who: &Who) -> Result<Vec<ItemId>> {
    let (mut ids, mut before) = (Vec::new(), i64::MAX);
    loop {
        let rows = archive
            .seen_by(who)
            .items(&Listing {
                compartment: MAIN.into(),
                before,
                limit: 5_000,
            })
            .await?;
        let Some(last) = rows.last() else {
            ids.reverse();
            return Ok(ids);
        };
        before = last.number;
        for row in &rows {
            ids.push(row.item()?);
        }
    }
}

fn value(row: &DossierRow) -> Value {
    json!({
        "id": row.id, "number": row.number, "recipient": row.recipient, "purpose": row.purpose,
        "opened_at": instant(row.opened_at), "sealed_at": row.sealed_at.map(instant), "sealed_index": row.sealed_seq,
    })
}

fn line(row: &DossierRow) -> String {
    let state = row
        .sealed_at
        .map_or_else(|| "open".to_owned(), |t| format!("sealed {}", moment(t)));
    let shown = |text: &Option<String>| safe(text.as_deref().unwrap_or("(withheld)"));
    format!(
        "D-{:<4} {}  {state:<28} for {}: {}",
        row.number,
        row.id,
        shown(&row.recipient),
        shown(&row.purpose)
    )
}

async fn ls(archive: &Archive, who: &Who, out: &Out) -> Result<()> {
    let rows = archive.seen_by(who).dossiers().await?;
    for row in &rows {
        out.data("dossier", value(row), || line(row));
    }
    out.summary(json!({ "exit": 0, "dossiers": rows.len() }), || {
        if rows.is_empty() {
            "No dossier yet. Open one with `holdfast dossier new --for RECIPIENT --purpose TEXT`."
                .into()
        } else {
            String::new()
        }
    });
    Ok(())
}

async fn show(archive: &Archive, who: &Who, text: &str, out: &Out) -> Result<()> {
    let seen = archive.seen_by(who);
    let row = seen.dossier_named(text).await?;
    out.data("dossier", value(&row), || line(&row));
    let chosen = seen.dossier_items(&row.id).await?;
    for c in &chosen {
        let Ok(id) = c.item.parse() else { continue };
        let item = seen.item(&id).await?;
        let mut v = items::value(&item);
        v["withhold"] = json!(c.withhold.split_whitespace().collect::<Vec<_>>());
        out.data("item", v, || {
            let withheld = if c.withhold.is_empty() {
                String::new()
            } else {
                format!("  (withheld: {})", c.withhold)
            };
            format!("{}{withheld}", items::line(&item))
        });
    }
    out.summary(json!({ "exit": 0, "items": chosen.len() }), || {
        format!("{} items", chosen.len())
    });
    Ok(())
}

async fn seal(
    archive: &Archive,
    who: &Who,
    text: &str,
    output: PathBuf,
    tsa: Option<String>,
    out: &Arc<Out>,
) -> Result<()> {
    let row = archive.seen_by(who).dossier_named(text).await?;
    let sealing = Sealing {
        tsa,
        tool: format!("holdfast {}", env!("CARGO_PKG_VERSION")),
        after: None,
    };
    let (done, told) = (AtomicU64::new(0), Arc::clone(out));
    let tell = Arc::new(move |Event::Bytes(n): Event| {
        let bytes = done.fetch_add(n, Ordering::Relaxed) + n;
        told.progress()
            .tell("digested, written, verified", 0, None, bytes);
    });
    let sealed = share::seal(archive, who, &id(&row)?, &output, &sealing, tell).await?;
    let file = output.display().to_string();
    let value = json!({
        "id": row.id, "file": file, "sha256": sealed.sha256, "bytes": sealed.bytes, "items": sealed.items, "entries": sealed.entries,
        "sealed_index": sealed.index, "log_size": sealed.log_size, "stamped": sealed.stamped, "log_key": archive.home().log_key.to_string(),
    });
    out.data("dossier", value, || {
        format!(
            "{}  {} B  SHA-256 {}",
            safe(&file),
            grouped(sealed.bytes),
            sealed.sha256
        )
    });
    out.summary(json!({ "exit": 0 }), || {
        let stamp = sealed.stamped.as_ref().map_or_else(|| "no time-stamp: no authority was named".to_owned(), |t| format!("time-stamped {t}"));
        format!(
            "{} items, {} entries, sealed as entry {} under a checkpoint of {} entries; {stamp}. It was verified after writing.\n\
             Tell the recipient the log key another way than this file:\n  {}",
            grouped(sealed.items),
            grouped(sealed.entries),
            sealed.index,
            grouped(sealed.log_size),
            archive.home().log_key
        )
    });
    Ok(())
}
