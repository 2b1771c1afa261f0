//! What can go wrong below the archive: what kind, where, and the cause.

use std::io;

/// The result of every call to `store` above [`crate::Disk`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Says what failed, where, and what to do next; callers branch on the variant.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk has no room left (`ENOSPC`).
    #[error("The disk is full at {place}; free some space and try again")]
    Full {
        /// The object, file or database concerned.
        place: String,
        /// What the operating system or driver said.
        source: Cause,
    },
    /// The quota of this account is used up (`EDQUOT`).
    #[error("The quota is used up at {place}; raise it or free some space and try again")]
    Quota {
        /// The object or file concerned.
        place: String,
        /// What the operating system said.
        source: Cause,
    },
    /// The file system, the database or this handle takes no writes (`EROFS` or opened so).
    #[error(
        "{place} was opened read-only or lies on a read-only disk; open it for writing to change it"
    )]
    ReadOnly {
        /// The object, file or database concerned.
        place: String,
    },
    /// The operating system or the store refuses access.
    #[error("{}", denied(place, source))]
    Denied {
        /// The object, file or bucket concerned.
        place: String,
        /// What the operating system or the store said.
        source: Cause,
    },
    /// Nothing is there.
    #[error("{place} is not there; check the name, or run a check of the archive")]
    NotFound {
        /// The object or file concerned.
        place: String,
    },
    /// The name already stands for other bytes, or a database rule refuses the row.
    #[error("{place} already stands for something else; nothing was changed")]
    Conflict {
        /// The object or table concerned.
        place: String,
    },
    /// Somebody else holds the lock.
    #[error("{place} is in use by another process; wait for it to finish and try again")]
    Busy {
        /// The file or database concerned.
        place: String,
    },
    /// The request itself cannot be right: a bad name, a range beyond the end, a refused address.
    #[error("{what}")]
    Invalid {
        /// What is wrong and what to do.
        what: String,
    },
    /// The device or driver failed (`EIO` and everything without a variant of its own).
    #[error("Reading or writing {place} failed; check the disk before going on")]
    Io {
        /// The object, file or database concerned.
        place: String,
        /// What the operating system or driver said.
        source: Cause,
    },
    /// A sync failed: what was written may be lost, and trying again would prove nothing.
    #[error("{place} could not be made durable; stop, check the disk, then open the archive again")]
    Unsynced {
        /// The object or folder concerned.
        place: String,
        /// What the operating system said.
        source: Cause,
    },
    /// An earlier sync failed, so this handle takes no more writes.
    #[error(
        "{place} is not written because an earlier sync failed; check the disk, then open the archive again"
    )]
    Halted {
        /// The object concerned.
        place: String,
    },
    /// The database is damaged or is not a database.
    #[error("{place} is damaged; rebuild it from the log")]
    Damaged {
        /// The database concerned.
        place: String,
        /// What the driver said.
        source: Cause,
    },
    /// The database does not understand a statement or a value; a mistake of ours.
    #[error("{place} does not accept a statement; please report this as a bug")]
    Statement {
        /// The database concerned.
        place: String,
        /// What the driver said.
        source: Cause,
    },
    /// What keeps the objects or the rows does not answer; it may again.
    #[error(
        "{place} cannot be reached; nothing that was acknowledged is lost: try again when it answers"
    )]
    Unreachable {
        /// The store or database concerned.
        place: String,
        /// What was tried and what came back.
        source: Cause,
    },
    /// The network, or who answered, failed.
    #[error("{what}")]
    Network {
        /// What failed and what to do.
        what: String,
        /// The cause, where there is one below us.
        source: Option<Cause>,
    },
}

/// A cause below this crate, kept for the person who reads the log.
pub type Cause = Box<dyn std::error::Error + Send + Sync + 'static>;

/// Whose permission is missing decides what to look at.
fn denied(place: &str, source: &Cause) -> String {
    let (by, look) = if source.is::<Said>() {
        (
            "its store",
            "look at the access key, its secret and what it may do there",
        )
    } else if source.is::<sqlx::Error>() {
        (
            "its server",
            "look at the user and the password given for it",
        )
    } else {
        ("the system", "check its owner and permissions")
    };
    format!("Access to {place} is refused by {by}; {look}")
}

/// What an S3-compatible store said, free of keys.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Said(pub(crate) String);

impl Error {
    /// Tells whether durability is in doubt, so that nothing more may be acknowledged.
    #[must_use]
    pub fn halts(&self) -> bool {
        matches!(self, Self::Unsynced { .. } | Self::Halted { .. })
    }

    /// Tells whether the same call may well succeed later, with nothing changed by hand.
    ///
    /// A write that failed so was not done, but for a commit: whether that happened is open.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Busy { .. })
    }

    /// Tells whether a server or a store refused whoever asked: a user, a password, a key, or what it may do.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        let theirs = |e: &Cause| e.is::<Said>() || e.is::<sqlx::Error>();
        matches!(self, Self::Denied { source, .. } if theirs(source))
    }

    /// Says what an error of [`crate::Disk`] means, and where it happened.
    pub fn io(place: impl Into<String>, error: io::Error) -> Self {
        use io::ErrorKind as K;
        // What reads from a store says more than an error of the operating system can.
        let error = match error.downcast::<Self>() {
            Ok(ours) => return ours,
            Err(error) => error,
        };
        let place = place.into();
        match error.kind() {
            K::StorageFull => Self::Full {
                place,
                source: error.into(),
            },
            K::QuotaExceeded => Self::Quota {
                place,
                source: error.into(),
            },
            K::ReadOnlyFilesystem => Self::ReadOnly { place },
            K::PermissionDenied => Self::Denied {
                place,
                source: error.into(),
            },
            K::NotFound => Self::NotFound { place },
            K::AlreadyExists => Self::Conflict { place },
            K::WouldBlock | K::ResourceBusy => Self::Busy { place },
            _ => Self::Io {
                place,
                source: error.into(),
            },
        }
    }

    pub(crate) fn sync(place: impl Into<String>, error: io::Error) -> Self {
        Self::Unsynced {
            place: place.into(),
            source: error.into(),
        }
    }

    pub(crate) fn invalid(what: impl Into<String>) -> Self {
        Self::Invalid { what: what.into() }
    }
}
