//! A day's work, every acknowledgement dated by the operations the disk had done by then.

use archive::{Archive, Error, Founding, Opening, Result, Who};
use collect::{Event, Outcome, Request};
use format::id::{ItemId, SessionId, Sha256};
use preserve::Scope;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use testkit::{FaultDisk, SeededRandom, opening};

/// Something the program said was done, once the disk had done so many operations.
#[derive(Debug, Clone)]
pub(crate) struct Ack {
    pub(crate) ops: usize,
    pub(crate) what: What,
}

#[derive(Debug, Clone)]
pub(crate) enum What {
    Founded,
    Item(ItemId, Sha256, u64),
    Session(SessionId),
    Note(SessionId, String),
}

/// Files to add, group by group, in a temporary folder.
pub(crate) struct Material {
    dir: tempfile::TempDir,
    groups: Vec<PathBuf>,
}

impl Material {
    /// So many groups of so many small files; the second group has a large file too, the last repeats some bytes.
    #[expect(
        clippy::disallowed_methods,
        reason = "material lies outside the archive"
    )]
    pub(crate) fn new(groups: usize, files: usize, seed: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let random = SeededRandom::new(seed);
        let mut made = Vec::new();
        for g in 0..groups {
            let folder = dir.path().join(format!("group-{g}"));
            std::fs::create_dir(&folder).unwrap();
            for f in 0..files {
                let bytes = random.bytes(random.below(3_000));
                std::fs::write(folder.join(format!("{f}.bin")), bytes).unwrap();
            }
            if g == 1 {
                let bytes = random.bytes((2 << 20) + 4_321);
                std::fs::write(folder.join("large.bin"), bytes).unwrap();
            }
            if g + 1 == groups {
                let same = dir.path().join("group-0").join("0.bin");
                std::fs::copy(same, folder.join("again.bin")).unwrap();
            }
            made.push(folder);
        }
        Self { dir, groups: made }
    }

    pub(crate) fn scratch(&self) -> &Path {
        self.dir.path()
    }
}

/// Where the archive lies on the disk that fails.
pub(crate) fn root() -> &'static Path {
    Path::new("/archive")
}

/// Opens on this disk, with rows at this path of the machine.
pub(crate) fn on(disk: &FaultDisk, rows: &Path, seed: u64) -> Opening {
    opening(Arc::new(disk.clone()), Some(rows.to_owned()), seed)
}

/// A worker at the archive, who writes down what was acknowledged.
pub(crate) struct Worker<'a> {
    pub(crate) disk: &'a FaultDisk,
    pub(crate) acks: Vec<Ack>,
    /// Called after every acknowledgement.
    pub(crate) then: &'a dyn Fn(usize),
}

impl Worker<'_> {
    fn ack(&mut self, what: What) {
        let ops = self.disk.ops();
        self.acks.push(Ack { ops, what });
        (self.then)(ops);
    }

    /// Founds the archive.
    pub(crate) async fn found(&mut self, rows: &Path) -> Result<()> {
        let founding = Founding {
            name: "Test".into(),
            domain: "archive.example".into(),
            owner: "owner".into(),
            tool: "test".into(),
            shared: None,
            keep_secrets: false,
        };
        drop(Archive::found(root(), &founding, on(self.disk, rows, 1)).await?);
        self.ack(What::Founded);
        Ok(())
    }

    /// Adds, notes, checks and ends, until something fails.
    pub(crate) async fn day(&mut self, archive: &Archive, material: &Material) -> Result<()> {
        let who = archive.owner().await?;
        let session = collect::start_session(archive, &who, "a day at the harbour", None).await?;
        self.ack(What::Session(session));
        for (n, folder) in material.groups.iter().enumerate() {
            self.add(archive, &who, folder, session).await?;
            let note = format!("group {n} is in");
            collect::note_session(archive, &who, &session, &note).await?;
            self.ack(What::Note(session, note));
            if n == 1 {
                let report =
                    preserve::check(archive, &who, &Scope::Quick, &Arc::default(), &mut |_| {})
                        .await?;
                if let Some(d) = report.damage.first() {
                    let e = Error::new(archive::Why::Damaged, format!("{d:?}"));
                    return Err(e.next("Look at the report"));
                }
            }
        }
        collect::end_session(archive, &who, &session, None).await
    }

    async fn add(
        &mut self,
        archive: &Archive,
        who: &Who,
        folder: &Path,
        session: SessionId,
    ) -> Result<()> {
        let request = Request {
            paths: vec![folder.to_owned()],
            source: "a test".into(),
            session: Some(session),
            collected_at: None,
            workers: 1,
            dry_run: false,
            fresh_copies: false,
        };
        let disk = self.disk.clone();
        let mut said = Vec::new();
        let mut tell = |event: Event<'_>| {
            if let Event::Line(line) = event
                && line.outcome == Outcome::Preserved
            {
                let item = What::Item(line.id.unwrap(), line.sha256.unwrap(), line.bytes);
                said.push((disk.ops(), item));
            }
        };
        let done = collect::add(archive, who, &request, &Arc::default(), &mut tell).await;
        for (ops, what) in said {
            self.acks.push(Ack { ops, what });
            (self.then)(ops);
        }
        done.map(drop)
    }
}

/// Everything acknowledged is there with its bytes, nothing is half-visible, no number is missing, and work goes on.
pub(crate) async fn prove(disk: &FaultDisk, rows: &Path, acks: &[&Ack], what: &str) {
    let archive = match Archive::open(root(), on(disk, rows, 2)).await {
        Ok(archive) => archive,
        Err(e) => {
            assert!(
                acks.is_empty(),
                "{what}: {} were acknowledged: {e}",
                acks.len()
            );
            // A founding that broke off is no archive, whole or half.
            assert_eq!(e.why, archive::Why::NoArchive, "{what}: {e}");
            return;
        }
    };
    let who = archive.owner().await.unwrap();
    let (stop, tell) = (Arc::default(), &mut |_| {});
    let report = preserve::check(&archive, &who, &Scope::Full, &stop, tell).await;
    let report = report.unwrap_or_else(|e| panic!("{what}: {e}"));
    // Half a frame at the end of the tail is what a crash leaves; it was never acknowledged.
    let harm = report
        .damage
        .iter()
        .filter(|d| d.place != preserve::Place::Tail);
    assert_eq!(harm.count(), 0, "{what}: {:#?}", report.damage);
    let seen = archive.seen_by(&who);
    let notes = there(&archive, &who, acks, what).await;
    for (session, note) in notes {
        let kept = seen.session_notes(&session.to_string()).await.unwrap();
        let mut kept = kept.into_iter().filter_map(|n| n.note);
        assert!(kept.any(|n| n == note), "{what}: {note:?} is lost");
    }
    let entries = seen.entries(i64::MAX, "", 10_000).await.unwrap();
    let indexes: Vec<i64> = entries.iter().rev().map(|e| e.seq).collect();
    let size = seen.log_size().await.unwrap().cast_signed();
    assert_eq!(indexes, (0..size).collect::<Vec<_>>(), "{what}: a gap");
    let id = testkit::add(&archive, &who, "after", what.as_bytes()).await;
    let id = id.unwrap_or_else(|e| panic!("{what}: nothing can be added any more: {e}"));
    let after = preserve::check_log(&archive, &who).await.unwrap();
    assert!(after.damage.is_empty(), "{what}: {:#?}", after.damage);
    let original = seen.original_within(&id).await.unwrap();
    original.read_verified(&mut |_| Ok(())).unwrap();
}

async fn there(
    archive: &Archive,
    who: &Who,
    acks: &[&Ack],
    what: &str,
) -> Vec<(SessionId, String)> {
    let seen = archive.seen_by(who);
    let mut notes = Vec::new();
    for ack in acks {
        match &ack.what {
            What::Founded => {}
            What::Item(id, sha, bytes) => {
                let row = seen.item(id).await;
                let row = row.unwrap_or_else(|e| panic!("{what}: item {id} is lost: {e}"));
                assert_eq!(row.digest(), Some(*sha), "{what}");
                // The check has read every byte of it against this digest.
                let size = archive.originals().size(sha).await.unwrap();
                assert_eq!(size, Some(*bytes), "{what}: item {id}");
            }
            What::Session(id) => {
                let row = seen.session_named(&id.to_string()).await;
                row.unwrap_or_else(|e| panic!("{what}: session {id} is lost: {e}"));
            }
            What::Note(session, note) => notes.push((*session, note.clone())),
        }
    }
    notes
}
