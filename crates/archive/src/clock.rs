//! The one door to the time of day.

use format::time::Instant;

/// Tells the time; a claim of this machine, never evidence.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Instant;
}

/// What is written when the machine's clock is outside the years that can be written.
static EPOCH: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(|| {
    Instant::from_micros(0).expect("1970 lies between the years 1 and 9999")
});

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one door to the clock"
        )]
        let now = std::time::SystemTime::now();
        // A clock set before 1970 is a wrong clock, not a reason to stop: it is a claim either way.
        let micros = match now.duration_since(std::time::UNIX_EPOCH) {
            Ok(d) => i64::try_from(d.as_micros()).unwrap_or(i64::MAX),
            Err(e) => i64::try_from(e.duration().as_micros()).map_or(i64::MIN, |m| -m),
        };
        Instant::from_micros(micros).unwrap_or(*EPOCH)
    }
}
