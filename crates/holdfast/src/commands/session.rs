//! `holdfast session …`.

use super::{At, instant, moment};
use crate::cli;
use crate::exit::Exit;
use crate::out::{Out, safe};
use archive::{Archive, Error, Result, Who};
use format::id::SessionId;
use serde_json::json;

pub(crate) async fn run(args: cli::Session, at: &At, out: &Out) -> Result<Exit> {
    let (archive, who) = at.open().await?;
    match args {
        cli::Session::Start { purpose, authority } => {
            let id = collect::start_session(&archive, &who, &purpose, authority).await?;
            let row = archive.seen_by(&who).session_named(&id.to_string()).await?;
            let number = row.number;
            out.data("session", json!({ "id": row.id, "number": number }), || {
                format!("S-{number} {}", row.id)
            });
            out.summary(json!({ "exit": 0 }), || {
                format!("Session S-{number} has started. Add to it with --session S-{number}.")
            });
        }
        cli::Session::Note { session, note } => {
            let (id, number) = named(&archive, &who, &session).await?;
            collect::note_session(&archive, &who, &id, &note).await?;
            out.summary(json!({ "exit": 0, "id": id.to_string() }), || {
                format!("Noted in session S-{number}.")
            });
        }
        cli::Session::End { session, note } => {
            let (id, number) = named(&archive, &who, &session).await?;
            collect::end_session(&archive, &who, &id, note).await?;
            out.summary(json!({ "exit": 0, "id": id.to_string() }), || {
                format!("Session S-{number} has ended.")
            });
        }
        cli::Session::Ls => ls(&archive, &who, out).await?,
    }
    Ok(Exit::Done)
}

async fn ls(archive: &Archive, who: &Who, out: &Out) -> Result<()> {
    let sessions = archive.seen_by(who).sessions().await?;
    for s in &sessions {
        let value = json!({
            "id": s.id, "number": s.number, "purpose": s.purpose, "authority": s.authority,
            "started_at": instant(s.started_at), "ended_at": s.ended_at.map(instant),
        });
        out.data("session", value, || {
            let end = s
                .ended_at
                .map_or_else(|| "open".to_owned(), |t| format!("ended {}", moment(t)));
            format!(
                "S-{:<4} {}  {end:<26} {}",
                s.number,
                moment(s.started_at),
                safe(s.purpose.as_deref().unwrap_or("(withheld)"))
            )
        });
    }
    out.summary(json!({ "exit": 0, "sessions": sessions.len() }), || {
        if sessions.is_empty() {
            "No session yet. Start one with `holdfast session start --purpose TEXT`.".into()
        } else {
            String::new()
        }
    });
    Ok(())
}

/// A session by what a person types.
pub(crate) async fn named(archive: &Archive, who: &Who, text: &str) -> Result<(SessionId, i64)> {
    let row = archive.seen_by(who).session_named(text).await?;
    let id = row
        .id
        .parse()
        .map_err(|e| Error::bug("A session id in the views is not one").because(format!("{e}")))?;
    Ok((id, row.number))
}
