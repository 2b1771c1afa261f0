//! Digests and signatures of tokens and certificates.

use der::asn1::{Any, ObjectIdentifier};
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::pkcs8::DecodePublicKey as _;
use rsa::traits::PublicKeyParts as _;
use rsa::{BigUint, RsaPublicKey};
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::StampError;

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

const SHA256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.3");
const RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
const RSA_SHA256: ObjectIdentifier = oid("1.2.840.113549.1.1.11");
const RSA_SHA384: ObjectIdentifier = oid("1.2.840.113549.1.1.12");
const RSA_SHA512: ObjectIdentifier = oid("1.2.840.113549.1.1.13");
const ECDSA_SHA256: ObjectIdentifier = oid("1.2.840.10045.4.3.2");
const ECDSA_SHA384: ObjectIdentifier = oid("1.2.840.10045.4.3.3");
const ECDSA_SHA512: ObjectIdentifier = oid("1.2.840.10045.4.3.4");

/// Below this RSA has been factored or soon will be.
const MIN_RSA_BITS: usize = 2048;

/// A digest that is still collision-resistant; SHA-1 and MD5 are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Digest {
    Sha256,
    Sha384,
    Sha512,
}

impl Digest {
    pub(super) fn of(oid: &ObjectIdentifier) -> Result<Self, StampError> {
        match *oid {
            SHA256 => Ok(Self::Sha256),
            SHA384 => Ok(Self::Sha384),
            SHA512 => Ok(Self::Sha512),
            other => Err(StampError::Algorithm(other.to_string())),
        }
    }

    pub(super) fn identifier(self) -> AlgorithmIdentifierOwned {
        let oid = match self {
            Self::Sha256 => SHA256,
            Self::Sha384 => SHA384,
            Self::Sha512 => SHA512,
        };
        AlgorithmIdentifierOwned {
            oid,
            parameters: Some(Any::null()),
        }
    }

    pub(super) fn over(self, data: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(data).to_vec(),
            Self::Sha384 => Sha384::digest(data).to_vec(),
            Self::Sha512 => Sha512::digest(data).to_vec(),
        }
    }

    fn padding(self) -> Pkcs1v15Sign {
        match self {
            Self::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
            Self::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
            Self::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
        }
    }
}

/// How something was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Rsa(Digest),
    Ecdsa(Digest),
}

impl Scheme {
    /// Reads a signature algorithm; plain RSA takes its digest from beside it, where there is one.
    pub(super) fn of(oid: &ObjectIdentifier, beside: Option<Digest>) -> Result<Self, StampError> {
        let unknown = || StampError::Algorithm(oid.to_string());
        let scheme = match *oid {
            RSA => Self::Rsa(beside.ok_or_else(unknown)?),
            RSA_SHA256 => Self::Rsa(Digest::Sha256),
            RSA_SHA384 => Self::Rsa(Digest::Sha384),
            RSA_SHA512 => Self::Rsa(Digest::Sha512),
            ECDSA_SHA256 => Self::Ecdsa(Digest::Sha256),
            ECDSA_SHA384 => Self::Ecdsa(Digest::Sha384),
            ECDSA_SHA512 => Self::Ecdsa(Digest::Sha512),
            _ => return Err(unknown()),
        };
        let (Self::Rsa(digest) | Self::Ecdsa(digest)) = scheme;
        // Two digests for one signature would leave open which one is meant.
        if beside.is_some_and(|beside| beside != digest) {
            return Err(unknown());
        }
        Ok(scheme)
    }

    /// Guarantees that the key, as DER of its public key information, signed the message.
    pub(super) fn verify(
        self,
        key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), StampError> {
        let good = match self {
            Self::Rsa(digest) => {
                let key = RsaPublicKey::from_public_key_der(key)
                    .ok()
                    .filter(is_strong);
                let hash = digest.over(message);
                key.map(|key| key.verify(digest.padding(), &hash, signature).is_ok())
            }
            Self::Ecdsa(digest) => ecdsa(key, &digest.over(message), signature),
        };
        match good {
            Some(true) => Ok(()),
            Some(false) => Err(StampError::Signature),
            None => Err(StampError::Algorithm("of the public key".to_owned())),
        }
    }
}

fn is_strong(key: &RsaPublicKey) -> bool {
    key.n().bits() >= MIN_RSA_BITS && *key.e() >= BigUint::from(3u8)
}

/// Gives `None` when the key is on neither curve.
fn ecdsa(key: &[u8], hash: &[u8], signature: &[u8]) -> Option<bool> {
    if let Ok(key) = p256::ecdsa::VerifyingKey::from_public_key_der(key) {
        let signature = p256::ecdsa::Signature::from_der(signature);
        return Some(signature.is_ok_and(|signature| key.verify_prehash(hash, &signature).is_ok()));
    }
    let key = p384::ecdsa::VerifyingKey::from_public_key_der(key).ok()?;
    let signature = p384::ecdsa::Signature::from_der(signature);
    Some(signature.is_ok_and(|signature| key.verify_prehash(hash, &signature).is_ok()))
}
