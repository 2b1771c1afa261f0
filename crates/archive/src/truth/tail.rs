//! Frames of entries recorded and not yet covered (format.md §6, `log/tail`).

use sha2::{Digest as _, Sha256};

/// One recorded entry with its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Log index.
    pub index: u64,
    /// The entry: record and disclosures.
    pub sd_jwt: String,
}

/// What a tail file holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tail {
    /// Whole frames in file order.
    pub frames: Vec<Frame>,
    /// Length up to which every frame is whole.
    pub good_len: u64,
    /// Whether bytes follow that are no whole frame: never acknowledged, or damaged since.
    pub torn: bool,
}

impl Tail {
    /// How many entries there are in all, when a checkpoint covers so many.
    pub fn end(&self, covered: u64) -> u64 {
        self.frames
            .last()
            .map_or(covered, |f| covered.max(f.index + 1))
    }
}

const HEAD: usize = 4;
const FIXED: usize = 32 + 8;

/// Appends the frame of one entry to `out`.
pub fn encode(out: &mut Vec<u8>, index: u64, sd_jwt: &str) {
    let rest = u32::try_from(FIXED + sd_jwt.len())
        .expect("an entry is far below 4 GiB: records and disclosures are bounded");
    out.extend_from_slice(&rest.to_be_bytes());
    out.extend_from_slice(&digest(index, sd_jwt.as_bytes()));
    out.extend_from_slice(&index.to_be_bytes());
    out.extend_from_slice(sd_jwt.as_bytes());
}

/// Reads frames until the end or the first that is not whole.
pub fn decode(bytes: &[u8]) -> Tail {
    let mut tail = Tail::default();
    let mut rest = bytes;
    while let Some((frame, after)) = one(rest) {
        tail.frames.push(frame);
        rest = after;
    }
    tail.good_len = (bytes.len() - rest.len()) as u64;
    tail.torn = !rest.is_empty();
    tail
}

fn one(bytes: &[u8]) -> Option<(Frame, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<HEAD>()?;
    let (frame, after) = rest.split_at_checked(u32::from_be_bytes(*head) as usize)?;
    let (sum, frame) = frame.split_first_chunk::<32>()?;
    let (index, entry) = frame.split_first_chunk::<8>()?;
    let index = u64::from_be_bytes(*index);
    if *sum != digest(index, entry) {
        return None;
    }
    let sd_jwt = std::str::from_utf8(entry).ok()?.to_owned();
    Some((Frame { index, sd_jwt }, after))
}

// The index is under the digest too: a frame cannot be moved to another place of the log.
fn digest(index: u64, entry: &[u8]) -> [u8; 32] {
    Sha256::new()
        .chain_update(index.to_be_bytes())
        .chain_update(entry)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> Vec<u8> {
        let mut bytes = Vec::new();
        encode(&mut bytes, 7, "a.b.c~d~");
        encode(&mut bytes, 8, "e.f.g~");
        bytes
    }

    #[test]
    fn frames_come_back_as_they_went_in() {
        let tail = decode(&two());
        assert_eq!(tail.frames.len(), 2);
        assert_eq!(
            tail.frames[1],
            Frame {
                index: 8,
                sd_jwt: "e.f.g~".into()
            }
        );
        assert!(!tail.torn);
    }

    #[test]
    fn a_cut_at_every_place_keeps_the_whole_frames_and_says_torn() {
        let bytes = two();
        let first = decode(&bytes).frames[0].sd_jwt.len() + HEAD + FIXED;
        for cut in 0..bytes.len() {
            let tail = decode(&bytes[..cut]);
            assert_eq!(tail.frames.len(), usize::from(cut >= first), "cut at {cut}");
            assert_eq!(tail.torn, cut != 0 && cut != first, "cut at {cut}");
        }
    }

    #[test]
    fn no_flipped_bit_passes_as_another_frame() {
        let bytes = two();
        let good = decode(&bytes);
        for bit in 0..bytes.len() * 8 {
            let mut bad = bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let tail = decode(&bad);
            assert!(tail.torn && tail.frames.len() < 2, "bit {bit}");
            assert!(
                tail.frames.iter().zip(&good.frames).all(|(a, b)| a == b),
                "bit {bit}"
            );
        }
    }
}
