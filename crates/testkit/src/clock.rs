//! A clock that stands until it is moved, and randomness that follows from a seed.

use archive::{Clock, Random};
use format::time::Instant;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// Tells a time of its own: each look is a millisecond later, and it can be made to jump.
#[derive(Debug)]
pub struct TestClock {
    micros: AtomicI64,
    step: i64,
}

impl Default for TestClock {
    fn default() -> Self {
        // 2026-03-04T18:22:07Z: any day will do, as long as it is always the same.
        Self {
            micros: AtomicI64::new(1_772_648_527_000_000),
            step: 1_000,
        }
    }
}

impl TestClock {
    /// Stands where it is, however often it is looked at.
    #[must_use]
    pub fn still() -> Self {
        Self {
            step: 0,
            ..Self::default()
        }
    }

    /// Moves the clock by so many years, forwards or back.
    pub fn jump_years(&self, years: i64) {
        self.jump_seconds(years * 365 * 86_400);
    }

    /// Moves the clock by so many seconds, forwards or back.
    pub fn jump_seconds(&self, seconds: i64) {
        self.micros.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        let micros = self.micros.fetch_add(self.step, Ordering::SeqCst);
        Instant::from_micros(micros).expect("tests stay between the years 1 and 9999")
    }
}

/// Gives the same bytes for the same seed, and never the same twice in a run; for tests only.
#[derive(Debug)]
pub struct SeededRandom {
    seed: u64,
    drawn: AtomicU64,
}

impl SeededRandom {
    /// Starts from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            drawn: AtomicU64::new(0),
        }
    }

    /// Draws the next number.
    pub fn next(&self) -> u64 {
        let n = self.drawn.fetch_add(1, Ordering::SeqCst);
        crate::fault::mix(crate::fault::mix(self.seed, 1), n)
    }

    /// Draws a number below `bound`, which must not be zero.
    pub fn below(&self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).expect("below `bound`, which is a usize")
    }

    /// Draws this many bytes.
    #[must_use]
    pub fn bytes(&self, len: usize) -> Vec<u8> {
        let mut out = vec![0; len];
        self.fill(&mut out);
        out
    }
}

impl Random for SeededRandom {
    fn fill(&self, out: &mut [u8]) {
        for part in out.chunks_mut(8) {
            let n = part.len();
            part.copy_from_slice(&self.next().to_le_bytes()[..n]);
        }
    }
}
