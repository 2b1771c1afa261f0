//! Dossiers out, reports; later dossiers in.

mod gather;
pub mod job;
mod open;
mod seal;
pub mod tarball;
pub mod verify_file;

pub use open::{add_items, open_dossier};
pub use seal::{Event, Sealed, Sealing, seal};
pub use tarball::{SealError, write_tar};
pub use verify_file::{VerifyError, verify_file};
