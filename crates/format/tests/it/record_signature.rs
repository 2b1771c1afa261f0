//! Signatures that a lax reader would accept.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use format::{Entry, EntryError, EntryKey, EntryVerifier};
use serde_json::json;

use crate::record_support::{b64, digests_of, entry, fields, forge, header, key, payload};

#[track_caller]
fn refused(sd_jwt: &str, why: EntryError) {
    assert_eq!(
        Entry::open(sd_jwt, Some(key().verifier())),
        Err(why),
        "{sd_jwt}"
    );
}

#[test]
fn a_wrong_signature_is_refused_and_without_a_key_only_the_structure_is_checked() {
    let made = entry(fields(&[("a", json!(1))]));
    let (signed, signature) = made.record.as_str().rsplit_once('.').unwrap();
    let mut bytes: [u8; 64] = URL_SAFE_NO_PAD
        .decode(signature)
        .unwrap()
        .try_into()
        .unwrap();
    bytes[5] ^= 1;
    let wrong = format!("{signed}.{}~", b64(bytes));
    refused(&wrong, EntryError::Signature);
    assert!(Entry::open(&wrong, None).is_ok());
    refused(
        &format!("{signed}.{}~", b64(&bytes[..63])),
        EntryError::SignatureShape,
    );
    refused(&format!("{signed}.~"), EntryError::SignatureShape);

    let other = EntryKey::from_seed(&[1; 32]);
    let (named, given) = (
        made.record.key_id().to_owned(),
        other.verifier().key_id().to_owned(),
    );
    let why = EntryError::OtherKey { named, given };
    assert_eq!(made.record.verify(other.verifier()), Err(why));
    // The right key id over somebody else's signature.
    let claimed = header().replace(key().verifier().key_id(), other.verifier().key_id());
    let forged = forge(&claimed, &payload(&digests_of(&[]))) + "~";
    assert_eq!(
        Entry::open(&forged, Some(other.verifier())),
        Err(EntryError::Signature)
    );
}

#[test]
fn a_malleable_signature_and_a_weak_key_are_refused() {
    // The order of the group, little-endian: S and S + order satisfy the same equation.
    let order = *b"\xED\xD3\xF5\x5C\x1A\x63\x12\x58\xD6\x9C\xF7\xA2\xDE\xF9\xDE\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10";
    let made = entry(fields(&[("a", json!(1))]));
    let (signed, signature) = made.record.as_str().rsplit_once('.').unwrap();
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut carry = 0;
    for (byte, add) in bytes[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
    }
    refused(&format!("{signed}.{}~", b64(bytes)), EntryError::Signature);

    let mut identity = [0; 32];
    identity[0] = 1;
    assert_eq!(
        EntryVerifier::from_bytes(&identity),
        Err(EntryError::KeyBytes)
    );
    assert_eq!(
        EntryVerifier::from_bytes(&[0; 32]),
        Err(EntryError::KeyBytes)
    );
}

#[test]
fn a_signature_with_a_small_order_point_is_refused_though_its_equation_holds() {
    // R is the neutral point and S = k·a, made outside with the secret of the test key: it
    // satisfies S·B = R + k·A for this text, so only a strict check refuses it.
    let made =
        "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAC88j1zk9sc9fYKhSEkiqTvPVMfoFxPSFCVaH7pWtabCw";
    let good = forge(&header(), &payload(&digests_of(&[])));
    let (signed, _) = good.rsplit_once('.').unwrap();
    refused(&format!("{signed}.{made}~"), EntryError::Signature);

    let public = ed25519_dalek::VerifyingKey::from_bytes(key().verifier().as_bytes()).unwrap();
    let bytes: [u8; 64] = URL_SAFE_NO_PAD.decode(made).unwrap().try_into().unwrap();
    let lax = ed25519_dalek::Verifier::verify(&public, signed.as_bytes(), &bytes.into());
    assert!(lax.is_ok(), "the vector no longer shows the difference");
}
