//! The entry that seals: what the dossier holds, recorded once and for ever.

use super::Sealing;
use crate::gather::{self, Chosen};
use archive::views::{DossierRow, EntryRow, ItemRow};
use archive::{Archive, Draft, Error, Result, Who, Why};
use format::id::{DossierId, ItemId, Sha256, Subject};
use format::kind::{Content, DossierSealed, Head, Kind, Reason, Withheld};

/// What was chosen for a dossier, before anything is recorded.
#[derive(Debug)]
pub(super) struct Choice {
    row: DossierRow,
    /// Each item with the fields left out of its entries.
    pub(super) items: Vec<(ItemRow, Vec<String>)>,
}

/// Looks up what is to be sealed; an empty dossier is refused.
pub(super) async fn choice(archive: &Archive, who: &Who, dossier: &DossierId) -> Result<Choice> {
    let row = archive
        .seen_by(who)
        .dossier_named(&dossier.to_string())
        .await?;
    let rows = archive.seen_by(who).dossier_items(&row.id).await?;
    if rows.is_empty() {
        return Err(Error::new(
            Why::Invalid,
            format!("Dossier D-{} holds no item", row.number),
        )
        .next("Choose items with `holdfast dossier add`"));
    }
    let items = gather::rows(archive, who, &rows).await?;
    Ok(Choice { row, items })
}

/// The sealing entry: made now, or the one there is already.
pub(super) async fn entry(
    archive: &Archive,
    who: &Who,
    choice: &Choice,
    sealing: &Sealing,
) -> Result<(u64, Vec<Chosen>)> {
    let Choice { row, items } = choice;
    if let Some(seq) = row.sealed_seq {
        return again(archive, who, seq.cast_unsigned(), items).await;
    }
    let mut now = archive.begin(who).await?;
    let subject: DossierId = row
        .id
        .parse()
        .map_err(|_why| Error::bug("A dossier id in the views is not one"))?;
    let name = format!("D-{}", row.number);
    now.must_be_unchanged(&Subject::Dossier(subject), &name, sealing.after, &[])
        .await?;
    let still: Option<DossierRow> = now.dossier(&row.id).await?;
    if still.is_none_or(|d| d.sealed_at.is_some())
        || now.dossier_items(&row.id).await?.len() != items.len()
    {
        return Err(Error::new(
            Why::Stale,
            format!("Dossier D-{} changed while it was being sealed", row.number),
        )
        .next("Look at it again, then seal it"));
    }
    let mut chosen = Vec::new();
    for (item, withhold) in items {
        let chain = now.chain(&gather::subject(item)?).await?;
        chosen.push(newest(archive, item, withhold, &chain)?);
    }
    let contents = chosen.iter().map(|c| c.content.clone()).collect();
    let kind = Kind::DossierSealed(DossierSealed::new(
        row.recipient.clone().unwrap_or_default(),
        row.purpose.clone().unwrap_or_default(),
        contents,
        sealing.tool.clone(),
    ));
    let recorded = now
        .record(vec![Draft::about(Subject::Dossier(subject), kind)])
        .await?;
    archive.cover().await?;
    let index = recorded
        .first()
        .map(|r| r.index)
        .ok_or_else(|| Error::bug("Sealing recorded nothing"))?;
    Ok((index, chosen))
}

/// An item as it stands now: its whole chain, of which acts inside the organisation are withheld.
fn newest(
    archive: &Archive,
    item: &ItemRow,
    withhold: &[String],
    chain: &[EntryRow],
) -> Result<Chosen> {
    let last = chain
        .last()
        .ok_or_else(|| Error::bug(format!("Item {} has no entry", item.id)))?;
    let leaf = last
        .leaf
        .clone()
        .try_into()
        .map_err(|_why| Error::bug("A leaf hash in the rows is not 32 bytes"))?;
    let withheld = chain.iter().filter(|e| e.kind == "exported");
    let content = Content {
        item: item.item()?,
        evidence: folder(archive),
        head: Head {
            n: last.n.cast_unsigned(),
            index: last.seq.cast_unsigned(),
            leaf: Sha256(leaf),
        },
        withheld: withheld
            .map(|e| Withheld {
                index: e.seq.cast_unsigned(),
                reason: Reason::Internal,
            })
            .collect(),
    };
    Ok(Chosen {
        row: item.clone(),
        content,
        chain: chain.iter().map(|e| e.seq.cast_unsigned()).collect(),
        withhold: withhold.to_vec(),
    })
}

/// Twelve random characters: the folder of one evidence file, which tells nothing about it.
fn folder(archive: &Archive) -> String {
    ItemId::from_random(archive.draw())
        .to_string()
        .chars()
        .skip(2)
        .collect()
}

/// A dossier that was sealed before: its entry says what is in it, the chains are cut where they were then.
async fn again(
    archive: &Archive,
    who: &Who,
    seq: u64,
    items: &[(ItemRow, Vec<String>)],
) -> Result<(u64, Vec<Chosen>)> {
    let size = archive.truth().covered().await?;
    let entry = gather::entries(archive, &std::iter::once(seq).collect(), size)
        .await?
        .remove(&seq);
    let sealed = entry.and_then(|e| match Kind::read(&e.fields) {
        Ok(Kind::DossierSealed(sealed)) => sealed.contents,
        _ => None,
    });
    let contents = sealed.ok_or_else(|| {
        Error::new(Why::Damaged, format!("Entry {seq} does not seal a dossier"))
            .next("Run `holdfast check --full`")
    })?;
    let mut chosen = Vec::new();
    for (row, withhold) in items {
        let id = row.item()?;
        let content = contents
            .iter()
            .find(|c| c.item == id)
            .cloned()
            .ok_or_else(|| Error::bug(format!("Item {id} is not in the sealed contents")))?;
        let chain = archive.seen_by(who).chain(&gather::subject(row)?).await?;
        let chain = chain
            .iter()
            .filter(|e| e.n.cast_unsigned() <= content.head.n)
            .map(|e| e.seq.cast_unsigned())
            .collect();
        chosen.push(Chosen {
            row: row.clone(),
            content,
            chain,
            withhold: withhold.clone(),
        });
    }
    Ok((seq, chosen))
}
