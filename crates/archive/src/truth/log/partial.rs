//! Partial tiles and bundles that the log outgrew while somebody read it: a wider one begins with the same bytes.

use format::log::tile::{self, BundleId, TileId};

/// Whether a name stands only until the log has grown.
pub(super) fn is_partial(path: &str) -> bool {
    path.contains(".p/")
}

/// What took the place of a partial one at a log of `size` entries, and how many of its parts were asked for.
pub(super) fn grown(path: &str, size: u64) -> Option<(String, usize)> {
    let wider = |now: u16, then: u16| (now > then).then_some(usize::from(then));
    if let Some(rest) = path.strip_prefix("log/") {
        if let Ok(id) = rest.parse::<TileId>() {
            let now = TileId::at(id.level(), id.index(), size)?;
            return Some((format!("log/{now}"), wider(now.width(), id.width())?));
        }
        let id = BundleId::parse_entries(rest).ok()?;
        let now = BundleId::holding(id.first(), size)?;
        return Some((
            format!("log/{}", now.entries_path()),
            wider(now.width(), id.width())?,
        ));
    }
    let id = BundleId::parse_disclosures(path).ok()?;
    let now = BundleId::holding(id.first(), size)?;
    Some((now.disclosures_path(), wider(now.width(), id.width())?))
}

/// The first parts of a tile or bundle, byte for byte what the partial one held; nothing if it has fewer.
pub(super) fn cut(path: &str, mut bytes: Vec<u8>, parts: usize) -> Option<Vec<u8>> {
    let end = if path.starts_with("log/tile/entries/") {
        let width = BundleId::parse_entries(path.strip_prefix("log/")?)
            .ok()?
            .width();
        let records = tile::decode_bundle(&bytes, width).ok()?;
        tile::encode_bundle(records.get(..parts)?).ok()?.len()
    } else if path.starts_with("log/tile/") {
        parts * 32
    } else {
        let mut ends = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n');
        ends.nth(parts.checked_sub(1)?)?.0 + 1
    };
    (end <= bytes.len()).then(|| {
        bytes.truncate(end);
        bytes
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_bundle_is_found_in_the_wider_one_that_took_its_place() {
        let records: Vec<Vec<u8>> = (0..9_u8).map(|n| vec![n; usize::from(n) + 1]).collect();
        let (five, nine) = (
            tile::encode_bundle(&records[..5]).unwrap(),
            tile::encode_bundle(&records).unwrap(),
        );
        let (path, parts) = grown("log/tile/entries/001.p/5", 265).unwrap();
        assert_eq!(path, "log/tile/entries/001.p/9");
        assert_eq!(cut(&path, nine, parts), Some(five));
    }

    #[test]
    fn disclosures_and_hash_tiles_are_cut_the_same_way() {
        let (path, parts) = grown("disclosures/000.p/2", 256).unwrap();
        assert_eq!((path.as_str(), parts), ("disclosures/000", 2));
        let cut_lines = cut(&path, b"a~\nb~\nc~\n".to_vec(), parts);
        assert_eq!(cut_lines, Some(b"a~\nb~\n".to_vec()));
        let (path, parts) = grown("log/tile/1/000.p/2", 256 * 3).unwrap();
        assert_eq!((path.as_str(), parts), ("log/tile/1/000.p/3", 2));
        assert_eq!(cut(&path, vec![7; 96], parts), Some(vec![7; 64]));
    }

    #[test]
    fn what_the_log_has_not_outgrown_is_not_looked_for_elsewhere() {
        assert_eq!(grown("log/tile/entries/001.p/9", 265), None);
        assert_eq!(grown("disclosures/001.p/9", 100), None);
        assert_eq!(cut("disclosures/000", b"a~\n".to_vec(), 2), None);
    }
}
