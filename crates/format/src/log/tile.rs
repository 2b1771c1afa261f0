//! Tiles and entry bundles (C2SP tlog-tiles): where they are stored and what is in them.

mod path;

use super::hash::Hash;

/// How many hashes or records a full tile or bundle holds.
pub const WIDTH: u16 = 256;

/// The longest record: its length is written with 16 bits.
pub const MAX_RECORD_BYTES: usize = u16::MAX as usize;

/// Names a hash tile; width 256 means full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    level: u8,
    index: u64,
    width: u16,
}

/// Names a bundle of records, or the disclosures beside it; width 256 means full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BundleId {
    index: u64,
    width: u16,
}

/// Says why a tile, a bundle or a path is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// The path is not the one spelling of a tile or bundle.
    #[error("{0:?} is not the path of a tile or bundle; see format.md §5")]
    Path(String),
    /// A hash tile has another number of bytes than its width says.
    #[error("The tile has {bytes} bytes instead of {wanted}; restore it from a copy")]
    Length {
        /// The bytes that are there.
        bytes: usize,
        /// The bytes the width calls for.
        wanted: usize,
    },
    /// A bundle ends inside a record.
    #[error("The bundle ends inside record {0}; restore it from a copy")]
    CutRecord(usize),
    /// A bundle has bytes after its last record.
    #[error("The bundle has bytes after record {0}, its last; restore it from a copy")]
    Surplus(usize),
    /// A record is too long for a bundle.
    #[error("Record {at} has {bytes} bytes; at most {MAX_RECORD_BYTES} fit, so split the entry")]
    LongRecord {
        /// Its place in the bundle.
        at: usize,
        /// Its length.
        bytes: usize,
    },
    /// A bundle would hold no record or more than 256.
    #[error("A bundle holds 1 to {WIDTH} records, not {0}")]
    Width(usize),
}

impl TileId {
    /// Names a tile; gives `None` for a level above 7 or a width outside 1 to 256.
    #[must_use]
    pub fn new(level: u8, index: u64, width: u16) -> Option<Self> {
        // A level above 7 has no place in a tree of fewer than 2^63 records.
        let sound = level < 8 && (1..=WIDTH).contains(&width) && index <= super::MAX_SIZE;
        sound.then_some(Self {
            level,
            index,
            width,
        })
    }

    /// Names the tile as wide as a log of this size has it, or `None` if it has no such tile.
    #[must_use]
    pub fn at(level: u8, index: u64, size: u64) -> Option<Self> {
        let hashes = size.checked_shr(8 * u32::from(level))?;
        Self::new(level, index, width_at(index, hashes)?)
    }

    /// The level: 0 holds leaf hashes.
    #[must_use]
    pub fn level(self) -> u8 {
        self.level
    }

    /// The place within the level.
    #[must_use]
    pub fn index(self) -> u64 {
        self.index
    }

    /// The number of hashes.
    #[must_use]
    pub fn width(self) -> u16 {
        self.width
    }

    /// Tells whether it will never change.
    #[must_use]
    pub fn is_full(self) -> bool {
        self.width == WIDTH
    }

    /// Names the full tile at the same place.
    #[must_use]
    pub fn full(self) -> Self {
        Self {
            width: WIDTH,
            ..self
        }
    }
}

impl BundleId {
    /// Names a bundle; gives `None` for a width outside 1 to 256.
    #[must_use]
    pub fn new(index: u64, width: u16) -> Option<Self> {
        let sound = (1..=WIDTH).contains(&width) && index <= super::MAX_SIZE;
        sound.then_some(Self { index, width })
    }

    /// Names the bundle that holds a record of a log of this size, or `None` if it has no such record.
    #[must_use]
    pub fn holding(record: u64, size: u64) -> Option<Self> {
        let bundle = record / u64::from(WIDTH);
        (record < size).then(|| Self::new(bundle, width_at(bundle, size)?))?
    }

    /// Names every bundle of a log of this size, in order.
    pub fn all(size: u64) -> impl Iterator<Item = Self> {
        let bundles = size.div_ceil(u64::from(WIDTH));
        (0..bundles).filter_map(move |index| Self::new(index, width_at(index, size)?))
    }

    /// The place of the bundle.
    #[must_use]
    pub fn index(self) -> u64 {
        self.index
    }

    /// The number of records.
    #[must_use]
    pub fn width(self) -> u16 {
        self.width
    }

    /// The index of its first record.
    #[must_use]
    pub fn first(self) -> u64 {
        self.index * u64::from(WIDTH)
    }

    /// Tells whether it will never change.
    #[must_use]
    pub fn is_full(self) -> bool {
        self.width == WIDTH
    }

    /// Names the full bundle at the same place.
    #[must_use]
    pub fn full(self) -> Self {
        Self {
            width: WIDTH,
            ..self
        }
    }
}

fn width_at(index: u64, count: u64) -> Option<u16> {
    let start = index.checked_mul(u64::from(WIDTH))?;
    let left = count.checked_sub(start)?.min(u64::from(WIDTH));
    u16::try_from(left).ok().filter(|width| *width > 0)
}

/// Reads the hashes of a tile; the bytes must be exactly as many as the width says.
pub fn decode_hashes(bytes: &[u8], width: u16) -> Result<Vec<Hash>, TileError> {
    let wanted = usize::from(width) * 32;
    if bytes.len() != wanted {
        return Err(TileError::Length {
            bytes: bytes.len(),
            wanted,
        });
    }
    let (hashes, _) = bytes.as_chunks::<32>();
    Ok(hashes.iter().copied().map(Hash).collect())
}

/// Writes hashes one after the other, as tiles store them.
#[must_use]
pub fn encode_hashes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// Writes a bundle of 1 to 256 records.
pub fn encode_bundle<R: AsRef<[u8]>>(records: &[R]) -> Result<Vec<u8>, TileError> {
    if records.is_empty() || records.len() > usize::from(WIDTH) {
        return Err(TileError::Width(records.len()));
    }
    let mut bundle = Vec::new();
    for (at, record) in records.iter().enumerate() {
        let record = record.as_ref();
        let length = u16::try_from(record.len()).map_err(|_long| TileError::LongRecord {
            at,
            bytes: record.len(),
        })?;
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(record);
    }
    Ok(bundle)
}

/// Reads a bundle of exactly `width` records with nothing after them.
pub fn decode_bundle(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>, TileError> {
    let mut rest = bytes;
    let mut records = Vec::with_capacity(usize::from(width));
    for at in 0..usize::from(width) {
        let cut = TileError::CutRecord(at);
        let (length, after) = rest.split_first_chunk::<2>().ok_or(cut.clone())?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (record, after) = after.split_at_checked(length).ok_or(cut)?;
        records.push(record);
        rest = after;
    }
    if !rest.is_empty() {
        return Err(TileError::Surplus(usize::from(width).saturating_sub(1)));
    }
    Ok(records)
}
