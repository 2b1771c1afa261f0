//! An opened archive: append, read as somebody, search, rebuild.
//!
//! Three kinds of state, each in a room of its own: [`truth`] is never edited and never rebuilt,
//! [`views`] and [`search`] are deleted and rebuilt at will, [`work`] costs time when lost, never a record.
//! [`Archive::begin`] with [`Now::record`] is the only write; [`Archive::seen_by`] is the only read.

pub mod access;
mod append;
mod carry;
mod clock;
mod error;
mod home;
mod keys;
mod look;
mod open;
mod original;
mod place;
mod queries;
mod random;
mod ready;
mod rebuild;
pub mod search;
mod seen;
mod skew;
pub mod truth;
pub mod views;
pub mod work;

pub use access::{Act, Role, Who};
pub use append::{Draft, Now, Recorded};
pub use carry::Arrival;
pub use clock::{Clock, SystemClock};
pub use error::{Error, Result, Stale, StaleLine, Why};
pub use home::Home;
pub use look::{Answers, Looked, look};
pub use open::{Archive, Founding, MAIN, Opening};
pub use original::Original;
pub use place::{Secrets, Shared};
#[doc(hidden)]
pub use queries::{make_tables, named_queries, postgres_queries, sqlite_queries};
pub use random::{OsRandom, Random};
pub use rebuild::Rebuilt;
pub use seen::Seen;
pub use skew::compared;
