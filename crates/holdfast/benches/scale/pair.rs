//! The two pairs of stores, and archives on them.

use archive::{Archive, Founding, Opening, Secrets, Shared, Who};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use store::Secret;
use testkit::services::{Garage, Postgres, REGION};

/// Where an archive keeps its rows and objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pair {
    /// SQLite and a folder.
    Embedded,
    /// PostgreSQL and three nodes of Garage.
    Shared,
}

impl Pair {
    pub(crate) fn named(word: &str) -> Option<Self> {
        match word {
            "embedded" => Some(Self::Embedded),
            "shared" => Some(Self::Shared),
            _ => None,
        }
    }

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Embedded => "SQLite and a folder",
            Self::Shared => "PostgreSQL and three nodes of Garage",
        }
    }
}

/// A database server that syncs and an object store on three nodes, all on this machine.
pub(crate) struct Services {
    pub(crate) postgres: Postgres,
    pub(crate) garage: Garage,
}

impl Services {
    pub(crate) fn start() -> Self {
        Self {
            postgres: Postgres::start(true),
            garage: Garage::start(3),
        }
    }

    /// Bytes of all databases that archives were founded in.
    pub(crate) fn rows_bytes(&self) -> u64 {
        let ask = "select sum(pg_database_size(oid)) from pg_database where datname like 'bench%'";
        self.postgres.sql(ask).unwrap().parse().unwrap()
    }
}

/// The folder of an archive; dropped, it is gone.
pub(crate) struct Place {
    pub(crate) root: PathBuf,
    dir: tempfile::TempDir,
    shared: bool,
}

/// A folder for what a benchmark makes.
pub(crate) fn folder() -> tempfile::TempDir {
    let mut name = tempfile::Builder::new();
    name.prefix("scale-")
        .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
        .unwrap()
}

/// Founds an archive in stores of its own.
pub(crate) async fn found(services: Option<&Services>) -> (Place, Archive, Who) {
    let dir = folder();
    let root = dir.path().join("archive");
    let (shared, secrets) = services.map_or((None, Secrets::default()), |services| {
        let (shared, secrets) = stores(services);
        (Some(shared), secrets)
    });
    let founding = Founding {
        name: "Bench".into(),
        domain: "bench.invalid".into(),
        owner: "owner".into(),
        tool: "bench".into(),
        keep_secrets: shared.is_some(),
        shared,
    };
    let opening = Opening {
        secrets,
        ..Opening::default()
    };
    let archive = Archive::found(&root, &founding, opening).await.unwrap();
    let who = archive.owner().await.unwrap();
    let shared = services.is_some();
    (Place { root, dir, shared }, archive, who)
}

fn stores(services: &Services) -> (Shared, Secrets) {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let name = format!("bench_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let s3 = services.garage.s3();
    let shared = Shared {
        rows: services.postgres.create(&name),
        rows_ca: None,
        objects: format!("s3://{}/{name}", s3.bucket),
        objects_endpoint: s3.endpoints.first().cloned(),
        objects_region: REGION.to_owned(),
    };
    let secrets = Secrets {
        rows_password: None,
        objects_access_key: Some(Secret::new(s3.key)),
        objects_secret_key: Some(Secret::new(s3.secret)),
    };
    (shared, secrets)
}

/// Opens an archive as another program would.
pub(crate) async fn open(root: &Path, alone: bool) -> (Archive, Who) {
    let opening = Opening {
        alone,
        ..Opening::default()
    };
    let archive = Archive::open(root, opening).await.unwrap();
    let who = archive.owner().await.unwrap();
    (archive, who)
}

impl Place {
    /// The folder that a second server opens: a copy on another host, or the same folder where there is but one host.
    pub(crate) fn second(&self) -> PathBuf {
        if !self.shared {
            return self.root.clone();
        }
        let other = self.dir.path().join("second");
        copy(&self.root, &other, &["HOLDFAST", "holdfast.toml"]);
        let keys = names(&self.root.join("keys"));
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        copy(&self.root.join("keys"), &other.join("keys"), &keys);
        other
    }
}

fn names(folder: &Path) -> Vec<String> {
    let listed = std::fs::read_dir(folder).unwrap();
    listed
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}

fn copy(from: &Path, to: &Path, files: &[&str]) {
    std::fs::create_dir_all(to).unwrap();
    for file in files {
        std::fs::copy(from.join(file), to.join(file)).unwrap();
    }
}
