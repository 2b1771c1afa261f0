//! `holdfast add`.

use super::{At, grouped, hex, session};
use crate::cli;
use crate::exit::Exit;
use crate::out::{Out, safe};
use crate::stop;
use archive::{Error, Result, Why};
use collect::{Event, Line, Outcome, Request, Summary};
use serde_json::{Value, json};

pub(crate) async fn run(args: cli::Add, at: &At, out: &Out) -> Result<Exit> {
    let (archive, who) = at.open().await?;
    let session = match &args.session {
        Some(text) => Some(session::named(&archive, &who, text).await?.0),
        None => None,
    };
    let request = Request {
        paths: args.paths,
        source: args.source,
        session,
        collected_at: args.collected_at,
        workers: args.workers.map_or(0, usize::from),
        dry_run: args.dry_run,
        fresh_copies: false,
    };
    let stop = stop::on_ctrl_c(out.is_json());
    let mut tell = |event: Event<'_>| match event {
        Event::Line(line) => say(line, out),
        Event::Progress {
            files,
            bytes,
            found,
            all_found,
        } => {
            out.progress()
                .tell("files", files, all_found.then_some(found), bytes);
        }
    };
    let summary = collect::add(&archive, &who, &request, &stop, &mut tell)
        .await
        .map_err(|e| broke_off(e, args.dry_run))?;
    let exit = match (summary.stopped, summary.refused) {
        (true, _) => Exit::Interrupted,
        (false, 0) => Exit::Done,
        _ => Exit::Partly,
    };
    let mut value = json!(summary);
    value["exit"] = json!(exit as u8);
    value["dry_run"] = json!(args.dry_run);
    out.summary(value, || words(&summary, args.dry_run));
    Ok(exit)
}

/// A run that broke off has said what it preserved: that stands, and the same command goes on.
fn broke_off(mut e: Error, dry: bool) -> Error {
    if !dry && matches!(e.why, Why::Disk | Why::Busy | Why::Unreachable) {
        let look = match e.why {
            Why::Unreachable => "Wait until it answers",
            _ => "Look at the disk",
        };
        let next = e.next.take().unwrap_or_else(|| look.into());
        e.next = Some(format!(
            "{next}. Every file listed as preserved is safe; run the same command again to go on"
        ));
    }
    e
}

fn say(line: &Line, out: &Out) {
    let word = match line.outcome {
        Outcome::Preserved => "preserved",
        Outcome::Known => "known    ",
        Outcome::Refused => "refused  ",
        Outcome::Planned => "would add",
    };
    if line.outcome == Outcome::Refused {
        out.progress().refuse();
    }
    out.data("item", value(line), || {
        let path = safe(&String::from_utf8_lossy(&line.path));
        match &line.sha256 {
            Some(sha) => {
                let id = line.id.map_or_else(|| "-".repeat(14), |i| i.to_string());
                format!("{word} {id} {sha} {path}  {} B", grouped(line.bytes))
            }
            None => format!(
                "{word} {path}: {}",
                safe(line.reason.as_deref().unwrap_or(""))
            ),
        }
    });
}

fn value(line: &Line) -> Value {
    let mut value = json!({
        "id": line.id.map(|i| i.to_string()),
        "sha256": line.sha256.map(|s| s.to_string()),
        "bytes": line.bytes,
        "path": String::from_utf8_lossy(&line.path),
        "outcome": line.outcome,
    });
    if std::str::from_utf8(&line.path).is_err() {
        value["path_hex"] = json!(hex(&line.path));
    }
    if let Some(reason) = &line.reason {
        value["reason"] = json!(reason);
    }
    value
}

fn words(s: &Summary, dry: bool) -> String {
    let (n, verb) = if dry {
        (s.would_add, "would be added")
    } else {
        (s.preserved, "preserved")
    };
    let mut text = format!(
        "{} {verb} ({} B) · {} known already · {} refused",
        grouped(n),
        grouped(s.bytes),
        grouped(s.known),
        grouped(s.refused)
    );
    if n + s.known + s.refused == 0 && !s.stopped {
        text.push_str("\nNo file was found in what you named.");
    }
    match (s.stopped, s.refused) {
        (true, _) if dry => text.push_str("\nStopped before the end. Nothing was added."),
        (true, _) => text
            .push_str("\nStopped. Nothing acknowledged is lost; run the same command to go on."),
        (false, 0) => {}
        (false, _) => text.push_str(
            "\nEach refused file is listed above with the reason and what to do. Then run the same command again: it goes on.",
        ),
    }
    text
}
