//! A small archive of invented files in a folder of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use archive::{Archive, Draft, Founding, Opening, Who};
use format::id::{DossierId, PersonId, Subject};
use format::kind::{DossierOpened, PersonAdded};
use tempfile::TempDir;

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
    /// Kept so that the folder lives as long as the archive.
    folder: TempDir,
}

pub(crate) async fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let founding = Founding {
        name: "Estuary".into(),
        domain: "estuary.example".into(),
        owner: "rev1".into(),
        tool: "test".into(),
    };
    let root = folder.path().join("archive");
    let archive = Archive::found(&root, &founding, Opening::default())
        .await
        .unwrap();
    let owner = archive.owner().await.unwrap();
    Fixture {
        archive,
        owner,
        folder,
    }
}

impl Fixture {
    pub(crate) fn person(&self) -> PersonId {
        *self.owner.person().unwrap()
    }

    /// Writes a file beside the archive and adds it from this source.
    pub(crate) async fn add(&self, name: &str, bytes: &[u8]) -> String {
        let folder = self.folder.path().join("in");
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

    /// Where the original of an item lies on the disk.
    pub(crate) async fn original(&self, id: &str) -> PathBuf {
        let row = self.archive.seen_by(&self.owner).item_named(id).await;
        let digest = row.unwrap().digest().unwrap();
        self.archive
            .root()
            .join(archive::truth::originals::path(&digest))
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

/// Turns one bit of a stored file, as a failing disk would.
pub(crate) fn turn_a_bit(path: &Path, at: u64) {
    use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let mut options = std::fs::OpenOptions::new();
    let file = options.read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 1], at).unwrap();
}
