//! Real services for tests: PostgreSQL, Garage, and a bad line in front of either.
//!
//! The test command starts one of each and names them in the environment: [`shared`],
//! [`shared_s3`] and [`fresh_database`] read that. A test that breaks a service starts its
//! own, after [`crate::tools::need`] said that the program is here. Whatever is started
//! here listens on loopback only, and ends with its guard or with this process, however
//! this process ends.

mod garage;
mod line;
mod port;
mod postgres;
mod process;
mod shared;

pub use garage::{Garage, REGION, S3};
pub use line::{Line, Mode};
pub use postgres::Postgres;
pub(crate) use postgres::program as postgres_program;
pub use process::is_running;
pub use shared::{Database, Shared, fresh_database, shared, shared_s3};

use std::time::{Duration, Instant};

/// How long a service may take on a loaded machine before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(90);

/// Asks again and again until something holds; the error is the last reason why it did not.
fn wait_for<T>(mut ask: impl FnMut() -> Result<T, String>) -> Result<T, String> {
    let start = Instant::now();
    loop {
        match ask() {
            Err(why) if start.elapsed() > PATIENCE => {
                return Err(format!("Still after {} s: {why}", PATIENCE.as_secs()));
            }
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
            done => return done,
        }
    }
}

/// Random bytes in hex: secrets and names that no other run has.
fn random_hex<const BYTES: usize>() -> Result<String, String> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| format!("No randomness: {error}"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A service that does not do as told makes the test worthless: it stops.
#[track_caller]
#[expect(clippy::panic, reason = "without its service a test proves nothing")]
fn or_stop<T>(done: Result<T, String>) -> T {
    done.unwrap_or_else(|why| panic!("{why}"))
}
