//! The signer of a token: what it signed, and with which certificate.

use der::asn1::{Any, ObjectIdentifier, OctetString};
use der::{Encode as _, Sequence};
use x509_cert::attr::Attributes;
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::StampError;
use super::asn1::{SignedData, TST_INFO};
use super::certificate::Certificate;
use super::signature::{Digest, Scheme};

const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_CERTIFICATE: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");
const SIGNING_CERTIFICATE_V2: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");

/// The certificate ids of RFC 5035; the first is the signer's.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
struct SigningCertificateV2 {
    certificates: Vec<EssCertIdV2>,
    #[asn1(optional = "true")]
    policies: Option<Any>,
}

#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
struct EssCertIdV2 {
    /// SHA-256 when it is left out.
    #[asn1(optional = "true")]
    algorithm: Option<AlgorithmIdentifierOwned>,
    hash: OctetString,
    #[asn1(optional = "true")]
    issuer: Option<Any>,
}

/// Guarantees that one certificate signed this content, and gives it.
pub(super) fn verify<'c>(
    signed: &SignedData,
    content: &[u8],
    certificates: &'c [Certificate],
) -> Result<&'c Certificate, StampError> {
    let [signer] = signed.signers.0.as_slice() else {
        return Err(StampError::Signers(signed.signers.0.len()));
    };
    let attributes = signer
        .signed_attrs
        .as_ref()
        .ok_or(StampError::Attribute("content type"))?;
    let kind: ObjectIdentifier = only(attributes, CONTENT_TYPE, "content type")?.decode_as()?;
    if kind != TST_INFO {
        return Err(StampError::NotAStamp);
    }
    let digest = Digest::of(&signer.digest_alg.oid)?;
    let stated: OctetString = only(attributes, MESSAGE_DIGEST, "message digest")?.decode_as()?;
    if stated.as_bytes() != digest.over(content) {
        return Err(StampError::Digest);
    }
    let certificate = certificates
        .iter()
        .find(|certificate| certificate.is_named_by(&signer.sid));
    let certificate = certificate.ok_or(StampError::NoCertificate)?;
    require_named(attributes, certificate)?;
    // RFC 5652 §5.4: what is signed is the DER of the set, whatever order it came in.
    let message = attributes.to_der()?;
    let scheme = Scheme::of(&signer.signature_algorithm.oid, Some(digest))?;
    scheme.verify(&certificate.key()?, &message, signer.signature.as_bytes())?;
    Ok(certificate)
}

/// Guarantees that the signed attributes name this certificate, so that none can be put in its place.
fn require_named(attributes: &Attributes, certificate: &Certificate) -> Result<(), StampError> {
    let named = only(attributes, SIGNING_CERTIFICATE_V2, "signing certificate");
    let Ok(named) = named else {
        let old = only(attributes, SIGNING_CERTIFICATE, "signing certificate").is_ok();
        return named.map(drop).map_err(|gone| {
            if old {
                StampError::WeakCertificateId
            } else {
                gone
            }
        });
    };
    let named: SigningCertificateV2 = named.decode_as()?;
    let first = named
        .certificates
        .first()
        .ok_or(StampError::Attribute("signing certificate"))?;
    let digest = match &first.algorithm {
        Some(algorithm) => Digest::of(&algorithm.oid)?,
        None => Digest::Sha256,
    };
    if digest.over(certificate.der()) == first.hash.as_bytes() {
        Ok(())
    } else {
        Err(StampError::OtherCertificate)
    }
}

/// Gives the one value of an attribute that stands once.
fn only<'a>(
    attributes: &'a Attributes,
    oid: ObjectIdentifier,
    name: &'static str,
) -> Result<&'a Any, StampError> {
    let mut fitting = attributes.iter().filter(|attribute| attribute.oid == oid);
    match (fitting.next(), fitting.next()) {
        (Some(attribute), None) if attribute.values.len() == 1 => {
            attribute.values.get(0).ok_or(StampError::Attribute(name))
        }
        _ => Err(StampError::Attribute(name)),
    }
}
