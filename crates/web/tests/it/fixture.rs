//! A small archive of invented files.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use archive::work::jobs;
use archive::{Archive, Draft, Founding, Opening, Who};
use format::id::{DossierId, PersonId, Subject};
use format::kind::{DossierOpened, PersonAdded};
use testkit::{Founded, Where, found};

/// A file with a trick in its name, one in another script, and one that names itself as markup.
pub(crate) const FILES: [(&str, &[u8]); 4] = [
    (
        "note.txt",
        b"The school at the east bridge was closed that day.",
    ),
    ("photo\u{202e}gpj.exe", b"\xff\xd8\xff\xe0 no picture"),
    ("شارع المدرسة.txt", "مدرسة".as_bytes()),
    ("<img src=x onerror=alert(1)>", b"nothing"),
];

pub(crate) struct Fixture {
    pub(crate) archive: Archive,
    pub(crate) owner: Who,
    /// Kept so that what it lies in lives as long as the archive.
    founded: Founded,
}

/// On the pair of this run.
pub(crate) async fn fixture() -> Fixture {
    fixture_at(Where::Real).await
}

pub(crate) async fn fixture_at(place: Where) -> Fixture {
    let founding = Founding {
        name: "Estuary".into(),
        domain: "estuary.example".into(),
        owner: "rev1".into(),
        tool: "test".into(),
        shared: None,
        keep_secrets: false,
    };
    let founded = found(place, founding, Opening::default()).await;
    let archive = founded.archive.clone();
    let owner = archive.owner().await.unwrap();
    Fixture {
        archive,
        owner,
        founded,
    }
}

impl Fixture {
    pub(crate) fn person(&self) -> PersonId {
        *self.owner.person().unwrap()
    }

    /// Writes a file beside the archive and adds it from this source.
    pub(crate) async fn add(&self, name: &str, bytes: &[u8]) -> String {
        let folder = self.founded.scratch().join("in");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        write(&path, bytes);
        let request = collect::Request {
            paths: vec![path],
            source: "Eastbridge channel".into(),
            session: None,
            collected_at: None,
            workers: 1,
            dry_run: false,
            fresh_copies: false,
        };
        let stop = Arc::new(AtomicBool::new(false));
        let mut id = None;
        let mut tell = |event: collect::Event<'_>| {
            if let collect::Event::Line(line) = event {
                id = line.id;
            }
        };
        collect::add(&self.archive, &self.owner, &request, &stop, &mut tell)
            .await
            .unwrap();
        id.unwrap().to_string()
    }

    /// An account that may do nothing.
    pub(crate) async fn suspended(&self) -> PersonId {
        let id = PersonId::from_random(self.archive.draw());
        let kind = PersonAdded::new("gone".into(), vec!["suspended".into()]);
        let now = self.archive.begin(&self.owner).await.unwrap();
        now.record(vec![Draft::first(Subject::Person(id), kind.into())])
            .await
            .unwrap();
        id
    }

    /// An open dossier.
    pub(crate) async fn dossier(&self) -> String {
        let id = DossierId::from_random(self.archive.draw());
        let kind = DossierOpened::new("Eastbridge inquiry".into(), "Request 7".into());
        let now = self.archive.begin(&self.owner).await.unwrap();
        now.record(vec![Draft::first(Subject::Dossier(id), kind.into())])
            .await
            .unwrap();
        id.to_string()
    }

    /// A job that somebody took back.
    pub(crate) async fn cancelled_job(&self) -> String {
        let ask = jobs::Ask::new("test", "a thing");
        let asked = jobs::ask(&self.archive, &self.owner, ask).await.unwrap();
        let job = jobs::cancel(&self.archive, &self.owner, &asked.job.id).await;
        job.unwrap().id
    }

    /// Turns one bit of the stored original of an item, as a failing store would.
    pub(crate) async fn harm_original(&self, id: &str, at: usize) {
        let row = self.archive.seen_by(&self.owner).item_named(id).await;
        let digest = row.unwrap().digest().unwrap();
        self.harm(&archive::truth::originals::path(&digest), at)
            .await;
    }

    /// Turns one bit of the last bundle of the log.
    pub(crate) async fn harm_log(&self, at: usize) {
        let bundles = self.founded.objects().list("log/tile/entries/").await;
        let last = bundles.unwrap().pop().unwrap();
        self.harm(last.as_str(), at).await;
    }

    async fn harm(&self, path: &str, at: usize) {
        let (objects, name) = (self.founded.objects(), store::Name::new(path).unwrap());
        let mut bytes = objects.get(&name).await.unwrap();
        bytes[at] ^= 1;
        objects.replace(&name, &bytes).await.unwrap();
    }
}

fn write(path: &Path, bytes: &[u8]) {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)
        .unwrap();
    file.write_all(bytes).unwrap();
}

/// Turns one bit of a file, as a failing disk would.
pub(crate) fn turn_a_bit(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[at] ^= 1;
    write(path, &bytes);
}
