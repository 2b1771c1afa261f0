use super::*;

fn written(len: usize, expected: u64, step: usize) -> (Vec<u8>, Vec<u8>) {
    let dir = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
    let path = dir.path().join("f");
    let bytes: Vec<u8> = (0..len)
        .map(|i| u8::try_from(i * 7 % 251).unwrap())
        .collect();
    let mut f = RealDisk::new().create(&path, expected).unwrap();
    for part in bytes.chunks(step) {
        f.write(part).unwrap();
    }
    f.finish().unwrap();
    (bytes, fs::read(&path).unwrap())
}

#[test]
fn large_files_of_every_tail_length_are_written_exactly() {
    for len in [
        0,
        1,
        511,
        4095,
        4096,
        4097,
        (4 << 20) - 1,
        4 << 20,
        (4 << 20) + 1,
        (9 << 20) + 12_345,
    ] {
        let (want, got) = written(len, DIRECT_FROM, 700_001);
        assert!(want == got, "a direct file of {len} bytes differs");
    }
}

#[test]
fn a_file_larger_or_smaller_than_expected_is_written_exactly() {
    let (want, got) = written(9 << 20, 10, 65_536);
    assert!(want == got);
    let (want, got) = written(100, 1 << 40, 7);
    assert!(want == got);
}

#[test]
fn a_large_file_bypasses_the_cache_where_the_file_system_can() {
    let dir = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(dir.path().join("f"))
        .unwrap();
    let can = rustix::fs::fcntl_setfl(&file, OFlags::DIRECT).is_ok();
    assert_eq!(RealFile::new(file, true).is_direct(), can);
}

#[test]
fn a_direct_file_can_be_synced_cut_and_continued() {
    let dir = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
    let path = dir.path().join("f");
    let mut f = RealDisk::new().create(&path, DIRECT_FROM).unwrap();
    f.write(&[1; 5000]).unwrap();
    f.sync().unwrap();
    f.write(&[2; 5000]).unwrap();
    f.truncate(6000).unwrap();
    f.write(&[3; 10]).unwrap();
    f.finish().unwrap();
    let got = fs::read(&path).unwrap();
    assert_eq!(
        (got.len(), got[4999], got[5999], got[6000]),
        (6010, 1, 2, 3)
    );
}

#[test]
fn the_fallback_without_an_atomic_rename_also_never_replaces() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (dir.path().join("a"), dir.path().join("b"));
    RealDisk::new().create(&a, 0).unwrap().finish().unwrap();
    RealDisk::new().append(&b).unwrap().finish().unwrap();
    assert_eq!(
        link_then_unlink(&a, &b).unwrap_err().kind(),
        io::ErrorKind::AlreadyExists
    );
    assert!(a.exists());
    fs::remove_file(&b).unwrap();
    link_then_unlink(&a, &b).unwrap();
    assert!(b.exists() && !a.exists());
}

#[test]
fn everything_is_refused_after_a_failure() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .unwrap();
    let mut f = RealFile::new(File::open(&path).unwrap(), false); // cannot be written
    assert!(f.write(b"x").is_err());
    assert!(f.sync().is_err());
    assert!(Box::new(f).finish().is_err());
}
