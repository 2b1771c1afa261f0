//! What `FaultDisk` promises, rule by rule.

use std::io::ErrorKind;
use std::path::Path;

use store::{Disk as _, LockKind, NewFile, Replace, Wait};
use testkit::{Behaviour, Fault, FaultDisk};

fn p(path: &str) -> &Path {
    Path::new(path)
}

fn file(disk: &FaultDisk, path: &str, bytes: &[u8]) -> Box<dyn NewFile> {
    let mut file = disk.create(p(path), 0).unwrap();
    file.write(bytes).unwrap();
    file
}

fn after(disk: &FaultDisk, behaviour: Behaviour) -> FaultDisk {
    disk.crash_state(disk.ops(), behaviour)
}

fn read(disk: &FaultDisk, path: &str) -> Option<Vec<u8>> {
    let file = disk.open(p(path)).ok()?;
    let mut bytes = vec![0; usize::try_from(file.len().unwrap()).unwrap()];
    file.read_at(&mut bytes, 0).unwrap();
    Some(bytes)
}

#[test]
fn syncing_a_file_keeps_its_bytes_and_not_its_name() {
    let disk = FaultDisk::new(1);
    file(&disk, "/f", b"abc").sync().unwrap();
    assert_eq!(read(&after(&disk, Behaviour::DropUnsynced), "/f"), None);
    disk.sync_dir(p("/")).unwrap();
    assert_eq!(
        read(&after(&disk, Behaviour::DropUnsynced), "/f").unwrap(),
        b"abc"
    );
}

#[test]
fn syncing_a_folder_keeps_names_and_no_bytes() {
    let disk = FaultDisk::new(1);
    file(&disk, "/f", b"abc").finish().unwrap();
    disk.sync_dir(p("/")).unwrap();
    assert_eq!(
        read(&after(&disk, Behaviour::DropUnsynced), "/f").unwrap(),
        b""
    );
    assert_eq!(
        read(&after(&disk, Behaviour::LoseNames), "/f").unwrap(),
        b"abc"
    );
}

#[test]
fn a_folder_is_lost_with_everything_in_it_until_its_parent_is_synced() {
    let disk = FaultDisk::new(1);
    disk.create_dir_all(p("/a/b")).unwrap();
    file(&disk, "/a/b/f", b"abc").sync().unwrap();
    disk.sync_dir(p("/a/b")).unwrap();
    disk.sync_dir(p("/")).unwrap();
    assert_eq!(read(&after(&disk, Behaviour::DropUnsynced), "/a/b/f"), None);
    disk.sync_dir(p("/a")).unwrap();
    assert_eq!(
        read(&after(&disk, Behaviour::DropUnsynced), "/a/b/f").unwrap(),
        b"abc"
    );
}

#[test]
fn renames_and_removals_come_back_until_their_folder_is_synced() {
    let disk = FaultDisk::new(1);
    file(&disk, "/old", b"old").finish().unwrap();
    file(&disk, "/new", b"new").finish().unwrap();
    disk.sync_all(p("/")).unwrap();
    disk.rename(p("/new"), p("/old"), Replace::Allowed).unwrap();
    let cut = after(&disk, Behaviour::DropUnsynced);
    assert_eq!(
        (read(&cut, "/old").unwrap(), read(&cut, "/new").unwrap()),
        (b"old".to_vec(), b"new".to_vec())
    );
    disk.sync_dir(p("/")).unwrap();
    disk.remove(p("/old")).unwrap();
    let cut = after(&disk, Behaviour::DropUnsynced);
    assert_eq!(
        (read(&cut, "/old").unwrap(), read(&cut, "/new")),
        (b"new".to_vec(), None)
    );
    assert_eq!(read(&disk, "/old"), None);
}

#[test]
fn one_sync_of_everything_keeps_everything_before_it_and_nothing_after() {
    let disk = FaultDisk::new(1);
    disk.create_dir_all(p("/a")).unwrap();
    let mut f = file(&disk, "/a/f", b"abc");
    disk.sync_all(p("/a")).unwrap();
    f.write(b"def").unwrap();
    assert_eq!(
        read(&after(&disk, Behaviour::DropUnsynced), "/a/f").unwrap(),
        b"abc"
    );
    assert_eq!(
        read(&after(&disk, Behaviour::LoseNames), "/a/f").unwrap(),
        b"abcdef"
    );
}

#[test]
fn a_torn_write_harms_the_last_sector_and_nothing_before_it() {
    let bytes: Vec<u8> = (0..=250).cycle().take(1500).collect();
    for seed in 0..50 {
        let disk = FaultDisk::new(seed);
        file(&disk, "/f", &bytes).finish().unwrap();
        let torn = read(&after(&disk, Behaviour::TornLastSector), "/f").unwrap();
        assert_eq!(torn[..1024], bytes[..1024]);
        assert_ne!(torn, bytes);
    }
}

#[test]
fn the_same_seed_gives_the_same_crash_and_seeds_differ() {
    let left = |seed| {
        let disk = FaultDisk::new(seed);
        for n in 0..20 {
            file(&disk, &format!("/{n}"), b"abc").finish().unwrap();
        }
        after(&disk, Behaviour::Reorder).list(p("/")).unwrap()
    };
    assert_eq!(left(7), left(7));
    assert_ne!(left(7), left(8));
}

#[test]
fn bytes_a_failed_sync_should_have_kept_are_never_durable() {
    let disk = FaultDisk::new(1);
    let mut f = file(&disk, "/f", b"abc");
    disk.sync_dir(p("/")).unwrap();
    disk.fail_at(disk.ops(), Fault::FailedSync);
    assert!(f.sync().is_err());
    assert!(
        f.write(b"x").is_err() && f.sync().is_err(),
        "the handle refuses everything afterwards"
    );
    disk.append(p("/f")).unwrap().sync().unwrap();
    disk.sync_all(p("/")).unwrap();
    assert_eq!(read(&disk, "/f").unwrap(), b"abc");
    assert_eq!(
        read(&after(&disk, Behaviour::LoseNames), "/f").unwrap(),
        b""
    );
}

#[test]
fn a_short_write_leaves_half_and_says_so() {
    let disk = FaultDisk::new(1);
    let mut f = disk.create(p("/f"), 0).unwrap();
    disk.fail_at(disk.ops(), Fault::ShortWrite);
    assert_eq!(f.write(b"abcd").unwrap_err().kind(), ErrorKind::StorageFull);
    assert_eq!(read(&disk, "/f").unwrap(), b"ab");
}

#[test]
fn a_full_disk_refuses_writes_and_reads_on() {
    let disk = FaultDisk::new(1);
    disk.set_capacity(5);
    let mut f = file(&disk, "/f", b"abc");
    assert_eq!(disk.free_bytes(p("/")).unwrap(), 2);
    assert_eq!(f.write(b"def").unwrap_err().kind(), ErrorKind::StorageFull);
    assert!(read(&disk, "/f").unwrap().starts_with(b"abc"));
}

#[test]
fn locks_exclude_and_a_power_cut_frees_them() {
    let disk = FaultDisk::new(1);
    let shared = [(); 2].map(|()| disk.lock(p("/l"), LockKind::Shared, Wait::No).unwrap());
    let alone = || disk.lock(p("/l"), LockKind::Exclusive, Wait::No);
    assert_eq!(alone().unwrap_err().kind(), ErrorKind::WouldBlock);
    disk.sync_all(p("/")).unwrap();
    assert!(
        after(&disk, Behaviour::DropUnsynced)
            .lock(p("/l"), LockKind::Exclusive, Wait::No)
            .is_ok()
    );
    drop(shared);
    let held = alone().unwrap();
    let waiting = std::thread::spawn({
        let disk = disk.clone();
        move || drop(disk.lock(p("/l"), LockKind::Exclusive, Wait::Yes).unwrap())
    });
    drop(held);
    waiting.join().unwrap();
}
