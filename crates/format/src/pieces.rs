//! BLAKE3 in pieces of 1 MiB: one pass gives the digest and a chaining value for each piece, so that damage is located.

use crate::id::Blake3;
use blake3::Hasher;
use blake3::hazmat::{HasherExt as _, Mode, merge_subtrees_non_root, merge_subtrees_root};

/// How many bytes a piece has; the last may have fewer.
pub const PIECE: u64 = 1 << 20;

/// Digests a stream; feed it in any portions.
#[derive(Debug)]
pub struct Pieces {
    hasher: Hasher,
    in_piece: u64,
    total: u64,
    values: Vec<[u8; 32]>,
}

impl Default for Pieces {
    fn default() -> Self {
        Self {
            hasher: Hasher::new(),
            in_piece: 0,
            total: 0,
            values: Vec::new(),
        }
    }
}

impl Pieces {
    /// Takes the next bytes.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.in_piece == PIECE {
                self.values.push(self.hasher.finalize_non_root());
                self.hasher = Hasher::new();
                self.hasher.set_input_offset(self.total);
                self.in_piece = 0;
            }
            let room = usize::try_from(PIECE - self.in_piece).unwrap_or(usize::MAX);
            let (now, later) = bytes.split_at(bytes.len().min(room));
            self.hasher.update(now);
            self.in_piece += now.len() as u64;
            self.total += now.len() as u64;
            bytes = later;
        }
    }

    /// Gives the digest of everything, and the chaining values when there is more than one piece.
    pub fn finish(mut self) -> (Blake3, Vec<[u8; 32]>) {
        if self.values.is_empty() {
            return (Blake3(*self.hasher.finalize().as_bytes()), Vec::new());
        }
        self.values.push(self.hasher.finalize_non_root());
        (Blake3(root(&self.values)), self.values)
    }
}

/// How many pieces so many bytes have; nothing is one empty piece.
pub fn count(bytes: u64) -> u64 {
    bytes.div_ceil(PIECE).max(1)
}

/// Whether stored chaining values are those of content with this digest and length.
pub fn values_fit(values: &[[u8; 32]], digest: &Blake3, bytes: u64) -> bool {
    values.len() as u64 == count(bytes) && values.len() > 1 && root(values) == digest.0
}

/// The chaining value of piece `n` of content of more than one piece.
pub fn value(n: u64, bytes: &[u8]) -> [u8; 32] {
    let mut hasher = Hasher::new();
    hasher.set_input_offset(n * PIECE);
    hasher.update(bytes).finalize_non_root()
}

// The left side of a BLAKE3 tree holds the largest power of two of pieces that leaves something for the right.
fn root(values: &[[u8; 32]]) -> [u8; 32] {
    let (left, right) = values.split_at(values.len().next_power_of_two() / 2);
    *merge_subtrees_root(&inner(left), &inner(right), Mode::Hash).as_bytes()
}

fn inner(values: &[[u8; 32]]) -> [u8; 32] {
    if let [one] = values {
        return *one;
    }
    let (left, right) = values.split_at(values.len().next_power_of_two() / 2);
    merge_subtrees_non_root(&inner(left), &inner(right), Mode::Hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes(len: usize) -> Vec<u8> {
        (0..len)
            .map(|i| u8::try_from(i * 31 % 251).unwrap())
            .collect()
    }

    #[test]
    fn pieces_give_the_plain_digest_at_every_edge() {
        let mib = 1 << 20;
        for len in [
            0,
            1,
            mib - 1,
            mib,
            mib + 1,
            2 * mib,
            2 * mib + 1,
            3 * mib,
            5 * mib + 7,
            8 * mib,
        ] {
            let data = bytes(len);
            let mut pieces = Pieces::default();
            data.chunks(100_003).for_each(|c| pieces.update(c));
            let (digest, values) = pieces.finish();
            assert_eq!(digest.0, *blake3::hash(&data).as_bytes(), "{len}");
            assert_eq!(values.len() > 1, len > mib, "{len}");
            if len > mib {
                assert!(values_fit(&values, &digest, len as u64));
                for (n, piece) in data.chunks(mib).enumerate() {
                    assert_eq!(value(n as u64, piece), values[n], "{len} piece {n}");
                }
            }
        }
    }

    #[test]
    fn altered_or_missing_values_do_not_fit() {
        let data = bytes(5 << 20);
        let mut pieces = Pieces::default();
        pieces.update(&data);
        let (digest, values) = pieces.finish();
        for n in 0..values.len() {
            let mut bad = values.clone();
            bad[n][5] ^= 1;
            assert!(!values_fit(&bad, &digest, data.len() as u64));
            bad.remove(n);
            assert!(!values_fit(&bad, &digest, data.len() as u64));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn portions_do_not_matter(cuts in proptest::collection::vec(1..700_000_usize, 1..8)) {
            let data = bytes(cuts.iter().sum());
            let mut pieces = Pieces::default();
            let mut rest = &data[..];
            for cut in cuts {
                let (now, later) = rest.split_at(cut);
                pieces.update(now);
                rest = later;
            }
            prop_assert_eq!(pieces.finish().0.0, *blake3::hash(&data).as_bytes());
        }
    }
}
