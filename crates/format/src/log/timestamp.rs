//! Time-stamps (RFC 3161): asking for one and checking one, offline.
//!
//! A good token says that the data existed before its time, and nothing more.

mod asn1;
mod certificate;
mod chain;
mod error;
mod signature;
mod signer;

use der::asn1::{Int, OctetString};
use der::{Decode as _, Encode as _};
use jiff::Timestamp;
use x509_tsp::{MessageImprint, TimeStampReq, TimeStampResp, TspVersion};

use asn1::{SignedData, TstInfo};
use certificate::Certificate;
pub use error::StampError;
use signature::Digest;

/// The longest token that is read.
pub const MAX_TOKEN_BYTES: usize = 1024 * 1024;

/// The two statuses of RFC 3161 §2.4.2 that come with a token.
const GRANTED: u8 = 0;
const GRANTED_WITH_MODS: u8 = 1;

/// A time-stamp token, parsed but not verified.
#[derive(Clone, Debug)]
pub struct Token {
    signed: SignedData,
    /// The bytes the signature speaks about.
    content: Vec<u8>,
    info: TstInfo,
    time: Timestamp,
    certificates: Vec<Certificate>,
}

/// What a verified token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The time before which the data existed, by the authority's clock.
    pub time: Timestamp,
    /// The subject of the signing certificate.
    pub signer: String,
    /// The policy of the authority, as an object identifier.
    pub policy: String,
    /// Whether the signer is vouched for.
    pub chain: Chain,
}

/// Says whether the signing certificate chains to a root given from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// It does, at the time of the token.
    Proven,
    /// No root was given: whose clock this is has not been proven.
    NoRootGiven,
}

/// Makes the request for a token over data with this SHA-256, as DER.
pub fn request(sha256: [u8; 32], nonce: u64) -> Result<Vec<u8>, StampError> {
    let hash_algorithm = Digest::Sha256.identifier();
    let hashed_message = OctetString::new(sha256)?;
    let request = TimeStampReq {
        version: TspVersion::V1,
        message_imprint: MessageImprint {
            hash_algorithm,
            hashed_message,
        },
        req_policy: None,
        nonce: Some(nonce_of(nonce)?),
        cert_req: true,
        extensions: None,
    };
    Ok(request.to_der()?)
}

/// Writes a number as the shortest positive DER integer.
fn nonce_of(nonce: u64) -> Result<Int, StampError> {
    let padded = [[0].as_slice(), &nonce.to_be_bytes()].concat();
    let zero = |pair: &[u8]| matches!(pair, [0, next] if *next < 0x80);
    let skip = padded.windows(2).take_while(|pair| zero(pair)).count();
    Ok(Int::new(padded.get(skip..).unwrap_or(&padded))?)
}

impl Token {
    /// Parses the answer of an authority, or a bare token.
    pub fn parse(bytes: &[u8]) -> Result<Self, StampError> {
        if bytes.len() > MAX_TOKEN_BYTES {
            return Err(StampError::TooLong);
        }
        let signed: SignedData = asn1::signed_data(&token_in(bytes)?)?;
        let content = asn1::content(&signed)?;
        let info = TstInfo::from_der(&content)?;
        if info
            .extensions
            .iter()
            .flatten()
            .any(|extension| extension.critical)
        {
            return Err(StampError::UnknownExtension);
        }
        let time = asn1::time(&info.gen_time)?;
        let stored = signed.certificates.iter().flat_map(|set| set.iter());
        let certificates: Result<Vec<_>, StampError> = stored
            .map(|any| Certificate::from_der(&any.to_der()?))
            .collect();
        Ok(Self {
            signed,
            content,
            info,
            time,
            certificates: certificates?,
        })
    }

    /// Adds certificates kept beside the token, PEM or DER; they help to build the chain.
    pub fn add_certificates(&mut self, bytes: &[u8]) -> Result<(), StampError> {
        self.certificates.extend(certificate::read(bytes)?);
        Ok(())
    }

    /// The time the token states; nothing is verified.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// Guarantees that the token answers the request with this nonce.
    pub fn answers(&self, nonce: u64) -> Result<(), StampError> {
        let wanted = nonce_of(nonce)?;
        if self.info.nonce.as_ref() == Some(&wanted) {
            Ok(())
        } else {
            Err(StampError::Nonce)
        }
    }

    /// Guarantees that a time-stamping certificate signed for this data, and judges its chain.
    ///
    /// Each root is a PEM file or one DER certificate. With none the chain stays unproven, which
    /// the result says.
    pub fn verify<R: AsRef<[u8]>>(&self, data: &[u8], roots: &[R]) -> Result<Stamp, StampError> {
        let imprint = &self.info.message_imprint;
        let digest = Digest::of(&imprint.hash_algorithm.oid)?;
        if digest.over(data) != imprint.hashed_message.as_bytes() {
            return Err(StampError::Imprint);
        }
        let signer = signer::verify(&self.signed, &self.content, &self.certificates)?;
        signer.require_time_stamping()?;
        signer.require_valid(self.time)?;
        let mut anchors = Vec::new();
        for root in roots {
            anchors.extend(certificate::read(root.as_ref())?);
        }
        let chain = if anchors.is_empty() {
            Chain::NoRootGiven
        } else {
            chain::prove(signer, &self.certificates, &anchors, self.time)?;
            Chain::Proven
        };
        let policy = self.info.policy.to_string();
        Ok(Stamp {
            time: self.time,
            signer: signer.subject(),
            policy,
            chain,
        })
    }
}

/// Gives the token inside an answer, or the bare token itself, as DER of a ContentInfo.
fn token_in(bytes: &[u8]) -> Result<cms::content_info::ContentInfo, StampError> {
    if let Ok(bare) = cms::content_info::ContentInfo::from_der(bytes) {
        return Ok(bare);
    }
    let answer = TimeStampResp::from_der(bytes)?;
    let status = answer.status.status as u8;
    if status != GRANTED && status != GRANTED_WITH_MODS {
        return Err(StampError::Rejected(status));
    }
    answer.time_stamp_token.ok_or(StampError::Rejected(status))
}
