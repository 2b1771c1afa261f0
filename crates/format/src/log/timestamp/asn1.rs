//! The structures of a token, with the stored bytes kept where bytes are hashed.

use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{EncapsulatedContentInfo, SignerInfos};
use der::asn1::{Any, Int, ObjectIdentifier, OctetString, SetOfVec};
use der::{Sequence, Tag, Tagged as _};
use jiff::Timestamp;
use x509_cert::ext::Extensions;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_tsp::{Accuracy, MessageImprint, TspVersion};

use super::StampError;

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
pub(super) const TST_INFO: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");

/// Signed data of RFC 5652, with certificates as they are stored: their hashes are compared.
///
/// Sets may be unsorted: OpenSSL writes such tokens.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(super) struct SignedData {
    pub(super) version: CmsVersion,
    pub(super) digest_algorithms: SetOfVec<AlgorithmIdentifierOwned>,
    pub(super) content: EncapsulatedContentInfo,
    #[asn1(
        context_specific = "0",
        tag_mode = "IMPLICIT",
        constructed = "true",
        optional = "true"
    )]
    pub(super) certificates: Option<SetOfVec<Any>>,
    #[asn1(
        context_specific = "1",
        tag_mode = "IMPLICIT",
        constructed = "true",
        optional = "true"
    )]
    pub(super) crls: Option<SetOfVec<Any>>,
    pub(super) signers: SignerInfos,
}

/// The content of RFC 3161 §2.4.2, with a time that may have fractions of a second.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(super) struct TstInfo {
    pub(super) version: TspVersion,
    pub(super) policy: ObjectIdentifier,
    pub(super) message_imprint: MessageImprint,
    pub(super) serial_number: Int,
    pub(super) gen_time: Any,
    #[asn1(optional = "true")]
    pub(super) accuracy: Option<Accuracy>,
    #[asn1(default = "Default::default")]
    pub(super) ordering: bool,
    #[asn1(optional = "true")]
    pub(super) nonce: Option<Int>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub(super) tsa: Option<Any>,
    #[asn1(
        context_specific = "1",
        tag_mode = "IMPLICIT",
        constructed = "true",
        optional = "true"
    )]
    pub(super) extensions: Option<Extensions>,
}

/// Unpacks the signed data of a token.
pub(super) fn signed_data(token: &ContentInfo) -> Result<SignedData, StampError> {
    if token.content_type != SIGNED_DATA {
        return Err(StampError::NotAStamp);
    }
    Ok(token.content.decode_as()?)
}

/// Gives the bytes of the time-stamp information, as they were signed.
pub(super) fn content(signed: &SignedData) -> Result<Vec<u8>, StampError> {
    let content = signed.content.econtent.as_ref();
    let stamp = content.filter(|_| signed.content.econtent_type == TST_INFO);
    let bytes: OctetString = stamp.ok_or(StampError::NotAStamp)?.decode_as()?;
    Ok(bytes.into_bytes())
}

/// Reads `YYYYMMDDhhmmss[.f]Z`; the `der` crate alone refuses the fractions RFC 3161 allows.
pub(super) fn time(time: &Any) -> Result<Timestamp, StampError> {
    let text = str::from_utf8(time.value())
        .ok()
        .filter(|_| time.tag() == Tag::GeneralizedTime);
    text.and_then(read_time).ok_or(StampError::Time)
}

fn read_time(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = match text.strip_suffix('Z')?.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() && !fraction.ends_with('0') => {
            (whole, format!(".{fraction}"))
        }
        None => (text.strip_suffix('Z')?, String::new()),
        Some(_) => return None,
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 14 || !digits(whole) || !digits(fraction.trim_start_matches('.')) {
        return None;
    }
    let (date, clock) = whole.split_at_checked(8)?;
    format!("{date}T{clock}{fraction}Z").parse().ok()
}

#[cfg(test)]
mod tests;
