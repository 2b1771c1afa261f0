use std::collections::HashSet;

use super::*;

#[test]
fn files_are_the_same_each_time_and_differ_from_one_another() {
    assert_eq!(bytes(Size::Small, 7), bytes(Size::Small, 7));
    let starts: HashSet<Vec<u8>> = (0..2000)
        .map(|index| bytes(Size::Small, index)[..64].to_vec())
        .collect();
    assert_eq!(starts.len(), 2000);
}

#[test]
fn sizes_are_mixed_and_within_their_limits() {
    let sizes: Vec<usize> = (0..5000).map(|index| length(Size::Small, index)).collect();
    assert!(sizes.iter().all(|size| (4_000..=200_000).contains(size)));
    assert!(sizes.iter().any(|size| *size < 8_000) && sizes.iter().any(|size| *size > 150_000));
    assert!((100_000_000..101_000_000).contains(&length(Size::Large, 3)));
}

#[test]
fn no_byte_value_is_frequent() {
    let bytes = bytes(Size::Small, 1);
    let mut counts = [0_usize; 256];
    bytes
        .iter()
        .for_each(|byte| counts[usize::from(*byte)] += 1);
    assert!(
        counts
            .iter()
            .all(|count| *count < bytes.len() / 256 * 3 + 20)
    );
}
