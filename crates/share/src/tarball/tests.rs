use std::io::Cursor;

use super::*;

fn evidence(bytes: &[u8]) -> (ItemId, LaidEvidence, BagFile) {
    let item = ItemId::from_random([1; 8]);
    let laid = LaidEvidence {
        item,
        folder: "gate00000001".into(),
        sha256: Sha256::digest(bytes).into(),
        sha512: [0; 64],
        bytes: bytes.len() as u64,
    };
    let file = BagFile {
        path: "data/evidence/gate00000001/content".into(),
        bytes: laid.bytes,
        source: Source::Evidence(item),
    };
    (item, laid, file)
}

fn write(stored: &'static [u8]) -> Result<Vec<u8>, SealError> {
    let (_, laid, file) = evidence(b"original");
    let list = BagFile {
        path: "bagit.txt".into(),
        bytes: 3,
        source: Source::Bytes(b"bag".to_vec()),
    };
    let open = |_| Ok(Cursor::new(stored));
    write_tar(
        "d-0123456789ab",
        &[list, file],
        &[laid],
        1_772_648_527,
        open,
        Vec::new(),
    )
}

#[test]
fn the_same_files_give_the_same_tar() {
    let tar = write(b"original").unwrap();
    assert_eq!(tar, write(b"original").unwrap());
    let mut archive = tar::Archive::new(Cursor::new(tar));
    let paths: Vec<String> = archive
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap().path().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        paths,
        [
            "d-0123456789ab/bagit.txt",
            "d-0123456789ab/data/evidence/gate00000001/content"
        ]
    );
}

#[test]
fn a_damaged_original_does_not_leave() {
    for stored in [&b"originaL"[..], b"origina", b"originals", b""] {
        let refused = write(stored).unwrap_err();
        assert!(
            matches!(refused, SealError::Damaged(_)),
            "{stored:?}: {refused}"
        );
    }
}
