//! Keeping it, provably: check, and later repair, back up, witness, destroy.
//!
//! Damage is a line in the report, never an error: a check goes on to the end and names all of it.

mod carry;
mod check;
mod copy;
mod damage;
mod log;
mod originals;
mod remake;
pub mod sweep;

pub use carry::{Destination, Moved, Progress, carry};
pub use check::{Event, LogReport, Report, Scope, check, check_log};
pub use copy::{Checked, Exported, export_log, grown_since, verify_copy};
pub use damage::{Damage, Place};
pub use remake::{Remade, remake};
