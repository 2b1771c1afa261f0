//! One contract for every disk: the real one and the one that fails on demand.

use std::io::ErrorKind;
use std::path::Path;

use store::{Disk, FileKind, LockKind, RealDisk, Replace, Wait};
use testkit::FaultDisk;

fn on_both(check: impl Fn(&dyn Disk, &Path)) {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    check(&RealDisk::new(), dir.path());
    check(&FaultDisk::new(1), Path::new("/"));
}

fn make(disk: &dyn Disk, path: &Path, bytes: &[u8]) {
    let mut file = disk.create(path, bytes.len() as u64).unwrap();
    file.write(bytes).unwrap();
    file.finish().unwrap();
}

fn read(disk: &dyn Disk, path: &Path) -> Vec<u8> {
    let file = disk.open(path).unwrap();
    let mut bytes = vec![0; usize::try_from(file.len().unwrap()).unwrap()];
    assert_eq!(file.read_at(&mut bytes, 0).unwrap(), bytes.len());
    bytes
}

#[test]
fn files_are_created_once_appended_cut_and_read_in_part() {
    on_both(|disk, root| {
        let path = root.join("f");
        make(disk, &path, b"abc");
        assert_eq!(
            disk.create(&path, 0).unwrap_err().kind(),
            ErrorKind::AlreadyExists
        );
        let mut more = disk.append(&path).unwrap();
        more.write(b"def").unwrap();
        more.sync().unwrap();
        more.truncate(4).unwrap();
        more.write(b"X").unwrap();
        more.finish().unwrap();
        assert_eq!(read(disk, &path), b"abcdX");
        let file = disk.open(&path).unwrap();
        let mut part = [0; 4];
        assert_eq!((file.read_at(&mut part, 3).unwrap(), &part), (2, b"dX\0\0"));
        assert_eq!(file.read_at(&mut part, 5).unwrap(), 0);
        assert_eq!(file.read_at(&mut part, u64::from(u32::MAX)).unwrap(), 0);
        disk.remove(&path).unwrap();
        assert_eq!(
            file.read_at(&mut part, 0).unwrap(),
            4,
            "an open file stays readable"
        );
        assert_eq!(disk.open(&path).unwrap_err().kind(), ErrorKind::NotFound);
        disk.append(&path).unwrap().finish().unwrap();
        assert_eq!(read(disk, &path), b"");
        assert!(disk.open(root).is_err(), "a folder is not read as a file");
    });
}

#[test]
fn a_rename_replaces_only_when_allowed() {
    on_both(|disk, root| {
        let (a, b, c) = (root.join("a"), root.join("b"), root.join("sub/c"));
        make(disk, &a, b"a");
        make(disk, &b, b"b");
        assert_eq!(
            disk.rename(&a, &b, Replace::Never).unwrap_err().kind(),
            ErrorKind::AlreadyExists
        );
        assert_eq!(
            (read(disk, &a), read(disk, &b)),
            (b"a".to_vec(), b"b".to_vec())
        );
        disk.rename(&a, &b, Replace::Allowed).unwrap();
        assert_eq!(
            (disk.stat(&a).unwrap(), read(disk, &b)),
            (None, b"a".to_vec())
        );
        assert_eq!(
            disk.rename(&b, &c, Replace::Never).unwrap_err().kind(),
            ErrorKind::NotFound
        );
        disk.create_dir_all(&root.join("sub")).unwrap();
        disk.rename(&b, &c, Replace::Never).unwrap();
        assert_eq!(read(disk, &c), b"a");
        assert_eq!(
            disk.rename(&a, &b, Replace::Allowed).unwrap_err().kind(),
            ErrorKind::NotFound
        );
        disk.sync_dir(&root.join("sub")).unwrap();
        disk.sync_all(&c).unwrap();
        assert!(disk.sync_dir(&root.join("none")).is_err());
    });
}

#[test]
fn folders_are_made_listed_in_order_and_removed_when_empty() {
    on_both(|disk, root| {
        let deep = root.join("x/y/z");
        disk.create_dir_all(&deep).unwrap();
        disk.create_dir_all(&deep).unwrap();
        make(disk, &root.join("x/b"), b"12");
        make(disk, &root.join("x/a"), b"1");
        let listed = disk.list(&root.join("x")).unwrap();
        let seen: Vec<_> = listed
            .iter()
            .map(|l| (l.name.to_str().unwrap(), l.kind))
            .collect();
        assert_eq!(
            seen,
            [
                ("a", FileKind::File),
                ("b", FileKind::File),
                ("y", FileKind::Folder)
            ]
        );
        assert_eq!((listed[0].len, listed[1].len), (1, 2));
        assert_eq!(
            disk.remove(&root.join("x/y")).unwrap_err().kind(),
            ErrorKind::DirectoryNotEmpty
        );
        disk.remove(&deep).unwrap();
        assert_eq!(disk.stat(&deep).unwrap(), None);
        assert_eq!(disk.stat(&root.join("x/a/under-a-file")).unwrap(), None);
        assert_eq!(disk.list(&deep).unwrap_err().kind(), ErrorKind::NotFound);
        assert!(
            disk.create_dir_all(&root.join("x/a")).is_err(),
            "a file is in the way"
        );
        assert!(disk.free_bytes(root).unwrap() > 0);
        assert!(!disk.stat(&root.join("x/a")).unwrap().unwrap().read_only);
        disk.set_read_only(&root.join("x/a")).unwrap();
        assert!(disk.stat(&root.join("x/a")).unwrap().unwrap().read_only);
    });
}

#[test]
fn locks_exclude_each_other_until_dropped() {
    on_both(|disk, root| {
        let path = root.join("lock");
        let lock = |kind, wait| disk.lock(&path, kind, wait);
        let one = lock(LockKind::Shared, Wait::No).unwrap();
        let two = lock(LockKind::Shared, Wait::Yes).unwrap();
        assert_eq!(
            lock(LockKind::Exclusive, Wait::No).unwrap_err().kind(),
            ErrorKind::WouldBlock
        );
        drop(one);
        assert_eq!(
            lock(LockKind::Exclusive, Wait::No).unwrap_err().kind(),
            ErrorKind::WouldBlock
        );
        drop(two);
        let alone = lock(LockKind::Exclusive, Wait::No).unwrap();
        assert_eq!(
            lock(LockKind::Shared, Wait::No).unwrap_err().kind(),
            ErrorKind::WouldBlock
        );
        std::thread::scope(|s| {
            let waiting =
                s.spawn(|| drop(disk.lock(&path, LockKind::Exclusive, Wait::Yes).unwrap()));
            drop(alone);
            waiting.join().unwrap();
        });
    });
}

#[test]
fn of_many_renames_to_one_name_at_once_exactly_one_wins() {
    on_both(|disk, root| {
        let names: Vec<_> = (0..8).map(|n| root.join(n.to_string())).collect();
        names.iter().for_each(|n| make(disk, n, b"x"));
        let to = root.join("to");
        let won = std::thread::scope(|s| {
            let running: Vec<_> = names
                .iter()
                .map(|n| s.spawn(|| disk.rename(n, &to, Replace::Never).is_ok()))
                .collect();
            running
                .into_iter()
                .map(|r| r.join().unwrap())
                .filter(|won| *won)
                .count()
        });
        assert_eq!(won, 1);
    });
}

#[test]
fn a_folder_made_by_many_at_once_is_one_folder() {
    on_both(|disk, root| {
        for round in 0..50 {
            let folder = root.join(format!("{round}/a/b"));
            std::thread::scope(|s| {
                for n in 0..4 {
                    let folder = &folder;
                    s.spawn(move || {
                        disk.create_dir_all(folder).unwrap();
                        make(disk, &folder.join(n.to_string()), b"");
                    });
                }
            });
            assert_eq!(disk.list(&folder).unwrap().len(), 4);
        }
    });
}

#[test]
fn what_the_archive_makes_is_its_owners_alone_and_links_are_not_followed() {
    use std::os::unix::fs::{MetadataExt as _, symlink};
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (disk, root) = (RealDisk::new(), dir.path());
    disk.create_dir_all(&root.join("d")).unwrap();
    make(&disk, &root.join("d/f"), b"x");
    drop(
        disk.lock(&root.join("d/l"), LockKind::Shared, Wait::No)
            .unwrap(),
    );
    let mode = |p: &str| std::fs::metadata(root.join(p)).unwrap().mode() & 0o777;
    assert_eq!((mode("d"), mode("d/f"), mode("d/l")), (0o700, 0o600, 0o600));
    symlink(root.join("d/f"), root.join("link")).unwrap();
    assert!(disk.open(&root.join("link")).is_err() && disk.append(&root.join("link")).is_err());
    assert_eq!(
        disk.stat(&root.join("link")).unwrap().unwrap().kind,
        FileKind::Other
    );
    disk.remove(&root.join("link")).unwrap();
    assert_eq!(read(&disk, &root.join("d/f")), b"x");
}
