//! What can be wrong with a time-stamp.

/// Says why a time-stamp is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StampError {
    /// The token is longer than any token needs to be.
    #[error("The time-stamp is too long; give the .tsr file of the authority")]
    TooLong,
    /// The bytes are not the DER they should be.
    #[error("The time-stamp or certificate is not well-formed DER ({0}); fetch it again")]
    Der(#[from] der::Error),
    /// A certificate file is neither PEM nor DER.
    #[error("The certificate file is neither PEM nor DER; export it again")]
    NotCertificates,
    /// The authority refused.
    #[error("The authority gave no time-stamp (status {0}); ask again or ask another one")]
    Rejected(u8),
    /// The content is not a time-stamp.
    #[error("The file is signed, but it is no time-stamp; give the .tsr file of the authority")]
    NotAStamp,
    /// The stated time is not one.
    #[error("The time in the time-stamp is not a UTC time; ask the authority for another one")]
    Time,
    /// There is a critical extension that is not understood.
    #[error("The time-stamp or its certificate has a critical extension that is not known here")]
    UnknownExtension,
    /// An algorithm is not one that is read here.
    #[error(
        "Algorithm {0} is not accepted here; ask for a time-stamp with SHA-256 and RSA or ECDSA"
    )]
    Algorithm(String),
    /// The token is about other data.
    #[error("The time-stamp is over other data; treat the data as altered")]
    Imprint,
    /// The token answers another request.
    #[error("The time-stamp does not carry the nonce of the request; ask again")]
    Nonce,
    /// There is not exactly one signer.
    #[error("The time-stamp must have one signer, not {0}")]
    Signers(usize),
    /// An attribute that must be signed is missing, repeated or not readable.
    #[error("The signed attribute {0} is missing or given twice; ask for another time-stamp")]
    Attribute(&'static str),
    /// The signed digest is not that of the content.
    #[error("The signed digest is not that of the time-stamp's content; treat it as altered")]
    Digest,
    /// The signing certificate is not there.
    #[error("The certificate of the signer is not there; add the authority's certificates")]
    NoCertificate,
    /// The certificate is not the one the signed attributes name.
    #[error("The certificate is not the one the time-stamp names; add the right one")]
    OtherCertificate,
    /// The signed attributes name the certificate by SHA-1 only.
    #[error("The time-stamp names its certificate by SHA-1 only; ask for one with ESSCertIDv2")]
    WeakCertificateId,
    /// The signature is wrong.
    #[error("The signature of the time-stamp is wrong; treat it as altered")]
    Signature,
    /// The certificate is not for time-stamping, and only that.
    #[error(
        "The certificate of {0} is not marked critical for time-stamping alone; use another authority"
    )]
    Usage(String),
    /// A certificate was not valid at the time of the token.
    #[error("The certificate of {0} was not valid at the time of the time-stamp; use another one")]
    Expired(String),
    /// No chain leads to a given root.
    #[error("No chain leads from {0} to a given root; give the root of this authority")]
    NoChain(String),
}
