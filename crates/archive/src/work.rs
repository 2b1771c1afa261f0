//! Sign-ins and passphrase hashes: losing them costs time, never a record.

use crate::error::{Error, Result, Why};
use crate::open::Archive;
use crate::random::draw;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use format::id::PersonId;
use store::{Tx, args};

/// A sign-in as it is kept: the token itself is only with whoever signed in.
#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns say it")]
pub struct Login {
    pub token_sha256: Vec<u8>,
    pub person: String,
    pub made_at: i64,
    pub used_at: i64,
}

pub(crate) async fn make(tx: &mut Tx) -> Result<()> {
    tx.script(include_str!("work/0001_start.sql")).await?;
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
        tx.run(
            "delete from work_passphrase where person = $1",
            args![person.to_string()],
        )
        .await?;
        tx.run(
            "insert into work_passphrase (person, hash) values ($1, $2)",
            args![person.to_string(), hash],
        )
        .await?;
        tx.run(
            "delete from work_login where person = $1",
            args![person.to_string()],
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The account that this handle and passphrase open. An unknown handle costs the same time as a wrong passphrase.
    pub async fn sign_in(&self, handle: &str, passphrase: &str) -> Result<PersonId> {
        let sql = "select p.id, w.hash from view_person p join work_passphrase w on w.person = p.id where p.handle = $1";
        let row: Option<(String, String)> = self.rows.one(sql, args![handle]).await?;
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
            "delete from work_login where person = $1 and token_sha256 not in \
             (select token_sha256 from work_login where person = $2 order by made_at desc, token_sha256 limit $3)",
            args![login.person.clone(), login.person.clone(), (at_once - 1).max(0)],
        )
        .await?;
        tx.run(
            "insert into work_login (token_sha256, person, made_at, used_at) values ($1, $2, $3, $4)",
            args![login.token_sha256.clone(), login.person.clone(), login.made_at, login.used_at],
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Forgets every sign-in last used before the one time or made before the other.
    pub async fn drop_ended_logins(&self, used_before: i64, made_before: i64) -> Result<()> {
        let mut tx = self.rows.begin().await?;
        tx.run(
            "delete from work_login where used_at < $1 or made_at < $2",
            args![used_before, made_before],
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The sign-in of this token, if there is one.
    pub async fn login(&self, token_sha256: &[u8]) -> Result<Option<Login>> {
        let sql =
            "select token_sha256, person, made_at, used_at from work_login where token_sha256 = $1";
        Ok(self.rows.one(sql, args![token_sha256.to_vec()]).await?)
    }

    /// Notes that a sign-in was used.
    pub async fn touch_login(&self, token_sha256: &[u8], used_at: i64) -> Result<()> {
        let mut tx = self.rows.begin().await?;
        tx.run(
            "update work_login set used_at = $2 where token_sha256 = $1",
            args![token_sha256.to_vec(), used_at],
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Ends a sign-in.
    pub async fn drop_login(&self, token_sha256: &[u8]) -> Result<()> {
        let mut tx = self.rows.begin().await?;
        tx.run(
            "delete from work_login where token_sha256 = $1",
            args![token_sha256.to_vec()],
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }
}

/// What an unknown handle is checked against, with the same parameters: nobody knows a passphrase for it.
const DECOY: &str = "$argon2id$v=19$m=65536,t=3,p=1$c29tZXRoaW5nc2FsdHk$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
