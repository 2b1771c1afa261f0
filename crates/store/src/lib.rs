//! Disk, objects, rows, outbound: the only crate that knows a file system, a database driver or a socket.
//!
//! Four seams, each with a contract on durability, consistency and concurrency in its module:
//!
//! - [`Disk`]: every file the archive writes itself goes through it; [`RealDisk`] is the operating
//!   system, `testkit::FaultDisk` a disk whose power can be cut between any two operations.
//! - [`Objects`]: bytes under names that never come to stand for other bytes, in a folder or a bucket.
//! - [`Rows`]: portable SQL on SQLite or PostgreSQL.
//! - [`outbound`]: the only way to the network, with a record of what was sent.

mod disk;
mod error;
mod objects;
pub mod outbound;
mod queries;
mod rows;
mod secret;

pub use disk::real::RealDisk;
pub use disk::{Disk, FileKind, Listed, Lock, LockKind, NewFile, OldFile, Replace, Stat, Wait};
pub use error::{Cause, Error, Result};
pub use objects::{Batch, Bucket, Name, Objects, Placed, Probe, Reader, Settled, Stage, Stored};
pub use rows::{Arg, Database, Dump, Engine, Mode, Row, Rows, Tls, Tx};
pub use secret::Secret;
