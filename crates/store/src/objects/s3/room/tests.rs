use std::time::Duration;

use tokio::time::timeout;

use super::{Place, Room};

const MIB: usize = 1 << 20;

/// Takes a place if there is one now.
async fn now(place: impl Future<Output = Place>) -> Option<Place> {
    timeout(Duration::ZERO, place).await.ok()
}

#[tokio::test]
async fn bodies_in_flight_are_bounded_in_bytes_and_in_number() {
    let room = Room::default();
    let mut taken = Vec::new();
    for _ in 0..16 {
        taken.push(now(room.for_small(4 * MIB)).await.expect("there is room"));
    }
    assert_eq!(room.on_the_way(), 64 << 20);
    assert!(now(room.for_small(1)).await.is_none());
    assert!(now(room.for_part(1)).await.is_none());
    taken.pop();
    assert!(now(room.for_part(4 * MIB)).await.is_some());
    taken.clear();
    assert_eq!(room.on_the_way(), 0);
    for _ in 0..32 {
        taken.push(now(room.for_small(1000)).await.expect("there is room"));
    }
    assert!(now(room.for_small(0)).await.is_none());
}

#[tokio::test]
async fn what_is_larger_than_the_room_goes_alone() {
    let room = Room::default();
    let alone = now(room.for_small(900 * MIB))
        .await
        .expect("it must go some time");
    assert!(now(room.for_part(1)).await.is_none());
    drop(alone);
    assert!(now(room.for_part(1)).await.is_some());
}

#[tokio::test]
async fn few_large_objects_go_at_once() {
    let room = Room::default();
    let mut taken = Vec::new();
    for _ in 0..4 {
        taken.push(now(room.for_large()).await.expect("there is room"));
    }
    assert!(now(room.for_large()).await.is_none());
}
