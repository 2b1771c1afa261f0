//! What several of these tests need.

use archive::{Archive, Draft, Result, Who};
use format::id::{SessionId, Subject};
use format::kind::{Kind, SessionNoted, SessionStarted};

/// An entry that begins a session, and the session.
pub(crate) fn begun(archive: &Archive) -> (SessionId, Draft) {
    let id = SessionId::from_random(archive.draw());
    let kind = SessionStarted::new("a day at the harbour".into());
    (id, Draft::first(Subject::Session(id), Kind::from(kind)))
}

/// A note about a session.
pub(crate) fn noted(id: SessionId, text: &str) -> Draft {
    Draft::about(
        Subject::Session(id),
        Kind::from(SessionNoted::new(text.into())),
    )
}

/// Records drafts without covering them.
pub(crate) async fn record(archive: &Archive, who: &Who, drafts: Vec<Draft>) -> Result<()> {
    archive.begin(who).await?.record(drafts).await.map(drop)
}
