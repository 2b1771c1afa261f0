//! Founding and opening an archive, and catching the views up with the truth.

pub(crate) mod folder;
pub(crate) mod found;
mod new;
pub(crate) mod parts;
pub(crate) mod refused;
mod rows;
mod shared;

use self::folder::{read_home, read_keys, small, take_lock};
pub use self::found::Founding;
use self::parts::Parts;
pub(crate) use self::shared::too_old;
use crate::access::{Role, Who};
use crate::clock::{Clock, SystemClock};
use crate::error::{Error, Result, Why};
use crate::home::{self, Home};
use crate::keys::{self, Keys};
use crate::place::Secrets;
use crate::random::{OsRandom, Random, draw};
use crate::ready::{Stopped, finished};
use crate::skew::Skew;
use crate::truth::keep::Keep;
use crate::truth::log::blocking;
use crate::truth::{Truth, originals::Originals};
use crate::{rebuild, views};
use format::kind::Level;
use format::log::note::NoteKey;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{Disk, Lock, RealDisk, Rows, Tx};

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
    pub(crate) skew: Skew,
    pub(crate) patience: Duration,
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
    /// Opens a shared archive's database and bucket; what is missing is read from `keys/store.toml`.
    pub secrets: Secrets,
    /// How far this host's clock may be from the shared database's before nothing is written, in microseconds.
    pub skew_limit: i64,
    /// How long a write waits for a database that does not answer.
    pub patience: Duration,
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
            secrets: Secrets::default(),
            skew_limit: 60_000_000,
            patience: Duration::from_secs(10),
        }
    }
}

impl Opening {
    fn again_to_read(&self) -> Self {
        Self {
            disk: Arc::clone(&self.disk),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            read_only: true,
            alone: false,
            rows_at: self.rows_at.clone(),
            secrets: self.secrets.clone(),
            ..*self
        }
    }
}

impl Archive {
    /// Opens an archive and brings its views up to date with its log.
    ///
    /// Where the folder cannot be written it opens to read only, unless it was asked for alone.
    pub async fn open(root: &Path, opening: Opening) -> Result<Self> {
        let again = opening.again_to_read();
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
        let shared = parts::named(&opening.disk, root).await?;
        let parts = Parts::open(root, &opening, shared.as_ref()).await?;
        let alone = opening.alone;
        let mut archive = Self::assemble(root, home, opening, parts, keys, lock);
        if let Some(moved) = crate::carry::moved(&archive).await? {
            drop(archive.stop(Error::new(Why::ReadOnly, moved).next(
                "Work with the archive at its new place; what is here can be read and checked",
            )));
        }
        if archive.is_shared() {
            archive.check_shared(alone).await?;
        } else {
            archive.bring_up_to_date().await?;
        }
        if !read_only {
            // What killed runs left unfinished. Should it stay, it costs room and nothing else.
            drop(archive.truth.objects.sweep_incoming().await);
        }
        Ok(archive)
    }

    pub(crate) fn assemble(
        root: &Path,
        home: Home,
        opening: Opening,
        parts: Parts,
        keys: Option<Keys>,
        lock: Option<Box<dyn Lock>>,
    ) -> Self {
        let home = Arc::new(home);
        let Parts {
            objects,
            rows,
            keep,
        } = parts;
        let inner = Inner {
            truth: Truth::new(objects.clone(), Arc::clone(&home), keep),
            originals: Originals::new(objects),
            root: root.to_owned(),
            home,
            rows,
            skew: Skew::within(opening.skew_limit),
            patience: opening.patience,
            disk: opening.disk,
            clock: opening.clock,
            random: opening.random,
            keys,
            read_only: opening.read_only,
            stopped: Mutex::new(None),
            _lock: lock,
        };
        Self {
            inner: Arc::new(inner),
        }
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
            let covered = match &archive.truth.keep {
                Keep::File { .. } => archive.cover_alone(&key).await,
                Keep::Table(rows) => {
                    let recorded = views::log::head(rows).await?;
                    archive.truth.cover_shared(rows, &key, recorded).await
                }
            };
            covered.map_err(|e| archive.stop_writing(e))
        })
        .await
    }

    async fn cover_alone(&self, key: &NoteKey) -> Result<u64> {
        let mut tx = self.rows.begin().await?;
        self.catch_up(&mut tx).await?;
        let recorded = views::take_head(&mut tx).await?.seq;
        let covered = self.truth.cover(key, recorded).await?.size;
        tx.run(views::sql::TAIL_EMPTIED, store::args![]).await?;
        tx.commit().await?;
        Ok(covered)
    }

    /// Whether other hosts may write to this archive too.
    pub fn is_shared(&self) -> bool {
        matches!(self.truth.keep, Keep::Table(_))
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

    /// A secret that every server of this archive derives alike and nobody else can; none without the signing keys.
    ///
    /// Another label gives another secret, and none of them says anything about the keys.
    pub fn derive_secret(&self, label: &str) -> Option<[u8; 32]> {
        self.keys.as_ref().map(|keys| keys.derive(label))
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
        if self.is_shared() {
            return None; // a database server looks after its own pages
        }
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
