//! Whole archives for tests, which prove at their end that the rebuilt views are the live ones.

mod pair;

pub use pair::{Founded, Stores, Where, found};

use crate::{SeededRandom, TestClock};
use archive::truth::originals::Batch;
use archive::{Archive, Draft, Founding, Opening, Result, Who};
use format::id::{Blake3, Digests, ItemId, Sha256, Subject};
use format::kind::{Collected, FileFacts, Kind, Level};
use format::name::BytesName;
use format::pieces::Pieces;
use sha2::{Digest as _, Sha256 as Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Disk, Objects};

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
        shared: None,
        keep_secrets: false,
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

impl TestArchive {
    /// Founds an archive and opens it anew, as every later command would.
    ///
    /// # Panics
    /// On a runtime of one thread: dropping would wait there for connections that only that thread gives back.
    pub async fn new(place: Where, seed: u64) -> Self {
        Self::with(place, seed, TestClock::default).await
    }

    /// The same under a clock that stands still: how often it is looked at must not show.
    ///
    /// # Panics
    /// As [`TestArchive::new`].
    pub async fn at_one_moment(place: Where, seed: u64) -> Self {
        Self::with(place, seed, TestClock::still).await
    }

    async fn with(place: Where, seed: u64, clock: fn() -> TestClock) -> Self {
        let flavour = tokio::runtime::Handle::current().runtime_flavor();
        assert_ne!(
            flavour,
            tokio::runtime::RuntimeFlavor::CurrentThread,
            "a test with an archive needs #[tokio::test(flavor = \"multi_thread\")]"
        );
        let place = place.decided();
        let dir = tempfile::tempdir().expect("a temporary folder");
        let founding = place.founding(founding());
        let (root, rows) = place.paths(dir.path());
        let opening = Opening {
            clock: Arc::new(clock()),
            ..place.opened(opening(place.disk(), rows, seed))
        };
        Archive::found(&root, &founding, opening)
            .await
            .expect("founding in an empty folder works");
        Self::open(place, dir, seed + 1, clock())
            .await
            .expect("a new archive opens")
    }

    async fn open(
        place: Where,
        dir: tempfile::TempDir,
        seed: u64,
        clock: TestClock,
    ) -> Result<Self> {
        let (clock, random) = (Arc::new(clock), Arc::new(SeededRandom::new(seed)));
        let (root, rows_at) = place.paths(dir.path());
        let opening = Opening {
            disk: place.disk(),
            clock: Arc::clone(&clock) as _,
            random: Arc::clone(&random) as _,
            rows_at,
            ..Opening::default()
        };
        let archive = Archive::open(&root, place.opened(opening)).await?;
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
        Self::open(place, dir, 99, TestClock::default())
            .await
            .expect("an intact archive opens again")
    }

    /// How another process would open the same archive.
    #[must_use]
    pub fn opening(&self, seed: u64) -> Opening {
        self.place.opened(opening(
            self.place.disk(),
            self.place.paths(self.dir.path()).1,
            // Far from the seeds used above: two that are alike would draw the same ids.
            seed + 1_000_000,
        ))
    }

    /// The disk it lies on.
    #[must_use]
    pub fn disk(&self) -> Arc<dyn Disk> {
        self.place.disk()
    }

    /// What the archive keeps its objects in, as an enemy or a failing disk reaches it: past every door, with nothing
    /// remembered.
    #[must_use]
    pub fn objects(&self) -> Objects {
        self.place.objects(self.root(), self.scratch())
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

/// Preserves bytes in any opened archive; see [`TestArchive::add`].
pub async fn add(archive: &Archive, who: &Who, path: &str, bytes: &[u8]) -> Result<ItemId> {
    let batch = archive.originals().batch();
    let digests = place(&batch, bytes)?;
    batch.settle().await?;
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

/// Places bytes among the originals, with their tree where they need one; durable once the batch settles.
pub fn place(batch: &Batch, bytes: &[u8]) -> Result<Digests> {
    let mut pieces = Pieces::default();
    pieces.update(bytes);
    let (blake3, tree): (Blake3, _) = pieces.finish();
    let sha256 = Sha256(Hasher::digest(bytes).into());
    let mut stage = batch.stage(bytes.len() as u64)?;
    stage.write(bytes)?;
    batch.place(stage, &sha256)?;
    if !tree.is_empty() {
        batch.place_tree(&sha256, &tree.concat())?;
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
