//! Whether objects can be stored at all, asked once at the start.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use super::{Name, Objects, absent, blocking};
use crate::error::{Error, Result};

/// What a probe found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// Whether objects can be written, read back, replaced and discarded; false for a handle that only reads.
    pub writes: bool,
    /// Whether the store refuses a conditional write over what is there (`If-None-Match`). For information: nothing
    /// here relies on it. `None` in a folder, or when not asked.
    pub conditional: Option<bool>,
}

impl Objects {
    /// Puts, reads back, overwrites and discards one small object under `probe/`, and says what the store can do.
    ///
    /// A handle that only reads asks for that object and writes nothing. A store that gives back other bytes than it
    /// was given is [`Error::Io`].
    pub async fn probe(&self) -> Result<Probe> {
        let name = Name::new(format!("probe/{:016x}{:016x}", draw(), draw()))?;
        let fresh = self.uncached();
        if !self.inner.writable {
            fresh.get_if_there(&name).await?;
            return Ok(Probe {
                writes: false,
                conditional: None,
            });
        }
        let found = fresh.try_out(&name).await;
        // Discarded in any case; the first failure is the one that counts.
        let gone = fresh.discard(&name).await;
        let conditional = found?;
        gone?;
        if fresh.size(&name).await?.is_some() {
            return Err(odd(&name, "was discarded and is still there"));
        }
        Ok(Probe {
            writes: true,
            conditional,
        })
    }

    async fn try_out(&self, name: &Name) -> Result<Option<bool>> {
        self.put_once(name, b"first").await?;
        self.must_hold(name, b"first").await?;
        self.replace(name, b"second").await?;
        self.must_hold(name, b"second").await?;
        let (inner, there) = (std::sync::Arc::clone(&self.inner), name.clone());
        blocking(move || inner.backend.keeps_conditions(&there)).await
    }

    async fn must_hold(&self, name: &Name, bytes: &[u8]) -> Result<()> {
        match self.get_if_there(name).await? {
            None => Err(absent(name)),
            Some(there) if there == bytes => Ok(()),
            Some(_) => Err(odd(name, "holds other bytes than were just put there")),
        }
    }
}

fn odd(name: &Name, what: &str) -> Error {
    Error::Io {
        place: name.to_string(),
        source: what.into(),
    }
}

/// A number nobody else draws; not for secrets.
fn draw() -> u64 {
    RandomState::new().build_hasher().finish()
}
