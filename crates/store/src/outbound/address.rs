//! Addresses we may send to.

use crate::error::{Error, Result};

/// Names a server and a path, free of anything that could smuggle a second header.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address<'u> {
    pub(super) host: &'u str,
    pub(super) port: u16,
    /// Host and port as they were written, for the `Host` header.
    pub(super) authority: &'u str,
    pub(super) path: String,
}

impl<'u> Address<'u> {
    pub(super) fn parse(url: &'u str) -> Result<Self> {
        let bad = |why: &str| Error::invalid(format!("{url:?} cannot be sent to: {why}"));
        if url
            .get(..8)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"))
        {
            return Err(bad(
                "only http:// is spoken here, which suffices for time-stamps since they are signed; use the server's http:// address, or fetch the token with openssl ts and curl and hand over the file",
            ));
        }
        let rest = url
            .strip_prefix("http://")
            .ok_or_else(|| bad("it must begin with http://"))?;
        if !url.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(bad(
                "it holds spaces, control characters or letters beyond ASCII; encode them",
            ));
        }
        let (authority, path) = rest
            .find(['/', '?'])
            .map_or((rest, ""), |at| rest.split_at(at));
        if authority.contains('@') || url.contains('#') {
            return Err(bad("it holds a password or a fragment; leave them out"));
        }
        let (host, port) =
            split_port(authority).ok_or_else(|| bad("the port is no number from 1 to 65535"))?;
        if host.is_empty()
            || !host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b".-:_".contains(&b))
        {
            return Err(bad("the name of the server is missing or odd"));
        }
        let slash = if path.starts_with('/') { "" } else { "/" };
        Ok(Self {
            host,
            port,
            authority,
            path: format!("{slash}{path}"),
        })
    }
}

/// Divides `host:port`, `[v6]:port` and both without a port.
fn split_port(authority: &str) -> Option<(&str, u16)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(v6) => v6.split_once(']')?,
        None => authority
            .find(':')
            .map_or((authority, ""), |at| authority.split_at(at)),
    };
    let port = match port.strip_prefix(':') {
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            digits.parse().ok().filter(|p| *p > 0)?
        }
        None if port.is_empty() => 80,
        _ => return None,
    };
    Some((host, port))
}
