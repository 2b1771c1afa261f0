//! Every reason for which an entry is refused.

use thiserror::Error;

use crate::json::JsonError;

/// Says why a record, a disclosure, an entry or an entry key was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EntryError {
    /// The entry has bytes that are not ASCII.
    #[error("The entry has bytes that are not ASCII; get the file again, unconverted")]
    NotAscii,
    /// There is no `~` after the record.
    #[error("The entry has no ~ after its record; get the whole file again")]
    NoTilde,
    /// Something follows the last `~`.
    #[error(
        "The entry goes on after its last ~; remove what follows, such as a key binding or a line end"
    )]
    BytesAfterLastTilde,
    /// The record is not three parts with dots between them.
    #[error("The record is not three parts joined by dots; get the whole file again")]
    RecordShape,
    /// The record is longer than 65,535 bytes.
    #[error("The record is {0} bytes long, of 65,535 allowed; record fewer fields in one entry")]
    RecordTooLong(usize),
    /// The header is not base64url.
    #[error("The header of the record is not base64url; get the file again")]
    HeaderBase64,
    /// The header is not strict JSON.
    #[error("The header of the record is refused: {0}")]
    HeaderJson(#[source] JsonError),
    /// The header has other members than `alg`, `kid` and `typ`.
    #[error(
        "The header of the record has not exactly alg, kid and typ; treat the record as not ours"
    )]
    HeaderMembers,
    /// A member of the header has a value that the format does not allow.
    #[error("The header of the record has a wrong {0}; treat the record as not ours")]
    HeaderValue(&'static str),
    /// The payload is not base64url.
    #[error("The payload of the record is not base64url; get the file again")]
    PayloadBase64,
    /// The payload is not strict JSON.
    #[error("The payload of the record is refused: {0}")]
    PayloadJson(#[source] JsonError),
    /// The payload has other members than `_sd`, `_sd_alg`, `iss` and `v`.
    #[error(
        "The payload of the record has not exactly _sd, _sd_alg, iss and v; treat the record as not ours"
    )]
    PayloadMembers,
    /// A member of the payload has a value that the format does not allow.
    #[error("The payload of the record has a wrong {0}; treat the record as not ours")]
    PayloadValue(&'static str),
    /// The number of digests is not a multiple of 8, or none.
    #[error(
        "The record has {0} digests, which is not 8 or a multiple; treat the record as not ours"
    )]
    SdCount(usize),
    /// A digest is not base64url of 32 bytes.
    #[error(
        "The record has a digest that is not base64url of 32 bytes; treat the record as not ours"
    )]
    SdDigest,
    /// The digests are not in ascending order.
    #[error("The digests of the record are not sorted; treat the record as not ours")]
    SdUnsorted,
    /// A digest stands in the record twice.
    #[error("The record has the same digest twice; treat the record as not ours")]
    SdRepeated,
    /// The signature is not base64url of 64 bytes.
    #[error("The signature of the record is not base64url of 64 bytes; get the file again")]
    SignatureShape,
    /// The signature does not fit the record and the key.
    #[error("The signature of the record is wrong; treat the record as altered")]
    Signature,
    /// The record names another key than the one it is checked with.
    #[error(
        "The record names the entry key {named}, not {given}; check it with the key of its own archive"
    )]
    OtherKey {
        /// Key id in the record.
        named: String,
        /// Key id of the key at hand.
        given: String,
    },
    /// An origin that a record cannot name.
    #[error("{0:?} is not a log origin; write <name>/holdfast/<8 characters>")]
    Issuer(String),
    /// A disclosure is not base64url.
    #[error("A disclosure is not base64url; get the file again")]
    DisclosureBase64,
    /// A disclosure is not strict JSON.
    #[error("A disclosure is refused: {0}")]
    DisclosureJson(#[source] JsonError),
    /// A disclosure is not the array of salt, name and value.
    #[error("A disclosure is not the array of salt, name and value; treat the entry as not ours")]
    DisclosureShape,
    /// A salt is not base64url of 16 bytes.
    #[error(
        "A disclosure has a salt that is not base64url of 16 bytes; treat the entry as not ours"
    )]
    Salt,
    /// A field has a name that the record keeps for itself.
    #[error("A field is named {0:?}, which is reserved; give it another name")]
    ReservedName(String),
    /// A value holds a member named `_sd` or `...`.
    #[error(
        "The field {0:?} holds a member named _sd or ..., which is reserved; give it another name"
    )]
    Nested(String),
    /// A value cannot be written as strict JSON.
    #[error("The field {field:?} cannot be recorded: {why}")]
    Value {
        /// Name of the field.
        field: String,
        /// Rule that its value breaks.
        #[source]
        why: JsonError,
    },
    /// The record has no digest for a disclosure.
    #[error(
        "The record has no digest for the field {0:?} as it is shown; treat the field as altered"
    )]
    NotInRecord(String),
    /// The same disclosure is there twice.
    #[error("The disclosure of the field {0:?} is there twice; remove one")]
    DisclosureTwice(String),
    /// Two disclosures name the same field.
    #[error("The field {0:?} is there twice; an entry has each field once")]
    FieldTwice(String),
    /// A text is not a public key in hex.
    #[error("The entry key is not 64 lower-case hex digits; copy it whole")]
    KeyHex,
    /// 32 bytes are not an Ed25519 public key, or a weak one.
    #[error("The entry key is no usable Ed25519 key; get it again from the archive")]
    KeyBytes,
    /// A text is not a private key in PKCS#8 PEM.
    #[error(
        "The entry key is not an Ed25519 key in PKCS#8 PEM; restore keys/entry.pem from a copy"
    )]
    KeyPem,
}
