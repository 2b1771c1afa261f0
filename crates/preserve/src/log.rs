//! The log against its own signature: checkpoint, tiles, records, disclosures, chains, keys.

mod hashes;
mod read;

use crate::check::Event;
use crate::damage::{Damage, Place};
use archive::{Archive, Now, Result, Who};
use format::entry::Entry;
use format::id::{Digests, ItemId, Subject};
use format::kind::{Chain, Common, Kind};
use format::log::checkpoint::Checkpoint;
use format::log::edge::Edge;
use format::log::hash::{Hash, leaf};
use format::log::tile::{BundleId, TileId};
use rayon::prelude::*;
use read::Read;
use std::collections::{BTreeMap, HashMap};

/// An original that entries name, with the items that hold it.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) digests: Digests,
    pub(crate) items: Vec<ItemId>,
    /// The log number of the first entry that names it.
    pub(crate) first: u64,
}

/// What the log says, and what is wrong with it.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) entries: u64,
    pub(crate) originals: Vec<Wanted>,
    pub(crate) damage: Vec<Damage>,
}

/// Bundles checked at once.
const AT_ONCE: usize = 16;

pub(crate) async fn home_and_keys(archive: &Archive) -> Result<Vec<Damage>> {
    let found = archive.check_home().await?;
    Ok(found
        .into_iter()
        .map(|(name, detail)| {
            Damage::new(
                if name == "HOLDFAST" {
                    Place::Home
                } else {
                    Place::Key
                },
                name,
                detail,
            )
        })
        .collect())
}

/// Looks at most so often when others write meanwhile; from the second time on they wait, where they can be made to.
const TURNS: usize = 5;

pub(crate) async fn log(
    archive: &Archive,
    who: &Who,
    tell: &mut (dyn FnMut(Event) + Send),
) -> Result<Facts> {
    let mut before = standing(archive).await?;
    let mut facts = walked(archive, who, tell).await?;
    for _ in 1..TURNS {
        let after = standing(archive).await?;
        if facts.damage.is_empty() || after == before {
            break;
        }
        // What looks damaged may only have moved on under a writer's hands: once more, while nobody writes.
        let held = held(archive, who).await?;
        before = standing(archive).await?;
        facts = walked(archive, who, tell).await?;
        drop(held);
    }
    Ok(facts)
}

/// The head of the log, held so that nobody writes meanwhile; none where it cannot be, as on an archive open to read.
async fn held<'a>(archive: &'a Archive, who: &'a Who) -> Result<Option<Now<'a>>> {
    match archive.begin(who).await {
        Err(e) if e.is_passing() => Err(e),
        held => Ok(held.ok()),
    }
}

/// What changes with every entry: the checkpoint and the tail.
async fn standing(archive: &Archive) -> Result<(Option<Vec<u8>>, archive::truth::tail::Tail)> {
    let checkpoint = archive.truth().raw("log/checkpoint").await?;
    Ok((checkpoint, archive.truth().tail().await?))
}

async fn walked(
    archive: &Archive,
    who: &Who,
    tell: &mut (dyn FnMut(Event) + Send),
) -> Result<Facts> {
    // What this process read or wrote before may not be what is stored now.
    archive.truth().forget();
    let mut walk = Walk::default();
    let known = match archive.seen_by(who).log_size().await {
        Err(e) if e.is_passing() => return Err(e),
        // Rows that cannot say it are damaged themselves, and named as that in the end.
        known => known.unwrap_or(0),
    };
    let checkpoint = checkpoint(archive, known, &mut walk).await?;
    let size = match &checkpoint {
        Some(checkpoint) => checkpoint.size,
        // Nothing signed to go by: every entry is still held against its own signature.
        None => stored(archive, 0, known).await?.unwrap_or(0),
    };
    let ids: Vec<BundleId> = BundleId::all(size).collect();
    for part in ids.chunks(AT_ONCE) {
        let mut reading = tokio::task::JoinSet::new();
        for id in part {
            let (archive, id) = (archive.clone(), *id);
            reading.spawn(async move { (id, archive.truth().raw_bundle(id).await) });
        }
        let mut raw = Vec::with_capacity(part.len());
        while let Some(read) = reading.join_next().await {
            let (id, bundle) =
                read.map_err(|e| archive::Error::bug("Reading the log stopped").because(e))?;
            raw.push((id, bundle?));
        }
        raw.sort_by_key(|(id, _)| id.index());
        let key = archive.home().entry_key.clone();
        let origin = archive.home().origin.clone();
        let read: Vec<_> = raw
            .into_par_iter()
            .map(|(id, raw)| Read::bundle(id, raw, &key, &origin))
            .collect();
        for bundle in read {
            walk.bundle(archive, bundle).await?;
        }
        tell(Event::Entries(walk.next, size));
    }
    if let Some(checkpoint) = &checkpoint {
        walk.root(archive, checkpoint).await?;
    }
    tail(archive, known, &mut walk).await?;
    Ok(walk.facts())
}

/// The checkpoint, unless it is damaged, missing or older than what lies beside it.
async fn checkpoint(archive: &Archive, known: u64, walk: &mut Walk) -> Result<Option<Checkpoint>> {
    let detail = match archive.truth().checkpoint().await {
        Err(e) if e.is_passing() => return Err(e),
        Err(e) => e.to_string(),
        Ok(None) => "is missing".to_owned(),
        Ok(Some((found, _))) => match stored(archive, found.size, known).await? {
            None => return Ok(Some(found)),
            Some(size) => format!(
                "covers {} entries, while {size} lie beside it: an older one was put back",
                found.size
            ),
        },
    };
    let place = Place::Checkpoint;
    walk.damage
        .push(Damage::new(place, "log/checkpoint", detail));
    Ok(None)
}

/// The size beyond `covered`, up to what the rows know, that the log was once covered at, going by its bundles.
async fn stored(archive: &Archive, covered: u64, known: u64) -> Result<Option<u64>> {
    let last_full = known / 256 * 256;
    for size in (covered + 1..=known).rev().take_while(|s| *s >= last_full) {
        if let Some(id) = BundleId::holding(size - 1, size) {
            let path = format!("log/{}", id.entries_path());
            // A leftover of a cover that broke off goes with a tail that still holds the same entries.
            if archive.truth().raw(&path).await?.is_some() && !in_tail(archive, covered).await? {
                return Ok(Some(size));
            }
        }
    }
    Ok(None)
}

async fn in_tail(archive: &Archive, index: u64) -> Result<bool> {
    let tail = archive.truth().tail().await?;
    Ok(tail.frames.iter().any(|f| f.index == index))
}

#[derive(Default)]
struct Walk {
    next: u64,
    leaves: Vec<Hash>,
    edge: Option<Edge>,
    partials: BTreeMap<TileId, Vec<u8>>,
    heads: HashMap<Subject, (u64, u64, Hash)>,
    originals: BTreeMap<[u8; 32], Wanted>,
    damage: Vec<Damage>,
    /// What follows from the entries as they stand; of interest only when they are those that were signed.
    tiles: Vec<Damage>,
    chains: Vec<Damage>,
    broken: bool,
}

impl Walk {
    async fn bundle(&mut self, archive: &Archive, read: Read) -> Result<()> {
        let wanted = u64::from(read.id.width());
        self.broken |= read.entries.len() as u64 != wanted;
        self.damage.extend(read.damage);
        self.leaves.clear();
        for (i, (hash, entry)) in read.entries.into_iter().enumerate() {
            let index = read.id.first() + i as u64;
            self.leaves.push(hash);
            if let Some(entry) = entry {
                self.entry(index, hash, &entry);
            }
        }
        self.next = read.id.first() + wanted;
        if !self.broken {
            let written = self
                .edge
                .get_or_insert_with(Edge::empty)
                .append(&self.leaves);
            for (id, bytes) in written {
                // Partial tiles below the end are only steps of this walk; the ones that stand are looked at in `root`.
                if id.is_full() {
                    self.tile(archive, id, &bytes).await?;
                } else {
                    self.partials.retain(|p, _| p.level() != id.level());
                    self.partials.insert(id, bytes);
                }
            }
        }
        Ok(())
    }

    async fn tile(&mut self, archive: &Archive, id: TileId, bytes: &[u8]) -> Result<()> {
        self.tiles.extend(hashes::tile(archive, id, bytes).await?);
        Ok(())
    }

    fn entry(&mut self, index: u64, hash: Hash, entry: &Entry) {
        let Ok(common) = Common::read(&entry.fields) else {
            return;
        };
        if let (Some(subject), Some(chain)) = (common.subject, common.chain) {
            self.chain(index, hash, subject, chain);
        }
        if let (Some(Subject::Item(id)), Ok(Kind::Collected(c))) =
            (common.subject, Kind::read(&entry.fields))
            && let Some(digests) = c.digests
        {
            let wanted = self
                .originals
                .entry(digests.sha256.0)
                .or_insert_with(|| Wanted {
                    digests,
                    items: Vec::new(),
                    first: index,
                });
            wanted.items.push(id);
        }
    }

    fn chain(&mut self, index: u64, hash: Hash, subject: Subject, chain: Chain) {
        let expected = match self.heads.get(&subject) {
            None => Chain { n: 0, prev: None },
            Some((n, at, leaf)) => Chain {
                n: n + 1,
                prev: Some((*at, leaf.0)),
            },
        };
        if chain != expected && self.damage.is_empty() && self.chains.is_empty() {
            self.chains.push(Damage::new(
                Place::Entry,
                format!("entry {index}"),
                format!(
                    "is number {} about {subject}; number {} was due",
                    chain.n, expected.n
                ),
            ));
        }
        self.heads.insert(subject, (chain.n, index, hash));
    }

    async fn root(&mut self, archive: &Archive, checkpoint: &Checkpoint) -> Result<()> {
        let root = self.edge.get_or_insert_with(Edge::empty).root();
        if self.broken || root != checkpoint.root {
            self.tiles.clear();
            return hashes::blame(archive, checkpoint, &mut self.damage).await;
        }
        for id in Edge::needed(checkpoint.size) {
            if !id.is_full() {
                let bytes = self.partials.get(&id).cloned().unwrap_or_default();
                self.tile(archive, id, &bytes).await?;
            }
        }
        Ok(())
    }

    fn facts(mut self) -> Facts {
        self.damage.append(&mut self.tiles);
        if self.damage.is_empty() {
            self.damage.append(&mut self.chains);
        }
        Facts {
            entries: self.next,
            originals: self.originals.into_values().collect(),
            damage: self.damage,
        }
    }
}

async fn tail(archive: &Archive, known: u64, walk: &mut Walk) -> Result<()> {
    let tail = archive.truth().tail().await?;
    let mut wrong = Vec::new();
    if tail.torn {
        wrong.push(format!("is no whole entry beyond byte {}; what stood there was never acknowledged, or is damaged", tail.good_len));
    }
    let covered = walk.next;
    for frame in tail.frames.into_iter().filter(|f| f.index >= covered) {
        if frame.index != walk.next {
            wrong.push(format!("entry {} is missing", walk.next));
        }
        match Entry::open(&frame.sd_jwt, Some(&archive.home().entry_key)) {
            Ok(entry) => {
                let hash = leaf(entry.record.as_bytes());
                walk.entry(frame.index, hash, &entry);
            }
            Err(e) => wrong.push(format!("entry {}: {e}", frame.index)),
        }
        walk.next = frame.index + 1;
    }
    let explained = walk.damage.iter().any(|d| d.place == Place::Checkpoint);
    if walk.next < known && wrong.is_empty() && !explained {
        wrong.push(format!(
            "ends after entry {}, while the rows know {known} entries: the end of the log was cut off, or an older copy of it was put back",
            walk.next.saturating_sub(1)
        ));
    }
    if !wrong.is_empty() {
        let detail = wrong.join("; ");
        walk.damage
            .push(Damage::new(Place::Tail, "log/tail", detail));
    }
    Ok(())
}

/// The views against a rebuild in memory.
pub(crate) async fn views(archive: &Archive, who: &Who) -> Result<Vec<Damage>> {
    if let Some(what) = archive.check_rows().await {
        return Ok(rows(format!("{what}; `holdfast rebuild` makes it again")));
    }
    let mut differ = false;
    for turn in 0..TURNS {
        // Others may have written between the two looks, or be between the tail and the rows: said only with the
        // head held or, where it cannot be, when it stays so.
        let held = if turn == 0 {
            None
        } else {
            held(archive, who).await?
        };
        let live = match archive.dump().await {
            Ok(live) => live,
            Err(e) if e.is_passing() => return Err(e),
            Err(e) => {
                return Ok(rows(format!(
                    "cannot be read: {e}; `holdfast rebuild` makes it again"
                )));
            }
        };
        differ = live != archive.rebuilt_in_memory().await?;
        if !differ || held.is_some() {
            break;
        }
    }
    Ok(if differ {
        rows("does not say what the log says: the rows are damaged, or a field was taken out of disclosures/; compare with a backup, then `holdfast rebuild` makes it again".to_owned())
    } else {
        Vec::new()
    })
}

fn rows(detail: String) -> Vec<Damage> {
    vec![Damage::new(Place::Views, "rows.sqlite", detail)]
}
