//! The check: the log against its signature, every entry against the log, every original against its entry.

use crate::damage::{Damage, Place};
use crate::originals::How;
use crate::{log, originals};
use archive::{Act, Archive, Draft, Result, Who};
use format::id::{ItemId, Subject};
use format::kind::{Checked, Kind};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How far a check goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The log and every entry; of originals whether they are there in full length.
    Quick,
    /// Everything, every byte of every original included, and the views against a rebuild.
    Full,
    /// One item: its entries and its original.
    Item(ItemId),
}

impl Scope {
    /// The word kept in the entry.
    pub fn word(&self) -> String {
        match self {
            Self::Quick => "quick".into(),
            Self::Full => "full".into(),
            Self::Item(id) => format!("item {id}"),
        }
    }
}

/// What a check found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// How far it went.
    pub scope: String,
    /// Entries looked at.
    pub entries: u64,
    /// Originals looked at.
    pub originals: u64,
    /// Bytes of originals read.
    pub bytes: u64,
    /// All damage, in the order of files.
    pub damage: Vec<Damage>,
    /// Files among the originals that no entry names: left by a run that broke off, or put there.
    pub strays: u64,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// Log index of the entry that keeps this result; none on an archive open to read only.
    pub recorded: Option<u64>,
}

/// What a check tells while it goes on.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// Entries checked so far, of how many.
    Entries(u64, u64),
    /// Originals and bytes checked so far, of how many originals.
    Originals(u64, u64, u64),
}

/// Checks the archive and records the result.
pub async fn check(
    archive: &Archive,
    who: &Who,
    scope: &Scope,
    stop: &Arc<AtomicBool>,
    tell: &mut (dyn FnMut(Event) + Send),
) -> Result<Report> {
    archive::access::may(who, Act::Check)?;
    let mut damage = log::home_and_keys(archive).await?;
    let facts = log::log(archive, who, tell).await?;
    let entries = facts.entries;
    damage.extend(facts.damage);
    let wanted: Vec<_> = match scope {
        Scope::Item(id) => {
            archive.seen_by(who).item(id).await?;
            facts
                .originals
                .into_iter()
                .filter(|o| o.items.contains(id))
                .collect()
        }
        _ => facts.originals,
    };
    let read = *scope != Scope::Quick;
    let strays = if matches!(scope, Scope::Item(_)) {
        0
    } else {
        originals::strays(archive, &wanted).await?
    };
    let seen = originals::check(archive, wanted, How::at_once(archive, read), stop, tell).await?;
    damage.extend(seen.damage);
    let report = Report {
        scope: scope.word(),
        entries,
        originals: seen.originals,
        bytes: seen.bytes,
        damage,
        strays,
        stopped: stop.load(Ordering::Relaxed),
        recorded: None,
    };
    let mut report = concluded(archive, who, report).await?;
    report.recorded = record(archive, who, &report).await?;
    Ok(report)
}

/// The report in the end: with the views looked at when all else is whole, and with the dossiers that damage touches.
pub(crate) async fn concluded(archive: &Archive, who: &Who, mut report: Report) -> Result<Report> {
    if report.scope == Scope::Full.word() && report.damage.is_empty() {
        report.damage.extend(log::views(archive, who).await?);
    }
    for d in &mut report.damage {
        for item in d.items.clone() {
            let chosen = archive.seen_by(who).dossiers_of(&item).await?;
            d.dossiers.extend(chosen.into_iter().map(|x| x.dossier));
        }
        d.dossiers.sort();
        d.dossiers.dedup();
    }
    let order = |d: &Damage| (d.place, d.name.clone());
    report.damage.sort_by_cached_key(order);
    Ok(report)
}

/// What a look at the log alone found.
#[derive(Debug)]
pub struct LogReport {
    /// Entries looked at.
    pub entries: u64,
    /// All damage.
    pub damage: Vec<Damage>,
}

/// Checks the log against its signed checkpoint, and nothing else; records nothing.
pub async fn check_log(archive: &Archive, who: &Who) -> Result<LogReport> {
    archive::access::may(who, Act::Check)?;
    let facts = log::log(archive, who, &mut |_| {}).await?;
    Ok(LogReport {
        entries: facts.entries,
        damage: facts.damage,
    })
}

/// Keeps the result in the log, unless the log itself is what is damaged: nothing is signed over damage.
async fn record(archive: &Archive, who: &Who, report: &Report) -> Result<Option<u64>> {
    if archive.is_read_only() {
        return Ok(None);
    }
    let Some(checked) = entry(report) else {
        return Ok(None);
    };
    let draft = Draft::about(Subject::Archive, Kind::Checked(checked));
    let recorded = archive.begin(who).await?.record(vec![draft]).await?;
    archive.cover().await?;
    Ok(recorded.first().map(|r| r.index))
}

/// What the log keeps of a report; nothing when the log itself is damaged, or the end was not reached.
pub(crate) fn entry(report: &Report) -> Option<Checked> {
    let unsound = |d: &Damage| !matches!(d.place, Place::Original | Place::Tree | Place::Views);
    if report.stopped || report.damage.iter().any(unsound) {
        return None;
    }
    let kept = report.damage.iter().map(|d| format::kind::Damage {
        what: d.place.word().to_owned(),
        name: d.name.clone(),
        item: d.items.first().and_then(|i| i.parse().ok()),
        chunk: d.chunks.first().copied(),
        detail: d.detail.clone(),
    });
    Some(Checked {
        scope: Some(report.scope.clone()),
        originals: Some(report.originals),
        bytes: Some(report.bytes),
        damage: Some(kept.collect()),
    })
}
