//! Making again what can be computed from what is intact: hash tiles from records, BLAKE3 trees from originals.

use archive::truth::originals::Batch;
use archive::{Act, Archive, Error, Result, Who, Why};
use format::id::{Digests, Sha256, Subject};
use format::kind::Kind;
use format::log::edge::Edge;
use format::log::hash::leaf;
use format::log::tile::{BundleId, TileId};
use format::pieces::{self, Pieces};
use sha2::{Digest as _, Sha256 as Hasher};
use std::collections::{BTreeMap, HashMap};

/// What was made again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Remade {
    /// Hash tiles.
    pub tiles: u64,
    /// BLAKE3 trees.
    pub trees: u64,
}

/// Makes hash tiles and trees again where they are missing or wrong. Never touches a record, a disclosure or an original.
pub async fn remake(archive: &Archive, who: &Who) -> Result<Remade> {
    archive::access::may(who, Act::Rebuild)?;
    let tiles = tiles(archive).await?;
    let trees = trees(archive, who).await?;
    Ok(Remade { tiles, trees })
}

/// Tiles are written only when all records together give the root that was signed.
async fn tiles(archive: &Archive) -> Result<u64> {
    archive.truth().forget();
    let Some((checkpoint, _)) = archive.truth().checkpoint().await? else {
        return Ok(0);
    };
    let (mut edge, mut wrong) = (Edge::empty(), BTreeMap::new());
    for id in BundleId::all(checkpoint.size) {
        let records = archive
            .truth()
            .raw_bundle(id)
            .await?
            .records
            .map_err(|e| unsound(&e))?;
        let leaves: Vec<_> = records.iter().map(|r| leaf(r.as_bytes())).collect();
        for (tile, bytes) in edge.append(&leaves) {
            let stands = TileId::at(tile.level(), tile.index(), checkpoint.size) == Some(tile);
            if stands && archive.truth().raw(&format!("log/{tile}")).await?.as_ref() != Some(&bytes)
            {
                wrong.insert(tile, bytes);
            }
        }
    }
    if edge.root() != checkpoint.root {
        return Err(unsound("they are not those that the checkpoint signs"));
    }
    for (id, bytes) in &wrong {
        archive.truth().put_tile(*id, bytes).await?;
    }
    Ok(wrong.len() as u64)
}

fn unsound(why: &str) -> Error {
    Error::new(
        Why::Damaged,
        format!("Hash tiles cannot be made again from damaged records: {why}"),
    )
    .next("Put the damaged records back from a backup first; `holdfast check --full` names them")
}

async fn trees(archive: &Archive, who: &Who) -> Result<u64> {
    let (mut made, mut from) = (0, 0);
    let mut seen: HashMap<Sha256, ()> = HashMap::new();
    let batch = archive.originals().batch();
    loop {
        let rows = archive.seen_by(who).items_from(from, 1_000).await?;
        let Some(last) = rows.last() else { break };
        from = last.seq + 1;
        for row in rows
            .iter()
            .filter(|r| r.bytes.is_some_and(|b| b.cast_unsigned() > pieces::PIECE))
        {
            let Some(digests) = recorded(archive, row.seq.cast_unsigned()).await? else {
                continue;
            };
            if seen.insert(digests.sha256, ()).is_none() && !fits(archive, &digests).await? {
                let (archive, batch) = (archive.clone(), batch.clone());
                let done = tokio::task::spawn_blocking(move || tree(&archive, &batch, &digests));
                let done = done.await;
                made +=
                    u64::from(done.map_err(|e| Error::bug("Making a tree stopped").because(e))??);
            }
        }
    }
    if made > 0 {
        batch.settle().await?;
    }
    Ok(made)
}

async fn recorded(archive: &Archive, index: u64) -> Result<Option<Digests>> {
    let text = archive.truth().entry(index).await?;
    let entry = text.and_then(|t| format::Entry::open(&t, Some(&archive.home().entry_key)).ok());
    let about_item = |e: &format::Entry| {
        let common = format::Common::read(&e.fields).ok();
        matches!(common.and_then(|c| c.subject), Some(Subject::Item(_)))
    };
    Ok(entry
        .filter(about_item)
        .and_then(|e| match Kind::read(&e.fields) {
            Ok(Kind::Collected(c)) => c.digests,
            _ => None,
        }))
}

async fn fits(archive: &Archive, digests: &Digests) -> Result<bool> {
    let values = archive.originals().tree(&digests.sha256).await?;
    let values = values.map(|b| {
        b.chunks(32)
            .map(|c| c.try_into().unwrap_or([0; 32]))
            .collect::<Vec<_>>()
    });
    Ok(values.is_some_and(|v| pieces::values_fit(&v, &digests.blake3, digests.bytes)))
}

/// From the original, if that is intact; a damaged one has nothing to give.
fn tree(archive: &Archive, batch: &Batch, digests: &Digests) -> Result<bool> {
    let reader = match archive.originals().open(&digests.sha256) {
        Ok(reader) => reader,
        Err(e) if e.is_passing() => return Err(e),
        Err(_) => return Ok(false),
    };
    let (mut sha, mut hasher, mut at) = (Hasher::new(), Pieces::default(), 0);
    let mut buf = vec![0; 256 << 10];
    loop {
        let n = reader.read_at(&mut buf, at)?;
        if n == 0 {
            break;
        }
        sha.update(&buf[..n]);
        hasher.update(&buf[..n]);
        at += n as u64;
    }
    let (blake3, values) = hasher.finish();
    let intact = Sha256(sha.finalize().into()) == digests.sha256 && blake3 == digests.blake3;
    if intact {
        batch.place_tree(&digests.sha256, &values.concat())?;
    }
    Ok(intact)
}
