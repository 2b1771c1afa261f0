//! Ports that a service can come back to.

use std::net::TcpListener;

use super::random_hex;

/// Finds a free loopback port below the range from which the system serves itself.
///
/// A port from that range could be lent to any connection of this machine while its
/// service is down, and the service could not start again.
pub(super) fn free() -> Result<u16, String> {
    for _ in 0..100 {
        let random = u16::from_str_radix(&random_hex::<2>()?, 16)
            .expect("two bytes in hex are a number of 16 bits");
        let port = 11_000 + random % 21_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err("No free port on 127.0.0.1 between 11000 and 32000".to_owned())
}
