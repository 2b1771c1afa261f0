//! What came in: bytes unaltered, named by their SHA-256, read-only; and the BLAKE3 trees that locate damage.

use super::log::name;
use crate::error::{Error, Result, Why};
use format::id::Sha256;
use store::{Objects, Reader, Stage};

/// The originals of one archive.
#[derive(Debug, Clone)]
pub struct Originals {
    objects: Objects,
}

/// Originals that become durable together; what fails on the way fails this batch and no other. Clones are the same batch.
#[derive(Debug, Clone)]
pub struct Batch {
    objects: store::Batch,
}

/// Where an original stands, for messages and reports.
pub fn path(digest: &Sha256) -> String {
    sharded("originals", digest)
}

/// Where its BLAKE3 tree stands.
pub fn tree_path(digest: &Sha256) -> String {
    sharded("trees", digest)
}

fn sharded(folder: &str, digest: &Sha256) -> String {
    let hex = digest.to_string();
    let (shard, rest) = hex.split_at(2);
    format!("{folder}/{shard}/{rest}")
}

impl Originals {
    pub(crate) fn new(objects: Objects) -> Self {
        Self { objects }
    }

    /// Begins to take in originals that become durable together.
    #[must_use]
    pub fn batch(&self) -> Batch {
        Batch {
            objects: self.objects.batch(),
        }
    }

    /// Whether an original of this length stands under this digest, recorded or not. Blocking.
    pub fn stands(&self, digest: &Sha256, bytes: u64) -> Result<bool> {
        Ok(self.objects.size_now(&name(&path(digest))?)? == Some(bytes))
    }

    /// How long the stored original is; none when it is missing.
    pub async fn size(&self, digest: &Sha256) -> Result<Option<u64>> {
        Ok(self.objects.size(&name(&path(digest))?).await?)
    }

    /// Opens an original to be read. The bytes are not yet checked: see [`crate::Seen::original`]. Blocking.
    pub fn open(&self, digest: &Sha256) -> Result<Reader> {
        self.objects.open(&name(&path(digest))?).map_err(|e| {
            if matches!(e, store::Error::NotFound { .. }) {
                Error::new(Why::Damaged, format!("The original {digest} is missing from the archive's folder"))
                    .next("Put it back from a backup; run `holdfast check --full` to see whether more is missing")
            } else {
                e.into()
            }
        })
    }

    /// The stored tree of an original, when there is one.
    pub async fn tree(&self, digest: &Sha256) -> Result<Option<Vec<u8>>> {
        Ok(self
            .objects
            .get_if_there(&name(&tree_path(digest))?)
            .await?)
    }

    /// The digests in hex of the originals that stand in one of the 256 folders, referenced or not.
    pub async fn stored_in(&self, shard: u8) -> Result<Vec<String>> {
        self.stored_below(&format!("originals/{shard:02x}/")).await
    }

    /// The same of all folders at once: every name is in memory, and an object store is asked far less often.
    pub async fn stored(&self) -> Result<Vec<String>> {
        self.stored_below("originals/").await
    }

    async fn stored_below(&self, folder: &str) -> Result<Vec<String>> {
        let names = self.objects.list(folder).await?;
        let hex = |n: store::Name| n.as_str().trim_start_matches("originals/").replace('/', "");
        Ok(names.into_iter().map(hex).collect())
    }
}

impl Batch {
    /// Begins to take in bytes whose digest is not yet known. Blocking: for worker threads.
    pub fn stage(&self, expected: u64) -> Result<Stage> {
        Ok(self.objects.stage(expected)?)
    }

    /// Gives bytes staged in this batch the name of their digest; durable only after [`Batch::settle`]. Blocking.
    pub fn place(&self, stage: Stage, digest: &Sha256) -> Result<()> {
        stage.place(&name(&path(digest))?)?;
        Ok(())
    }

    /// Keeps bytes that are whole in memory under the name of their digest. Blocking; durable only after [`Batch::settle`].
    pub fn place_whole(&self, bytes: &[u8], digest: &Sha256) -> Result<()> {
        self.objects.place_whole(&name(&path(digest))?, bytes)?;
        Ok(())
    }

    /// Keeps the 1 MiB chaining values of an original. Blocking; durable only after [`Batch::settle`].
    pub fn place_tree(&self, digest: &Sha256, tree: &[u8]) -> Result<()> {
        self.objects.place_whole(&name(&tree_path(digest))?, tree)?;
        Ok(())
    }

    /// Everything placed through this batch before the call is durable when it returns.
    ///
    /// The first failure of anything placed through it is returned, now and ever after: begin a new batch to try again.
    pub async fn settle(&self) -> Result<()> {
        self.objects.settle().await?;
        Ok(())
    }
}
