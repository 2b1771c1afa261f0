//! The transparency log (format.md §5): hashes, tiles, checkpoints, proofs, policies and time-stamps.
//!
//! Everything is a pure function of bytes: who calls fetches tiles and keeps files.

pub mod checkpoint;
pub mod cosignature;
pub mod edge;
pub mod hash;
pub mod note;
pub mod policy;
pub mod proof;
pub mod tile;
pub mod timestamp;
pub mod tree;

/// Reads an ASCII decimal without sign or leading zeros, at most 2^63 - 1.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let canonical = text == "0" || !text.starts_with('0');
    if !digits || !canonical {
        return None;
    }
    text.parse().ok().filter(|n| *n <= MAX_SIZE)
}

/// The largest log size and index that is read: other implementations count with 63 bits.
pub const MAX_SIZE: u64 = i64::MAX.unsigned_abs();

/// Reads standard base64 with padding; refuses anything but the one canonical spelling.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

/// Writes standard base64 with padding.
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
