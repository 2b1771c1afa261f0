//! What the dossier says of itself, for people and for RO-Crate.

use super::file::Work;
use crate::gather::Chosen;
use archive::{Archive, Result};
use format::dossier::report_page::{Page, PageStamp, WithheldEntry, WithheldFields};
use format::dossier::rocrate::{Agent, Collection, DescribedItem, Description};
use format::entry::Entry;
use format::kind::Kind;
use format::time::Instant;

/// The policy that trusts this archive's own log.
pub(crate) fn policy(archive: &Archive) -> String {
    format!("log {}\nquorum none\n", archive.home().log_key)
}

/// What the archive is called, from its first entry.
pub(crate) async fn founded_name(archive: &Archive) -> Result<String> {
    let first = archive.truth().entry(0).await?;
    let entry = first.and_then(|text| Entry::open(&text, None).ok());
    Ok(match entry.and_then(|e| Kind::read(&e.fields).ok()) {
        Some(Kind::Founded(f)) => f.name.unwrap_or_default(),
        _ => String::new(),
    })
}

pub(super) fn about(work: &Work, archive_name: &str) -> Description {
    let instant = |t: i64| {
        Instant::from_micros(t)
            .map(|t| t.to_string())
            .unwrap_or_default()
    };
    let sealer = work
        .who
        .person
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    Description {
        dossier: work.row.id.clone(),
        archive: archive_name.to_owned(),
        origin: work.archive.home().origin.clone(),
        recipient: work.row.recipient.clone().unwrap_or_default(),
        purpose: work.row.purpose.clone().unwrap_or_default(),
        sealed_by: Agent {
            id: sealer,
            name: None,
        },
        sealed_at: instant(work.row.sealed_at.unwrap_or_default()),
        tool: work.tool.clone(),
        tool_url: None,
        terms: "For the stated recipient and purpose only; not for publication.".to_owned(),
        items: work.chosen.iter().map(described).collect(),
    }
}

fn described(c: &Chosen) -> DescribedItem {
    let shown = |field: &str| !c.withhold.iter().any(|w| w == field);
    let row = &c.row;
    DescribedItem {
        item: row.id.clone(),
        folder: c.content.evidence.clone(),
        name: row.name.clone().filter(|_| shown("name")),
        sha256: row.digest().map(|d| d.to_string()).unwrap_or_default(),
        bytes: row.bytes.unwrap_or_default().cast_unsigned(),
        media_type: row.media.clone().filter(|_| shown("media")),
        collection: Collection {
            by: row
                .added_by
                .clone()
                .filter(|_| shown("by"))
                .map(|id| Agent { id, name: None }),
            at: Instant::from_micros(row.added_at)
                .ok()
                .map(|t| t.to_string()),
            stated_time: row.collected_at.clone().filter(|_| shown("collected_at")),
            source: row.source.clone().filter(|_| shown("source")),
            path: row.path.clone().filter(|_| shown("path")),
        },
    }
}

pub(super) fn page<'a>(work: &Work, about: &'a Description) -> Page<'a> {
    let mut withheld = Vec::new();
    let mut fields = Vec::new();
    for c in &work.chosen {
        let item = c.row.id.clone();
        withheld.extend(c.content.withheld.iter().map(|w| WithheldEntry {
            item: item.clone(),
            index: w.index,
            reason: w.reason,
        }));
        if !c.withhold.is_empty() {
            let index = c.chain.first().copied().unwrap_or_default();
            fields.push(WithheldFields {
                index,
                kind: "collected".into(),
                fields: c.withhold.clone(),
            });
        }
    }
    Page {
        about,
        sealed: work.index,
        log_size: work.checkpoint.size,
        entries: work.entries.len() as u64,
        witnesses: Vec::new(),
        stamps: work
            .token
            .iter()
            .map(|t| PageStamp {
                time: t.time.clone(),
                certificates: false,
            })
            .collect(),
        withheld,
        fields,
    }
}
