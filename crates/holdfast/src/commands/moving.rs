//! `holdfast move`: the whole archive to another place, and the proof that it is the same there.

use super::{At, grouped};
use crate::cli;
use crate::exit::Exit;
use crate::out::{Out, safe};
use crate::{stop, stores};
use archive::{Archive, Error, Opening, Result, Secrets, Who, Why};
use preserve::{Destination, Event, Moved, Progress};
use serde_json::json;
use std::path::Path;

pub(crate) async fn run(args: cli::Move, at: &At, out: &Out) -> Result<Exit> {
    let (archive, who) = open(at).await?;
    let Some(to) = &args.to else {
        return give_up(&archive, &who, out).await;
    };
    let shared = stores::named(&args.stores)?;
    let words = shared.as_ref().map_or_else(
        || to.display().to_string(),
        |s| format!("{} and {}", s.rows, s.objects),
    );
    if let (Ok(from), Ok(to)) = (at.dir.canonicalize(), to.canonicalize())
        && from == to
    {
        return Err(
            Error::new(Why::Invalid, "The archive lies in that folder already")
                .next("Name another, new folder with --to: the old one stays as a copy to read"),
        );
    }
    out.talk(&format!(
        "Moving to {}. Adding goes on until everything that is here now is there; then this place is shut.",
        safe(&words)
    ));
    let destination = Destination {
        root: to,
        shared,
        keep_secrets: args.stores.keep_credentials,
        words,
    };
    let opening = Opening {
        secrets: stores::secrets(),
        ..Opening::default()
    };
    let stop = stop::on_ctrl_c(out.is_json());
    let mut tell = |progress| say(progress, out);
    let moved = preserve::carry(&archive, &who, destination, opening, &stop, &mut tell).await?;
    Ok(told(&moved, to, out))
}

fn say(progress: Progress, out: &Out) {
    let bar = out.progress();
    match progress {
        Progress::Originals(done, bytes, of) => bar.tell("originals", done, Some(of), bytes),
        Progress::Log(done, of) => bar.tell("files of the log", done, Some(of), 0),
        Progress::Checking(Event::Entries(done, of)) => {
            bar.tell("entries checked", done, Some(of), 0);
        }
        Progress::Checking(Event::Originals(done, bytes, of)) => {
            bar.tell("originals checked", done, Some(of), bytes);
        }
        Progress::Shut => {}
    }
}

fn told(moved: &Moved, to: &Path, out: &Out) -> Exit {
    for damage in &moved.damage {
        out.data("damage", json!(damage), || {
            format!("DAMAGE {}: {}", safe(&damage.name), safe(&damage.detail))
        });
    }
    let exit = match (moved.complete, moved.stopped) {
        (true, _) => Exit::Done,
        (false, true) => Exit::Interrupted,
        (false, false) => Exit::Damage,
    };
    let mut value = json!(moved);
    if let Some(members) = value.as_object_mut() {
        members.insert("damaged".into(), json!(moved.damage.len()));
        members.remove("damage");
        members.insert("exit".into(), json!(exit as u8));
    }
    out.summary(value, || words_of(moved, to));
    exit
}

/// The environment's credentials are the new place's; the old one has its own in its folder, if it keeps any.
async fn open(at: &At) -> Result<(Archive, Who)> {
    let own = at.dir.join("keys/store.toml").exists();
    let opening = Opening {
        secrets: if own {
            Secrets::default()
        } else {
            stores::secrets()
        },
        ..Opening::default()
    };
    at.open_as(opening).await
}

async fn give_up(archive: &Archive, who: &Who, out: &Out) -> Result<Exit> {
    let said = match archive.closed().await? {
        None => "Nothing was being moved: the archive is open for adding.",
        Some(_) => {
            archive.reopen(who).await?;
            "The archive is open for adding again, here. What was copied to the other place is not an archive and may be deleted."
        }
    };
    out.summary(json!({ "exit": 0 }), || said.to_owned());
    Ok(Exit::Done)
}

fn words_of(moved: &Moved, to: &Path) -> String {
    let there = format!(
        "{} entries, {} originals ({} B)",
        grouped(moved.entries),
        grouped(moved.originals),
        grouped(moved.bytes)
    );
    if moved.complete {
        return format!(
            "Moved: {there}; checked from end to end at the new place.\nLog root, the same in both: {}\n\
             From now on: holdfast --archive {} …\nThe old place takes nothing more and stays as a copy to read; keep it until the new one is in your backups.",
            moved.root,
            safe(&to.display().to_string())
        );
    }
    if moved.stopped {
        return format!(
            "Stopped: {} originals are there. Run the same command to go on, or `holdfast move --give-up` to stay.",
            grouped(moved.originals)
        );
    }
    "NOT moved: what is named above is damaged. Put it back from a backup and run the same command again; adding to the old place: `holdfast move --give-up`.".to_owned()
}
