//! What `Objects` promise wherever they lie.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use store::{Error, Name, Objects, Stored};

use crate::garage::Garage;
use crate::objects::{local, on_both};
use crate::support::{name, stage, wait};

/// Runs a check over every back end there is; what it gets opens the same objects anew each time.
fn on_every(test: &str, check: impl Fn(&dyn Fn() -> Objects)) {
    on_both(|disk, root| check(&|| local(&disk, root)));
    if let Some(garage) = Garage::here(test) {
        let node = AtomicUsize::new(0);
        check(&|| garage.open(node.fetch_add(1, Ordering::Relaxed)));
    }
}

#[test]
fn what_was_put_is_read_back_whole_and_in_part() {
    on_every("what_was_put_is_read_back_whole_and_in_part", |open| {
        wait(async {
            let o = open();
            let n = name("log/tile/0/x001/234.p/5");
            assert_eq!(o.put_once(&n, b"hello").await.unwrap(), Stored::New);
            let again = open();
            assert_eq!(again.get(&n).await.unwrap(), b"hello");
            assert_eq!(again.get_if_there(&n).await.unwrap().unwrap(), b"hello");
            assert_eq!(again.get_if_there(&name("log/none")).await.unwrap(), None);
            assert_eq!(again.range(&n, 1..4).await.unwrap(), b"ell");
            assert_eq!(again.range(&n, 5..5).await.unwrap(), b"");
            assert!(matches!(
                again.range(&n, 3..6).await,
                Err(Error::Invalid { .. })
            ));
            assert_eq!(again.size(&n).await.unwrap(), Some(5));
            assert_eq!(again.size(&name("log/tile")).await.unwrap(), None);
            assert!(matches!(
                again.get(&name("log/none")).await,
                Err(Error::NotFound { .. })
            ));
            assert!(matches!(
                again.range(&n, 7..9).await,
                Err(Error::Invalid { .. })
            ));
            assert!(matches!(
                again.range(&name("log/none"), 0..1).await,
                Err(Error::NotFound { .. })
            ));
            assert!(matches!(
                again.open(&name("log/none")),
                Err(Error::NotFound { .. })
            ));
            let empty = name("log/empty");
            o.put_once(&empty, b"").await.unwrap();
            assert_eq!(again.get(&empty).await.unwrap(), b"");
            assert_eq!(again.range(&empty, 0..0).await.unwrap(), b"");
            assert_eq!(again.open(&empty).unwrap().len().unwrap(), 0);
            let mut part = [0; 9];
            assert_eq!(
                again.open(&empty).unwrap().read_at(&mut part, 0).unwrap(),
                0
            );
            assert_eq!(again.open(&n).unwrap().read_at(&mut part, 2).unwrap(), 3);
        });
    });
}

#[test]
fn a_name_never_comes_to_stand_for_other_bytes() {
    on_every("a_name_never_comes_to_stand_for_other_bytes", |open| {
        wait(async {
            let o = open();
            o.put_once(&name("a"), b"one").await.unwrap();
            assert_eq!(o.put_once(&name("a"), b"one").await.unwrap(), Stored::Same);
            assert!(matches!(
                o.put_once(&name("a"), b"two").await,
                Err(Error::Conflict { .. })
            ));
            let items = vec![(name("b"), b"b".to_vec()), (name("a"), b"two".to_vec())];
            assert!(matches!(
                o.put_all(items).await,
                Err(Error::Conflict { .. })
            ));
            assert_eq!(
                o.size(&name("b")).await.unwrap(),
                None,
                "a known conflict is found before writing"
            );
            let twice = vec![(name("c"), b"1".to_vec()), (name("c"), b"2".to_vec())];
            assert!(matches!(
                o.put_all(twice).await,
                Err(Error::Conflict { .. })
            ));
            assert_eq!(o.get(&name("a")).await.unwrap(), b"one");
        });
    });
}

#[test]
fn many_are_put_listed_replaced_and_discarded() {
    on_every("many_are_put_listed_replaced_and_discarded", |open| {
        wait(async {
            let o = open();
            let items: Vec<_> = (0..60)
                .map(|n| (name(&format!("t/{}/{n:02}", n % 3)), vec![n; 9]))
                .collect();
            assert_eq!(o.put_all(items.clone()).await.unwrap(), Stored::New);
            assert_eq!(o.put_all(items.clone()).await.unwrap(), Stored::Same);
            let mut all: Vec<Name> = items.into_iter().map(|(n, _)| n).collect();
            all.sort();
            assert_eq!(o.list("").await.unwrap(), all);
            assert_eq!(o.list("t/1/").await.unwrap().len(), 20);
            assert_eq!(
                o.list("t/1/4").await.unwrap(),
                [
                    name("t/1/40"),
                    name("t/1/43"),
                    name("t/1/46"),
                    name("t/1/49")
                ]
            );
            assert_eq!(o.list("u").await.unwrap(), []);
            o.replace(&name("t/0/00"), b"new").await.unwrap();
            assert_eq!(o.get(&name("t/0/00")).await.unwrap(), b"new");
            o.discard(&name("t/0/00")).await.unwrap();
            o.discard(&name("t/0/00")).await.unwrap();
            assert_eq!(o.size(&name("t/0/00")).await.unwrap(), None);
        });
    });
}

#[test]
fn every_allowed_character_names_an_object() {
    on_every("every_allowed_character_names_an_object", |open| {
        wait(async {
            let o = open();
            let odd = [
                "abcdefghijklmnopqrstuvwxyz0123456789._-",
                "a/-/_/0..9/z.",
                "a-b/c_d/e.f/--__..",
                &format!("{0}/{0}/{0}/{0}", "n".repeat(199)),
            ];
            let items: Vec<_> = odd
                .iter()
                .map(|n| (name(n), n.as_bytes().to_vec()))
                .collect();
            o.put_all(items.clone()).await.unwrap();
            let mut names: Vec<Name> = Vec::new();
            for (n, bytes) in items {
                assert_eq!(o.get(&n).await.unwrap(), bytes);
                names.push(n);
            }
            names.sort();
            assert_eq!(open().list("").await.unwrap(), names);
        });
    });
}

#[test]
fn a_probe_says_what_can_be_done_and_leaves_nothing() {
    on_every("a_probe_says_what_can_be_done_and_leaves_nothing", |open| {
        wait(async {
            assert!(open().probe().await.unwrap().writes);
            // A bucket of several nodes may show for a moment what is gone.
            let limit = Instant::now() + Duration::from_secs(30);
            while !open().list("probe/").await.unwrap().is_empty() {
                assert!(Instant::now() < limit, "the probe stays");
            }
        });
    });
}

#[test]
fn what_one_batch_names_twice_is_placed_once() {
    on_every("what_one_batch_names_twice_is_placed_once", |open| {
        wait(async {
            let o = open();
            let batch = o.batch();
            let large = vec![5; 9 << 20];
            for _ in 0..2 {
                batch.place_whole(&name("originals/a"), b"same").unwrap();
                stage(&batch, "originals/a", b"same").unwrap();
                stage(&batch, "originals/l", &large).unwrap();
            }
            batch.settle().await.unwrap();
            batch.place_whole(&name("originals/a"), b"same").unwrap();
            let settled = batch.settle().await.unwrap();
            assert_eq!((settled.new, settled.same, settled.healed), (2, 5, 0));
            assert_eq!(o.get(&name("originals/a")).await.unwrap(), b"same");
            assert_eq!(o.get(&name("originals/l")).await.unwrap(), large);
        });
    });
}
