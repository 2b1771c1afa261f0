//! Test harness: fault-injecting disk, mutators, fixed clock. Never shipped.

mod archive;
mod clock;
mod fault;
pub mod services;
pub mod tools;

pub use self::archive::{
    Founded, Stores, TestArchive, Where, add, collected, found, founding, opening, place,
    read_file, write_file,
};
pub use self::clock::{SeededRandom, TestClock};
pub use self::fault::{Behaviour, Crash, Fault, FaultDisk};
