//! The check: the log against its signature, every entry against the log, every original against its entry.

use crate::damage::{Damage, Place};
use crate::{log, originals};
use archive::{Act, Archive, Draft, Result, Who};
use format::id::{ItemId, Subject};
use format::kind::{Checked, Kind};
use serde::Serialize;
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
#[derive(Debug, Clone, Serialize)]
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
    let seen = originals::check(archive, wanted, read, stop, tell).await?;
    damage.extend(seen.damage);
    if *scope == Scope::Full && damage.is_empty() {
        damage.extend(log::views(archive, who).await?);
    }
    for d in &mut damage {
        for item in d.items.clone() {
            d.dossiers.extend(
                archive
                    .seen_by(who)
                    .dossiers_of(&item)
                    .await?
                    .into_iter()
                    .map(|x| x.dossier),
            );
        }
        d.dossiers.sort();
        d.dossiers.dedup();
    }
    damage.sort_by(|a, b| (a.place, &a.name).cmp(&(b.place, &b.name)));
    let mut report = Report {
        scope: scope.word(),
        entries,
        originals: seen.originals,
        bytes: seen.bytes,
        damage,
        strays,
        stopped: stop.load(Ordering::Relaxed),
        recorded: None,
    };
    report.recorded = record(archive, who, &report).await?;
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
    let unsound = |d: &Damage| !matches!(d.place, Place::Original | Place::Tree | Place::Views);
    if archive.is_read_only() || report.stopped || report.damage.iter().any(unsound) {
        return Ok(None);
    }
    let mut kept = Vec::new();
    for d in &report.damage {
        kept.push(format::kind::Damage {
            what: d.place.word().to_owned(),
            name: d.name.clone(),
            item: d.items.first().and_then(|i| i.parse().ok()),
            chunk: d.chunks.first().copied(),
            detail: d.detail.clone(),
        });
    }
    let kind = Kind::Checked(Checked {
        scope: Some(report.scope.clone()),
        originals: Some(report.originals),
        bytes: Some(report.bytes),
        damage: Some(kept),
    });
    let recorded = archive
        .begin(who)
        .await?
        .record(vec![Draft::about(Subject::Archive, kind)])
        .await?;
    archive.cover().await?;
    Ok(recorded.first().map(|r| r.index))
}
