//! A disk in memory whose power can be cut between any two operations, and whose operations can fail.
//!
//! It keeps two planes. The **live** plane is what running programs see. The **durable** plane holds
//! only what a sync has promised to keep. Every effect since is *pending*, and what a power cut leaves
//! is the durable plane plus whichever pending effects the [`Behaviour`] lets through.
//!
//! It is as strict as the contract of [`store::Disk`] and harsher than a journalling file system: a
//! rename between two folders is two effects (the new name, the old name gone), each kept by the sync
//! of its own folder alone; an effect in one folder never drags one in another along; syncing a file
//! keeps no name, syncing a folder no bytes. A failed sync drops the bytes it was asked to keep for
//! ever, as Linux does, so trying again and succeeding proves nothing. (Opening the file anew or calling
//! `sync_all` again does succeed here, so that a program that trusts it is found out; the real disk
//! refuses.)
//!
//! Everything follows from the seed and the order of calls.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use self::crash::states;
use self::locks::Locks;
use self::plane::{Plane, Step};

mod crash;
mod disk;
mod files;
mod image;
mod locks;
mod operation;
mod plane;
mod random;

pub(crate) use random::mix;

/// Is a disk in memory that records everything and can be told to fail; clones share it.
#[derive(Debug, Clone)]
pub struct FaultDisk {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    seed: u64,
    state: Mutex<State>,
    unlocked: Condvar,
}

#[derive(Debug)]
struct State {
    start: image::Image,
    plane: Plane,
    trace: Vec<Step>,
    locks: Locks,
    fault: Option<(usize, Fault)>,
    capacity: u64,
}

/// What a power cut leaves of the effects no sync has promised to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Behaviour {
    /// None of them.
    DropUnsynced,
    /// The first few, in order.
    KeepPrefix,
    /// All, but the last sector (512 bytes) written to each file is torn.
    TornLastSector,
    /// Any of them, whatever their order.
    Reorder,
    /// All bytes, but no name.
    LoseNames,
}

impl Behaviour {
    /// Lists all five.
    pub const ALL: [Self; 5] = [
        Self::DropUnsynced,
        Self::KeepPrefix,
        Self::TornLastSector,
        Self::Reorder,
        Self::LoseNames,
    ];
}

/// How one operation fails; an operation the fault does not fit fails with `EIO` and does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The device fails; nothing happens.
    Eio,
    /// The disk is full; nothing happens.
    Enospc,
    /// The quota is used up; nothing happens.
    Edquot,
    /// Half of a write happens, then the disk is full.
    ShortWrite,
    /// A sync fails, and the bytes and names it should have kept will never be durable.
    FailedSync,
}

impl Fault {
    /// Lists all five.
    pub const ALL: [Self; 5] = [
        Self::Eio,
        Self::Enospc,
        Self::Edquot,
        Self::ShortWrite,
        Self::FailedSync,
    ];

    fn error(self) -> io::Error {
        io::Error::from_raw_os_error(match self {
            Self::Eio | Self::FailedSync => 5,
            Self::Enospc | Self::ShortWrite => 28,
            Self::Edquot => 122,
        })
    }
}

/// One power cut: where, how, and the disk it leaves.
#[derive(Debug)]
pub struct Crash {
    /// How many operations had been done.
    pub at_op: usize,
    /// What happened to unsynced effects.
    pub behaviour: Behaviour,
    /// What is there after the power is back.
    pub disk: FaultDisk,
}

impl FaultDisk {
    /// Makes an empty disk that never fails until told to.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::holding(image::Image::empty(), seed)
    }

    fn holding(image: image::Image, seed: u64) -> Self {
        let state = State {
            plane: Plane::new(image.clone()),
            start: image,
            trace: Vec::new(),
            locks: Locks::default(),
            fault: None,
            capacity: u64::MAX,
        };
        Self {
            shared: Arc::new(Shared {
                seed,
                state: Mutex::new(state),
                unlocked: Condvar::new(),
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Says how many operations were done or tried; an acknowledgement is dated by this number.
    #[must_use]
    pub fn ops(&self) -> usize {
        self.state().trace.len()
    }

    /// Lists every operation so far, one line each, for messages of failing tests.
    #[must_use]
    pub fn trace(&self) -> Vec<String> {
        self.state().trace.iter().map(Step::line).collect()
    }

    /// Makes operation number `op` (counted from 0, like [`FaultDisk::ops`]) fail, once.
    pub fn fail_at(&self, op: usize, fault: Fault) {
        self.state().fault = Some((op, fault));
    }

    /// Lets files hold this many bytes together; a write beyond is `ENOSPC`.
    pub fn set_capacity(&self, bytes: u64) {
        self.state().capacity = bytes;
    }

    /// Returns the disk that a power cut after the first `at_op` operations leaves.
    ///
    /// # Panics
    /// If fewer operations than that were done.
    #[must_use]
    pub fn crash_state(&self, at_op: usize, behaviour: Behaviour) -> Self {
        let state = self.state();
        let mut plane = Plane::new(state.start.clone());
        for step in &state.trace[..at_op] {
            plane.apply(step);
        }
        let image = states(&plane, behaviour, mix(self.shared.seed, at_op as u64));
        Self::holding(image, self.shared.seed)
    }

    /// Visits the power cut at every operation under every behaviour, and says how many there were.
    ///
    /// Cuts right after an operation that changed nothing are left out: they equal the one before.
    pub fn every_crash(&self, seed: u64, mut visit: impl FnMut(Crash)) -> usize {
        let (mut plane, trace) = {
            let state = self.state();
            (Plane::new(state.start.clone()), state.trace.clone())
        };
        let mut count = 0;
        for at_op in 0..=trace.len() {
            if at_op > 0 {
                let step = &trace[at_op - 1];
                plane.apply(step);
                if !step.changes_something() {
                    continue;
                }
            }
            for behaviour in Behaviour::ALL {
                let image = states(&plane, behaviour, mix(seed, at_op as u64));
                visit(Crash {
                    at_op,
                    behaviour,
                    disk: Self::holding(image, seed),
                });
                count += 1;
            }
        }
        count
    }
}
