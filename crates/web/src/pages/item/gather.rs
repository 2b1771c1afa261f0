//! What one item's page says, gathered from the rows this person may see.

use std::collections::HashMap;

use archive::views::{CheckRow, EntryRow, ItemRow};
use archive::{Error, Result, Seen};
use format::id::Subject;

use super::{Act, DossierLink, Fact, ItemPage, Seal, Twin, Value};
use crate::app::App;
use crate::frame::Place;
use crate::guard::sessions::Who;
use crate::guard::visit::Visit;
use crate::pages::words::{self, People};
use crate::pages::{Fixity, Sensitivity};
use crate::paths;
use crate::text::{Code, Count, Evidence};

/// Checks looked through for one that read this item.
const CHECKS: i64 = 200;

pub(super) async fn page(app: &App, visit: &Visit, who: &Who, row: &ItemRow) -> Result<ItemPage> {
    let seen = app.archive.seen_by(who.access());
    let people = People::of(&seen).await?;
    let digest = words::digest(row.sha256.as_deref())
        .ok_or_else(|| Error::not_found(format!("original of item {}", row.id)))?;
    let covered = app.archive.truth().covered().await?;
    let (dossiers, open_dossiers) = dossiers(&seen, row).await?;
    let mut frame = visit.frame(Place::Inbox);
    frame.compartment = Some(words::standing([row]));
    Ok(ItemPage {
        frame,
        number: row.number.to_string(),
        id: Code::new(&row.id),
        name: words::told(row.name.as_deref()),
        kind: words::kind(row.media.as_deref()),
        bytes: words::count(row.bytes.unwrap_or(0)),
        sensitivity: Sensitivity::Unknown,
        original: paths::item_original(&row.id),
        check: paths::item_check(&row.id),
        choose: paths::item_dossier(&row.id),
        seal: Seal {
            digest,
            fixity: fixity(&seen.checks(CHECKS).await?, row),
            added: words::moment(row.added_at),
            by: people.name(row.added_by.as_deref()),
        },
        collected: facts(&seen, row).await?,
        custody: custody(&seen, row, &people, covered).await?,
        covered: Count(covered),
        copies: copies(&seen, row, &people).await?,
        dossiers,
        open_dossiers,
    })
}

/// What the newest check that says something about this item said.
fn fixity(checks: &[CheckRow], row: &ItemRow) -> Fixity {
    let digest = row.sha256.as_deref().map(words::hex).unwrap_or_default();
    let mut present = None;
    // newest first; only a check after the item came in can have seen it
    for check in checks.iter().filter(|check| check.seq > row.seq) {
        let kept: Vec<format::kind::Damage> =
            serde_json::from_str(&check.damage).unwrap_or_default();
        let mine = |damage: &&format::kind::Damage| {
            damage.item.is_some_and(|id| id.to_string() == row.id) || damage.name.contains(&digest)
        };
        if let Some(damage) = kept.iter().find(mine) {
            let what = format!("{} {}: {}", damage.what, damage.name, damage.detail);
            return Fixity::Damaged {
                what: Evidence::new(what),
            };
        }
        let when = || words::moment(check.at);
        if check.scope == "full" || check.scope == format!("item {}", row.id) {
            return Fixity::Intact { checked: when() };
        }
        if check.scope == "quick" && present.is_none() {
            present = Some(when());
        }
    }
    present.map_or(Fixity::NotChecked, |checked| Fixity::Present { checked })
}

async fn facts(seen: &Seen<'_>, row: &ItemRow) -> Result<Vec<Fact>> {
    let text = |text: Option<&str>| {
        text.map_or(Value::NotRecorded, |text| Value::Text(Evidence::new(text)))
    };
    let exact = |text: Option<String>| {
        text.map_or(Value::NotRecorded, |text| Value::Exact(Code::new(text)))
    };
    let session = match &row.session {
        None => None,
        Some(id) => {
            let session = seen.session_named(id).await?;
            let purpose = session.purpose.unwrap_or_default();
            Some(format!("S-{} {purpose}", session.number))
        }
    };
    let fact = |label, value| Fact { label, value };
    Ok(vec![
        fact(
            "BLAKE3",
            words::digest(row.blake3.as_deref()).map_or(Value::NotRecorded, Value::Digest),
        ),
        fact("file name", text(row.name.as_deref())),
        fact("path", text(row.path.as_deref())),
        fact("source", text(row.source.as_deref())),
        fact("session", text(session.as_deref())),
        fact("collected, as stated", text(row.collected_at.as_deref())),
        fact("added", Value::Time(words::moment(row.added_at))),
        fact(
            "file dated",
            row.modified
                .map_or(Value::NotRecorded, |at| Value::Time(words::moment(at))),
        ),
        fact("kind by signature", exact(row.media.clone())),
        fact("size in bytes", exact(row.bytes.map(|b| b.to_string()))),
        fact("compartment", text(Some(&row.compartment))),
        fact("level", text(Some(words::level(row.level)))),
    ])
}

async fn custody(
    seen: &Seen<'_>,
    row: &ItemRow,
    people: &People,
    covered: u64,
) -> Result<Vec<Act>> {
    let id = row.item()?;
    let mut said: HashMap<i64, String> = HashMap::new();
    for export in seen.exports(&id).await? {
        let how = match export.how.as_deref() {
            Some("page") => "from this page",
            Some("get") => "on the machine itself",
            Some(other) => other,
            None => "(withheld)",
        };
        let purpose = export.purpose.map(|purpose| format!(": {purpose}"));
        said.insert(export.seq, format!("{how}{}", purpose.unwrap_or_default()));
    }
    let act = |entry: EntryRow| -> Result<Act> {
        Ok(Act {
            n: words::count(entry.n).0,
            when: words::moment(entry.at),
            who: people.name(entry.who.as_deref()),
            act: words::act(&entry.kind),
            details: said.remove(&entry.seq).map(Evidence::new),
            entry: words::count(entry.seq),
            leaf: words::digest(Some(&entry.leaf))
                .ok_or_else(|| Error::bug("A leaf hash in the rows is not 32 bytes"))?,
            covered: words::count(entry.seq).0 < covered,
        })
    };
    let chain = seen.chain(&Subject::Item(id)).await?;
    chain.into_iter().map(act).collect()
}

async fn copies(seen: &Seen<'_>, row: &ItemRow, people: &People) -> Result<Vec<Twin>> {
    let Some(digest) = row.digest() else {
        return Ok(Vec::new());
    };
    let rows = seen.items_with(&digest).await?;
    let others = rows.into_iter().filter(|other| other.id != row.id);
    Ok(others
        .map(|other| Twin {
            url: paths::item(&other.id),
            number: other.number.to_string(),
            name: words::told(other.name.as_deref()),
            added: words::moment(other.added_at),
            by: people.name(other.added_by.as_deref()),
        })
        .collect())
}

/// The dossiers the item was chosen for, and the open ones it was not.
async fn dossiers(seen: &Seen<'_>, row: &ItemRow) -> Result<(Vec<DossierLink>, Vec<DossierLink>)> {
    let chosen = seen.dossiers_of(&row.id).await?;
    let (mut of, mut open) = (Vec::new(), Vec::new());
    for dossier in seen.dossiers().await?.into_iter().rev() {
        let link = DossierLink {
            url: paths::dossier(&dossier.id),
            id: dossier.id.clone(),
            number: format!("D-{}", dossier.number),
            recipient: words::told(dossier.recipient.as_deref()),
        };
        if chosen.iter().any(|chosen| chosen.dossier == dossier.id) {
            of.push(link);
        } else if dossier.sealed_at.is_none() {
            open.push(link);
        }
    }
    Ok((of, open))
}
