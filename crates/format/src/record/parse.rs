//! Reading a record: every member there, none more, every value as the format says.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::key::is_key_id;
use super::{DIGESTS_STEP, RECORD_LIMIT, Record};
use crate::entry::EntryError;
use crate::json::{self, Map, Value};

pub(super) fn record(text: &str) -> Result<Record, EntryError> {
    if text.len() > RECORD_LIMIT {
        return Err(EntryError::RecordTooLong(text.len()));
    }
    let parts: Vec<&str> = text.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        return Err(EntryError::RecordShape);
    };
    let key_id = key_id(header)?;
    let (issuer, digests) = read_payload(payload)?;
    let signature = bytes::<64>(signature).ok_or(EntryError::SignatureShape)?;
    Ok(Record {
        text: text.to_owned(),
        issuer,
        key_id,
        digests,
        signature,
    })
}

/// Says whether a text is `<name>/holdfast/<8 characters>` in the characters of an origin (§5).
pub(super) fn is_origin(text: &str) -> bool {
    let known = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'/');
    let Some((name, last)) = text.rsplit_once("/holdfast/") else {
        return false;
    };
    let suffix = last.len() == 8 && last.bytes().all(|b| b.is_ascii_alphanumeric());
    !name.is_empty() && suffix && text.bytes().all(known)
}

fn key_id(header: &str) -> Result<String, EntryError> {
    let json = URL_SAFE_NO_PAD
        .decode(header)
        .or(Err(EntryError::HeaderBase64))?;
    let json = json::parse(&json).map_err(EntryError::HeaderJson)?;
    let Value::Object(mut members) = json else {
        return Err(EntryError::HeaderMembers);
    };
    if !names_are(&members, &["alg", "kid", "typ"]) {
        return Err(EntryError::HeaderMembers);
    }
    if members["alg"] != "EdDSA" {
        return Err(EntryError::HeaderValue("alg"));
    }
    if members["typ"] != "holdfast-entry+sd-jwt" {
        return Err(EntryError::HeaderValue("typ"));
    }
    match members.remove("kid") {
        Some(Value::String(id)) if is_key_id(&id) => Ok(id),
        _ => Err(EntryError::HeaderValue("kid")),
    }
}

fn read_payload(payload: &str) -> Result<(String, Vec<[u8; 32]>), EntryError> {
    let json = URL_SAFE_NO_PAD
        .decode(payload)
        .or(Err(EntryError::PayloadBase64))?;
    let json = json::parse(&json).map_err(EntryError::PayloadJson)?;
    let Value::Object(mut members) = json else {
        return Err(EntryError::PayloadMembers);
    };
    if !names_are(&members, &["_sd", "_sd_alg", "iss", "v"]) {
        return Err(EntryError::PayloadMembers);
    }
    if members["_sd_alg"] != "sha-256" {
        return Err(EntryError::PayloadValue("_sd_alg"));
    }
    if members["v"] != 1 {
        return Err(EntryError::PayloadValue("v"));
    }
    let issuer = match members.remove("iss") {
        Some(Value::String(issuer)) if is_origin(&issuer) => issuer,
        _ => return Err(EntryError::PayloadValue("iss")),
    };
    Ok((issuer, digests(&members["_sd"])?))
}

fn digests(list: &Value) -> Result<Vec<[u8; 32]>, EntryError> {
    let Value::Array(list) = list else {
        return Err(EntryError::PayloadValue("_sd"));
    };
    if list.is_empty() || list.len() % DIGESTS_STEP != 0 {
        return Err(EntryError::SdCount(list.len()));
    }
    let mut before = "";
    let mut digests = Vec::with_capacity(list.len());
    for text in list {
        let text = text.as_str().ok_or(EntryError::SdDigest)?;
        digests.push(bytes::<32>(text).ok_or(EntryError::SdDigest)?);
        match before.cmp(text) {
            std::cmp::Ordering::Less => before = text,
            std::cmp::Ordering::Equal => return Err(EntryError::SdRepeated),
            std::cmp::Ordering::Greater => return Err(EntryError::SdUnsorted),
        }
    }
    Ok(digests)
}

fn names_are(members: &Map<String, Value>, names: &[&str]) -> bool {
    members.len() == names.len() && names.iter().all(|name| members.contains_key(*name))
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}
