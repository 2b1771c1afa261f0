//! An opened archive: append, read as somebody, search, rebuild.
//!
//! Three kinds of state, each in a room of its own: [`truth`] is never edited and never rebuilt,
//! [`views`] and [`search`] are deleted and rebuilt at will, [`work`] costs time when lost, never a record.
//! [`Archive::begin`] with [`Now::record`] is the only write; [`Archive::seen_by`] is the only read.

pub mod access;
mod append;
mod clock;
mod error;
mod home;
mod keys;
mod open;
mod original;
mod random;
mod ready;
mod rebuild;
pub mod search;
mod seen;
pub mod truth;
pub mod views;
pub mod work;

pub use access::{Act, Role, Who};
pub use append::{Draft, Now, Recorded};
pub use clock::{Clock, SystemClock};
pub use error::{Error, Result, Why};
pub use home::Home;
pub use open::{Archive, Founding, MAIN, Opening};
pub use original::Original;
pub use random::{OsRandom, Random};
pub use rebuild::Rebuilt;
pub use seen::Seen;
