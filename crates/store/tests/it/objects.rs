//! What `Objects` in a folder promise while the power stays on.

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use store::{Disk, Error, Name, Objects, Placed, RealDisk};
use testkit::FaultDisk;

use crate::support::{name, open, stage, wait};

/// Runs a check over the disk of this machine and over the one in memory.
pub(crate) fn on_both(check: impl Fn(Arc<dyn Disk>, &Path)) {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    check(Arc::new(RealDisk::new()), &dir.path().join("deep/root"));
    check(Arc::new(FaultDisk::new(1)), Path::new("/deep/root"));
}

pub(crate) fn local(disk: &Arc<dyn Disk>, root: &Path) -> Objects {
    Objects::local(Arc::clone(disk), root).unwrap()
}

#[test]
fn staged_originals_are_new_then_the_same_and_read_only() {
    on_both(|disk, root| {
        wait(async {
            let o = local(&disk, root);
            let bytes: Vec<u8> = (0..=255).cycle().take(3_000_000).collect();
            let at = "originals/ab/abc";
            assert_eq!(stage(&o.batch(), at, &bytes).unwrap(), Placed::New);
            assert_eq!(stage(&o.batch(), at, &bytes).unwrap(), Placed::Same);
            o.batch().settle().await.unwrap();
            assert_eq!(o.get(&name(at)).await.unwrap(), bytes);
            assert!(disk.stat(&root.join(at)).unwrap().unwrap().read_only);
            assert!(
                disk.append(&root.join(at)).is_err() || is_root(),
                "nobody can write to an original"
            );
        });
    });
}

/// The superuser writes where nobody may.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

#[test]
fn damage_under_a_digest_name_is_healed_by_placing_the_bytes_again() {
    on_both(|disk, root| {
        wait(async {
            let o = local(&disk, root);
            let (at, bytes) = ("originals/ab/abc", vec![7; 5000]);
            for damage in [&bytes[..4999], &[&bytes[..4000], &[8; 1000]].concat(), b""] {
                disk.create_dir_all(&root.join("originals/ab")).unwrap();
                let mut f = disk.create(&root.join(at), 0).unwrap();
                f.write(damage).unwrap();
                f.finish().unwrap();
                assert_eq!(stage(&o.batch(), at, &bytes).unwrap(), Placed::Healed);
                assert_eq!(o.get(&name(at)).await.unwrap(), bytes);
                o.discard(&name(at)).await.unwrap();
            }
        });
    });
}

#[test]
fn of_many_stages_of_one_name_at_once_one_is_new() {
    on_both(|disk, root| {
        let bytes = vec![3; 200_000];
        let stores = [local(&disk, root), local(&disk, root)];
        let mut placed: Vec<Placed> = std::thread::scope(|s| {
            let running: Vec<_> = (0..8)
                .map(|n| {
                    let (o, bytes) = (&stores[n % 2], &bytes);
                    s.spawn(move || stage(&o.batch(), "originals/x", bytes).unwrap())
                })
                .collect();
            running.into_iter().map(|r| r.join().unwrap()).collect()
        });
        placed.sort_by_key(|p| *p != Placed::New);
        assert_eq!(placed[0], Placed::New);
        assert!(placed[1..].iter().all(|p| *p == Placed::Same), "{placed:?}");
        assert_eq!(wait(stores[0].get(&name("originals/x"))).unwrap(), bytes);
    });
}

#[test]
fn a_dropped_stage_leaves_nothing_and_a_live_one_is_not_swept() {
    on_both(|disk, root| {
        let (mine, other) = (local(&disk, root), local(&disk, root));
        drop(mine.batch().stage(0).unwrap());
        let mut live = mine.batch().stage(0).unwrap();
        live.write(b"abc").unwrap();
        assert_eq!(wait(other.sweep_incoming()).unwrap(), 0);
        assert_eq!(wait(mine.sweep_incoming()).unwrap(), 0);
        assert_eq!(live.place(&name("x")).unwrap(), Placed::New);
        drop((mine, other));
        let left = disk.list(&root.join("incoming")).unwrap();
        assert_eq!(left.len(), 1, "only the lock is left: {left:?}");
    });
}

#[test]
fn what_a_dead_process_left_is_swept() {
    let disk = FaultDisk::new(1);
    let o = open(&disk, Path::new("/archive"));
    let mut left = o.batch().stage(0).unwrap();
    left.write(b"abc").unwrap();
    disk.sync_all(Path::new("/")).unwrap();
    let after = disk.crash_state(disk.ops(), testkit::Behaviour::DropUnsynced);
    assert_eq!(
        after.list(Path::new("/archive/incoming/0")).unwrap().len(),
        2
    );
    let o = open(&after, Path::new("/archive"));
    let mine = o.batch().stage(0).unwrap();
    assert_eq!(wait(o.sweep_incoming()).unwrap(), 1);
    assert_eq!(mine.place(&name("x")).unwrap(), Placed::New);
}

#[test]
fn a_read_only_store_refuses_every_write_and_touches_nothing() {
    on_both(|disk, root| {
        wait(async {
            assert!(matches!(
                Objects::read_only(Arc::clone(&disk), root),
                Err(Error::NotFound { .. })
            ));
            local(&disk, root)
                .put_once(&name("a"), b"one")
                .await
                .unwrap();
            let before = disk.list(root).unwrap();
            let o = Objects::read_only(Arc::clone(&disk), root).unwrap();
            let refused = [
                o.put_once(&name("b"), b"").await.map(drop),
                o.put_all(vec![]).await.map(drop),
                o.replace(&name("a"), b"").await,
                o.discard(&name("a")).await,
                o.batch().settle().await.map(drop),
                o.sweep_incoming().await.map(drop),
                o.batch().stage(1).map(drop),
            ];
            for outcome in refused {
                assert!(
                    matches!(outcome, Err(Error::ReadOnly { .. })),
                    "{outcome:?}"
                );
            }
            assert_eq!(o.get(&name("a")).await.unwrap(), b"one");
            assert_eq!(disk.list(root).unwrap(), before);
        });
    });
}

#[test]
fn a_full_disk_is_named_and_loses_nothing() {
    wait(async {
        let disk = FaultDisk::new(1);
        let o = open(&disk, Path::new("/root"));
        o.put_once(&name("a"), b"one").await.unwrap();
        disk.set_capacity(100);
        assert!(matches!(
            o.put_once(&name("b"), &[1; 200]).await,
            Err(Error::Full { .. })
        ));
        assert!(matches!(
            o.replace(&name("a"), &[1; 200]).await,
            Err(Error::Full { .. })
        ));
        assert!(matches!(
            stage(&o.batch(), "c", &[1; 2000]),
            Err(Error::Full { .. })
        ));
        assert_eq!(o.list("").await.unwrap(), [name("a")]);
        assert_eq!(o.get(&name("a")).await.unwrap(), b"one");
        disk.set_capacity(u64::MAX);
        o.put_once(&name("b"), &[1; 200]).await.unwrap();
    });
}

#[test]
fn names_that_could_leave_the_folder_or_hide_are_refused() {
    for bad in [
        "",
        "/",
        "a/",
        "/a",
        "a//b",
        ".",
        "..",
        "a/../b",
        ".a",
        "a/.b",
        "A",
        "ä",
        "a b",
        "a\\b",
        "a\0",
        "incoming",
        "incoming/0",
    ] {
        assert!(Name::new(bad).is_err(), "{bad:?}");
    }
    assert!(Name::new("a".repeat(201)).is_err() && Name::new("a/".repeat(450) + "a").is_err());
}

proptest! {
    #[test]
    fn every_accepted_name_stays_inside_the_folder(text in "[a-z./_A-Z0-9-]{0,12}") {
        if let Ok(name) = Name::new(text) {
            let plain = |c: std::path::Component<'_>| matches!(c, std::path::Component::Normal(_));
            prop_assert!(Path::new(name.as_str()).components().all(plain));
            prop_assert_eq!(name.as_str().split('/').count(), Path::new(name.as_str()).components().count());
        }
    }
}
