//! Bytes and items from a seed: the same everywhere, nothing in them compressible or repeated.

use archive::truth::originals::Batch;
use archive::{Archive, Draft, MAIN};
use format::id::{Blake3, Digests, ItemId, Sha256, Subject};
use format::kind::{Collected, FileFacts, Kind, Level, Media, Recognised};
use format::name::BytesName;
use format::pieces::Pieces;
use sha2::{Digest as _, Sha256 as Hasher};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

/// Words of names, so that a search finds a fixed share of all items.
pub(crate) const WORDS: &[&str] = &[
    "bridge",
    "school",
    "market",
    "міст",
    "школа",
    "ринок",
    "clinic",
    "north",
    "river",
    "вулиця",
];
/// Items that lie in one folder, and so are found together by its name.
pub(crate) const FOLDER: u64 = 1_000;

/// Bytes that differ for every number.
pub(crate) fn bytes(number: u64, len: usize) -> Vec<u8> {
    let mut state = (number + 1).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    let mut bytes = vec![0; len];
    for part in bytes.chunks_mut(8) {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let word = (mixed ^ (mixed >> 31)).to_le_bytes();
        part.copy_from_slice(&word[..part.len()]);
    }
    bytes
}

/// Fills a new folder with so many files of so many bytes.
pub(crate) fn files(folder: &Path, count: u64, len: usize) {
    std::fs::create_dir_all(folder).unwrap();
    for number in 0..count {
        let path = folder.join(format!("file-{number:06}.bin"));
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(path)
            .unwrap();
        file.write_all(&bytes(number, len)).unwrap();
    }
}

/// The digests of bytes that nobody keeps.
pub(crate) fn no_bytes(archive: &Archive, len: u64) -> Digests {
    let digest: [u8; 32] = archive.draw();
    Digests {
        sha256: Sha256(digest),
        blake3: Blake3(digest),
        bytes: len,
    }
}

/// The first entry of an item; it is said to be a picture, so that no index opens it to read its text.
pub(crate) fn item(archive: &Archive, n: u64, digests: Digests) -> (ItemId, Draft) {
    let word = |k: u64| WORDS[((n / k) % WORDS.len() as u64) as usize];
    let name = format!("{}_{}_{n:07}.jpg", word(1), word(10));
    let mut collected = Collected::new(
        digests,
        BytesName(name.clone().into_bytes()),
        BytesName(format!("corpus/folder{}/{name}", n / FOLDER).into_bytes()),
        format!("Bench source {}", n % 97),
        FileFacts { modified: None },
        MAIN.to_owned(),
        Level::Internal,
    );
    collected.media = Some(Media {
        media_type: "image/jpeg".into(),
        by: Recognised::Signature,
    });
    let id = ItemId::from_random(archive.draw());
    let draft = Draft::first(Subject::Item(id), Kind::Collected(collected));
    (id, draft)
}

/// Places bytes among the originals; durable once the batch settles. Blocking.
pub(crate) fn place(batch: &Batch, bytes: &[u8]) -> Digests {
    let mut pieces = Pieces::default();
    pieces.update(bytes);
    let (blake3, tree) = pieces.finish();
    let sha256 = Sha256(Hasher::digest(bytes).into());
    batch.place_whole(bytes, &sha256).unwrap();
    if !tree.is_empty() {
        batch.place_tree(&sha256, &tree.concat()).unwrap();
    }
    Digests {
        sha256,
        blake3,
        bytes: bytes.len() as u64,
    }
}
