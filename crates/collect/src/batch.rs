//! What has been read becomes entries: one group, one wait for the disk, then one checkpoint.

#[cfg(test)]
mod tests;

use crate::add::Request;
use crate::intake::{Intake, Taken};
use crate::report::{Line, Outcome};
use archive::truth::originals::Batch;
use archive::views::{ItemRow, SessionRow};
use archive::{Archive, Draft, Error, Now, Result, Who, Why};
use format::id::{ItemId, SessionId, Sha256, Subject};
use format::kind::{Collected, FileFacts, Kind, Level, Media, NotCollected, Recognised};
use format::name::BytesName;
use std::collections::{HashMap, HashSet};

/// What a run has promised so far without keeping anything.
pub(crate) type Planned = HashSet<(Sha256, Vec<u8>)>;

/// Records one group and covers it, once the originals placed so far are durable. Every line it returns as preserved is a receipt.
pub(crate) async fn record(
    archive: &Archive,
    who: &Who,
    request: &Request,
    originals: &Batch,
    batch: Vec<Intake>,
) -> Result<Vec<Line>> {
    // Bytes first: whatever the entries name is durable before they are.
    originals.settle().await?;
    let mut now = archive.begin(who).await?;
    if let Some(session) = &request.session {
        let row = now.session(&session.to_string()).await?;
        still_open(session, row.as_ref())?;
    }
    let mut there = there(&mut now, request, &batch).await?;
    let mut refusals = if batch.iter().any(|i| matches!(i, Intake::Refused { .. })) {
        let session = request.session.map(|s| s.to_string());
        now.last_refusals(session.as_deref()).await?
    } else {
        HashMap::new()
    };
    let (mut lines, mut drafts) = (Vec::with_capacity(batch.len()), Vec::new());
    for intake in batch {
        match intake.fatal()? {
            Intake::Taken(taken) => {
                let key = (taken.digests.sha256, taken.path.clone());
                if let Some(id) = there.get(&key) {
                    lines.push(known(*id, &taken));
                    continue;
                }
                let id = ItemId::from_random(archive.draw());
                there.insert(key, id);
                lines.push(line(Some(id), &taken, Outcome::Preserved, None));
                drafts.push(Draft::first(
                    Subject::Item(id),
                    Kind::Collected(collected(request, taken)),
                ));
            }
            Intake::Refused { path, reason } => {
                if is_news(&mut refusals, &path, &reason) {
                    let subject = request.session.map_or(Subject::Archive, Subject::Session);
                    let kind = NotCollected {
                        path: Some(BytesName(path.clone())),
                        reason: Some(reason.clone()),
                    };
                    drafts.push(Draft::about(subject, Kind::NotCollected(kind)));
                }
                lines.push(refused(path, reason));
            }
            Intake::Failed(e) => return Err(e),
        }
    }
    if !drafts.is_empty() {
        now.record(drafts).await?;
        archive.cover().await?;
    }
    Ok(lines)
}

pub(crate) fn still_open(session: &SessionId, row: Option<&SessionRow>) -> Result<()> {
    let row = row.ok_or_else(|| Error::not_found(format!("session {session}")))?;
    if row.ended_at.is_none() {
        return Ok(());
    }
    Err(
        Error::new(Why::Stale, format!("Session S-{} has ended", row.number))
            .next("Start a new one with `holdfast session start --purpose TEXT`"),
    )
}

/// The items there are already, by bytes and path, from the same source.
async fn there(
    now: &mut Now<'_>,
    request: &Request,
    batch: &[Intake],
) -> Result<HashMap<(Sha256, Vec<u8>), ItemId>> {
    let digest = |i: &Intake| match i {
        Intake::Taken(t) => Some(t.digests.sha256),
        Intake::Refused { .. } | Intake::Failed(_) => None,
    };
    let digests: Vec<Sha256> = batch.iter().filter_map(digest).collect();
    let mut there = HashMap::new();
    for row in now.items_with_any(&digests).await? {
        if row.source.as_deref() == Some(&request.source)
            && let Some(digest) = row.digest()
        {
            there.insert((digest, row.path_bytes()), row.item()?);
        }
    }
    Ok(there)
}

/// Whether the log does not say this already as the newest about this path: a repeated run adds nothing to it.
fn is_news(refusals: &mut HashMap<String, String>, path: &[u8], reason: &str) -> bool {
    // Names that are not text look alike once written as text: each is recorded, none is taken for another.
    let path = match std::str::from_utf8(path) {
        Ok(text) if !text.contains(char::REPLACEMENT_CHARACTER) => text,
        _ => return true,
    };
    let before = refusals.insert(path.to_owned(), reason.to_owned());
    before.as_deref() != Some(reason)
}

/// Says what `record` would say, and keeps nothing.
pub(crate) async fn plan(
    archive: &Archive,
    who: &Who,
    request: &Request,
    planned: &mut Planned,
    batch: Vec<Intake>,
) -> Result<Vec<Line>> {
    let seen = archive.seen_by(who);
    let mut lines = Vec::new();
    for intake in batch {
        lines.push(match intake.fatal()? {
            Intake::Taken(taken) => {
                let there = seen.items_with(&taken.digests.sha256).await?;
                let same = |r: &&ItemRow| {
                    r.source.as_deref() == Some(&request.source) && r.path_bytes() == taken.path
                };
                match there.iter().find(same) {
                    Some(row) => known(row.item()?, &taken),
                    None if planned.insert((taken.digests.sha256, taken.path.clone())) => {
                        line(None, &taken, Outcome::Planned, None)
                    }
                    None => line(None, &taken, Outcome::Known, Some(SAME.into())),
                }
            }
            Intake::Refused { path, reason } => refused(path, reason),
            Intake::Failed(e) => return Err(e),
        });
    }
    Ok(lines)
}

const SAME: &str = "the same bytes from the same source and path";

fn known(id: ItemId, taken: &Taken) -> Line {
    line(Some(id), taken, Outcome::Known, Some(SAME.into()))
}

fn refused(path: Vec<u8>, reason: String) -> Line {
    Line {
        id: None,
        sha256: None,
        bytes: 0,
        path,
        outcome: Outcome::Refused,
        reason: Some(reason),
    }
}

fn line(id: Option<ItemId>, taken: &Taken, outcome: Outcome, reason: Option<String>) -> Line {
    Line {
        id,
        sha256: Some(taken.digests.sha256),
        bytes: taken.digests.bytes,
        path: taken.path.clone(),
        outcome,
        reason,
    }
}

fn collected(request: &Request, taken: Taken) -> Collected {
    let name = taken
        .path
        .rsplit(|b| *b == b'/')
        .next()
        .unwrap_or_default()
        .to_vec();
    Collected {
        digests: Some(taken.digests),
        name: Some(BytesName(name)),
        path: Some(BytesName(taken.path)),
        source: Some(request.source.clone()),
        file: Some(FileFacts {
            modified: taken.modified.filter(|_| !request.fresh_copies),
        }),
        compartment: Some(archive::MAIN.to_owned()),
        level: Some(Level::Internal),
        session: request.session,
        collected_at: request.collected_at.clone(),
        media: taken.media.map(|kind| Media {
            media_type: kind,
            by: Recognised::Signature,
        }),
    }
}
