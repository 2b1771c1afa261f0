//! Sign-in sessions: who holds a secret, since when, and when it ends.
//!
//! Kept in the archive's work tables under the SHA-256 of the secret, so that a restart signs nobody
//! out. What an account may do is never kept: it is computed anew for every request.

use std::time::{Duration, SystemTime};

use archive::work::Login;
use archive::{Archive, Why};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use format::id::PersonId;

use crate::guard::token::{Secret, SecretKey};
use crate::guard::visit::Visit;
use crate::problem::Problem;
use crate::text::Evidence;

/// A sign-in ends after this long without a request.
pub const IDLE: Duration = Duration::from_secs(30 * 60);
/// A sign-in ends after this long in any case.
pub const ABSOLUTE: Duration = Duration::from_secs(12 * 60 * 60);
/// How many sign-ins one person may have at once; a further one ends the oldest.
pub const AT_ONCE: i64 = 3;
/// How far the clocks of two servers may be apart: the next request may reach one that is a little behind.
const SKEW: Duration = Duration::from_secs(30);
/// Use is noted this often at the most, so that reading pages does not wait for the write lock each time.
const NOTED: Duration = Duration::from_secs(60);

/// Who is signed in, with what the account may do at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    access: archive::Who,
    handle: String,
}

impl Who {
    /// The account as the archive's doors take it.
    pub fn access(&self) -> &archive::Who {
        &self.access
    }

    /// The name as shown.
    pub fn shown(&self) -> Evidence {
        Evidence::new(&self.handle)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Who {
    type Rejection = Problem;

    /// Refuses when nobody is signed in, even if a route forgot to.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let visit = Visit::from_request_parts(parts, state).await?;
        visit.who().cloned().ok_or(Problem::Refused)
    }
}

/// One sign-in that is still open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Who.
    pub who: Who,
    /// When it ends in any case or if nothing more is asked, whichever comes first.
    pub ends: SystemTime,
}

/// The open sign-ins.
#[derive(Clone, Debug)]
pub struct Sessions(Archive);

impl Sessions {
    /// Keeps them in this archive.
    pub fn new(archive: Archive) -> Self {
        Self(archive)
    }

    /// Opens a sign-in and gives the secret that only its browser may keep.
    pub async fn issue(&self, person: &PersonId, now: SystemTime) -> archive::Result<Secret> {
        let (secret, at) = (Secret::new(), micros(now));
        self.0
            .drop_ended_logins(at - long(IDLE), at - long(ABSOLUTE))
            .await?;
        let login = Login {
            token_sha256: secret.key().bytes().to_vec(),
            person: person.to_string(),
            made_at: at,
            used_at: at,
        };
        self.0.keep_login(&login, AT_ONCE).await?;
        Ok(secret)
    }

    /// Finds the open sign-in of a secret and counts this as use; an ended one is forgotten.
    pub async fn look_up(
        &self,
        key: SecretKey,
        now: SystemTime,
    ) -> archive::Result<Option<Session>> {
        let Some(login) = self.0.login(key.bytes()).await? else {
            return Ok(None);
        };
        let now = micros(now);
        if !is_open(&login, now) {
            self.revoke(key).await?;
            return Ok(None);
        }
        let access = match self.0.who(&login.person).await {
            Ok(access) => access,
            Err(e) if e.why == Why::NotFound => return Ok(None),
            Err(e) => return Err(e),
        };
        let mut used = login.used_at;
        if now - used >= long(NOTED) {
            // while another process writes, a page is still shown: the sign-in only counts as older than it is
            match self.0.touch_login(key.bytes(), now).await {
                Ok(()) => used = now,
                Err(e) if e.why == Why::Busy => {}
                Err(e) => return Err(e),
            }
        }
        let who = Who {
            handle: self.handle(&access, &login.person).await,
            access,
        };
        let ends = time((used + long(IDLE)).min(login.made_at + long(ABSOLUTE)));
        Ok(Some(Session { who, ends }))
    }

    /// The name as shown; an account that may not read names sees its id.
    async fn handle(&self, access: &archive::Who, id: &str) -> String {
        let people = self.0.seen_by(access).people().await.unwrap_or_default();
        let person = people.into_iter().find(|person| person.id == id);
        person.map_or_else(|| id.to_owned(), |person| person.handle)
    }

    /// Ends one sign-in.
    pub async fn revoke(&self, key: SecretKey) -> archive::Result<()> {
        self.0.drop_login(key.bytes()).await
    }
}

// a clock that went back must not lengthen a sign-in, so a time well before its beginning ends it
fn is_open(login: &Login, now: i64) -> bool {
    now >= login.made_at - long(SKEW)
        && now < login.used_at + long(IDLE)
        && now < login.made_at + long(ABSOLUTE)
}

fn long(of: Duration) -> i64 {
    i64::try_from(of.as_micros()).unwrap_or(i64::MAX)
}

/// A time as the archive takes it, in microseconds since 1970.
pub(crate) fn micros(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, long)
}

/// A time of the archive's clock as the sign-ins take it.
pub(crate) fn time(micros: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}
