//! The only outbound network: time-stamp requests over plain HTTP, and a record of what was sent.
//!
//! **What leaves** is exactly the body, the address and the headers written here: no name of the
//! program, no cookie, no redirect followed, no second try. The answer is not to be trusted for coming
//! from there (anybody on the way may have written it), which is right for time-stamps: their
//! signature is what counts.
//!
//! **Durability.** None; whoever sends records the [`Sent`] first or after, as its purpose demands.
//! **Concurrency.** Calls share nothing. A dropped future closes its connection; what was sent is sent.

use std::fmt;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use self::address::Address;
use self::answer::Reading;
use crate::error::{Error, Result};

mod address;
mod answer;

#[cfg(test)]
mod tests;

/// Why something is sent; every use of the network has its line here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A time-stamp authority is asked for a token over a digest (RFC 3161).
    Timestamp,
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timestamp => "time-stamp",
        })
    }
}

/// What an answer may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes its body may have.
    pub bytes: usize,
    /// The most time from name look-up to the last byte.
    pub time: Duration,
}

/// Records what left this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Why.
    pub purpose: Purpose,
    /// To which address, as it was asked for.
    pub url: String,
    /// How many bytes the body had.
    pub bytes: u64,
    /// The SHA-256 of the body.
    pub sha256: [u8; 32],
}

/// Holds what came back, and the record of what was sent for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The body of the answer, whole.
    pub body: Vec<u8>,
    /// What was sent.
    pub sent: Sent,
}

/// Sends one HTTP POST and returns the whole body of a 200 answer; anything else is an error.
///
/// Only `http://` addresses: [`Error::Invalid`] otherwise, before anything is sent. Every later failure
/// is [`Error::Network`], and then the body may have been sent.
pub async fn post(
    url: &str,
    purpose: Purpose,
    content_type: &str,
    body: &[u8],
    limits: Limits,
) -> Result<Answer> {
    let address = Address::parse(url)?;
    if !content_type
        .bytes()
        .all(|b| b.is_ascii_graphic() || b == b' ')
    {
        return Err(Error::invalid(format!(
            "{content_type:?} is no content type; use one like application/timestamp-query"
        )));
    }
    let exchange = exchange(&address, content_type, body, limits.bytes);
    let Ok(received) = tokio::time::timeout(limits.time, exchange).await else {
        return Err(network(
            &address,
            format!("gave no whole answer in {} s", limits.time.as_secs_f32()),
            None,
        ));
    };
    let sent = Sent {
        purpose,
        url: url.to_owned(),
        bytes: body.len() as u64,
        sha256: Sha256::digest(body).into(),
    };
    Ok(Answer {
        body: received?,
        sent,
    })
}

async fn exchange(
    to: &Address<'_>,
    content_type: &str,
    body: &[u8],
    most: usize,
) -> Result<Vec<u8>> {
    let failed = |e: std::io::Error| network(to, "cannot be reached or broke off".into(), Some(e));
    let mut stream = TcpStream::connect((to.host, to.port))
        .await
        .map_err(failed)?;
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        to.path,
        to.authority,
        body.len()
    );
    stream
        .write_all(&[head.as_bytes(), body].concat())
        .await
        .map_err(failed)?;
    let mut reading = Reading::new(most);
    let mut buffer = vec![0; 16 << 10];
    loop {
        let n = stream.read(&mut buffer).await.map_err(failed)?;
        let done = if n == 0 {
            reading.end().map(Some)
        } else {
            reading.take(&buffer[..n])
        };
        match done {
            Ok(Some(whole)) => return Ok(whole),
            Ok(None) => {}
            Err(what) => return Err(network(to, what, None)),
        }
    }
}

fn network(to: &Address<'_>, what: String, source: Option<std::io::Error>) -> Error {
    let what = format!(
        "{} {what}; check the address and try again later, or use another server",
        to.authority
    );
    Error::Network {
        what,
        source: source.map(Into::into),
    }
}
