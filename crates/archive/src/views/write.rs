//! Entries into rows. Rows of one group go in together, many to a statement; what must see earlier rows flushes them first.

use super::{Applied, sql};
use crate::error::Result;
use format::id::Subject;
use format::kind::{self, Kind};
use format::name::BytesName;
use std::collections::HashMap;
use store::{Arg, Tx, args};

const ENTRY: &[&str] = &["seq", "kind", "at", "who", "subject", "n", "leaf"];
const ITEM: &[&str] = &[
    "id",
    "number",
    "seq",
    "compartment",
    "level",
    "sha256",
    "blake3",
    "bytes",
    "name",
    "name_raw",
    "path",
    "path_raw",
    "source",
    "session",
    "collected_at",
    "modified",
    "media",
    "added_at",
    "added_by",
];

#[derive(Default)]
struct Pending {
    entries: Vec<Vec<Arg>>,
    items: Vec<Vec<Arg>>,
    numbers: HashMap<String, i64>,
}

/// Brings the views up to date with these entries, in their order.
pub(crate) async fn apply(tx: &mut Tx, entries: &[Applied]) -> Result<()> {
    let mut pending = Pending::default();
    for e in entries {
        pending.entries.push(entry_row(e));
        match &e.kind {
            Some(Kind::Collected(c)) => collected(tx, &mut pending, e, c).await?,
            Some(kind) => other(tx, e, kind).await?,
            None => {}
        }
    }
    tx.bulk("view_entry", ENTRY, pending.entries).await?;
    tx.bulk("view_item", ITEM, pending.items).await?;
    Ok(())
}

fn entry_row(e: &Applied) -> Vec<Arg> {
    args![
        e.index.cast_signed(),
        e.common.kind.clone().unwrap_or_default(),
        at(e),
        who(e),
        e.subject.to_string(),
        e.chain_n().cast_signed(),
        e.leaf.0.to_vec()
    ]
}

fn at(e: &Applied) -> i64 {
    e.common.at.as_ref().map_or(0, |t| t.micros())
}

fn who(e: &Applied) -> Option<String> {
    e.common.by.as_ref().map(ToString::to_string)
}

/// A name as text for reading and searching, and its bytes where the text cannot give them back.
fn named(name: Option<&BytesName>) -> (Option<String>, Option<Vec<u8>>) {
    match name {
        None => (None, None),
        Some(n) => match std::str::from_utf8(n.as_bytes()) {
            // PostgreSQL refuses NUL in text; such a name keeps its bytes and shows a visible stand-in.
            Ok(text) if !text.contains('\0') => (Some(text.to_owned()), None),
            _ => (
                Some(n.lossy().replace('\0', "\u{2400}")),
                Some(n.as_bytes().to_vec()),
            ),
        },
    }
}

async fn collected(
    tx: &mut Tx,
    pending: &mut Pending,
    e: &Applied,
    c: &kind::Collected,
) -> Result<()> {
    let Subject::Item(id) = &e.subject else {
        return Ok(());
    };
    // Default deny: what does not say its compartment or level is in none and sealed.
    let compartment = c.compartment.clone().unwrap_or_default();
    let level = c.level.unwrap_or(kind::Level::Sealed);
    let number = match pending.numbers.get(&compartment) {
        Some(n) => n + 1,
        None => next(tx, sql::ITEM_LAST, &compartment).await?,
    };
    pending.numbers.insert(compartment.clone(), number);
    let (name, name_raw) = named(c.name.as_ref());
    let (path, path_raw) = named(c.path.as_ref());
    let digests = c.digests.as_ref();
    pending.items.push(args![
        id.to_string(),
        number,
        e.index.cast_signed(),
        compartment,
        level as i64,
        digests.map(|d| d.sha256.0.to_vec()),
        digests.map(|d| d.blake3.0.to_vec()),
        digests.map(|d| d.bytes.cast_signed()),
        name,
        name_raw,
        path,
        path_raw,
        c.source.clone(),
        c.session.as_ref().map(ToString::to_string),
        c.collected_at.clone(),
        c.file
            .as_ref()
            .and_then(|f| f.modified.as_ref())
            .map(|t| t.micros()),
        c.media.as_ref().map(|m| m.media_type.clone()),
        at(e),
        who(e)
    ]);
    Ok(())
}

async fn next(tx: &mut Tx, sql: &'static str, within: &str) -> Result<i64> {
    let last: Option<(i64,)> = tx.one(sql, args![within]).await?;
    Ok(last.map_or(0, |(n,)| n) + 1)
}

async fn other(tx: &mut Tx, e: &Applied, kind: &Kind) -> Result<()> {
    let (seq, subject) = (e.index.cast_signed(), e.subject.to_string());
    match kind {
        Kind::PersonAdded(p) => {
            let roles = p.roles.clone().unwrap_or_default().join(" ");
            tx.run(
                sql::PERSON_ADD,
                args![subject, p.handle.clone().unwrap_or_default(), roles, seq],
            )
            .await?;
        }
        Kind::SessionStarted(_) | Kind::SessionNoted(_) | Kind::SessionEnded(_) => {
            session(tx, e, kind, seq, subject).await?;
        }
        Kind::NotCollected(r) => {
            let session = matches!(e.subject, Subject::Session(_)).then_some(subject);
            let (path, _) = named(r.path.as_ref());
            tx.run(
                sql::REFUSED_ADD,
                args![seq, session, path, r.reason.clone(), at(e)],
            )
            .await?;
        }
        Kind::Exported(x) => {
            tx.run(
                sql::EXPORT_ADD,
                args![
                    seq,
                    subject,
                    x.how.clone(),
                    x.purpose.clone(),
                    at(e),
                    who(e)
                ],
            )
            .await?;
        }
        Kind::Checked(c) => checked(tx, e, c, seq).await?,
        Kind::DossierOpened(_) | Kind::DossierItemAdded(_) | Kind::DossierSealed(_) => {
            dossier(tx, e, kind, seq, subject).await?;
        }
        Kind::Founded(_) | Kind::Collected(_) => {}
    }
    Ok(())
}

async fn checked(tx: &mut Tx, e: &Applied, c: &kind::Checked, seq: i64) -> Result<()> {
    let damage = c.damage.clone().unwrap_or_default();
    let text = serde_json::to_string(&damage).unwrap_or_default();
    tx.run(
        sql::CHECK_ADD,
        args![
            seq,
            c.scope.clone().unwrap_or_default(),
            c.originals.unwrap_or_default().cast_signed(),
            c.bytes.unwrap_or_default().cast_signed(),
            damage.len() as i64,
            text,
            at(e)
        ],
    )
    .await?;
    Ok(())
}

async fn session(tx: &mut Tx, e: &Applied, kind: &Kind, seq: i64, id: String) -> Result<()> {
    match kind {
        Kind::SessionStarted(s) => {
            let number = next(tx, sql::SESSION_LAST, &id).await?;
            tx.run(
                sql::SESSION_ADD,
                args![
                    id,
                    number,
                    s.purpose.clone(),
                    s.authority.clone(),
                    at(e),
                    who(e),
                    seq
                ],
            )
            .await?;
        }
        Kind::SessionNoted(n) => note(tx, seq, id, n.note.clone()).await?,
        Kind::SessionEnded(n) => {
            tx.run(sql::SESSION_END, args![id.clone(), at(e)]).await?;
            if n.note.is_some() {
                note(tx, seq, id, n.note.clone()).await?;
            }
        }
        _ => {}
    }
    Ok(())
}

async fn note(tx: &mut Tx, seq: i64, session: String, note: Option<String>) -> Result<()> {
    tx.run(sql::SESSION_NOTE_ADD, args![seq, session, note])
        .await?;
    Ok(())
}

async fn dossier(tx: &mut Tx, e: &Applied, kind: &Kind, seq: i64, id: String) -> Result<()> {
    match kind {
        Kind::DossierOpened(d) => {
            let number = next(tx, sql::DOSSIER_LAST, &id).await?;
            tx.run(
                sql::DOSSIER_ADD,
                args![
                    id,
                    number,
                    d.recipient.clone(),
                    d.purpose.clone(),
                    at(e),
                    seq
                ],
            )
            .await?;
        }
        Kind::DossierItemAdded(d) => {
            let item = d.item.as_ref().map(ToString::to_string).unwrap_or_default();
            let withhold = d.withhold.clone().unwrap_or_default().join(" ");
            tx.run(sql::DOSSIER_ITEM_ADD, args![id, item, withhold, seq])
                .await?;
        }
        Kind::DossierSealed(_) => {
            tx.run(sql::DOSSIER_SEAL, args![id, at(e), seq]).await?;
        }
        _ => {}
    }
    Ok(())
}
