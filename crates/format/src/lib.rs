//! Entries, disclosures, digests, signatures, proofs, dossiers, and how to check them. No I/O, no async.
//!
//! `docs/format.md` is the normative text; section numbers in comments refer to it.

pub mod capture;
pub mod disclosure;
pub mod dossier;
pub mod entry;
pub mod id;
pub mod json;
pub mod kind;
pub mod log;
pub mod name;
pub mod pieces;
pub mod record;
pub mod time;
pub mod verify;

pub use disclosure::Disclosure;
pub use entry::{Entry, EntryError, compose};
pub use id::{Blake3, Digests, DossierId, ItemId, PersonId, SessionId, Sha256, Subject};
pub use kind::{Chain, Common, Kind, KindError, Level};
pub use name::BytesName;
pub use record::{EntryKey, EntryVerifier, Record};
pub use time::Instant;
