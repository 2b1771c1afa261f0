use std::sync::Arc;

use super::{Cache, LARGEST, ROOM};
use crate::objects::Name;

fn tile(n: usize) -> Name {
    Name::new(format!("log/tile/0/{n:03}")).unwrap()
}

fn bytes(len: usize) -> Arc<[u8]> {
    vec![1; len].into()
}

#[test]
fn only_what_never_changes_is_kept() {
    for (name, kept) in [
        ("log/tile/0/000", true),
        ("log/tile/entries/000.p/7", true),
        ("disclosures/000", true),
        ("log/checkpoint", false),
        ("log/checkpoint.witnessed", false),
        ("originals/ab/cd", false),
        ("log/tiles", false),
    ] {
        assert_eq!(Cache::keeps(&Name::new(name).unwrap()), kept, "{name}");
    }
}

#[test]
fn a_read_begun_before_a_loss_does_not_bring_it_back() {
    let cache = Cache::default();
    let before = cache.ticket();
    cache.lose(&tile(1));
    cache.keep(before, &tile(1), bytes(1));
    assert!(cache.find(&tile(1)).is_none());
    let before = cache.ticket();
    cache.forget();
    cache.keep(before, &tile(1), bytes(1));
    assert!(cache.find(&tile(1)).is_none());
    cache.keep(cache.ticket(), &tile(1), bytes(1));
    assert!(cache.find(&tile(1)).is_some());
}

#[test]
fn what_was_used_least_lately_makes_room() {
    let cache = Cache::default();
    let many = ROOM / LARGEST;
    for n in 0..many {
        cache.keep(cache.ticket(), &tile(n), bytes(LARGEST));
    }
    assert!(cache.find(&tile(0)).is_some(), "all of it fits");
    cache.keep(cache.ticket(), &tile(many), bytes(LARGEST));
    assert!(cache.find(&tile(0)).is_some(), "it was just used");
    assert!(cache.find(&tile(1)).is_none(), "it was not");
    cache.keep(cache.ticket(), &tile(0), bytes(1));
    assert_eq!(cache.find(&tile(0)).map(|b| b.len()), Some(1));
    cache.keep(cache.ticket(), &tile(1), bytes(LARGEST - 1));
    assert!(
        cache.find(&tile(2)).is_some(),
        "what was replaced counts no more"
    );
    cache.keep(cache.ticket(), &tile(2), bytes(LARGEST + 1));
    assert_eq!(
        cache.find(&tile(2)).map(|b| b.len()),
        Some(LARGEST),
        "too large to keep"
    );
}
