//! `holdfast ls` and `holdfast show`.

use super::{At, grouped, hex, instant, moment, warn};
use crate::cli;
use crate::exit::Exit;
use crate::out::{Out, safe};
use archive::views::{EntryRow, ItemRow, Listing};
use archive::{Archive, Error, MAIN, Result, Who, Why};
use format::entry::Entry;
use format::id::Subject;
use serde_json::{Value, json};

pub(crate) async fn ls(args: cli::Ls, at: &At, out: &Out) -> Result<Exit> {
    let (archive, who) = at.open().await?;
    warn(&archive, out);
    let seen = archive.seen_by(&who);
    let listing = Listing {
        compartment: MAIN.into(),
        before: args.before.unwrap_or(i64::MAX),
        limit: args.limit.clamp(1, 100_000),
    };
    let rows = seen.items(&listing).await?;
    for row in &rows {
        out.data("item", value(row), || line(row));
    }
    let total = seen.item_count(MAIN).await?;
    out.summary(
        json!({ "exit": 0, "shown": rows.len(), "total": total }),
        || match rows.last() {
            None => "Nothing here yet. Add files with `holdfast add PATH --source TEXT`.".into(),
            Some(last) if last.number > 1 => format!(
                "{} of {}; older ones: --before {}",
                rows.len(),
                grouped(total),
                last.number
            ),
            Some(_) => format!("{} of {}", rows.len(), grouped(total)),
        },
    );
    Ok(Exit::Done)
}

/// One item in one line.
pub(crate) fn line(row: &ItemRow) -> String {
    let short: String = row
        .sha256
        .as_deref()
        .map(hex)
        .unwrap_or_default()
        .chars()
        .take(12)
        .collect();
    let bytes = row.bytes.map_or_else(|| "?".into(), grouped);
    let path = safe(row.path.as_deref().unwrap_or("(withheld)"));
    format!(
        "{:>6} {} {short}… {bytes:>14} B  {}  {path}",
        row.number,
        row.id,
        moment(row.added_at)
    )
}

/// One item for programs.
pub(crate) fn value(row: &ItemRow) -> Value {
    json!({
        "id": row.id,
        "number": row.number,
        "index": row.seq,
        "sha256": row.sha256.as_deref().map(hex),
        "blake3": row.blake3.as_deref().map(hex),
        "bytes": row.bytes,
        "name": row.name,
        "path": row.path,
        "path_hex": row.path_raw.as_deref().map(hex),
        "source": row.source,
        "session": row.session,
        "collected_at": row.collected_at,
        "modified": row.modified.map(instant),
        "media": row.media,
        "compartment": row.compartment,
        "level": level(row.level),
        "added_at": instant(row.added_at),
        "added_by": row.added_by,
    })
}

fn level(level: i64) -> &'static str {
    match level {
        0 => "open",
        1 => "internal",
        2 => "restricted",
        _ => "sealed",
    }
}

pub(crate) async fn show(args: cli::Show, at: &At, out: &Out) -> Result<Exit> {
    let (archive, who) = at.open().await?;
    let seen = archive.seen_by(&who);
    let row = seen.item_named(&args.item).await?;
    let chain = seen.chain(&Subject::Item(row.item()?)).await?;
    let copies: Vec<ItemRow> = match row.digest() {
        Some(digest) => seen
            .items_with(&digest)
            .await?
            .into_iter()
            .filter(|r| r.id != row.id)
            .collect(),
        None => Vec::new(),
    };
    let dossiers: Vec<String> = seen
        .dossiers_of(&row.id)
        .await?
        .into_iter()
        .map(|d| d.dossier)
        .collect();
    let covered = archive.truth().covered().await?;
    let entries = opened(&archive, &who, &chain).await?;
    let mut full = value(&row);
    let steps = chain.iter().zip(&entries).map(|(r, e)| {
        json!({
            "index": r.seq, "kind": r.kind, "at": instant(r.at), "by": r.who, "n": r.n, "leaf": hex(&r.leaf),
            "covered": r.seq.cast_unsigned() < covered, "fields": e.fields,
        })
    });
    full["chain"] = steps.collect();
    full["same_bytes_as"] = copies.iter().map(|c| json!(c.id)).collect();
    full["dossiers"] = json!(dossiers);
    out.data("item", full, || {
        Sheet {
            row: &row,
            chain: &chain,
            copies: &copies,
            dossiers: &dossiers,
            covered,
        }
        .text()
    });
    out.summary(json!({ "exit": 0 }), String::new);
    Ok(Exit::Done)
}

/// The entries themselves, each checked again with the archive's key.
async fn opened(archive: &Archive, who: &Who, chain: &[EntryRow]) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for row in chain {
        let text = archive.seen_by(who).entry(row.seq.cast_unsigned()).await?;
        let entry = Entry::open(&text, Some(&archive.home().entry_key)).map_err(|e| {
            Error::new(Why::Damaged, format!("Entry {} is not good: {e}", row.seq))
                .next("Run `holdfast check --full` to see all damage")
        })?;
        entries.push(entry);
    }
    Ok(entries)
}

struct Sheet<'a> {
    row: &'a ItemRow,
    chain: &'a [EntryRow],
    copies: &'a [ItemRow],
    dossiers: &'a [String],
    covered: u64,
}

impl Sheet<'_> {
    fn text(&self) -> String {
        let mut lines = vec![
            format!("Item {} · {}", self.row.number, self.row.id),
            String::new(),
        ];
        lines.push("AS COLLECTED (never changes)".into());
        self.facts(&mut lines);
        lines.push("\nASSESSMENT\n  none yet\n\nCUSTODY".into());
        for e in self.chain {
            let state = if e.seq.cast_unsigned() < self.covered {
                "covered"
            } else {
                "recorded"
            };
            let leaf: String = hex(&e.leaf).chars().take(16).collect();
            let who = e.who.as_deref().unwrap_or("?");
            lines.push(format!(
                "  {:>3}  entry {:<8} {}  {:<12} {who}  {state} · leaf {leaf}…",
                e.n,
                e.seq,
                moment(e.at),
                e.kind
            ));
        }
        lines.push(format!(
            "  the signed checkpoint covers {} entries; times are this machine's claim",
            grouped(self.covered)
        ));
        for c in self.copies {
            lines.push(format!(
                "  same bytes as {} ({})",
                c.id,
                safe(c.path.as_deref().unwrap_or("?"))
            ));
        }
        if !self.dossiers.is_empty() {
            lines.push(format!(
                "  chosen for dossiers {}",
                self.dossiers.join(", ")
            ));
        }
        lines.join("\n")
    }

    fn facts(&self, lines: &mut Vec<String>) {
        let row = self.row;
        let mut fact = |name: &str, value: Option<String>| {
            lines.push(format!(
                "  {name:<13}{}",
                value.map_or_else(|| "not recorded".into(), |v| safe(&v))
            ));
        };
        fact("name", row.name.clone());
        fact("path", row.path.clone());
        fact("source", row.source.clone());
        fact("session", row.session.clone());
        fact(
            "collected",
            row.collected_at.clone().map(|t| format!("{t} (as stated)")),
        );
        fact(
            "added",
            Some(format!(
                "{} by {}",
                moment(row.added_at),
                row.added_by.as_deref().unwrap_or("?")
            )),
        );
        fact("file dated", row.modified.map(moment));
        fact(
            "type",
            row.media.clone().map(|m| format!("{m} (by signature)")),
        );
        fact("bytes", row.bytes.map(grouped));
        fact("SHA-256", row.sha256.as_deref().map(hex));
        fact("BLAKE3", row.blake3.as_deref().map(hex));
        fact(
            "access",
            Some(format!(
                "compartment {}, level {}",
                row.compartment,
                level(row.level)
            )),
        );
    }
}
