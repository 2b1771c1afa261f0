//! A full check as jobs: 256 parts, one for each folder of originals, and an end that records the one result.
//!
//! A part reads and verifies the originals that the views name in its folder, and keeps what it found. The end waits
//! for all parts, walks the log as every check does, and holds each part's list of originals against it: where they
//! differ, and for what came in since, it reads the originals itself. So the result rests on the log alone.

use crate::check::{Event, Report, Scope, concluded, entry};
use crate::damage::Damage;
use crate::log::{self, Wanted};
use crate::originals::{self, How};
use archive::truth::originals as stored;
use archive::work::jobs::{self, Ask, Asked, Ended, Held, JobRow, Kinds, State};
use archive::{Act, Archive, Draft, Error, Now, Result, Who};
use format::id::{Digests, Sha256, Subject};
use format::kind::{Checked, Kind};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256 as Hasher};
use std::collections::HashMap;
use std::sync::atomic::Ordering;

/// The kind of a part.
pub const PART: &str = "sweep";
/// The kind of the end.
pub const END: &str = "sweep_end";

/// Asks for a sweep. While one has not ended, it is that one; the job it gives is the end.
pub async fn ask(archive: &Archive, who: &Who) -> Result<Asked> {
    archive::access::may(who, Act::Check)?;
    archive.ready_to_record()?;
    let seen = archive.seen_by(who);
    let below = seen.log_size().await?;
    let mut many = Vec::new();
    for shard in 0..=u8::MAX {
        many.push((shard, seen.originals_count(shard, below).await?));
    }
    let end = Ask::new(END, "originals").body(json!({ "below": below }));
    let part = |id: &str, (shard, units): (u8, i64)| {
        let body = json!({ "shard": shard, "below": below });
        Ask::new(PART, format!("{id}/{shard:02x}"))
            .body(body)
            .units(units)
    };
    let parts = |id: &str| many.into_iter().map(|one| part(id, one)).collect();
    jobs::ask_batch(archive, who, end.units(1), parts).await
}

/// Adds what a worker needs to sweep.
#[must_use]
pub fn kinds(kinds: Kinds) -> Kinds {
    kinds
        .with(
            PART,
            |archive, held| async move { part(&archive, &held).await },
        )
        .with(
            END,
            |archive, held| async move { end(&archive, &held).await },
        )
}

#[derive(Deserialize)]
struct PartBody {
    shard: u8,
    below: u64,
}

#[derive(Deserialize)]
struct EndBody {
    below: u64,
}

/// What a part found.
#[derive(Serialize, Deserialize)]
struct Found {
    originals: u64,
    bytes: u64,
    /// Stands for the list of originals it looked at.
    list: String,
    damage: Vec<Damage>,
}

async fn part(archive: &Archive, held: &Held) -> Result<Ended> {
    let who = held.who().await?;
    let body: PartBody = held.body()?;
    let there = archive
        .seen_by(&who)
        .originals_in(body.shard, body.below)
        .await?;
    let list = list(there.iter().map(|(digests, _)| digests));
    let wanted = there.into_iter().map(|(digests, first)| Wanted {
        digests,
        items: Vec::new(),
        first,
    });
    // One thread: a worker does several jobs at a time.
    let how = How {
        read: true,
        threads: 1,
    };
    let mut tell = |event| {
        if let Event::Originals(done, _, of) = event {
            held.tell(done, of);
        }
    };
    let looked = originals::check(archive, wanted.collect(), how, held.stop(), &mut tell).await?;
    if held.stop().load(Ordering::Relaxed) {
        return Ok(Ended::Stopped);
    }
    let found = Found {
        originals: looked.originals,
        bytes: looked.bytes,
        list,
        damage: looked.damage,
    };
    Ok(Ended::Done(Some(text(&found)?)))
}

/// A digest over what was looked at; two lists of the same originals give the same.
fn list<'a>(originals: impl Iterator<Item = &'a Digests>) -> String {
    let mut hasher = Hasher::new();
    for digests in originals {
        hasher.update(digests.sha256.0);
        hasher.update(digests.blake3.0);
        hasher.update(digests.bytes.to_be_bytes());
    }
    Sha256(hasher.finalize().into()).to_string()
}

fn text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::bug("A result cannot be written").because(e))
}

/// What the end keeps before it records, so that a second try records the same or finds it recorded.
#[derive(Serialize, Deserialize)]
struct Concluded {
    /// An entry of this sweep stands at this log number or behind it.
    from: u64,
    report: Report,
}

async fn end(archive: &Archive, held: &Held) -> Result<Ended> {
    let who = held.who().await?;
    let earlier = held
        .job()
        .result
        .as_deref()
        .map(serde_json::from_str::<Concluded>);
    let mut kept: Concluded = match earlier {
        // What could not be recorded is looked at anew: it may be mended.
        Some(Ok(kept)) if entry(&kept.report).is_some() => kept,
        _ => {
            let parts = held.parts().await?;
            let open = parts.iter().filter(|p| p.state() != State::Done).count();
            if open > 0 || parts.len() != 256 {
                let reason = format!(
                    "{open} of {} parts of this sweep were not done. Cancel it and ask for a new one",
                    parts.len()
                );
                return Ok(Ended::SetAside(reason));
            }
            let report = gathered(archive, &who, held, &parts).await?;
            if report.stopped {
                return Ok(Ended::Stopped);
            }
            // An earlier try may have recorded, and what it kept may have gone with the power.
            let from = match held.job().lease_no {
                1 => archive.seen_by(&who).log_size().await?,
                _ => held.body::<EndBody>()?.below,
            };
            let kept = Concluded { from, report };
            held.keep(&text(&kept)?).await?;
            kept
        }
    };
    let Some(checked) = entry(&kept.report) else {
        let places = kept.report.damage.len();
        let reason = format!(
            "Damage in {places} places, some of it in the log itself: nothing is signed over that, so the result is only here. \
             See it with `holdfast job show {}`, mend it, then try again",
            held.job().number
        );
        return Ok(Ended::SetAside(reason));
    };
    let mut now = archive.begin(&who).await?;
    if let Some(index) = recorded(&mut now, &who, kept.from, &checked).await? {
        drop(now);
        archive.cover().await?;
        kept.report.recorded = Some(index);
        return Ok(Ended::Done(Some(text(&kept)?)));
    }
    kept.report.recorded = Some(now.next_index());
    let draft = Draft::about(Subject::Archive, Kind::Checked(checked));
    now.record_ending(vec![draft], held, Some(text(&kept)?))
        .await?;
    archive.cover().await?;
    Ok(Ended::Recorded)
}

/// The entry of an earlier try that died before its job could be ended: the same words by the same person, recorded
/// since the result was kept.
async fn recorded(
    now: &mut Now<'_>,
    who: &Who,
    from: u64,
    checked: &Checked,
) -> Result<Option<u64>> {
    let me = who.person()?.to_string();
    let damage = checked.damage.clone().unwrap_or_default();
    let same = |row: &archive::views::CheckRow| {
        Some(&row.scope) == checked.scope.as_ref()
            && Some(row.originals.cast_unsigned()) == checked.originals
            && Some(row.bytes.cast_unsigned()) == checked.bytes
            && serde_json::from_str::<Vec<format::kind::Damage>>(&row.damage)
                .is_ok_and(|kept| kept == damage)
    };
    let rows = now.checks_from(from).await?;
    let mine = rows
        .into_iter()
        .find(|(row, by)| by.as_ref() == Some(&me) && same(row));
    Ok(mine.map(|(row, _)| row.seq.cast_unsigned()))
}

/// What all parts found, held against the log.
async fn gathered(archive: &Archive, who: &Who, held: &Held, parts: &[JobRow]) -> Result<Report> {
    archive::access::may(who, Act::Check)?;
    let below = held.body::<EndBody>()?.below;
    let mut report = Report {
        scope: Scope::Full.word(),
        entries: 0,
        originals: 0,
        bytes: 0,
        damage: log::home_and_keys(archive).await?,
        strays: 0,
        stopped: false,
        recorded: None,
    };
    let facts = log::log(archive, who, &mut |_| {}).await?;
    report.entries = facts.entries;
    report.damage.extend(facts.damage);
    report.strays = originals::strays(archive, &facts.originals).await?;
    let (mut rest, mut found) = (Vec::new(), Vec::new());
    for (shard, part) in (0..=u8::MAX).zip(parts) {
        let start = facts
            .originals
            .partition_point(|w| w.digests.sha256.0[0] < shard);
        let end = facts
            .originals
            .partition_point(|w| w.digests.sha256.0[0] <= shard);
        let there = &facts.originals[start..end];
        let earlier = || there.iter().filter(|w| w.first < below);
        let kept = part.result.as_deref().map(serde_json::from_str::<Found>);
        match kept {
            Some(Ok(part)) if part.list == list(earlier().map(|w| &w.digests)) => {
                report.originals += part.originals;
                report.bytes += part.bytes;
                found.extend(part.damage);
                rest.extend(there.iter().filter(|w| w.first >= below).cloned());
            }
            _ => rest.extend(there.iter().cloned()),
        }
    }
    name_items(&mut found, &facts.originals);
    report.damage.extend(found);
    let how = How::at_once(archive, true);
    let looked = originals::check(archive, rest, how, held.stop(), &mut |_| {}).await?;
    report.originals += looked.originals;
    report.bytes += looked.bytes;
    report.damage.extend(looked.damage);
    report.stopped = held.stop().load(Ordering::Relaxed);
    if report.stopped {
        return Ok(report);
    }
    concluded(archive, who, report).await
}

/// Adds to damage the items it touches, as the log has them.
fn name_items(damage: &mut [Damage], originals: &[Wanted]) {
    if damage.is_empty() {
        return;
    }
    let mut items = HashMap::new();
    for wanted in originals {
        let digest = &wanted.digests.sha256;
        items.insert(stored::path(digest), &wanted.items);
        items.insert(stored::tree_path(digest), &wanted.items);
    }
    for d in damage {
        if let Some(items) = items.get(&d.name) {
            d.items = items.iter().map(ToString::to_string).collect();
        }
    }
}
