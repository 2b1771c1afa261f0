//! `holdfast check`: how serious, what is touched, what now, may I go on.

use super::{At, grouped, job};
use crate::cli;
use crate::exit::Exit;
use crate::out::{Out, safe};
use crate::stop;
use archive::Result;
use preserve::{Damage, Event, Report, Scope};
use serde_json::json;

pub(crate) async fn run(args: cli::Check, at: &At, out: &Out) -> Result<Exit> {
    let (archive, who) = at.open().await?;
    if args.later {
        let asked = preserve::sweep::ask(&archive, &who).await?;
        return Ok(job::asked(&asked, out));
    }
    let scope = match &args.item {
        Some(text) => Scope::Item(archive.seen_by(&who).item_named(text).await?.item()?),
        None if args.full => Scope::Full,
        None => Scope::Quick,
    };
    let stop = stop::on_ctrl_c(out.is_json());
    let mut tell = |event| match event {
        Event::Entries(done, of) => out.progress().tell("entries", done, Some(of), 0),
        Event::Originals(done, bytes, of) => {
            out.progress().tell("originals", done, Some(of), bytes);
        }
    };
    let report = preserve::check(&archive, &who, &scope, &stop, &mut tell).await?;
    for damage in &report.damage {
        out.data("damage", json!(damage), || text(damage));
    }
    let exit = match (report.stopped, report.damage.is_empty()) {
        (_, false) => Exit::Damage,
        (true, true) => Exit::Interrupted,
        (false, true) => Exit::Done,
    };
    let mut value = json!(report);
    if let Some(members) = value.as_object_mut() {
        members.insert("damaged".into(), json!(report.damage.len()));
        members.remove("damage");
        members.insert("exit".into(), json!(exit as u8));
    }
    out.summary(value, || words(&report));
    Ok(exit)
}

fn text(d: &Damage) -> String {
    let mut lines = vec![format!(
        "DAMAGE {} {}: {}",
        d.place.word(),
        safe(&d.name),
        safe(&d.detail)
    )];
    for c in &d.chunks {
        lines.push(format!(
            "  chunk {c} (from byte {})",
            grouped(i128::from(*c) << 20)
        ));
    }
    for i in &d.items {
        lines.push(format!(
            "  touches item {i}: DO NOT CITE it until this is mended"
        ));
    }
    for x in &d.dossiers {
        lines.push(format!(
            "  chosen for dossier {x}; what a recipient already has is not affected"
        ));
    }
    lines.join("\n")
}

fn words(r: &Report) -> String {
    let of = |n: u64, one: &str, many: &str| {
        format!("{} {}", grouped(n), if n == 1 { one } else { many })
    };
    let looked = format!(
        "{}, {}, {} B read",
        of(r.entries, "entry", "entries"),
        of(r.originals, "original", "originals"),
        grouped(r.bytes)
    );
    let strays = match r.strays {
        0 => String::new(),
        n => format!(
            "\n{} among the originals in no entry: left by a run that broke off; no harm.",
            of(n, "file", "files")
        ),
    };
    if r.damage.is_empty() {
        let kept = r
            .recorded
            .map_or_else(String::new, |i| format!("; kept as entry {i}"));
        let stopped = if r.stopped {
            " Stopped before the end."
        } else {
            ""
        };
        return format!("No damage found: {looked}{kept}.{stopped}{strays}");
    }
    let next = if r.damage.iter().all(|d| d.recomputable) {
        "All of it can be made again from what is intact: holdfast rebuild"
    } else {
        "Put the named files back from a backup, byte for byte, then check again. You may go on working with everything not named here."
    };
    format!(
        "DAMAGE in {}: {looked}.\n{next}{strays}",
        of(r.damage.len() as u64, "place", "places")
    )
}
