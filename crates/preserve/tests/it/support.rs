//! An archive with something in every place, copied for each harm.

use archive::{Archive, Draft, Opening, Who};
use format::id::{DossierId, ItemId, SessionId, Subject};
use format::kind::{DossierItemAdded, DossierOpened, SessionNoted, SessionStarted};
use preserve::{Damage, Report, Scope, check};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use testkit::{SeededRandom, TestArchive, Where, opening};

/// Runs a check to its end.
pub(crate) async fn checked(archive: &Archive, who: &Who, scope: Scope) -> Report {
    check(archive, who, &scope, &Arc::default(), &mut |_| {})
        .await
        .expect("a check ends with a report, whatever it finds")
}

/// The names of damaged files, each once.
pub(crate) fn names(damage: &[Damage]) -> Vec<String> {
    let mut names: Vec<String> = damage.iter().map(|d| d.name.clone()).collect();
    names.sort();
    names.dedup();
    names
}

/// The name of an object.
pub(crate) fn name(path: &str) -> store::Name {
    store::Name::new(path).unwrap()
}

/// Copies a folder with everything in it; every file can be written afterwards.
pub(crate) fn copied(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let at = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copied(&entry.path(), &at);
        } else {
            write(&at, &std::fs::read(entry.path()).unwrap());
        }
    }
}

/// Writes a file as an enemy would: past every door.
#[expect(
    clippy::disallowed_methods,
    reason = "harm comes from outside the program"
)]
pub(crate) fn write(path: &Path, bytes: &[u8]) {
    drop(std::fs::remove_file(path));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// Opens a copy on the real disk.
pub(crate) fn real(seed: u64, read_only: bool) -> Opening {
    Opening {
        read_only,
        ..opening(Arc::new(store::RealDisk::default()), None, seed)
    }
}

/// An archive with a full and a partial bundle, small and large originals, a dossier and an uncovered tail.
pub(crate) struct Sample {
    pub(crate) t: TestArchive,
    pub(crate) small: [ItemId; 2],
    pub(crate) large: [ItemId; 2],
    pub(crate) dossier: DossierId,
    /// The archive's folder before the last cover.
    pub(crate) older: PathBuf,
}

fn notes(session: SessionId, many: usize) -> Vec<Draft> {
    let note = |n| SessionNoted::new(format!("note {n}")).into();
    (0..many)
        .map(|n| Draft::about(Subject::Session(session), note(n)))
        .collect()
}

pub(crate) async fn record(archive: &Archive, who: &Who, drafts: Vec<Draft>) {
    let now = archive.begin(who).await.unwrap();
    now.record(drafts).await.unwrap();
}

impl Sample {
    /// On the pair of this run.
    pub(crate) async fn new(seed: u64) -> Self {
        Self::at(Where::Real, seed).await
    }

    /// In a folder, for tests that copy or harm its files.
    pub(crate) async fn in_folder(seed: u64) -> Self {
        Self::at(Where::Folder, seed).await
    }

    pub(crate) async fn at(place: Where, seed: u64) -> Self {
        let t = TestArchive::new(place, seed).await;
        let random = SeededRandom::new(seed);
        let session = SessionId::from_random(t.archive.draw());
        let start = SessionStarted::new("a day at the harbour".into());
        let mut drafts = vec![Draft::first(Subject::Session(session), start.into())];
        drafts.extend(notes(session, 255));
        record(&t.archive, &t.who, drafts).await;
        t.archive.cover().await.unwrap();
        let mut small = Vec::new();
        let mut large = Vec::new();
        for n in 0..2 {
            let bytes = random.bytes(900 + n);
            small.push(t.add(&format!("small/{n}"), &bytes).await.unwrap());
            let bytes = random.bytes(3_400_000 + n);
            large.push(t.add(&format!("large/{n}"), &bytes).await.unwrap());
        }
        let dossier = DossierId::from_random(t.archive.draw());
        let opened = DossierOpened::new("a court".into(), "a request".into());
        let chosen = DossierItemAdded::new(large[0], vec![]);
        let drafts = vec![
            Draft::first(Subject::Dossier(dossier), opened.into()),
            Draft::about(Subject::Dossier(dossier), chosen.into()),
        ];
        record(&t.archive, &t.who, drafts).await;
        t.archive.cover().await.unwrap();
        let older = t.scratch().join("older");
        copied(t.root(), &older);
        record(&t.archive, &t.who, notes(session, 3)).await;
        t.archive.cover().await.unwrap();
        record(&t.archive, &t.who, notes(session, 2)).await;
        Self {
            t,
            small: [small[0], small[1]],
            large: [large[0], large[1]],
            dossier,
            older,
        }
    }

    pub(crate) async fn original(&self, id: &ItemId) -> String {
        let row = self.t.archive.seen_by(&self.t.who).item(id).await.unwrap();
        archive::truth::originals::path(&row.digest().unwrap())
    }

    pub(crate) async fn tree(&self, id: &ItemId) -> String {
        let row = self.t.archive.seen_by(&self.t.who).item(id).await.unwrap();
        archive::truth::originals::tree_path(&row.digest().unwrap())
    }

    /// A copy in a folder of its own.
    pub(crate) fn copy(&self, name: &str) -> PathBuf {
        let at = self.t.scratch().join(name);
        drop(std::fs::remove_dir_all(&at));
        copied(self.t.root(), &at);
        at
    }
}
