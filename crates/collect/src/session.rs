//! One stretch of collecting: who, why, under what authority.

use archive::{Archive, Draft, Error, Result, Who, Why};
use format::id::{SessionId, Subject};
use format::kind::{Kind, SessionEnded, SessionNoted, SessionStarted};

/// Starts a session.
pub async fn start_session(
    archive: &Archive,
    who: &Who,
    purpose: &str,
    authority: Option<String>,
) -> Result<SessionId> {
    let purpose = said(
        purpose,
        "A session needs a purpose",
        "Say in a sentence what is collected and why",
    )?;
    let id = SessionId::from_random(archive.draw());
    let kind = Kind::SessionStarted(SessionStarted {
        purpose: Some(purpose),
        authority,
    });
    let now = archive.begin(who).await?;
    now.record(vec![Draft::first(Subject::Session(id), kind)])
        .await?;
    archive.cover().await?;
    Ok(id)
}

/// Notes something during a session.
pub async fn note_session(
    archive: &Archive,
    who: &Who,
    session: &SessionId,
    note: &str,
) -> Result<()> {
    let note = said(note, "An empty note says nothing", "Write what happened")?;
    go_on(
        archive,
        who,
        session,
        Kind::SessionNoted(SessionNoted { note: Some(note) }),
    )
    .await
}

/// Ends a session; nothing can be added to it afterwards.
pub async fn end_session(
    archive: &Archive,
    who: &Who,
    session: &SessionId,
    note: Option<String>,
) -> Result<()> {
    go_on(
        archive,
        who,
        session,
        Kind::SessionEnded(SessionEnded { note }),
    )
    .await
}

async fn go_on(archive: &Archive, who: &Who, session: &SessionId, kind: Kind) -> Result<()> {
    let mut now = archive.begin(who).await?;
    let row = now
        .session(&session.to_string())
        .await?
        .ok_or_else(|| Error::not_found(format!("session {session}")))?;
    if row.ended_at.is_some() {
        return Err(
            Error::new(Why::Stale, format!("Session S-{} has ended", row.number))
                .next("Start a new one with `holdfast session start --purpose TEXT`"),
        );
    }
    now.record(vec![Draft::about(Subject::Session(*session), kind)])
        .await?;
    archive.cover().await?;
    Ok(())
}

fn said(text: &str, what: &str, next: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::new(Why::Invalid, what).next(next));
    }
    if text.len() > 100_000 {
        return Err(
            Error::new(Why::Invalid, "This text is longer than 100,000 bytes")
                .next("Add it as a file, and say so in a short note"),
        );
    }
    Ok(text.to_owned())
}
