use std::path::PathBuf;

use super::super::corpus::Size;
use super::*;

#[test]
fn a_peer_twice_as_slow_shows_ratio_two_and_cpu_by_the_gigabyte() {
    let corpus = Corpus {
        folder: PathBuf::new(),
        size: Size::Small,
        count: 3,
        bytes: 500_000_000,
    };
    let row = |wall| Medians {
        wall,
        cpu: 1.5,
        peak_mb: 64.0,
    };
    let text = table(&[("ours", row(1.0)), ("theirs", row(2.0))], &corpus, 5);
    let last: Vec<_> = text.lines().last().unwrap().split_whitespace().collect();
    assert_eq!(last, ["theirs", "2.00", "1.50", "3.00", "64", "2.00"]);
}
