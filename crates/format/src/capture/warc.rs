//! A writer for WARC 1.1 (ISO 28500): bytes in, bytes out.
//!
//! Every record is a gzip member of its own, so that one record can be read at its offset, and
//! carries SHA-256 digests in base32, the form that public validators recompute.

use std::fmt;
use std::io::{self, Write as _};

use flate2::{Compression, GzBuilder};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

mod base32;
#[cfg(test)]
mod tests;

/// Says why a record cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A header value holds a character that would end or garble its line.
    #[error("The {name} of a capture record holds a control character or a space; encode it first")]
    Garbled {
        /// The name of the header field.
        name: &'static str,
    },
    /// A record about a resource does not say which.
    #[error("A {kind} record names no address; give the address it was captured from")]
    NoAddress {
        /// The kind of the record.
        kind: Kind,
    },
    /// A description of the file names an address, which the standard forbids.
    #[error("A warcinfo record names an address; leave it out")]
    NeedlessAddress,
    /// An HTTP message has no blank line after its headers.
    #[error("A {kind} record is no HTTP message; its headers must end with a blank line")]
    NoHttpHeaders {
        /// The kind of the record.
        kind: Kind,
    },
    /// Compression failed, which memory alone can cause.
    #[error("A capture record could not be compressed")]
    Compress(#[source] io::Error),
}

/// What a record holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A description of the records that follow.
    Info,
    /// An HTTP request as it was sent.
    Request,
    /// An HTTP response as it came.
    Response,
    /// A thing without its HTTP headers, such as a picture of the screen.
    Resource,
    /// Remarks about another record, such as what failed.
    Metadata,
}

/// Names one record for ever, as a `urn:uuid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordId([u8; 16]);

/// One record to write.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Its name.
    pub id: RecordId,
    /// What it holds.
    pub kind: Kind,
    /// When the capture of this record began.
    pub date: Timestamp,
    /// The address it was captured from; none for [`Kind::Info`] alone.
    pub uri: Option<&'a str>,
    /// Another record of the same exchange.
    pub concurrent_to: Option<RecordId>,
    /// The media type of the block.
    pub content_type: &'a str,
    /// The content, exactly as it was sent, came or was made.
    pub block: &'a [u8],
}

/// Where a record lies in the finished file, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The offset of its gzip member.
    pub offset: u64,
    /// The length of its gzip member.
    pub length: u64,
}

/// Collects records into one `.warc.gz` file.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Returns a writer without records.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a record and returns where it lies; a refused record leaves nothing behind.
    pub fn push(&mut self, record: &Record<'_>) -> Result<Span, Error> {
        let member = compress(&record.header()?, record.block).map_err(Error::Compress)?;
        let span = Span {
            offset: self.bytes.len() as u64,
            length: member.len() as u64,
        };
        self.bytes.extend_from_slice(&member);
        Ok(span)
    }

    /// Returns the whole file.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

impl RecordId {
    /// Makes an id of sixteen bytes which the caller knows to be unique: random ones, or a digest.
    #[must_use]
    pub fn from_unique(mut bytes: [u8; 16]) -> Self {
        // Version 8 of RFC 9562: the bits mean what their maker says.
        bytes[6] = (bytes[6] & 0x0f) | 0x80;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        Self(bytes)
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("urn:uuid:")?;
        for (at, byte) in self.0.iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                out.write_str("-")?;
            }
            write!(out, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Info => "warcinfo",
            Self::Request => "request",
            Self::Response => "response",
            Self::Resource => "resource",
            Self::Metadata => "metadata",
        })
    }
}

impl Record<'_> {
    fn header(&self) -> Result<String, Error> {
        check("Content-Type", self.content_type, |letter| {
            letter.is_control()
        })?;
        // Whole seconds: every reader knows this form, not every one reads fractions.
        let date = self.date.strftime("%Y-%m-%dT%H:%M:%SZ");
        let mut header = format!("WARC/1.1\r\nWARC-Type: {}\r\n", self.kind);
        header.push_str(&format!(
            "WARC-Record-ID: <{}>\r\nWARC-Date: {date}\r\n",
            self.id
        ));
        match (self.kind, self.uri) {
            (Kind::Info, Some(_)) => return Err(Error::NeedlessAddress),
            (Kind::Info, None) => {}
            (kind, None | Some("")) => return Err(Error::NoAddress { kind }),
            (_, Some(uri)) => {
                check("WARC-Target-URI", uri, |c| {
                    c.is_control() || c.is_whitespace()
                })?;
                header.push_str(&format!("WARC-Target-URI: {uri}\r\n"));
            }
        }
        if let Some(other) = self.concurrent_to {
            header.push_str(&format!("WARC-Concurrent-To: <{other}>\r\n"));
        }
        header.push_str(&format!("WARC-Block-Digest: {}\r\n", digest(self.block)));
        if let Some(payload) = self.payload()? {
            header.push_str(&format!("WARC-Payload-Digest: {}\r\n", digest(payload)));
        }
        let length = self.block.len();
        header.push_str(&format!(
            "Content-Type: {}\r\nContent-Length: {length}\r\n\r\n",
            self.content_type
        ));
        Ok(header)
    }

    /// The block without its HTTP headers; none where the standard knows no payload.
    fn payload(&self) -> Result<Option<&[u8]>, Error> {
        const BLANK: &[u8] = b"\r\n\r\n";
        match self.kind {
            Kind::Info | Kind::Metadata => Ok(None),
            Kind::Resource => Ok(Some(self.block)),
            Kind::Request | Kind::Response => {
                let ends = self
                    .block
                    .windows(BLANK.len())
                    .position(|window| window == BLANK);
                let ends = ends.ok_or(Error::NoHttpHeaders { kind: self.kind })?;
                Ok(self.block.get(ends + BLANK.len()..))
            }
        }
    }
}

fn check(name: &'static str, value: &str, bad: fn(char) -> bool) -> Result<(), Error> {
    if value.chars().any(bad) {
        Err(Error::Garbled { name })
    } else {
        Ok(())
    }
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", base32::encode(&Sha256::digest(bytes)))
}

fn compress(header: &str, block: &[u8]) -> io::Result<Vec<u8>> {
    // No time and no name in the member: the same records give the same file.
    let mut member = GzBuilder::new()
        .mtime(0)
        .write(Vec::new(), Compression::default());
    member.write_all(header.as_bytes())?;
    member.write_all(block)?;
    member.write_all(b"\r\n\r\n")?;
    member.finish()
}
