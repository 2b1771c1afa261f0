//! Sign-ins, passphrase hashes and jobs: losing them costs time, never a record.

pub mod jobs;

pub(crate) mod sql;
mod tries;

use crate::error::{Error, Result, Why};
use crate::open::Archive;
use crate::random::draw;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use format::id::PersonId;
use store::{Tx, args};

pub use tries::Try;

/// A sign-in as it is kept: the token itself is only with whoever signed in.
#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns say it")]
pub struct Login {
    pub token_sha256: Vec<u8>,
    pub person: String,
    pub made_at: i64,
    pub used_at: i64,
}

/// What the tables went through, in order. A script that was ever released is never changed: a new one follows it.
const SCRIPTS: &[&str] = &[
    include_str!("work/0001_start.sql"),
    include_str!("work/0002_jobs.sql"),
];

/// Brings the tables to the version this program knows, all in the caller's transaction.
///
/// Tables of a newer version are left as they are and refused.
pub(crate) async fn make(tx: &mut Tx) -> Result<()> {
    tx.script(include_str!("work/meta.sql")).await?;
    let version: Option<(i64,)> = tx.one(sql::VERSION, args![]).await?;
    let version = version.map_or(0, |(version,)| version);
    let at = usize::try_from(version).unwrap_or(usize::MAX);
    let Some(ahead) = SCRIPTS.get(at..) else {
        return Err(too_old(version));
    };
    for script in ahead {
        tx.script(script).await?;
    }
    if !ahead.is_empty() {
        tx.run(sql::VERSION_SET, args![SCRIPTS.len() as i64])
            .await?;
    }
    Ok(())
}

/// Refuses tables that a newer program made since they were last looked at.
pub(crate) async fn must_be_known(rows: &store::Rows) -> Result<()> {
    let version: Option<(i64,)> = rows.one(sql::VERSION, args![]).await?;
    match version {
        Some((version,)) if version > SCRIPTS.len() as i64 => Err(too_old(version)),
        _ => Ok(()),
    }
}

fn too_old(theirs: i64) -> Error {
    let what = format!(
        "The archive has work tables of version {theirs}, this program knows {}",
        SCRIPTS.len()
    );
    Error::new(Why::Stale, what)
        .next("Use the newer program that made them on this host too; nothing was changed")
}

/// Carries passphrases to another place of the archive; whoever is signed in signs in again there.
pub(crate) async fn carry(from: &store::Rows, to: &store::Rows) -> Result<()> {
    let rows: Vec<(String, String)> = from.all(sql::PASSPHRASES, args![]).await?;
    let mut tx = to.begin().await?;
    tx.run(sql::PASSPHRASES_CLEAR, args![]).await?;
    for (person, hash) in rows {
        tx.run(sql::PASSPHRASE_ADD, args![person, hash]).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(64 * 1024, 3, 1, None)
        .map_err(|e| Error::bug(format!("Argon2 refused its parameters: {e}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

impl Archive {
    /// Sets the passphrase an account signs in to the pages with, in place of any earlier one, and ends its sign-ins.
    pub async fn set_passphrase(&self, person: &PersonId, passphrase: &str) -> Result<()> {
        self.writable()?;
        if passphrase.chars().count() < 15 {
            return Err(
                Error::new(Why::Invalid, "A passphrase needs at least 15 characters")
                    .next("Use five or six random words"),
            );
        }
        let (passphrase, salt) = (passphrase.to_owned(), draw::<16>(&*self.random));
        let hash = tokio::task::spawn_blocking(move || -> Result<String> {
            let salt = SaltString::encode_b64(&salt)
                .map_err(|e| Error::bug(format!("A salt was refused: {e}")))?;
            let hash = argon2()?.hash_password(passphrase.as_bytes(), &salt);
            Ok(hash
                .map_err(|e| Error::bug(format!("Argon2 failed: {e}")))?
                .to_string())
        })
        .await
        .map_err(|e| Error::bug("Hashing a passphrase stopped").because(e))??;
        let mut tx = self.rows.begin().await?;
        tx.run(sql::PASSPHRASE_DROP, args![person.to_string()])
            .await?;
        tx.run(sql::PASSPHRASE_ADD, args![person.to_string(), hash])
            .await?;
        tx.run(sql::LOGINS_DROP, args![person.to_string()]).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The account that this handle and passphrase open. An unknown handle costs the same time as a wrong passphrase.
    pub async fn sign_in(&self, handle: &str, passphrase: &str) -> Result<PersonId> {
        let row: Option<(String, String)> =
            self.rows.one(sql::PASSPHRASE_OF, args![handle]).await?;
        let (id, hash) = row.map_or((None, DECOY.to_owned()), |(id, hash)| (Some(id), hash));
        let passphrase = passphrase.to_owned();
        let good = tokio::task::spawn_blocking(move || -> Result<bool> {
            let hash = PasswordHash::new(&hash)
                .map_err(|e| Error::bug(format!("A stored passphrase hash is not one: {e}")))?;
            Ok(argon2()?
                .verify_password(passphrase.as_bytes(), &hash)
                .is_ok())
        })
        .await
        .map_err(|e| Error::bug("Checking a passphrase stopped").because(e))??;
        let id = id.filter(|_| good).and_then(|id| id.parse().ok());
        id.ok_or_else(|| {
            Error::new(Why::WrongKey, "This name and passphrase do not belong together")
                .next("Try again; whoever can read the archive's folder can set a new one with `holdfast user passphrase`")
        })
    }

    /// Keeps a sign-in; an account has at most `at_once` of them, a further one ends the oldest.
    pub async fn keep_login(&self, login: &Login, at_once: i64) -> Result<()> {
        let mut tx = self.rows.begin().await?;
        tx.run(
            sql::LOGINS_OVER,
            args![
                login.person.clone(),
                login.person.clone(),
                (at_once - 1).max(0)
            ],
        )
        .await?;
        tx.run(
            sql::LOGIN_ADD,
            args![
                login.token_sha256.clone(),
                login.person.clone(),
                login.made_at,
                login.used_at
            ],
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Forgets every sign-in last used before the one time or made before the other.
    pub async fn drop_ended_logins(&self, used_before: i64, made_before: i64) -> Result<()> {
        let mut tx = self.rows.begin().await?;
        tx.run(sql::LOGINS_ENDED, args![used_before, made_before])
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The sign-in of this token, if there is one.
    pub async fn login(&self, token_sha256: &[u8]) -> Result<Option<Login>> {
        Ok(self
            .rows
            .one(sql::LOGIN, args![token_sha256.to_vec()])
            .await?)
    }

    /// Notes that a sign-in was used.
    pub async fn touch_login(&self, token_sha256: &[u8], used_at: i64) -> Result<()> {
        let mut tx = self.rows.begin().await?;
        tx.run(sql::LOGIN_USED, args![token_sha256.to_vec(), used_at])
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Ends a sign-in.
    pub async fn drop_login(&self, token_sha256: &[u8]) -> Result<()> {
        let mut tx = self.rows.begin().await?;
        tx.run(sql::LOGIN_DROP, args![token_sha256.to_vec()])
            .await?;
        tx.commit().await?;
        Ok(())
    }
}

/// What an unknown handle is checked against, with the same parameters: nobody knows a passphrase for it.
const DECOY: &str = "$argon2id$v=19$m=65536,t=3,p=1$c29tZXRoaW5nc2FsdHk$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
