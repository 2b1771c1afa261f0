//! Certificates, with the very bytes that were signed and hashed.

use cms::signed_data::SignerIdentifier;
use der::asn1::{Any, BitString, ObjectIdentifier};
use der::{Decode as _, Encode as _, Sequence};
use jiff::Timestamp;
use x509_cert::Certificate as Parsed;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectKeyIdentifier};
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::StampError;
use super::signature::Scheme;

const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");

/// The critical extensions whose meaning is checked or has no bearing on a chain.
const KNOWN: [&str; 7] = [
    "2.5.29.14", // subject key identifier
    "2.5.29.15", // key usage
    "2.5.29.17", // subject alternative name
    "2.5.29.19", // basic constraints
    "2.5.29.32", // certificate policies
    "2.5.29.35", // authority key identifier
    "2.5.29.37", // extended key usage
];

/// A certificate and its stored bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Certificate {
    der: Vec<u8>,
    parts: Parts,
    parsed: Parsed,
}

/// The three parts of a certificate, the first unread: its bytes are what is signed.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
struct Parts {
    signed: Any,
    algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
}

/// Reads the certificates of a PEM file, or one DER certificate.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Certificate>, StampError> {
    let Some(text) = str::from_utf8(bytes)
        .ok()
        .filter(|text| text.contains("-----BEGIN "))
    else {
        return Ok(vec![Certificate::from_der(bytes)?]);
    };
    let mut certificates = Vec::new();
    for block in text.split("-----BEGIN CERTIFICATE-----").skip(1) {
        let (body, _) = block
            .split_once("-----END CERTIFICATE-----")
            .ok_or(StampError::NotCertificates)?;
        let body: String = body.split_ascii_whitespace().collect();
        let der = crate::log::base64(&body).ok_or(StampError::NotCertificates)?;
        certificates.push(Certificate::from_der(&der)?);
    }
    // A file of something else must not pass for "no root given".
    if certificates.is_empty() {
        Err(StampError::NotCertificates)
    } else {
        Ok(certificates)
    }
}

impl Certificate {
    pub(super) fn from_der(der: &[u8]) -> Result<Self, StampError> {
        let (parts, parsed) = (Parts::from_der(der)?, Parsed::from_der(der)?);
        Ok(Self {
            der: der.to_vec(),
            parts,
            parsed,
        })
    }

    pub(super) fn der(&self) -> &[u8] {
        &self.der
    }

    pub(super) fn subject(&self) -> String {
        self.parsed.tbs_certificate.subject.to_string()
    }

    /// Gives the public key information as DER.
    pub(super) fn key(&self) -> Result<Vec<u8>, StampError> {
        Ok(self
            .parsed
            .tbs_certificate
            .subject_public_key_info
            .to_der()?)
    }

    pub(super) fn is_named_by(&self, name: &SignerIdentifier) -> bool {
        let own = &self.parsed.tbs_certificate;
        match name {
            SignerIdentifier::IssuerAndSerialNumber(name) => {
                name.issuer == own.issuer && name.serial_number == own.serial_number
            }
            SignerIdentifier::SubjectKeyIdentifier(name) => own
                .get::<SubjectKeyIdentifier>()
                .is_ok_and(|id| id.is_some_and(|(_, id)| id == *name)),
        }
    }

    pub(super) fn is_issued_by(&self, issuer: &Self) -> bool {
        self.parsed.tbs_certificate.issuer == issuer.parsed.tbs_certificate.subject
    }

    /// Guarantees that the issuer's key signed this certificate.
    pub(super) fn require_signed_by(&self, issuer: &Self) -> Result<(), StampError> {
        let inner = &self.parsed.tbs_certificate.signature;
        let Some(signature) = self.parts.signature.as_bytes() else {
            return Err(StampError::Signature);
        };
        if *inner != self.parts.algorithm {
            return Err(StampError::Signature);
        }
        let scheme = Scheme::of(&self.parts.algorithm.oid, None)?;
        scheme.verify(&issuer.key()?, &self.parts.signed.to_der()?, signature)
    }

    /// Guarantees that the certificate is for time-stamping alone, and says so critically.
    pub(super) fn require_time_stamping(&self) -> Result<(), StampError> {
        self.require_known_extensions()?;
        let own = &self.parsed.tbs_certificate;
        let usage = own.get::<ExtendedKeyUsage>()?;
        let alone = usage.is_some_and(|(critical, usage)| critical && usage.0 == [TIME_STAMPING]);
        let signs = own
            .get::<KeyUsage>()?
            .is_none_or(|(_, usage)| usage.digital_signature() || usage.non_repudiation());
        if alone && signs {
            Ok(())
        } else {
            Err(StampError::Usage(self.subject()))
        }
    }

    /// Tells whether the certificate may issue others with so many authorities below it.
    pub(super) fn may_issue(&self, below: usize) -> Result<bool, StampError> {
        self.require_known_extensions()?;
        let own = &self.parsed.tbs_certificate;
        let is_authority = own.get::<BasicConstraints>()?.is_some_and(|(_, basic)| {
            basic.ca
                && basic
                    .path_len_constraint
                    .is_none_or(|most| below <= usize::from(most))
        });
        let signs = own
            .get::<KeyUsage>()?
            .is_none_or(|(_, usage)| usage.key_cert_sign());
        Ok(is_authority && signs)
    }

    /// Guarantees that the certificate was valid at a time: the token's, not today.
    pub(super) fn require_valid(&self, time: Timestamp) -> Result<(), StampError> {
        let validity = &self.parsed.tbs_certificate.validity;
        let (from, until) = (validity.not_before, validity.not_after);
        let at = u64::try_from(time.as_second()).map_err(|_early| StampError::Time)?;
        let valid =
            from.to_unix_duration().as_secs() <= at && at <= until.to_unix_duration().as_secs();
        if valid {
            Ok(())
        } else {
            Err(StampError::Expired(self.subject()))
        }
    }

    fn require_known_extensions(&self) -> Result<(), StampError> {
        let extensions = self.parsed.tbs_certificate.extensions.iter().flatten();
        let mut critical = extensions.filter(|extension| extension.critical);
        let known =
            critical.all(|extension| KNOWN.contains(&extension.extn_id.to_string().as_str()));
        if known {
            Ok(())
        } else {
            Err(StampError::UnknownExtension)
        }
    }
}
