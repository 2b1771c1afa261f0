use std::io::Cursor;
use std::sync::atomic::{AtomicU64, Ordering};

use format::log::policy::Policy;
use format::verify::Verdict;
use tar::{Builder, EntryType, Header};

use super::*;

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../format/testdata/dossier")
}

fn trust() -> Trust {
    let policy = fs::read(golden().join("policy.txt")).unwrap();
    Trust {
        policy: Some(Policy::parse(&policy).unwrap()),
        roots: Vec::new(),
    }
}

type Tar = Builder<Vec<u8>>;

fn add(tar: &mut Tar, path: &str, bytes: &[u8]) {
    let mut header = Header::new_ustar();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, path, bytes).unwrap();
}

fn add_all(tar: &mut Tar, top: &str, folder: &Path) {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    names.sort();
    for path in names {
        let name = format!("{top}/{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            add_all(tar, &name, &path);
        } else {
            add(tar, &name, &fs::read(&path).unwrap());
        }
    }
}

/// The golden dossier as a tar, with something added.
fn tar_with(more: impl FnOnce(&mut Tar)) -> Vec<u8> {
    let mut tar = Builder::new(Vec::new());
    add_all(&mut tar, "d-x", &golden().join("golden"));
    more(&mut tar);
    tar.into_inner().unwrap()
}

fn check(tar: &[u8]) -> Report {
    stream::check(Cursor::new(tar), trust(), Limits::default(), &|_| {})
}

fn codes(tar: &[u8]) -> Vec<Code> {
    check(tar)
        .damage
        .into_iter()
        .map(|fault| fault.code)
        .collect()
}

fn special(tar: &mut Tar, kind: EntryType, path: &str) {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(0);
    header.set_path(path).unwrap();
    if matches!(kind, EntryType::Symlink | EntryType::Link) {
        header.set_link_name("bagit.txt").unwrap();
    }
    header.set_cksum();
    tar.append(&header, &[][..]).unwrap();
}

#[test]
fn a_folder_and_its_tar_give_the_same_report() {
    let top = golden().join("golden");
    let seen = AtomicU64::new(0);
    let count = |bytes| {
        seen.fetch_add(bytes, Ordering::Relaxed);
    };
    let folder = verify_file(&top, trust(), Limits::default(), &count).unwrap();
    assert_eq!(folder.verdict, Verdict::Good, "{:?}", folder.damage);
    assert!(seen.load(Ordering::Relaxed) > 10_000);
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("d.tar");
    #[expect(clippy::disallowed_methods, reason = "a throwaway file of a test")]
    fs::write(&path, tar_with(|_| {})).unwrap();
    let tar = verify_file(&path, trust(), Limits::default(), &|_| {}).unwrap();
    assert_eq!(tar, folder);
}

#[test]
fn nothing_but_plain_files_under_one_folder_is_taken_from_a_tar() {
    for kind in [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Fifo,
        EntryType::Char,
    ] {
        let tar = tar_with(|tar| special(tar, kind, "d-x/data/x"));
        assert!(codes(&tar).contains(&Code::NotAFile), "{kind:?}");
    }
    let sparse = tar_with(|tar| special(tar, EntryType::GNUSparse, "d-x/data/x"));
    let sparse = codes(&sparse);
    assert!(
        matches!(sparse.as_slice(), [Code::NotAFile | Code::Unreadable]),
        "{sparse:?}"
    );
    let second = tar_with(|tar| add(tar, "other/x", b"x"));
    assert_eq!(codes(&second), [Code::NotADossier]);
    let outside = tar_with(|tar| add(tar, "d-x", b"x"));
    assert_eq!(codes(&outside), [Code::NotADossier]);
    let twice = tar_with(|tar| add(tar, "d-x/bagit.txt", b"x"));
    assert_eq!(codes(&twice), [Code::DuplicatePath]);
    let folder = tar_with(|tar| special(tar, EntryType::Directory, "d-x/data/"));
    assert_eq!(codes(&folder), []);
}

#[test]
fn a_path_that_climbs_out_is_refused_by_name() {
    let climbing = |path: &[u8]| {
        tar_with(|tar| {
            let mut header = Header::new_ustar();
            header.as_old_mut().name[..path.len()].copy_from_slice(path);
            header.set_size(1);
            header.set_cksum();
            tar.append(&header, &b"x"[..]).unwrap();
        })
    };
    assert_eq!(codes(&climbing(b"d-x/../../x")), [Code::ClimbingPath]);
    assert_eq!(codes(&climbing(b"../x")), [Code::ClimbingPath]);
    assert_eq!(codes(&climbing(b"/etc/x")), [Code::AbsolutePath]);
}

#[test]
fn nothing_hides_behind_the_end_of_a_tar() {
    let mut tar = tar_with(|_| {});
    tar.extend([0; 1024]);
    assert_eq!(codes(&tar), []);
    tar.extend(b"more");
    assert_eq!(codes(&tar), [Code::ExtraFile]);
}

#[test]
fn a_name_of_many_megabytes_is_not_read_into_memory() {
    let named = |length: usize| {
        tar_with(|tar| {
            let name = vec![b'x'; length];
            let mut header = Header::new_gnu();
            header.set_entry_type(EntryType::GNULongName);
            header.set_size(name.len() as u64);
            header.set_path("././@LongLink").unwrap();
            header.set_cksum();
            tar.append(&header, name.as_slice()).unwrap();
            add(tar, "d-x/data/x", b"x");
        })
    };
    assert_eq!(codes(&named(3 << 20)), [Code::Unreadable]);
    assert_eq!(
        codes(&named(300)),
        [Code::NotADossier],
        "one long name outside the folder"
    );
}

#[test]
fn a_long_refused_file_is_passed_over() {
    let tar = tar_with(|tar| {
        add(tar, "d-x/bagit.txt", &vec![7; 3 << 20]);
        add(tar, "d-x/data/x", b"x");
    });
    let found = codes(&tar);
    assert!(
        found.contains(&Code::DuplicatePath) && found.contains(&Code::ExtraFile),
        "{found:?}"
    );
    assert!(!found.contains(&Code::Unreadable));
}

#[test]
fn a_tar_cut_short_is_bad_and_never_a_panic() {
    let tar = tar_with(|_| {});
    for at in (600..tar.len() - 1024).step_by(4099) {
        assert_eq!(check(&tar[..at]).verdict, Verdict::Bad, "cut at {at}");
    }
}

#[test]
fn each_altered_file_in_a_folder_is_found_and_no_link_is_followed() {
    let temporary = tempfile::tempdir().unwrap();
    let top = temporary.path().join("unpacked");
    let tar = tar_with(|_| {});
    tar::Archive::new(Cursor::new(&tar)).unpack(&top).unwrap();
    let verify = || verify_file(&top, trust(), Limits::default(), &|_| {}).unwrap();
    assert_eq!(
        verify().verdict,
        Verdict::Good,
        "the bag is found inside the folder around it"
    );
    let page = top.join("d-x/data/index.html");
    let before = fs::read(&page).unwrap();
    fs::remove_file(&page).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", &page).unwrap();
    let linked: Vec<Code> = verify()
        .damage
        .into_iter()
        .map(|fault| fault.code)
        .collect();
    assert!(
        linked.contains(&Code::NotAFile) && linked.contains(&Code::MissingFile),
        "{linked:?}"
    );
    fs::remove_file(&page).unwrap();
    #[expect(clippy::disallowed_methods, reason = "a throwaway file of a test")]
    fs::write(&page, [&before[..], b"\n"].concat()).unwrap();
    assert!(
        verify()
            .damage
            .iter()
            .any(|fault| fault.code == Code::WrongDigest)
    );
}

#[test]
fn packed_and_encrypted_files_are_named_and_not_unpacked() {
    let starts: [(&[u8], &str); 5] = [
        (b"PK\x03\x04", "this is a zip"),
        (b"\x1f\x8b\x08", "packed with gzip"),
        (b"\x28\xb5\x2f\xfd", "packed with zstd"),
        (b"age-encryption.org/v1", "decrypt it"),
        (b"hello", "neither"),
    ];
    for (start, word) in starts {
        let temporary = tempfile::NamedTempFile::new().unwrap();
        #[expect(clippy::disallowed_methods, reason = "a throwaway file of a test")]
        fs::write(temporary.path(), start).unwrap();
        let report = verify_file(temporary.path(), trust(), Limits::default(), &|_| {}).unwrap();
        assert_eq!(report.verdict, Verdict::Bad);
        assert!(
            report.damage[0].detail.contains(word),
            "{:?}",
            report.damage
        );
    }
    let missing = verify_file(Path::new("no/such"), trust(), Limits::default(), &|_| {});
    assert!(
        missing
            .unwrap_err()
            .to_string()
            .starts_with("no/such could not be read")
    );
}
