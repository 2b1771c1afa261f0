//! Where a PostgreSQL database is, as people write it.

use std::fmt::{self, Write as _};
use std::net::IpAddr;
use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::secret::Secret;

#[cfg(test)]
mod tests;

const PORT: u16 = 5432;

/// Names one PostgreSQL database and who signs in; shown, it is a URL without the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// A host name or address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The name of the database.
    pub name: String,
    /// Who signs in.
    pub user: String,
    /// What the server may ask for; never part of a URL.
    pub password: Option<Secret>,
    /// How the way there is protected.
    pub tls: Tls,
}

/// How the way to a database is protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// Not at all; on this machine only.
    Off,
    /// Encrypted, and the server's certificate must be valid for the host's name.
    Required {
        /// A file of certificates (PEM) to trust beside those every browser trusts.
        ca: Option<PathBuf>,
    },
}

impl Database {
    /// Reads `postgres://user@host:port/name`, with `?sslmode=verify-full` or `?sslrootcert=FILE` at will.
    ///
    /// Without a port it is 5432. A host that is this machine itself is spoken to without encryption
    /// unless asked for; every other host with it. A password in it is [`Error::Invalid`].
    pub fn parse(url: &str) -> Result<Self> {
        let rest = url
            .strip_prefix("postgres://")
            .or_else(|| url.strip_prefix("postgresql://"))
            .ok_or_else(|| malformed("it begins otherwise"))?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, name) = rest.split_once('/').unwrap_or((rest, ""));
        // The last `@`: a password may hold one, and must not end up in the host that messages show.
        let (user, place) = authority
            .rsplit_once('@')
            .ok_or_else(|| malformed("it names no user"))?;
        if user.contains(':') {
            return Err(Error::invalid(
                "The database URL holds a password, which others on this machine could read; \
                 take it out of the URL, change it if others may have read it, and give it in \
                 HOLDFAST_ROWS_PASSWORD or in keys/store.toml",
            ));
        }
        let (host, port) = host_and_port(place)?;
        let (user, name) = (decode(user)?, decode(name)?);
        if user.is_empty() || name.is_empty() || name.contains('/') {
            return Err(malformed("the user or the name of the database is missing"));
        }
        let tls = tls(&host, query)?;
        Ok(Self {
            host,
            port,
            name,
            user,
            password: None,
            tls,
        })
    }

    /// Tells whether the host is this machine itself.
    pub(super) fn is_here(&self) -> bool {
        is_here(&self.host)
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        encode(f, &self.user)?;
        if self.host.contains(':') {
            write!(f, "@[{}]:{}/", self.host, self.port)?;
        } else {
            write!(f, "@{}:{}/", self.host, self.port)?;
        }
        encode(f, &self.name)?;
        match &self.tls {
            Tls::Required { ca: Some(file) } => {
                f.write_str("?sslrootcert=")?;
                encode(f, &file.to_string_lossy())
            }
            Tls::Required { ca: None } if self.is_here() => f.write_str("?sslmode=verify-full"),
            Tls::Required { ca: None } | Tls::Off => Ok(()),
        }
    }
}

/// Says what is wrong, without the URL: a password might be in it.
fn malformed(what: &str) -> Error {
    Error::invalid(format!(
        "The database URL cannot be read: {what}; write postgres://USER@HOST:PORT/NAME"
    ))
}

fn host_and_port(place: &str) -> Result<(String, u16)> {
    let (host, port) = match place.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest
                .split_once(']')
                .ok_or_else(|| malformed("an address lacks its closing bracket"))?;
            if !host.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv6()) {
                return Err(malformed("what is in brackets is no address"));
            }
            (host, port)
        }
        None => {
            let end = place.find(':').unwrap_or(place.len());
            let (host, port) = place.split_at(end);
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
            if host.is_empty() || !host.bytes().all(plain) {
                return Err(malformed("the host is missing or is not a plain name"));
            }
            (host, port)
        }
    };
    let port = match port.strip_prefix(':') {
        Some(digits) => digits.parse().ok().filter(|p| *p > 0),
        None if port.is_empty() => Some(PORT),
        None => None,
    };
    let port = port.ok_or_else(|| malformed("the port is not a number up to 65535"))?;
    Ok((host.to_owned(), port))
}

fn tls(host: &str, query: &str) -> Result<Tls> {
    let mut tls = if is_here(host) {
        Tls::Off
    } else {
        Tls::Required { ca: None }
    };
    for part in query.split('&').filter(|part| !part.is_empty()) {
        match part.split_once('=').unwrap_or((part, "")) {
            ("sslmode", "verify-full") => {
                if tls == Tls::Off {
                    tls = Tls::Required { ca: None };
                }
            }
            ("sslrootcert", file) if !file.is_empty() => {
                tls = Tls::Required {
                    ca: Some(decode(file)?.into()),
                };
            }
            _ => {
                return Err(malformed(
                    "after the question mark only sslmode=verify-full and sslrootcert=FILE are known",
                ));
            }
        }
    }
    Ok(tls)
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn decode(text: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut left = text.bytes();
    while let Some(byte) = left.next() {
        let digit = |b: Option<u8>| char::from(b?).to_digit(16);
        let byte = match byte {
            b'%' => digit(left.next())
                .zip(digit(left.next()))
                .and_then(|(high, low)| u8::try_from(high * 16 + low).ok()),
            other => Some(other),
        };
        bytes.push(byte.ok_or_else(|| malformed("a % is not followed by two digits"))?);
    }
    match String::from_utf8(bytes) {
        Ok(text) if !text.chars().any(char::is_control) => Ok(text),
        _ => Err(malformed("a part of it is not plain text")),
    }
}

fn encode(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            f.write_char(byte.into())?;
        } else {
            write!(f, "%{byte:02X}")?;
        }
    }
    Ok(())
}
