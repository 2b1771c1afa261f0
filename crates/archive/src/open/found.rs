//! Founding an archive: nothing is there until everything is.

use super::parts::Parts;
use super::{Archive, Opening, new};
use crate::access::{Role, Who};
use crate::append::{Draft, Recorded};
use crate::error::{Error, Result, Why};
use crate::home::{self, Home};
use crate::keys::Keys;
use crate::place::{self, Shared};
use crate::random::{Random, draw};
use crate::truth::log::{blocking, name};
use crate::truth::sql;
use crate::{views, work};
use format::id::{PersonId, Subject};
use format::kind::{self, Founded, Kind, PersonAdded};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Disk, Replace, Tx, args};

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
    /// The database and bucket to keep it in; none keeps everything in the folder.
    pub shared: Option<Shared>,
    /// Whether the credentials at hand are written into `keys/store.toml` for later.
    pub keep_secrets: bool,
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
        let shared = founding.shared.clone().map(Shared::checked).transpose()?;
        let parts = match &shared {
            None => None,
            // Nothing is written, not even the folder, to a database or bucket that is taken or cannot be reached.
            Some(shared) => {
                let parts = Parts::open(root, &opening, Some(shared)).await?;
                parts.must_be_new().await?;
                Some(parts)
            }
        };
        let mut files: Vec<(&str, String)> =
            keys.files().map(|(f, pem)| (f, pem.to_owned())).into();
        if let Some(shared) = &shared {
            files.push((place::FILE, shared.text()));
            if founding.keep_secrets {
                files.push((place::SECRETS, opening.secrets.text()));
            }
        }
        make_folders(&opening.disk, root, files, shared.is_some()).await?;
        let parts = match parts {
            None => Parts::open(root, &opening, None).await?,
            Some(parts) => parts,
        };
        let archive = Self::assemble(root, home, opening, parts, Some(keys), None);
        archive.make_views().await?;
        let first = archive.first_entries(founding, public).await?;
        archive.complete().await?;
        archive.must_begin_with(&first).await?;
        Ok(archive)
    }

    /// Gives the archive its name in every place that it is kept in, the folder last: a founding that breaks off
    /// leaves no half archive.
    pub(crate) async fn complete(&self) -> Result<()> {
        let bytes = self.home.bytes();
        if self.is_shared() {
            self.truth
                .objects
                .put_once(&name(home::OBJECT)?, &bytes)
                .await?;
            let mut tx = self.rows.begin().await?;
            tx.run(sql::HOME_SET, args![bytes.clone()]).await?;
            // Two foundings of one database may have found it empty at the same moment: the first keeps it.
            self.must_be_named_so(&mut tx).await?;
            tx.commit().await?;
        }
        let (disk, path) = (Arc::clone(&self.disk), self.root.clone());
        blocking(move || {
            let draft = path.join("HOLDFAST.new");
            if disk.stat(&draft)?.is_some() {
                disk.remove(&draft)?; // of a run that broke off just here
            }
            let mut file = disk.create(&draft, 0)?;
            file.write(&bytes)?;
            file.sync()?;
            file.finish()?;
            disk.rename(&draft, &path.join(home::FILE), Replace::Never)?;
            disk.sync_all(&path)
        })
        .await
    }

    async fn first_entries(&self, founding: &Founding, keys: kind::Keys) -> Result<Vec<Recorded>> {
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
        let first = now
            .record(vec![
                Draft::first(Subject::Archive, Kind::Founded(founded)),
                Draft::first(Subject::Person(owner), Kind::PersonAdded(person)),
            ])
            .await?;
        self.cover().await?;
        Ok(first)
    }

    pub(crate) async fn make_views(&self) -> Result<()> {
        let mut tx = self.rows.begin().await?;
        if self.is_shared() {
            tx.script(sql::TABLES).await?;
            self.must_be_named_so(&mut tx).await?;
            sql::make(&mut tx).await?;
        }
        views::make(&mut tx).await?;
        work::make(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Refuses a log that another founding wrote into before the database bore a name: nothing can clear it any more.
    async fn must_begin_with(&self, first: &[Recorded]) -> Result<()> {
        if !self.is_shared() {
            return Ok(()); // a folder is made by one process
        }
        let leaf: Option<(Vec<u8>,)> = self.rows.one(views::sql::LEAF, args![0]).await?;
        let ours = first.first().map(|r| r.leaf.0.to_vec());
        let alone = views::log::head(&self.rows).await? == first.len() as u64;
        if alone && leaf.map(|(leaf,)| leaf) == ours {
            return Ok(());
        }
        let what = "Another archive was founded in this database at the same moment";
        Err(Error::new(Why::Busy, what).next(
            "Make a new, empty database and name a new prefix; nothing was acknowledged here",
        ))
    }

    /// Refuses a database that bears another archive's name by now: nothing in it may be cleared.
    async fn must_be_named_so(&self, tx: &mut Tx) -> Result<()> {
        let named: Option<(Vec<u8>,)> = tx.one(sql::HOME, args![]).await?;
        match named {
            Some((theirs,)) if theirs != self.home.bytes() => Err(new::taken("database", &theirs)),
            _ => Ok(()),
        }
    }
}

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

pub(crate) async fn check_empty(disk: &Arc<dyn Disk>, root: &Path) -> Result<()> {
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

/// Makes the folder with what belongs to it alone; what is shared by hosts has no folder here.
pub(crate) async fn make_folders(
    disk: &Arc<dyn Disk>,
    root: &Path,
    files: Vec<(&str, String)>,
    shared: bool,
) -> Result<()> {
    let files: Vec<(PathBuf, String)> = files
        .into_iter()
        .map(|(f, text)| (root.join(f), text))
        .collect();
    let (disk, root) = (Arc::clone(disk), root.to_owned());
    let folders: &[&str] = if shared {
        &["keys", "incoming"]
    } else {
        &[
            "log",
            "disclosures",
            "originals",
            "trees",
            "keys",
            "incoming",
        ]
    };
    blocking(move || {
        for folder in folders {
            disk.create_dir_all(&root.join(folder))?;
        }
        for (path, text) in files {
            let mut file = disk.create(&path, 0)?;
            file.write(text.as_bytes())?;
            file.sync()?;
            file.finish()?;
        }
        disk.sync_all(&root)
    })
    .await
}
