//! Where a bucket is and who may use it.

use std::net::IpAddr;
use std::path::PathBuf;

use super::super::Name;
use crate::error::{Error, Result};
use crate::secret::Secret;

/// Says where objects are kept in an S3-compatible store, and how to reach it.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// `https://host[:port]`, or `http://` on this machine alone; none for the service of the region.
    pub endpoint: Option<String>,
    /// The region as the store calls it.
    pub region: String,
    /// The name of the bucket.
    pub bucket: String,
    /// What every key begins with, without a slash at its end; empty for the whole bucket.
    pub prefix: String,
    /// The id of the access key.
    pub access_key: Secret,
    /// The secret of the access key.
    pub secret_key: Secret,
    /// A folder of this machine for large objects on their way; made when the first one comes.
    pub spool: PathBuf,
}

impl Bucket {
    /// Takes `s3://bucket/prefix` apart into bucket and prefix; the prefix may be missing.
    pub fn parse(url: &str) -> Result<(String, String)> {
        if url.contains('@') {
            return Err(holds_key("address of the bucket"));
        }
        let rest = url.strip_prefix("s3://").ok_or_else(|| {
            Error::invalid(format!(
                "{url:?} names no bucket; write s3://BUCKET or s3://BUCKET/PREFIX"
            ))
        })?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        good_bucket(bucket)?;
        good_prefix(prefix)?;
        Ok((bucket.to_owned(), prefix.to_owned()))
    }

    /// Refuses what cannot be right before anything is sent.
    pub(super) fn check(&self) -> Result<()> {
        good_bucket(&self.bucket)?;
        good_prefix(&self.prefix)?;
        if self.region.is_empty() || !self.region.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Error::invalid(
                "The region of the bucket is missing or odd; write it as the store calls it",
            ));
        }
        for (what, key) in [("id", &self.access_key), ("secret", &self.secret_key)] {
            if key.expose().is_empty() || !key.expose().bytes().all(|b| b.is_ascii_graphic()) {
                return Err(Error::invalid(format!(
                    "The {what} of the access key is missing, or holds spaces or odd characters; copy it anew"
                )));
            }
        }
        self.endpoint.as_deref().map_or(Ok(()), good_endpoint)
    }

    /// Whether requests stay on this machine and in clear.
    pub(super) fn is_near(&self) -> bool {
        let endpoint = self.endpoint.as_deref().unwrap_or_default();
        endpoint.starts_with("http://")
    }

    /// Where it is, for messages.
    pub(super) fn place(&self) -> String {
        let region = || format!("the S3 service of {}", self.region);
        self.endpoint.clone().unwrap_or_else(region)
    }
}

fn good_bucket(name: &str) -> Result<()> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b);
    let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let good = (3..=63).contains(&name.len())
        && name.bytes().all(plain)
        && name.starts_with(ends)
        && name.ends_with(ends)
        && !name.contains("..")
        && name.parse::<IpAddr>().is_err();
    if good {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "{name:?} cannot name a bucket; use 3 to 63 of a-z, 0-9, '.' and '-', with a letter or digit at both ends"
    )))
}

fn good_prefix(prefix: &str) -> Result<()> {
    // Names are up to 900 bytes and keys up to 1,024.
    if prefix.is_empty() || (prefix.len() <= 100 && Name::new(prefix).is_ok()) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "{prefix:?} cannot be the prefix of a bucket; use up to 100 of a-z, 0-9, '.', '_', '-' and '/', no part empty or hidden"
    )))
}

/// What might be a key is not repeated.
fn holds_key(what: &str) -> Error {
    Error::invalid(format!(
        "The {what} holds an @, as if a key stood before it; others on this machine could read it there: \
         change that key if it is one, and give it in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or in keys/store.toml"
    ))
}

fn good_endpoint(url: &str) -> Result<()> {
    if url.contains('@') {
        return Err(holds_key("address of the object store"));
    }
    let bad = |why: &str| {
        Err(Error::invalid(format!(
            "{url:?} cannot be an endpoint: {why}"
        )))
    };
    let (near, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => (false, rest),
        (_, Some(rest)) => (true, rest),
        _ => return bad("it must begin with https://, or with http:// on this machine"),
    };
    let (host, port) = match rest.strip_prefix('[') {
        Some(v6) => v6.split_once(']').unwrap_or(("", "")),
        None => rest.find(':').map_or((rest, ""), |at| rest.split_at(at)),
    };
    let good_port = port.is_empty()
        || port
            .strip_prefix(':')
            .is_some_and(|p| p.parse::<u16>().is_ok_and(|p| p > 0));
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".-:_".contains(&b);
    if host.is_empty() || !host.bytes().all(plain) || !good_port {
        return bad("write only scheme, host and port, as in https://host:3900");
    }
    let loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if near && !loopback {
        return bad(
            "http:// is for this machine alone, since everything would cross the network in clear; use https://",
        );
    }
    Ok(())
}
