//! Whole archives for tests, which prove at their end that the rebuilt views are the live ones.

use crate::{FaultDisk, SeededRandom, TestClock};
use archive::{Archive, Draft, Founding, Opening, Result, Who};
use format::id::{Blake3, Digests, ItemId, Sha256, Subject};
use format::kind::{Collected, FileFacts, Kind, Level};
use format::name::BytesName;
use format::pieces::Pieces;
use sha2::{Digest as _, Sha256 as Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Disk, RealDisk};

/// Where a test archive lies.
#[derive(Debug, Clone)]
pub enum Where {
    /// In a temporary folder of this machine.
    Real,
    /// On a disk that can fail, with its rows in a temporary folder.
    Fault(FaultDisk),
}

/// An archive that is gone with the test; dropped, it asserts that rebuilt equals live.
#[derive(Debug)]
pub struct TestArchive {
    /// The archive.
    pub archive: Archive,
    /// Its owner.
    pub who: Who,
    /// Its clock.
    pub clock: Arc<TestClock>,
    /// Its randomness, shared with whoever needs a random choice.
    pub random: Arc<SeededRandom>,
    place: Where,
    dir: tempfile::TempDir,
    harmed: bool,
}

/// What a test archive is founded with; the names are invented.
#[must_use]
pub fn founding() -> Founding {
    Founding {
        name: "Test".into(),
        domain: "archive.example".into(),
        owner: "owner".into(),
        tool: "testkit".into(),
    }
}

/// How a test archive is opened on this disk: its own clock and randomness, rows at a path of the machine.
pub fn opening(disk: Arc<dyn Disk>, rows_at: Option<PathBuf>, seed: u64) -> Opening {
    Opening {
        disk,
        clock: Arc::new(TestClock::default()),
        random: Arc::new(SeededRandom::new(seed)),
        rows_at,
        ..Opening::default()
    }
}

impl Where {
    fn disk(&self) -> Arc<dyn Disk> {
        match self {
            Self::Real => Arc::new(RealDisk::default()),
            Self::Fault(disk) => Arc::new(disk.clone()),
        }
    }
}

impl TestArchive {
    /// Founds an archive and opens it anew, as every later command would.
    ///
    /// # Panics
    /// On a runtime of one thread: dropping would wait there for connections that only that thread gives back.
    pub async fn new(place: Where, seed: u64) -> Self {
        let flavour = tokio::runtime::Handle::current().runtime_flavor();
        assert_ne!(
            flavour,
            tokio::runtime::RuntimeFlavor::CurrentThread,
            "a test with an archive needs #[tokio::test(flavor = \"multi_thread\")]"
        );
        let dir = tempfile::tempdir().expect("a temporary folder");
        let made = Self::at(place, dir, seed);
        Archive::found(&made.0, &founding(), made.1)
            .await
            .expect("founding in an empty folder works");
        let (place, dir) = made.2;
        Self::open(place, dir, seed + 1)
            .await
            .expect("a new archive opens")
    }

    fn at(place: Where, dir: tempfile::TempDir, seed: u64) -> Made {
        let (root, rows) = paths(&place, dir.path());
        (root, opening(place.disk(), rows, seed), (place, dir))
    }

    async fn open(place: Where, dir: tempfile::TempDir, seed: u64) -> Result<Self> {
        let (clock, random) = (
            Arc::new(TestClock::default()),
            Arc::new(SeededRandom::new(seed)),
        );
        let (root, rows_at) = paths(&place, dir.path());
        let opening = Opening {
            disk: place.disk(),
            clock: Arc::clone(&clock) as _,
            random: Arc::clone(&random) as _,
            rows_at,
            ..Opening::default()
        };
        let archive = Archive::open(&root, opening).await?;
        let who = archive.owner().await?;
        Ok(Self {
            archive,
            who,
            clock,
            random,
            place,
            dir,
            harmed: false,
        })
    }

    /// Closes the archive and opens it again, as another run of the program would.
    pub async fn reopened(self) -> Self {
        self.prove().await;
        let (place, dir) = self.closed();
        Self::open(place, dir, 99)
            .await
            .expect("an intact archive opens again")
    }

    /// How another process would open the same archive.
    #[must_use]
    pub fn opening(&self, seed: u64) -> Opening {
        opening(
            self.place.disk(),
            paths(&self.place, self.dir.path()).1,
            // Far from the seeds used above: two that are alike would draw the same ids.
            seed + 1_000_000,
        )
    }

    /// The disk it lies on.
    #[must_use]
    pub fn disk(&self) -> Arc<dyn Disk> {
        self.place.disk()
    }

    /// The folder of the archive; on a failing disk a path of that disk.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.archive.root()
    }

    /// A folder of the machine that is gone with the archive.
    #[must_use]
    pub fn scratch(&self) -> &Path {
        self.dir.path()
    }

    /// Says that the archive is harmed on purpose, so that nothing is asserted when it is dropped.
    pub fn harmed(&mut self) {
        self.harmed = true;
    }

    /// Preserves bytes through the doors that collecting uses: placed, settled, recorded, covered.
    pub async fn add(&self, path: &str, bytes: &[u8]) -> Result<ItemId> {
        add(&self.archive, &self.who, path, bytes).await
    }

    /// Asserts that the views made again from the log are the live ones, row for row.
    ///
    /// # Panics
    /// If they are not, or cannot be made.
    pub async fn prove(&self) {
        let live = self.archive.dump().await.expect("live views can be read");
        let rebuilt = self.archive.rebuilt_in_memory().await;
        assert_eq!(
            rebuilt.expect("views can be rebuilt"),
            live,
            "rebuilt views differ from the live ones"
        );
    }

    fn closed(mut self) -> (Where, tempfile::TempDir) {
        self.harmed = true;
        let dir = std::mem::replace(&mut self.dir, tempfile::tempdir().expect("a folder"));
        (self.place.clone(), dir)
    }
}

type Made = (PathBuf, Opening, (Where, tempfile::TempDir));

fn paths(place: &Where, dir: &Path) -> (PathBuf, Option<PathBuf>) {
    match place {
        Where::Real => (dir.join("archive"), None),
        Where::Fault(_) => (PathBuf::from("/archive"), Some(dir.join("rows.sqlite"))),
    }
}

/// Preserves bytes in any opened archive; see [`TestArchive::add`].
pub async fn add(archive: &Archive, who: &Who, path: &str, bytes: &[u8]) -> Result<ItemId> {
    let digests = place(archive, bytes)?;
    archive.originals().settle().await?;
    let id = ItemId::from_random(archive.draw());
    let now = archive.begin(who).await?;
    now.record(vec![Draft::first(
        Subject::Item(id),
        Kind::Collected(collected(path, digests)),
    )])
    .await?;
    archive.cover().await?;
    Ok(id)
}

/// Places bytes among the originals, with their tree where they need one; not yet durable.
pub fn place(archive: &Archive, bytes: &[u8]) -> Result<Digests> {
    let mut pieces = Pieces::default();
    pieces.update(bytes);
    let (blake3, tree): (Blake3, _) = pieces.finish();
    let sha256 = Sha256(Hasher::digest(bytes).into());
    let mut stage = archive.originals().stage(bytes.len() as u64)?;
    stage.write(bytes)?;
    archive.originals().place(stage, &sha256)?;
    if !tree.is_empty() {
        archive.originals().place_tree(&sha256, &tree.concat())?;
    }
    Ok(Digests {
        sha256,
        blake3,
        bytes: bytes.len() as u64,
    })
}

/// The entry body of an item with these bytes.
#[must_use]
pub fn collected(path: &str, digests: Digests) -> Collected {
    let name = path.rsplit('/').next().unwrap_or_default();
    Collected {
        digests: Some(digests),
        name: Some(BytesName(name.into())),
        path: Some(BytesName(path.into())),
        source: Some("a test".into()),
        file: Some(FileFacts::default()),
        compartment: Some(archive::MAIN.to_owned()),
        level: Some(Level::Internal),
        ..Collected::default()
    }
}

impl Drop for TestArchive {
    fn drop(&mut self) {
        if self.harmed || std::thread::panicking() {
            return;
        }
        // Dropping cannot wait; a thread with a runtime of its own can.
        let proved = std::thread::scope(|scope| {
            let proving = scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                runtime.expect("a runtime").block_on(self.prove());
            });
            proving.join()
        });
        if let Err(panic) = proved {
            std::panic::resume_unwind(panic);
        }
    }
}

/// The bytes of a file of the archive.
///
/// # Panics
/// If it cannot be read.
#[must_use]
pub fn read_file(disk: &dyn Disk, path: &Path) -> Vec<u8> {
    let file = disk.open(path).expect("the file is there");
    let mut bytes = vec![0; usize::try_from(file.len().expect("a length")).expect("small")];
    let n = file.read_at(&mut bytes, 0).expect("it can be read");
    assert_eq!(n, bytes.len(), "a file in one piece");
    bytes
}

/// Puts these bytes in the place of a file of the archive, durably, as an enemy or a failing disk would.
///
/// # Panics
/// If it cannot be written.
pub fn write_file(disk: &dyn Disk, path: &Path, bytes: &[u8]) {
    drop(disk.remove(path));
    let mut file = disk.create(path, 0).expect("the folder is there");
    file.write(bytes).expect("room");
    file.sync().expect("a disk that works");
    file.finish().expect("a disk that works");
    let folder = path.parent().expect("a file lies in a folder");
    disk.sync_dir(folder).expect("a disk that works");
}
