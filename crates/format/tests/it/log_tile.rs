//! Paths, tiles and bundles have one spelling each.

use format::log::tile::{BundleId, TileError, TileId, decode_bundle, decode_hashes, encode_bundle};
use proptest::prelude::*;

#[test]
fn paths_are_those_of_the_standard() {
    let tile = |level, index, width| TileId::new(level, index, width).unwrap().to_string();
    assert_eq!(tile(0, 1_234_067, 256), "tile/0/x001/x234/067");
    assert_eq!(tile(0, 1234, 17), "tile/0/x001/234.p/17");
    assert_eq!(tile(2, 0, 1), "tile/2/000.p/1");
    let bundle = BundleId::new(1_234_067, 9).unwrap();
    assert_eq!(bundle.entries_path(), "tile/entries/x001/x234/067.p/9");
    assert_eq!(bundle.disclosures_path(), "disclosures/x001/x234/067.p/9");
    assert_eq!(
        BundleId::parse_disclosures("disclosures/000"),
        Ok(BundleId::new(0, 256).unwrap())
    );
}

#[test]
fn other_spellings_of_a_path_are_refused() {
    for path in [
        "tile/0/1",
        "tile/0/0001",
        "tile/0/x000/001",
        "tile/00/001",
        "tile/8/001",
        "tile/-1/001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/01",
        "tile/0/001.p/",
        "tile/0/001/",
        "tile/0/x001",
        "tile/0/001/x002",
        "tile/0/001/002",
        "tile/0/+01",
        "tile/0/",
        "/tile/0/001",
        "tile/0/001.p/1.p/1",
        "tile/0/X001/002",
        "tile/entries/001",
        "tile/0/../001",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        "",
    ] {
        assert_eq!(
            path.parse::<TileId>(),
            Err(TileError::Path(path.into())),
            "{path}"
        );
    }
    assert!(BundleId::parse_entries("tile/0/001").is_err());
    assert!(BundleId::parse_entries("disclosures/001").is_err());
    assert!(BundleId::parse_disclosures("tile/entries/001").is_err());
}

#[test]
fn a_log_of_this_size_has_these_bundles() {
    let widths = |size| BundleId::all(size).map(BundleId::width).collect::<Vec<_>>();
    assert_eq!(widths(0), [0u16; 0]);
    assert_eq!(widths(256), [256]);
    assert_eq!(widths(600), [256, 256, 88]);
    assert_eq!(BundleId::holding(599, 600), BundleId::new(2, 88));
    assert_eq!(BundleId::holding(600, 600), None);
    assert_eq!(TileId::at(0, 2, 600), TileId::new(0, 2, 88));
    assert_eq!(TileId::at(1, 0, 600), TileId::new(1, 0, 2));
    assert_eq!(TileId::at(2, 0, 600), None);
}

#[test]
fn a_damaged_bundle_is_refused_with_its_place() {
    let bundle = encode_bundle(&["one", "two"]).unwrap();
    assert_eq!(bundle, b"\0\x03one\0\x03two");
    assert_eq!(decode_bundle(&bundle, 2).unwrap(), [b"one", b"two"]);
    assert_eq!(decode_bundle(&bundle, 1), Err(TileError::Surplus(0)));
    assert_eq!(decode_bundle(&bundle, 3), Err(TileError::CutRecord(2)));
    assert_eq!(decode_bundle(&bundle[..9], 2), Err(TileError::CutRecord(1)));
    assert_eq!(decode_bundle(&bundle[..6], 2), Err(TileError::CutRecord(1)));
    let long = [vec![0; 65_535], vec![0; 65_536]];
    assert_eq!(
        encode_bundle(&long),
        Err(TileError::LongRecord {
            at: 1,
            bytes: 65_536
        })
    );
    assert_eq!(encode_bundle::<&str>(&[]), Err(TileError::Width(0)));
    assert_eq!(encode_bundle(&[""; 257]), Err(TileError::Width(257)));
    assert_eq!(
        decode_hashes(&[0; 63], 2),
        Err(TileError::Length {
            bytes: 63,
            wanted: 64
        })
    );
}

proptest! {
    #[test]
    fn a_path_read_back_names_the_same_tile(level in 0u8..8, index in 0u64..1 << 50, width in 1u16..=256) {
        let tile = TileId::new(level, index, width).unwrap();
        prop_assert_eq!(tile.to_string().parse(), Ok(tile));
        let bundle = BundleId::new(index, width).unwrap();
        prop_assert_eq!(BundleId::parse_entries(&bundle.entries_path()), Ok(bundle));
        prop_assert_eq!(BundleId::parse_disclosures(&bundle.disclosures_path()), Ok(bundle));
    }

    #[test]
    fn any_text_that_is_read_as_a_path_is_its_spelling(path in "(tile/)?[0-8]/[x0-9/.p]{0,14}") {
        if let Ok(tile) = path.parse::<TileId>() {
            prop_assert_eq!(tile.to_string(), path);
        }
    }

    #[test]
    fn a_bundle_read_back_holds_the_same_records(
        records in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 1..=256)
    ) {
        let bundle = encode_bundle(&records).unwrap();
        let width = u16::try_from(records.len()).unwrap();
        prop_assert_eq!(decode_bundle(&bundle, width).unwrap(), records);
    }
}
