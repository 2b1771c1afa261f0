//! Getting material in, unaltered: walk, read once, digest, keep, record.
//!
//! Nothing in a file is interpreted here. One file that cannot be taken never stops the run; it is named, with the reason.

mod add;
mod batch;
mod intake;
mod report;
mod session;
mod walk;

pub use add::{Request, add};
pub use report::{Event, Line, Outcome, Summary};
pub use session::{end_session, note_session, start_session};
