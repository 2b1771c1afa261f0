//! Where the archives of tests lie, and what reaches them past every door.

use crate::FaultDisk;
use crate::services::{self, Database};
use archive::{Archive, Founding, Opening};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Bucket, Disk, Objects, RealDisk, Secret};

/// Where a test archive lies.
#[derive(Debug, Clone)]
pub enum Where {
    /// In a temporary folder of this machine; or, where `HOLDFAST_TEST_PAIR` is `shared`, as [`Where::Shared`]: the
    /// test command runs the suite both ways.
    Real,
    /// In a temporary folder, always: for tests that look at files or harm them.
    Folder,
    /// In a database and a bucket of its own, on the services of this run.
    Shared(Arc<Stores>),
    /// On a disk that can fail, with its rows in a temporary folder.
    Fault(FaultDisk),
}

/// A database and a prefix of one test.
#[derive(Debug)]
pub struct Stores {
    database: Database,
    shared: archive::Shared,
    secrets: archive::Secrets,
}

impl Stores {
    /// Makes them on the services of this run; nothing where there are none.
    pub fn new() -> Option<Self> {
        let services = services::shared()?;
        let database = services.fresh_database();
        let prefix = database
            .url()
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned();
        Some(Self {
            shared: archive::Shared {
                rows: database.url(),
                rows_ca: None,
                objects: format!("s3://{}/{prefix}", services.s3.bucket),
                objects_endpoint: services.s3.endpoints.first().cloned(),
                objects_region: services::REGION.to_owned(),
            },
            secrets: archive::Secrets {
                rows_password: None,
                objects_access_key: Some(Secret::new(services.s3.key.clone())),
                objects_secret_key: Some(Secret::new(services.s3.secret.clone())),
            },
            database,
        })
    }

    /// What `holdfast.toml` says of them.
    #[must_use]
    pub fn shared(&self) -> archive::Shared {
        self.shared.clone()
    }

    /// What opens them.
    #[must_use]
    pub fn secrets(&self) -> archive::Secrets {
        self.secrets.clone()
    }

    /// The same, reached through a line: its address in the place of the object storage's.
    #[must_use]
    pub fn with_objects_at(mut self, endpoint: &str) -> Self {
        self.shared.objects_endpoint = Some(endpoint.to_owned());
        self
    }

    /// The same, with the address of a line, `host:port`, in the place of the database server's.
    #[must_use]
    pub fn with_rows_at(mut self, place: &str) -> Self {
        let rows = &self.shared.rows;
        let (user, rest) = rows.split_once('@').expect("the address names a user");
        let (_, name) = rest.split_once('/').expect("the address names a database");
        self.shared.rows = format!("{user}@{place}/{name}");
        self
    }

    /// The objects, as whoever knows the keys reaches them past every door.
    ///
    /// # Panics
    /// If the addresses are none.
    #[must_use]
    pub fn objects(&self, spool: &Path) -> Objects {
        let (bucket, prefix) = Bucket::parse(&self.shared.objects).expect("an address of a bucket");
        let key = |key: &Option<Secret>| key.clone().expect("the keys of this run");
        let at = Bucket {
            endpoint: self.shared.objects_endpoint.clone(),
            region: self.shared.objects_region.clone(),
            bucket,
            prefix,
            access_key: key(&self.secrets.objects_access_key),
            secret_key: key(&self.secrets.objects_secret_key),
            spool: spool.to_owned(),
        };
        Objects::s3(&at).expect("an object storage").uncached()
    }

    /// The database, for looks at it from outside.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }
}

impl Where {
    /// What `Real` means in this run.
    pub(super) fn decided(self) -> Self {
        let wanted = std::env::var("HOLDFAST_TEST_PAIR").unwrap_or_default();
        match self {
            Self::Real if wanted == "shared" => {
                let stores = Stores::new()
                    .expect("HOLDFAST_TEST_PAIR=shared needs the services of a test run");
                Self::Shared(Arc::new(stores))
            }
            other => other,
        }
    }

    /// Test clocks do not go with a database's.
    pub(super) fn opened(&self, opening: Opening) -> Opening {
        let secrets = match self {
            Self::Shared(stores) => stores.secrets(),
            _ => archive::Secrets::default(),
        };
        Opening {
            secrets,
            skew_limit: i64::MAX,
            ..opening
        }
    }

    pub(super) fn disk(&self) -> Arc<dyn Disk> {
        match self {
            Self::Real | Self::Folder | Self::Shared(_) => Arc::new(RealDisk::default()),
            Self::Fault(disk) => Arc::new(disk.clone()),
        }
    }

    /// What an archive is founded with there.
    pub(super) fn founding(&self, mut founding: Founding) -> Founding {
        if let Self::Shared(stores) = self {
            founding.shared = Some(stores.shared());
            founding.keep_secrets = true;
        }
        founding
    }

    pub(super) fn objects(&self, root: &Path, scratch: &Path) -> Objects {
        match self {
            Self::Shared(stores) => stores.objects(&scratch.join("harm")),
            _ => Objects::local(self.disk(), root).expect("the folder of an archive"),
        }
    }

    pub(super) fn paths(&self, dir: &Path) -> (PathBuf, Option<PathBuf>) {
        match self {
            Self::Real | Self::Folder | Self::Shared(_) => (dir.join("archive"), None),
            Self::Fault(_) => (PathBuf::from("/archive"), Some(dir.join("rows.sqlite"))),
        }
    }
}

/// An archive with a name, a clock and a randomness of the test's choice.
#[derive(Debug)]
pub struct Founded {
    /// The archive.
    pub archive: Archive,
    place: Where,
    dir: tempfile::TempDir,
}

/// Founds an archive for tests that bring their own words, clock and randomness.
///
/// # Panics
/// If that does not work.
pub async fn found(place: Where, founding: Founding, opening: Opening) -> Founded {
    let place = place.decided();
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (root, _) = place.paths(dir.path());
    let founding = place.founding(founding);
    let archive = Archive::found(&root, &founding, place.opened(opening))
        .await
        .expect("founding in an empty folder works");
    Founded {
        archive,
        place,
        dir,
    }
}

impl Founded {
    /// A folder of the machine that is gone with the archive.
    #[must_use]
    pub fn scratch(&self) -> &Path {
        self.dir.path()
    }

    /// As [`super::TestArchive::objects`].
    #[must_use]
    pub fn objects(&self) -> Objects {
        self.place.objects(self.archive.root(), self.scratch())
    }
}
