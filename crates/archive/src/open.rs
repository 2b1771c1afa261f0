//! Founding and opening an archive, and catching the views up with the truth.

mod rows;

use crate::access::{Role, Who};
use crate::append::Draft;
use crate::clock::{Clock, SystemClock};
use crate::error::{Error, Result, Why};
use crate::home::{self, Home};
use crate::keys::Keys;
use crate::random::{OsRandom, Random, draw};
use crate::ready::{Stopped, finished};
use crate::truth::log::blocking;
use crate::truth::{Truth, originals::Originals};
use crate::{keys, rebuild, views, work};
use format::id::{PersonId, Subject};
use format::kind::{self, Founded, Kind, Level, PersonAdded};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use store::{Disk, Lock, LockKind, Objects, RealDisk, Replace, Rows, Tx, Wait};

/// An opened archive. Cheap to clone; every clone is the same archive.
#[derive(Clone)]
pub struct Archive {
    pub(crate) inner: Arc<Inner>,
}

impl std::ops::Deref for Archive {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.inner
    }
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Archive({})", self.home.origin)
    }
}

/// What every clone shares.
pub struct Inner {
    pub(crate) root: PathBuf,
    pub(crate) home: Arc<Home>,
    pub(crate) truth: Truth,
    pub(crate) originals: Originals,
    pub(crate) rows: Rows,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) keys: Option<Keys>,
    pub(crate) read_only: bool,
    pub(crate) stopped: Mutex<Option<Stopped>>,
    _lock: Option<Box<dyn Lock>>,
}

/// How an archive is opened; the default is the real machine, to read and write.
pub struct Opening {
    /// All disk access.
    pub disk: Arc<dyn Disk>,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// Salts, ids and keys.
    pub random: Arc<dyn Random>,
    /// Opens to read even where writing would be possible.
    pub read_only: bool,
    /// Takes the archive for this process alone, as a rebuild must.
    pub alone: bool,
    /// Where the rows are kept instead of beside the log; for tests of a lost disk.
    pub rows_at: Option<PathBuf>,
}

impl std::fmt::Debug for Opening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opening")
            .field("read_only", &self.read_only)
            .field("alone", &self.alone)
            .finish_non_exhaustive()
    }
}

impl Default for Opening {
    fn default() -> Self {
        Self {
            disk: Arc::new(RealDisk::default()),
            clock: Arc::new(SystemClock),
            random: Arc::new(OsRandom),
            read_only: false,
            alone: false,
            rows_at: None,
        }
    }
}

/// What a new archive needs to be told.
#[derive(Debug, Clone)]
pub struct Founding {
    /// What people call it.
    pub name: String,
    /// Under whose name its log stands: a domain, or a word.
    pub domain: String,
    /// What the owner account is called.
    pub owner: String,
    /// The program, for the record.
    pub tool: String,
}

impl Archive {
    /// Makes a new archive in an empty or absent folder; nothing is there until everything is.
    pub async fn found(root: &Path, founding: &Founding, opening: Opening) -> Result<Self> {
        check_empty(&opening.disk, root).await?;
        let origin = origin(founding, &*opening.random)?;
        let keys = Keys::make(&origin, draw(&*opening.random), draw(&*opening.random))?;
        let home = Home {
            origin,
            log_key: keys.log.verifier_key().clone(),
            entry_key: keys.entry.verifier().clone(),
        };
        let public = kind::Keys {
            log: home.log_key.to_string(),
            entry: home.entry_key.clone(),
        };
        make_folders(&opening.disk, root, &keys).await?;
        let (disk, home_bytes) = (Arc::clone(&opening.disk), home.bytes());
        let archive = Self::assemble(root, home, opening, Some(keys), None).await?;
        archive.make_views().await?;
        archive.first_entries(founding, public).await?;
        let path = root.to_owned();
        blocking(move || {
            // Whole under its name or not there at all: a founding that breaks off leaves no half archive.
            let draft = path.join("HOLDFAST.new");
            let mut file = disk.create(&draft, 0)?;
            file.write(&home_bytes)?;
            file.sync()?;
            file.finish()?;
            disk.rename(&draft, &path.join(home::FILE), Replace::Never)?;
            disk.sync_all(&path)
        })
        .await?;
        Ok(archive)
    }

    async fn first_entries(&self, founding: &Founding, keys: kind::Keys) -> Result<()> {
        let owner = PersonId::from_random(draw(&*self.random));
        let who = Who {
            person: Some(owner),
            roles: vec![Role::Owner],
            clearances: vec![],
        };
        let founded = Founded {
            name: Some(founding.name.clone()),
            keys: Some(keys),
            tool: Some(founding.tool.clone()),
        };
        let person = PersonAdded {
            handle: Some(founding.owner.clone()),
            roles: Some(vec![Role::Owner.name().to_owned()]),
        };
        let now = self.begin(&who).await?;
        now.record(vec![
            Draft::first(Subject::Archive, Kind::Founded(founded)),
            Draft::first(Subject::Person(owner), Kind::PersonAdded(person)),
        ])
        .await?;
        self.cover().await?;
        Ok(())
    }

    /// Opens an archive and brings its views up to date with its log.
    ///
    /// Where the folder cannot be written it opens to read only, unless it was asked for alone.
    pub async fn open(root: &Path, opening: Opening) -> Result<Self> {
        let again = Opening {
            disk: Arc::clone(&opening.disk),
            clock: Arc::clone(&opening.clock),
            random: Arc::clone(&opening.random),
            read_only: true,
            alone: false,
            rows_at: opening.rows_at.clone(),
        };
        let retry = !opening.read_only && !opening.alone;
        match Self::open_once(root, opening).await {
            Err(e) if retry && e.why == Why::ReadOnly => Self::open_once(root, again).await,
            done => done,
        }
    }

    async fn open_once(root: &Path, opening: Opening) -> Result<Self> {
        let bytes = read_home(&opening.disk, root).await?;
        let home = Home::read(&bytes)?;
        let lock = if opening.read_only {
            None
        } else {
            take_lock(&opening, root).await?
        };
        let read_only = opening.read_only || lock.is_none();
        let keys = if read_only {
            None
        } else {
            read_keys(&opening.disk, root, &home).await?
        };
        let opening = Opening {
            read_only,
            ..opening
        };
        let mut archive = Self::assemble(root, home, opening, keys, lock).await?;
        archive.bring_up_to_date().await?;
        if !read_only {
            // What killed runs left unfinished. Should it stay, it costs room and nothing else.
            drop(archive.truth.objects.sweep_incoming().await);
        }
        Ok(archive)
    }

    async fn assemble(
        root: &Path,
        home: Home,
        opening: Opening,
        keys: Option<Keys>,
        lock: Option<Box<dyn Lock>>,
    ) -> Result<Self> {
        let home = Arc::new(home);
        let (disk, at, read_only) = (
            Arc::clone(&opening.disk),
            root.to_owned(),
            opening.read_only,
        );
        let objects = tokio::task::spawn_blocking(move || {
            if read_only {
                Objects::read_only(disk, &at)
            } else {
                Objects::local(disk, &at)
            }
        })
        .await
        .map_err(|e| Error::bug("Opening the objects stopped").because(e))??;
        let rows = rows::open(root, &opening).await?;
        let inner = Inner {
            truth: Truth::new(
                objects.clone(),
                Arc::clone(&opening.disk),
                Arc::clone(&home),
                root,
            ),
            originals: Originals::new(objects),
            root: root.to_owned(),
            home,
            rows,
            disk: opening.disk,
            clock: opening.clock,
            random: opening.random,
            keys,
            read_only: opening.read_only,
            stopped: Mutex::new(None),
            _lock: lock,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    async fn make_views(&self) -> Result<()> {
        let mut tx = self.rows.begin().await?;
        views::make(&mut tx).await?;
        work::make(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Replays into the views whatever the log and the tail have that the rows do not. The rows may never be ahead.
    pub(crate) async fn catch_up(&self, tx: &mut Tx) -> Result<()> {
        rebuild::replay(self, tx).await
    }

    /// Signs a checkpoint over everything recorded: from here a receipt can be given.
    pub async fn cover(&self) -> Result<u64> {
        self.writable()?;
        let keys = self.keys.as_ref().ok_or_else(|| {
            Error::new(
                Why::WrongKey,
                "The signing keys of this archive are not here",
            )
            .next(
                "Put `keys/` back from your backup; what is recorded stays in the tail until then",
            )
        })?;
        let (archive, key) = (self.clone(), keys.log.clone());
        // Once begun it is finished, whether or not the caller still waits: half of it would be taken up by the next.
        finished(async move {
            let mut tx = archive.rows.begin().await?;
            archive.catch_up(&mut tx).await?;
            let head: Option<(i64, i64)> = tx.one(views::HEAD_TAKE, store::args![]).await?;
            let recorded = head.map_or(0, |(seq, _)| seq.cast_unsigned());
            let covered = match archive.truth.cover(&key, recorded).await {
                Ok(c) => c.size,
                Err(e) => return Err(archive.stop_writing(e)),
            };
            let sql = "update log_head set tail_len = 0 where one = 1";
            tx.run(sql, store::args![]).await?;
            tx.commit().await?;
            Ok(covered)
        })
        .await
    }

    /// The archive's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Which archive this is.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// The log and its disclosures.
    pub fn truth(&self) -> &Truth {
        &self.truth
    }

    /// The originals.
    pub fn originals(&self) -> &Originals {
        &self.originals
    }

    /// The time, as this machine has it.
    pub fn now(&self) -> format::time::Instant {
        self.clock.now()
    }

    /// Random bytes from the archive's own door.
    pub fn draw<const N: usize>(&self) -> [u8; N] {
        draw(&*self.random)
    }

    /// Whether this process can only read.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// What is wrong with the file `HOLDFAST` and the keys beside it: each file with what is wrong.
    pub async fn check_home(&self) -> Result<Vec<(String, String)>> {
        let mut wrong = Vec::new();
        let bytes = small(&self.disk, &self.root.join(home::FILE)).await?;
        if bytes.as_deref() != Some(&self.home.bytes()) {
            wrong.push((
                home::FILE.to_owned(),
                "is not what this archive was opened with".to_owned(),
            ));
        }
        for file in [keys::ENTRY, keys::LOG] {
            match small(&self.disk, &self.root.join(file)).await {
                Ok(Some(pem))
                    if Keys::is_right(&self.home, file, &String::from_utf8_lossy(&pem)) => {}
                Ok(Some(_)) => wrong.push((
                    file.to_owned(),
                    "is not the key that HOLDFAST names".to_owned(),
                )),
                // A copy to read may be without keys, or with keys that only their owner reads.
                _ if self.read_only => {}
                Ok(None) => wrong.push((file.to_owned(), "is missing".to_owned())),
                Err(e) => wrong.push((file.to_owned(), e.to_string())),
            }
        }
        Ok(wrong)
    }

    /// What the database itself finds wrong with the rows, indexes included; none when all is whole.
    pub async fn check_rows(&self) -> Option<String> {
        rows::sound(&self.rows).await.err().map(|e| e.to_string())
    }

    /// Free space for the archive, when the disk tells.
    pub async fn free_bytes(&self) -> Option<u64> {
        let (disk, root) = (Arc::clone(&self.disk), self.root.clone());
        blocking(move || disk.free_bytes(&root)).await.ok()
    }

    /// The account made at `init`: whoever can read the keys on this machine acts as it.
    pub async fn owner(&self) -> Result<Who> {
        let people = views::more::people(&self.rows).await?;
        let owner = people
            .iter()
            .find(|p| p.roles.split(' ').any(|r| r == Role::Owner.name()));
        let owner = owner.ok_or_else(|| {
            Error::new(Why::Damaged, "The log names no owner").next("Run `holdfast check --full`")
        })?;
        self.who(&owner.id).await
    }

    /// An account as its entries make it, computed anew at every use.
    pub async fn who(&self, person: &str) -> Result<Who> {
        let people = views::more::people(&self.rows).await?;
        let row = people
            .into_iter()
            .find(|p| p.id == person)
            .ok_or_else(|| Error::not_found("account"))?;
        let roles: Vec<Role> = row.roles.split(' ').filter_map(Role::named).collect();
        let clearances = if roles.contains(&Role::Owner) {
            vec![(MAIN.to_owned(), Level::Sealed)]
        } else {
            vec![]
        };
        let person = row
            .id
            .parse()
            .map_err(|_other| Error::bug("An account id in the views is not one"))?;
        Ok(Who {
            person: Some(person),
            roles,
            clearances,
        })
    }
}

/// The one compartment there is until compartments are granted.
pub const MAIN: &str = "main";

fn origin(founding: &Founding, random: &dyn Random) -> Result<String> {
    let ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
    if founding.domain.is_empty() || founding.domain.len() > 100 || !founding.domain.chars().all(ok)
    {
        return Err(Error::new(
            Why::Invalid,
            format!("{:?} cannot stand in the name of a log", founding.domain),
        )
        .next("Use lower-case letters, digits, dots and hyphens, such as archive.example"));
    }
    let id = PersonId::from_random(draw(random)).to_string();
    let id: String = id.chars().skip(2).take(8).collect();
    Ok(format!("{}/holdfast/{id}", founding.domain))
}

async fn check_empty(disk: &Arc<dyn Disk>, root: &Path) -> Result<()> {
    let (disk, path) = (Arc::clone(disk), root.to_owned());
    let listed = blocking(move || {
        if disk.stat(&path)?.is_some() {
            disk.list(&path)
        } else {
            Ok(Vec::new())
        }
    })
    .await?;
    if listed.iter().any(|l| l.name == home::FILE) {
        return Err(Error::new(
            Why::Invalid,
            format!("{} is an archive already", root.display()),
        )
        .next("Use it as it is, or name another folder"));
    }
    if !listed.is_empty() {
        return Err(Error::new(Why::Invalid, format!("{} is not empty", root.display()))
            .next("Name a new or empty folder; if an earlier `init` broke off here, nothing in it was acknowledged and it may be deleted"));
    }
    Ok(())
}

async fn make_folders(disk: &Arc<dyn Disk>, root: &Path, keys: &Keys) -> Result<()> {
    let files: Vec<(PathBuf, String)> = keys
        .files()
        .into_iter()
        .map(|(f, pem)| (root.join(f), pem.to_owned()))
        .collect();
    let (disk, root) = (Arc::clone(disk), root.to_owned());
    blocking(move || {
        for folder in [
            "log",
            "disclosures",
            "originals",
            "trees",
            "keys",
            "incoming",
        ] {
            disk.create_dir_all(&root.join(folder))?;
        }
        for (path, pem) in files {
            let mut file = disk.create(&path, 0)?;
            file.write(pem.as_bytes())?;
            file.sync()?;
            file.finish()?;
        }
        disk.sync_all(&root)
    })
    .await
}

async fn read_home(disk: &Arc<dyn Disk>, root: &Path) -> Result<Vec<u8>> {
    small(disk, &root.join(home::FILE)).await?.ok_or_else(|| {
        Error::new(
            Why::NoArchive,
            format!("There is no archive in {}", root.display()),
        )
        .next("Name one with --archive DIR, or make one with `holdfast init DIR`")
    })
}

fn read_small(disk: &dyn Disk, path: &Path) -> std::io::Result<Vec<u8>> {
    let file = disk.open(path)?;
    let mut bytes = vec![
        0;
        usize::try_from(file.len()?)
            .unwrap_or(usize::MAX)
            .min(1 << 20)
    ];
    let n = file.read_at(&mut bytes, 0)?;
    bytes.truncate(n);
    Ok(bytes)
}

/// The lock that keeps a rebuild apart from everybody else; none where the folder cannot be written.
async fn take_lock(opening: &Opening, root: &Path) -> Result<Option<Box<dyn Lock>>> {
    let (disk, path) = (Arc::clone(&opening.disk), root.join("lock"));
    let kind = if opening.alone {
        LockKind::Exclusive
    } else {
        LockKind::Shared
    };
    let got = tokio::task::spawn_blocking(move || disk.lock(&path, kind, Wait::No))
        .await
        .map_err(|e| Error::bug("Taking the lock stopped").because(e))?;
    match got {
        Ok(lock) => Ok(Some(lock)),
        Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => Err(Error::new(
            Why::Busy,
            format!("Another process holds the archive in {}", root.display()),
        )
        .next("Wait until it is done, or end it, then run the same command again")),
        Err(e)
            if matches!(
                e.kind(),
                // A file system that takes no new files may say that the lock is not there.
                std::io::ErrorKind::ReadOnlyFilesystem
                    | std::io::ErrorKind::PermissionDenied
                    | std::io::ErrorKind::NotFound
            ) =>
        {
            Ok(None)
        }
        Err(e) => Err(store::Error::io("the lock file", e).into()),
    }
}

/// The signing keys; none when either file is not here, which leaves the archive readable.
async fn read_keys(disk: &Arc<dyn Disk>, root: &Path, home: &Home) -> Result<Option<Keys>> {
    let (entry, log) = (
        small(disk, &root.join(keys::ENTRY)).await?,
        small(disk, &root.join(keys::LOG)).await?,
    );
    match (entry, log) {
        (Some(entry), Some(log)) => Keys::read(
            home,
            &String::from_utf8_lossy(&entry),
            &String::from_utf8_lossy(&log),
        )
        .map(Some),
        _ => Ok(None),
    }
}

async fn small(disk: &Arc<dyn Disk>, path: &Path) -> Result<Option<Vec<u8>>> {
    let (disk, path) = (Arc::clone(disk), path.to_owned());
    blocking(move || {
        if disk.stat(&path)?.is_some() {
            read_small(&*disk, &path).map(Some)
        } else {
            Ok(None)
        }
    })
    .await
}
