//! What goes into a dossier, gathered from the archive: entries with what is shown of them, proofs, digests.

use archive::truth::log::WIDTH;
use archive::views::{DossierItemRow, ItemRow};
use archive::{Archive, Error, Result, Who, Why};
use format::dossier::layout::LaidEntry;
use format::entry::Entry;
use format::id::{ItemId, Sha256 as Digest, Subject};
use format::kind::Content;
use format::log::checkpoint::Checkpoint;
use format::log::proof::Proof;
use format::log::tree::{inclusion_tiles, prove_inclusion};
use rayon::prelude::*;
use sha2::{Digest as _, Sha256, Sha512};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One item of a dossier with everything known of it.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub(crate) row: ItemRow,
    pub(crate) content: Content,
    /// Log indexes of its chain, in order.
    pub(crate) chain: Vec<u64>,
    /// Fields left out of its entries.
    pub(crate) withhold: Vec<String>,
}

/// Every entry of the dossier by its log index, in full.
pub(crate) async fn entries(
    archive: &Archive,
    wanted: &BTreeSet<u64>,
    size: u64,
) -> Result<BTreeMap<u64, Entry>> {
    let mut found = BTreeMap::new();
    let bundles: BTreeSet<u64> = wanted.iter().map(|i| i / WIDTH).collect();
    for n in bundles {
        let bundle = archive.truth().bundle(n, size).await?;
        for (index, text) in bundle.entries().filter(|(i, _)| wanted.contains(i)) {
            let entry = Entry::open(&text, Some(&archive.home().entry_key)).map_err(|e| {
                Error::new(Why::Damaged, format!("Entry {index} is not good: {e}"))
                    .next("Run `holdfast check --full` before anything is shared")
            })?;
            found.insert(index, entry);
        }
    }
    match wanted.iter().find(|i| !found.contains_key(i)) {
        None => Ok(found),
        Some(missing) => Err(Error::new(
            Why::Damaged,
            format!("Entry {missing} is not in the log"),
        )
        .next("Run `holdfast check --full`")),
    }
}

/// Entries with what is shown of them, each with its proof against this checkpoint.
pub(crate) async fn laid(
    archive: &Archive,
    chosen: &[Chosen],
    always: &[u64],
    checkpoint: &Checkpoint,
    note: &str,
) -> Result<Vec<LaidEntry>> {
    let mut hidden: HashMap<u64, Vec<String>> = HashMap::new();
    let mut wholly = BTreeSet::new();
    let mut wanted: BTreeSet<u64> = always.iter().copied().collect();
    for c in chosen {
        for index in &c.chain {
            wanted.insert(*index);
            hidden.insert(*index, c.withhold.clone());
        }
        wholly.extend(c.content.withheld.iter().map(|w| w.index));
    }
    let full = entries(archive, &wanted, checkpoint.size).await?;
    let bad = |e: &dyn std::fmt::Display| Error::bug(format!("A proof cannot be made: {e}"));
    let mut needed = BTreeSet::new();
    for index in &wanted {
        needed.extend(inclusion_tiles(*index, checkpoint.size).map_err(|e| bad(&e))?);
    }
    let tiles = archive.truth().tiles(needed.into_iter().collect()).await?;
    let one = |(index, entry): (u64, Entry)| -> Result<LaidEntry> {
        let hashes = prove_inclusion(index, checkpoint.size, &tiles).map_err(|e| bad(&e))?;
        let proof = Proof::new(index, hashes, note).map_err(|e| bad(&e))?;
        let entry = if wholly.contains(&index) {
            let all: Vec<&str> = entry.fields.keys().map(String::as_str).collect();
            entry.without(&all)
        } else {
            let some: Vec<&str> = hidden
                .get(&index)
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect();
            entry.without(&some)
        };
        Ok(LaidEntry {
            index,
            entry,
            proof,
        })
    };
    full.into_par_iter().map(one).collect()
}

/// SHA-512 and length of each original, by its SHA-256.
pub(crate) type Digests = HashMap<Digest, ([u8; 64], u64)>;

/// Reads every original once: its SHA-512 for the manifest, its SHA-256 against what was recorded.
pub(crate) fn digests(
    archive: &Archive,
    rows: &[ItemRow],
    tell: &(dyn Fn(u64) + Sync),
) -> Result<Digests> {
    let mut named: HashMap<Digest, ItemId> = HashMap::new();
    for row in rows {
        let item = row.item()?;
        let digest = row
            .digest()
            .ok_or_else(|| Error::not_found(format!("original of item {item}")))?;
        named.entry(digest).or_insert(item);
    }
    named
        .into_par_iter()
        .map(|(digest, item)| Ok((digest, one(archive, item, &digest, tell)?)))
        .collect()
}

fn one(
    archive: &Archive,
    item: ItemId,
    digest: &Digest,
    tell: &(dyn Fn(u64) + Sync),
) -> Result<([u8; 64], u64)> {
    let reader = archive.originals().open(digest).map_err(|e| match e.why {
        Why::Damaged => Error::new(
            Why::Damaged,
            format!("The original of item {item} is missing; nothing was sealed"),
        )
        .next(MEND),
        _ => e,
    })?;
    let (mut sha256, mut sha512, mut at) = (Sha256::new(), Sha512::new(), 0);
    let mut buf = vec![0; 256 << 10];
    loop {
        let n = reader.read_at(&mut buf, at)?;
        if n == 0 {
            break;
        }
        sha256.update(&buf[..n]);
        sha512.update(&buf[..n]);
        at += n as u64;
        tell(n as u64);
    }
    if <[u8; 32]>::from(sha256.finalize()) != digest.0 {
        return Err(damaged(item, "nothing was sealed"));
    }
    Ok((sha512.finalize().into(), at))
}

const MEND: &str =
    "Put it back from a backup (`holdfast check --full` names the file), then seal again";

pub(crate) fn damaged(item: ItemId, so: &str) -> Error {
    Error::new(
        Why::Damaged,
        format!("The original of item {item} is not what was recorded; {so}"),
    )
    .next(MEND)
}

/// The items chosen for a dossier that the sealer may see.
pub(crate) async fn rows(
    archive: &Archive,
    who: &Who,
    chosen: &[DossierItemRow],
) -> Result<Vec<(ItemRow, Vec<String>)>> {
    let mut rows = Vec::new();
    for c in chosen {
        let id: ItemId = c
            .item
            .parse()
            .map_err(|_why| Error::bug("An item id in the views is not one"))?;
        let row = archive.seen_by(who).item(&id).await?;
        rows.push((
            row,
            c.withhold.split_whitespace().map(str::to_owned).collect(),
        ));
    }
    Ok(rows)
}

/// The subject of an item row.
pub(crate) fn subject(row: &ItemRow) -> Result<Subject> {
    Ok(Subject::Item(row.item()?))
}
