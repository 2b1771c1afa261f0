//! Starts PostgreSQL and three nodes of Garage, says how to reach them, and ends them when
//! its input closes: whoever holds the other end of that pipe cannot leave them behind.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::io::{Read as _, Write as _};

use testkit::services::{Garage, Postgres};

fn main() {
    let (postgres, garage) = std::thread::scope(|scope| {
        let postgres = scope.spawn(|| Postgres::start(false));
        let garage = Garage::start(3);
        (postgres.join(), garage)
    });
    let Ok(postgres) = postgres else {
        return; // its thread has said why; no `ready` is an error for the reader
    };
    println!("HOLDFAST_TEST_POSTGRES={}", postgres.server_url());
    println!("HOLDFAST_TEST_S3={}", garage.endpoints().join(","));
    println!("HOLDFAST_TEST_S3_BUCKET={}", garage.bucket());
    println!("HOLDFAST_TEST_S3_KEY={}", garage.key());
    println!("HOLDFAST_TEST_S3_SECRET={}", garage.secret());
    println!("ready");
    std::io::stdout().flush().ok();
    // An error ends it like an end of input: in both cases nobody is there.
    std::io::stdin().read_to_end(&mut Vec::new()).ok();
}
