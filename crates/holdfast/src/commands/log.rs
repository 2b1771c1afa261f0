//! `holdfast log …`: the head, the entries, a copy for others, and the check of such a copy.

use super::{At, hex, instant, moment};
use crate::cli;
use crate::exit::Exit;
use crate::out::{Out, count, safe};
use archive::{Error, Result, Why};
use serde_json::json;
use std::path::PathBuf;

pub(crate) async fn run(args: cli::Log, at: &At, out: &Out) -> Result<Exit> {
    match args {
        cli::Log::Head => head(at, out).await,
        cli::Log::Ls {
            limit,
            before,
            kind,
        } => ls(at, limit, before, &kind, out).await,
        cli::Log::Export { dir } => export(at, dir, out).await,
        cli::Log::Verify {
            dir: Some(dir),
            since,
            key,
        } => copy(&dir, since, key, out),
        cli::Log::Verify {
            dir: None, since, ..
        } => verify(at, since, out).await,
    }
}

async fn head(at: &At, out: &Out) -> Result<Exit> {
    let (archive, who) = at.open().await?;
    let recorded = archive.seen_by(&who).log_size().await?;
    let home = archive.home();
    let (checkpoint, bytes) = archive.truth().checkpoint().await?.ok_or_else(|| {
        Error::new(Why::Damaged, "The log has no checkpoint")
            .next("Put log/checkpoint back from a backup or a dossier")
    })?;
    let note = String::from_utf8_lossy(&bytes).into_owned();
    let value = json!({
        "origin": home.origin, "size": checkpoint.size, "root": checkpoint.root.to_string(), "recorded": recorded,
        "log_key": home.log_key.to_string(), "entry_key": home.entry_key.to_string(), "checkpoint": note,
    });
    out.data("head", value, || {
        format!(
            "origin     {}\nsize       {} covered, {recorded} recorded\nroot       {}\nlog key    {}\nentry key  {}\n\n{}",
            home.origin,
            checkpoint.size,
            checkpoint.root,
            home.log_key,
            home.entry_key,
            note.trim_end()
        )
    });
    out.summary(json!({ "exit": 0 }), String::new);
    Ok(Exit::Done)
}

async fn ls(at: &At, limit: i64, before: Option<i64>, kind: &str, out: &Out) -> Result<Exit> {
    let (archive, who) = at.open().await?;
    let rows = archive
        .seen_by(&who)
        .entries(before.unwrap_or(i64::MAX), kind, limit.clamp(1, 100_000))
        .await?;
    for r in &rows {
        let value = json!({
            "index": r.seq, "kind": r.kind, "at": instant(r.at), "by": r.who, "subject": r.subject, "n": r.n, "leaf": hex(&r.leaf),
        });
        out.data("entry", value, || {
            format!(
                "{:>8} {}  {:<18} {:<15} {}",
                r.seq,
                moment(r.at),
                r.kind,
                r.subject,
                safe(r.who.as_deref().unwrap_or("?"))
            )
        });
    }
    out.summary(json!({ "exit": 0, "shown": rows.len() }), || {
        match rows.last() {
            Some(last) if last.seq > 0 => {
                format!("{} shown; older ones: --before {}", rows.len(), last.seq)
            }
            _ => format!("{} shown", rows.len()),
        }
    });
    Ok(Exit::Done)
}

async fn export(at: &At, dir: PathBuf, out: &Out) -> Result<Exit> {
    let (archive, who) = at.open().await?;
    let exported = preserve::export_log(&archive, &who, &dir).await?;
    let value =
        json!({ "dir": dir.display().to_string(), "files": exported.files, "size": exported.size });
    out.data("export", value, || {
        format!(
            "{}, {} → {}",
            count(exported.files, "file", "files"),
            count(exported.size, "entry", "entries"),
            safe(&dir.display().to_string())
        )
    });
    out.summary(json!({ "exit": 0 }), || {
        format!("Salted digests only, no content. Anybody can check it:\n  holdfast log verify {} --key {}", safe(&dir.display().to_string()), archive.home().log_key)
    });
    Ok(Exit::Done)
}

/// An older checkpoint that cannot be read is a slip of the pen, not a proof that fails.
fn readable(since: Option<&PathBuf>) -> Result<()> {
    let Some(file) = since else {
        return Ok(());
    };
    match std::fs::metadata(file) {
        Ok(meta) if meta.is_file() => Ok(()),
        _ => Err(Error::new(
            Why::Invalid,
            format!("{} is no file that can be read", file.display()),
        )
        .next(
            "Name a file that holds an older checkpoint of this log, such as the one in a dossier",
        )),
    }
}

async fn verify(at: &At, since: Option<PathBuf>, out: &Out) -> Result<Exit> {
    readable(since.as_ref())?;
    let (archive, who) = at.open().await?;
    let found = preserve::check_log(&archive, &who).await?;
    let grown = match since {
        Some(file) => Some(preserve::grown_since(
            &archive.root().join("log"),
            &archive.home().log_key,
            &file,
        )?),
        None => None,
    };
    for d in &found.damage {
        out.data("damage", json!(d), || {
            format!(
                "DAMAGE {} {}: {}",
                d.place.word(),
                safe(&d.name),
                safe(&d.detail)
            )
        });
    }
    let exit = if found.damage.is_empty() {
        Exit::Done
    } else {
        Exit::Damage
    };
    out.summary(json!({ "exit": exit as u8, "entries": found.entries, "damaged": found.damage.len(), "since": grown }), || {
        let since = grown.map_or_else(String::new, |n| format!(" It continues the older checkpoint of {n} entries."));
        match exit {
            Exit::Done => format!("{} entries: every record, disclosure, chain and hash fits the signed checkpoint.{since}", found.entries),
            _ => "The log is damaged. Add nothing to it; put the named files back from a backup.".into(),
        }
    });
    Ok(exit)
}

fn copy(
    dir: &std::path::Path,
    since: Option<PathBuf>,
    key: Option<String>,
    out: &Out,
) -> Result<Exit> {
    readable(since.as_ref())?;
    if !dir.is_dir() {
        return Err(
            Error::new(Why::Invalid, format!("{} is no folder", dir.display()))
                .next("Name a folder made by `holdfast log export`"),
        );
    }
    let key = key.ok_or_else(|| {
        Error::new(
            Why::Invalid,
            "A copy is checked against a key that did not come with it",
        )
        .next("Name the log's verifier key with --key")
    })?;
    let key = key.parse().map_err(|e: format::log::note::KeyError| {
        Error::new(Why::Invalid, format!("--key is no verifier key: {e}"))
            .next("Copy it whole, as `holdfast log head` prints it")
    })?;
    let checked = preserve::verify_copy(dir, &key)?;
    let grown = since
        .map(|file| preserve::grown_since(dir, &key, &file))
        .transpose()?;
    out.summary(json!({ "exit": 0, "entries": checked.size, "root": checked.root.to_string(), "since": grown }), || {
        let since = grown.map_or_else(String::new, |n| format!(" It continues the older checkpoint of {n} entries."));
        format!("{} entries give the root that the log's key signed: {}.{since}", checked.size, checked.root)
    });
    Ok(Exit::Done)
}
