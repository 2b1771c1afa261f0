//! Opening a dossier and choosing what goes into it.

use archive::{Archive, Draft, Error, Result, Who, Why};
use format::id::{DossierId, ItemId, Subject};
use format::kind::{DossierItemAdded, DossierOpened, Kind};
use std::collections::HashSet;

/// Fields that may be left out of the entries of an item. The others are what a check rests on.
const MAY_WITHHOLD: &[&str] = &[
    "by",
    "name",
    "path",
    "source",
    "session",
    "collected_at",
    "file",
    "media",
    "compartment",
    "level",
    "purpose",
    "how",
];

/// Opens a dossier for a recipient.
pub async fn open_dossier(
    archive: &Archive,
    who: &Who,
    recipient: &str,
    purpose: &str,
) -> Result<DossierId> {
    let said = |text: &str, what: &str, next: &str| match text.trim() {
        "" => Err(Error::new(Why::Invalid, what).next(next)),
        long if long.len() > 10_000 => Err(Error::new(
            Why::Invalid,
            "This text is longer than 10,000 bytes",
        )
        .next("Put the long form into a letter beside the dossier")),
        text => Ok(text.to_owned()),
    };
    let recipient = said(
        recipient,
        "A dossier needs a recipient",
        "Say for whom it is",
    )?;
    let purpose = said(
        purpose,
        "A dossier needs a purpose",
        "Say in a sentence what it is for",
    )?;
    let id = DossierId::from_random(archive.draw());
    let kind = Kind::DossierOpened(DossierOpened::new(recipient, purpose));
    archive
        .begin(who)
        .await?
        .record(vec![Draft::first(Subject::Dossier(id), kind)])
        .await?;
    archive.cover().await?;
    Ok(id)
}

/// Chooses items for a dossier that is still open; says how many are new in it.
///
/// With `after`, the number of the last entry about the dossier that whoever chooses was shown, nothing is added to a
/// dossier that has changed since.
pub async fn add_items(
    archive: &Archive,
    who: &Who,
    dossier: &DossierId,
    items: &[ItemId],
    withhold: &[String],
    after: Option<u64>,
) -> Result<u64> {
    if let Some(field) = withhold
        .iter()
        .find(|f| !MAY_WITHHOLD.contains(&f.as_str()))
    {
        return Err(Error::new(Why::Invalid, format!("The field {field:?} cannot be withheld: a check rests on it, or there is none of that name"))
            .next(format!("These can be: {}", MAY_WITHHOLD.join(", "))));
    }
    let withhold = with_what_tells(withhold);
    for item in items {
        archive.seen_by(who).item(item).await?;
    }
    let mut now = archive.begin(who).await?;
    let row = now
        .dossier(&dossier.to_string())
        .await?
        .ok_or_else(|| Error::not_found(format!("dossier {dossier}")))?;
    if row.sealed_at.is_some() {
        return Err(
            Error::new(Why::Stale, format!("Dossier D-{} is sealed", row.number))
                .next("Open a new dossier for what came later"),
        );
    }
    let subject = Subject::Dossier(*dossier);
    let name = format!("D-{}", row.number);
    now.must_be_unchanged(&subject, &name, after, &[]).await?;
    let mut there: HashSet<String> = now
        .dossier_items(&dossier.to_string())
        .await?
        .into_iter()
        .map(|i| i.item)
        .collect();
    let mut drafts = Vec::new();
    for item in items {
        if there.insert(item.to_string()) {
            let kind = Kind::DossierItemAdded(DossierItemAdded::new(*item, withhold.clone()));
            drafts.push(Draft::about(Subject::Dossier(*dossier), kind));
        }
    }
    let added = drafts.len() as u64;
    if added > 0 {
        now.record(drafts).await?;
        archive.cover().await?;
    }
    Ok(added)
}

/// A path ends with the name: whoever withholds the name means the path too.
fn with_what_tells(withhold: &[String]) -> Vec<String> {
    let has = |field: &str| withhold.iter().any(|f| f == field);
    let mut all = withhold.to_vec();
    if has("name") && !has("path") {
        all.push("path".to_owned());
    }
    all
}
