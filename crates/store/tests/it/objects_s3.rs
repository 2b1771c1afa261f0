//! What a bucket promises beyond the common contract: large and many objects, isolation, what errors say.

use std::sync::Arc;

use store::{Bucket, Error, Name, Objects, Placed, RealDisk, Secret, Stored};
use testkit::{Behaviour, FaultDisk};

use crate::garage::Garage;
use crate::support::{name, stage, wait};

fn sample(len: usize) -> Vec<u8> {
    let byte = |n: usize| u8::try_from(n * n / 7 % 251).unwrap();
    (0..len).map(byte).collect()
}

#[test]
fn a_large_object_is_sent_in_parts_and_read_in_windows() {
    let Some(garage) = Garage::here("a_large_object_is_sent_in_parts_and_read_in_windows") else {
        return;
    };
    wait(async {
        let (o, bytes) = (garage.open(0), sample(64 << 20));
        let batch = o.batch();
        let mut staged = batch.stage(bytes.len() as u64).unwrap();
        for part in bytes.chunks(999_999) {
            staged.write(part).unwrap();
        }
        assert_eq!(staged.place(&name("originals/l")).unwrap(), Placed::Sent);
        assert_eq!(batch.settle().await.unwrap().new, 1);
        let left = std::fs::read_dir(garage.spool.path().join("spool/0")).unwrap();
        assert_eq!(left.count(), 1, "only the lock stays in the spool");
        let reader = garage.open(1).open(&name("originals/l")).unwrap();
        assert_eq!(reader.len().unwrap(), bytes.len() as u64);
        let mut buf = vec![0; 1 << 20];
        for at in (0..bytes.len()).step_by(buf.len()) {
            assert_eq!(reader.read_at(&mut buf, at as u64).unwrap(), buf.len());
            assert!(buf == bytes[at..at + buf.len()], "byte {at} and on");
        }
        // Backwards, across windows, and over the end.
        let (mut buf, end) = (vec![0; 5_000_000], bytes.len());
        for at in [50_000_000, 3, 4_194_303, end - 7, end, end + 9] {
            let read = reader.read_at(&mut buf, at as u64).unwrap();
            let there = &bytes[at.min(end)..(at + buf.len()).min(end)];
            assert!(buf[..read] == *there, "from byte {at}");
        }
        let at = name("originals/l");
        let part = o.range(&at, 12_345..12_350).await.unwrap();
        assert_eq!(part, &bytes[12_345..12_350]);
        let again = o.batch();
        stage(&again, "originals/l", &bytes).unwrap();
        assert_eq!(again.settle().await.unwrap().same, 1);
    });
}

#[test]
fn an_object_of_another_length_is_healed() {
    let Some(garage) = Garage::here("an_object_of_another_length_is_healed") else {
        return;
    };
    wait(async {
        let o = garage.open(0);
        for (whole, torn) in [(sample(70_000), 69_999), (sample(9 << 20), 5)] {
            let at = name(&format!("originals/{}", whole.len()));
            o.put_once(&at, &whole[..torn]).await.unwrap();
            let batch = garage.open(1).batch();
            stage(&batch, at.as_str(), &whole).unwrap();
            assert_eq!(batch.settle().await.unwrap().healed, 1);
            assert!(o.get(&at).await.unwrap() == whole);
        }
    });
}

#[test]
fn a_thousand_are_put_at_once_and_thousands_are_listed_in_order() {
    let Some(garage) = Garage::here("a_thousand_are_put_at_once") else {
        return;
    };
    wait(async {
        let o = garage.open(0);
        let item = |n: usize| (name(&format!("log/{}/{:04}", n % 2, n)), sample(n % 900));
        let items: Vec<_> = (0..1_000).map(item).collect();
        assert_eq!(o.put_all(items.clone()).await.unwrap(), Stored::New);
        assert_eq!(garage.open(1).put_all(items).await.unwrap(), Stored::Same);
        let rest: Vec<_> = (1_000..2_500).map(item).collect();
        assert_eq!(o.put_all(rest).await.unwrap(), Stored::New);
        let mut all: Vec<Name> = (0..2_500).map(|n| item(n).0).collect();
        all.sort();
        let other = garage.open(2);
        assert!(other.list("").await.unwrap() == all);
        let one = all.iter().filter(|n| n.as_str().starts_with("log/1/00"));
        let one: Vec<_> = one.cloned().collect();
        assert_eq!(other.list("log/1/00").await.unwrap(), one);
        assert_eq!(other.list("log/1").await.unwrap().len(), 1_250);
        assert_eq!(other.list("log/2").await.unwrap(), []);
    });
}

#[test]
fn a_prefix_is_not_another_prefix_that_begins_with_it() {
    let Some(mut garage) = Garage::here("a_prefix_is_not_another_prefix") else {
        return;
    };
    wait(async {
        let longer = Bucket {
            prefix: format!("{}x", garage.prefix),
            ..garage.bucket(0)
        };
        let longer = Objects::s3(&longer).unwrap();
        longer.put_once(&name("a"), b"theirs").await.unwrap();
        let o = garage.open(0);
        o.put_once(&name("b"), b"ours").await.unwrap();
        assert_eq!(o.list("").await.unwrap(), [name("b")]);
        assert_eq!(o.get_if_there(&name("a")).await.unwrap(), None);
        longer.discard(&name("a")).await.unwrap();
    });
    garage.prefix.push('/');
    let odd = Objects::s3(&garage.bucket(0));
    garage.prefix.pop();
    assert!(matches!(odd, Err(Error::Invalid { .. })));
}

#[test]
fn a_batch_that_fails_fails_alone_and_for_good() {
    let Some(garage) = Garage::here("a_batch_that_fails_fails_alone_and_for_good") else {
        return;
    };
    wait(async {
        let o = garage.open(0);
        let wrong = Bucket {
            secret_key: Secret::new("0".repeat(64)),
            ..garage.bucket(0)
        };
        let wrong = Objects::s3(&wrong).unwrap();
        let (good, bad, next) = (o.batch(), wrong.batch(), wrong.batch());
        for n in 0..20 {
            let at = name(&format!("originals/{n}"));
            good.place_whole(&at, &sample(5_000)).unwrap();
            // Once it has failed, it takes no more.
            drop(bad.place_whole(&at, &sample(5_000)));
        }
        for _ in 0..2 {
            let failed = bad.settle().await.unwrap_err();
            assert!(matches!(failed, Error::Denied { .. }), "{failed:?}");
            assert!(failed.to_string().contains("access key"), "{failed}");
            assert!(!garage.leaks(&format!("{failed}{failed:?}")), "{failed:?}");
        }
        let refused = bad.place_whole(&name("originals/more"), b"more");
        assert!(matches!(refused, Err(Error::Denied { .. })), "{refused:?}");
        assert_eq!(next.settle().await.unwrap().new, 0, "another batch is well");
        assert_eq!(good.settle().await.unwrap().new, 20);
        assert_eq!(o.list("originals/").await.unwrap().len(), 20);
    });
}

#[test]
fn an_error_names_the_store_the_bucket_and_what_to_look_at_but_no_key() {
    let Some(garage) = Garage::here("an_error_names_the_store_the_bucket") else {
        return;
    };
    let here = garage.bucket(0);
    let endpoint = here.endpoint.clone().unwrap();
    let no_bucket = Bucket {
        bucket: "no-such-bucket".into(),
        ..here.clone()
    };
    let no_key = Bucket {
        access_key: Secret::new("GK000000000000000000000000"),
        ..here.clone()
    };
    let elsewhere = Bucket {
        region: "mars".into(),
        ..here
    };
    for (at, words) in [
        (no_key, [&*endpoint, "holdfast", "access key"]),
        (no_bucket, [&*endpoint, "no-such-bucket", "is not there"]),
        (elsewhere, [&*endpoint, "region", "mars"]),
    ] {
        wait(async {
            let o = Objects::s3(&at).unwrap();
            let read = o.open(&name("a")).map(drop);
            let got = o.get_if_there(&name("a")).await.map(drop);
            let batch = o.batch();
            drop(batch.place_whole(&name("a"), b"a"));
            let mut all = vec![
                o.probe().await.map(drop),
                o.size(&name("a")).await.map(drop),
                o.list("").await.map(drop),
                o.put_once(&name("a"), b"a").await.map(drop),
                o.replace(&name("a"), b"a").await,
                o.discard(&name("a")).await,
                batch.settle().await.map(drop),
            ];
            if at.bucket == "holdfast" {
                all.extend([read, got]);
            }
            for outcome in all {
                let e = outcome.unwrap_err();
                let said = e.to_string();
                for word in words {
                    assert!(said.contains(word), "{word}: {e:?}");
                }
                assert!(!garage.leaks(&format!("{e} {e:?}")), "{e:?}");
                assert!(!format!("{e:?}").contains(at.access_key.expose()), "{e:?}");
            }
        });
    }
}

#[test]
fn the_cache_never_serves_a_replaced_checkpoint_and_can_be_left_out() {
    let Some(garage) = Garage::here("the_cache_never_serves_a_replaced_checkpoint") else {
        return;
    };
    wait(async {
        let (ours, theirs) = (garage.open(0), garage.open(1));
        let (checkpoint, tile) = (name("log/checkpoint"), name("log/tile/0/000"));
        for n in 0..5_u8 {
            theirs.replace(&checkpoint, &[n; 99]).await.unwrap();
            assert_eq!(ours.get(&checkpoint).await.unwrap(), [n; 99]);
        }
        ours.put_once(&tile, b"good").await.unwrap();
        // Somebody changes what never changes, behind our back: a check must see it.
        theirs.replace(&tile, b"rot!").await.unwrap();
        assert_eq!(ours.get(&tile).await.unwrap(), b"good", "remembered");
        assert_eq!(ours.range(&tile, 1..3).await.unwrap(), b"oo");
        assert_eq!(ours.uncached().get(&tile).await.unwrap(), b"rot!");
        let mut buf = [0; 4];
        let fresh = ours.uncached().open(&tile).unwrap();
        fresh.read_at(&mut buf, 0).unwrap();
        assert_eq!(&buf, b"rot!");
        ours.forget_cached();
        assert_eq!(ours.get(&tile).await.unwrap(), b"rot!");
        ours.replace(&tile, b"new!").await.unwrap();
        assert_eq!(ours.get(&tile).await.unwrap(), b"new!");
        ours.uncached().discard(&tile).await.unwrap();
        assert_eq!(ours.get_if_there(&tile).await.unwrap(), None);
    });
}

#[test]
fn a_full_spool_is_named_and_a_dead_owners_spool_is_swept() {
    let Some(garage) = Garage::here("a_full_spool_is_named") else {
        return;
    };
    let disk = FaultDisk::new(1);
    let o = Objects::s3_spooling(&garage.bucket(0), Arc::new(disk.clone())).unwrap();
    let batch = o.batch();
    let mut live = batch.stage(0).unwrap();
    live.write(&sample(9 << 20)).unwrap();
    let root = std::path::Path::new("/");
    store::Disk::sync_all(&disk, root).unwrap();
    let after = disk.crash_state(disk.ops(), Behaviour::DropUnsynced);
    disk.set_capacity(12 << 20);
    let full = stage(&batch, "originals/b", &sample(10 << 20)).unwrap_err();
    assert!(matches!(full, Error::Full { .. }), "{full:?}");
    assert!(full.to_string().contains("spool"), "{full}");
    wait(async {
        assert_eq!(o.sweep_incoming().await.unwrap(), 0, "its owner lives");
        live.place(&name("originals/a")).unwrap();
        batch.settle().await.unwrap();
        assert_eq!(o.size(&name("originals/a")).await.unwrap(), Some(9 << 20));
        let next = Objects::s3_spooling(&garage.bucket(0), Arc::new(after)).unwrap();
        assert_eq!(next.sweep_incoming().await.unwrap(), 1);
    });
}

#[test]
fn a_bucket_opened_for_reading_is_only_read() {
    let Some(garage) = Garage::here("a_bucket_opened_for_reading_is_only_read") else {
        return;
    };
    wait(async {
        garage.open(0).put_once(&name("a"), b"one").await.unwrap();
        let o = Objects::s3_read_only(&garage.bucket(1)).unwrap();
        assert!(!o.probe().await.unwrap().writes);
        assert_eq!(o.get(&name("a")).await.unwrap(), b"one");
        for refused in [
            o.put_once(&name("b"), b"").await.map(drop),
            o.replace(&name("a"), b"").await,
            o.discard(&name("a")).await,
            o.batch().stage(1).map(drop),
            o.batch().place_whole(&name("b"), b"").map(drop),
        ] {
            assert!(
                matches!(refused, Err(Error::ReadOnly { .. })),
                "{refused:?}"
            );
        }
        assert_eq!(o.list("").await.unwrap(), [name("a")]);
    });
}

#[test]
fn objects_may_be_used_and_dropped_on_threads_of_every_kind() {
    let Some(garage) = Garage::here("objects_may_be_used_and_dropped") else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    let batch = garage.open(0).batch(); // the objects it came from are gone
    std::thread::scope(|s| {
        for n in 0..4 {
            let batch = &batch;
            s.spawn(move || stage(batch, &format!("originals/{n}"), &sample(n * 3_000_000)));
        }
    });
    runtime.block_on(async {
        // In the midst of asynchronous code, where waiting for a runtime is forbidden.
        batch.place_whole(&name("originals/x"), b"x").unwrap();
        assert_eq!(batch.settle().await.unwrap().new, 5);
        drop(batch);
        drop(garage.open(1));
    });
    drop(runtime);
    assert_eq!(
        garage.open(2).size_now(&name("originals/x")).unwrap(),
        Some(1)
    );
}

#[test]
fn the_spool_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let Some(garage) = Garage::here("the_spool_is_for_its_owner_only") else {
        return;
    };
    let o = Objects::s3_spooling(&garage.bucket(0), Arc::new(RealDisk::new())).unwrap();
    let mut staged = o.batch().stage(0).unwrap();
    staged.write(&sample(9 << 20)).unwrap();
    let spool = garage.spool.path().join("spool");
    for at in ["", "0", "0/0"] {
        let mode = std::fs::metadata(spool.join(at))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{at:?}");
    }
    drop(staged);
    assert!(!spool.join("0/0").exists());
}
