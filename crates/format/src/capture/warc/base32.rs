//! Base32 of RFC 4648, the form in which web archives write digests.

const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Encodes bytes in capital letters, padded to a multiple of eight characters.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let mut group = [0; 8];
        group[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(group);
        let used = (chunk.len() * 8).div_ceil(5);
        for at in 0..8 {
            let letter = usize::from((bits >> (35 - 5 * at)).to_le_bytes()[0] & 31);
            text.push(if at < used {
                char::from(LETTERS[letter])
            } else {
                '='
            });
        }
    }
    text
}
