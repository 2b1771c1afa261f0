//! Hosts whose clocks differ.

use super::{Kept, run, tell};
use archive::{Archive, Clock, Opening, Why};
use format::time::Instant;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// The machine's clock, so many microseconds wrong.
#[derive(Debug, Default)]
struct Off(AtomicI64);

impl Clock for Off {
    fn now(&self) -> Instant {
        let right = archive::SystemClock.now().micros();
        Instant::from_micros(right + self.0.load(Ordering::Relaxed)).unwrap()
    }
}

#[test]
fn a_host_whose_clock_is_minutes_off_writes_nothing_until_it_is_right_again() {
    let Some(kept) = Kept::new() else { return };
    run(async {
        let minute = 60_000_000;
        for (off, way) in [(5 * minute, "ahead of"), (-3 * minute, "behind")] {
            let clock = Arc::new(Off(AtomicI64::new(off)));
            let opening = Opening {
                clock: Arc::clone(&clock) as _,
                ..kept.opening()
            };
            let archive = Archive::open(&kept.place.at("archive"), opening)
                .await
                .unwrap();
            let who = archive.owner().await.unwrap();
            let before = archive.seen_by(&who).log_size().await.unwrap();
            let e = testkit::add(&archive, &who, "a.txt", b"early")
                .await
                .unwrap_err();
            tell(&format!("| clock off | {e} | {:?} |", e.next));
            assert_eq!(e.why, Why::ReadOnly);
            let near: Vec<i64> = (-2..3).map(|more| off.abs() / 1_000_000 + more).collect();
            let said = near.iter().any(|s| {
                e.what
                    .contains(&format!("clock is {s} s {way} the database's"))
            });
            assert!(said, "{e}");
            assert!(e.next.unwrap().contains("Set the clock"));
            assert_eq!(archive.seen_by(&who).log_size().await.unwrap(), before);
            let ahead = archive.clock_ahead().await.unwrap().unwrap();
            assert!((ahead - off).abs() < 30_000_000, "{ahead}");
            assert!(archive::compared(ahead).contains(way));
            // Set right while the program runs.
            clock.0.store(0, Ordering::Relaxed);
            testkit::add(&archive, &who, "a.txt", b"late")
                .await
                .unwrap();
            assert!(
                archive::compared(archive.clock_ahead().await.unwrap().unwrap()).contains("agrees")
            );
        }
    });
    kept.is_whole();
}

#[test]
fn a_clock_off_by_less_than_the_limit_is_no_reason_to_stop() {
    let Some(kept) = Kept::new() else { return };
    run(async {
        let clock = Arc::new(Off(AtomicI64::new(2_500_000)));
        let opening = Opening {
            clock,
            ..kept.opening()
        };
        let archive = Archive::open(&kept.place.at("archive"), opening)
            .await
            .unwrap();
        let who = archive.owner().await.unwrap();
        testkit::add(&archive, &who, "a.txt", b"bytes")
            .await
            .unwrap();
        let said = archive::compared(archive.clock_ahead().await.unwrap().unwrap());
        assert!(said.contains("s ahead of the database's"), "{said}");
    });
    kept.is_whole();
}
