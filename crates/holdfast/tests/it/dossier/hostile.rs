//! Files made to cost memory or time, and files that are no dossier at all.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use tar::{EntryType, Header};
use tempfile::TempDir;
use testkit::tools;

use super::desk::{Said, lay, program, said, sample, verify, verify_at};
use super::tampered::packed;

/// Verifies with no more address space than this, and within this time.
fn bounded(file: &Path, megabytes: u64, time: Duration) -> Said {
    let began = Instant::now();
    let script = format!("ulimit -v {}; exec \"$@\"", megabytes << 10);
    let mut command = Command::new("sh");
    command
        .args(["-c", &script, "sh"])
        .arg(program().get_program());
    let said = said(command.args(["verify", "--json"]).arg(file));
    assert!(began.elapsed() < time, "{:?} for {file:?}", began.elapsed());
    said
}

fn in_file(bytes: &[u8]) -> (TempDir, std::path::PathBuf) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("d.tar");
    fs::write(&file, bytes).unwrap();
    (folder, file)
}

fn refused(bytes: &[u8], words: &str) {
    let (_folder, file) = in_file(bytes);
    let said = bounded(&file, 700, Duration::from_secs(30));
    assert_eq!(said.code, 6, "{words}: {said:?}");
    assert_eq!(said.codes(), ["not_a_dossier"], "{said:?}");
    assert!(
        said.json()["damage"].to_string().contains(words),
        "{said:?}"
    );
}

/// One stored or deflated file in a zip.
fn zip_of(name: &str, bytes: &[u8], copies: u32) -> Vec<u8> {
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes).unwrap();
    let packed = packed.finish().unwrap();
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    let mut facts = Vec::new();
    facts.extend([20, 0, 0, 0, 8, 0, 0, 0, 0, 0]);
    facts.extend(crc.sum().to_le_bytes());
    facts.extend(u32::try_from(packed.len()).unwrap().to_le_bytes());
    facts.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
    let (mut out, mut central) = (Vec::new(), Vec::new());
    for n in 0..copies {
        let name = format!("{n}-{name}");
        let length = u16::try_from(name.len()).unwrap().to_le_bytes();
        let at = u32::try_from(out.len()).unwrap().to_le_bytes();
        out.extend(b"PK\x03\x04");
        out.extend(&facts);
        out.extend(length);
        out.extend([0, 0]);
        out.extend(name.as_bytes());
        out.extend(&packed);
        central.extend(b"PK\x01\x02\x14\0");
        central.extend(&facts);
        central.extend(length);
        central.extend([0; 12]);
        central.extend(at);
        central.extend(name.as_bytes());
    }
    let start = u32::try_from(out.len()).unwrap().to_le_bytes();
    let size = u32::try_from(central.len()).unwrap().to_le_bytes();
    out.extend(&central);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(u16::try_from(copies).unwrap().to_le_bytes());
    out.extend(u16::try_from(copies).unwrap().to_le_bytes());
    out.extend(size);
    out.extend(start);
    out.extend([0, 0]);
    out
}

#[test]
fn packed_files_and_bombs_are_named_and_never_unpacked() {
    let inner = zip_of("zeros", &vec![0; 64 << 20], 16);
    let bomb = (0..4).fold(inner, |zip, _| zip_of("more.zip", &zip, 16));
    refused(&bomb, "this is a zip");
    let good = packed(&sample().top, &sample().files, |_| {});
    refused(&zip_of("d.tar", &good, 1), "this is a zip");
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..256 {
        packer.write_all(&vec![0; 1 << 20]).unwrap();
    }
    refused(&packer.finish().unwrap(), "packed with gzip");
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(&good).unwrap();
    refused(&packer.finish().unwrap(), "packed with gzip");
    refused(b"", "neither");
    refused(&[0; 10_240], "neither");
}

#[test]
fn a_member_that_claims_four_exabytes_costs_nothing() {
    let Some(_) = tools::need("sh") else { return };
    for path in [
        "data/index.html.x",
        "data/evidence/000000000000/content",
        "data/log/entries/9.jws",
    ] {
        let tar = packed(&sample().top, &sample().files, |tar| {
            let mut header = Header::new_gnu();
            header.set_entry_type(EntryType::Regular);
            header.set_path(format!("{}/{path}", sample().top)).unwrap();
            header.set_size(4 << 60);
            header.set_cksum();
            tar.get_mut().extend(header.as_bytes());
        });
        let (_folder, file) = in_file(&tar);
        let said = bounded(&file, 700, Duration::from_secs(30));
        assert_eq!(said.code, 6, "{said:?}");
        let codes = said.codes();
        assert!(
            codes.iter().any(|c| c == "unreadable" || c == "too_large"),
            "{path}: {codes:?}"
        );
    }
}

/// The members are all alike but for their names, so the file is written without a tar library.
#[test]
fn two_million_empty_members_are_counted_and_not_kept() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("d.tar");
    let mut out = std::io::BufWriter::new(fs::File::create(&file).unwrap());
    let mut header = Header::new_ustar();
    header.set_size(0);
    header.set_mode(0o644);
    for n in 0..2_000_000_u32 {
        let name = format!("d/data/evidence/{n:012}/content");
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        out.write_all(header.as_bytes()).unwrap();
    }
    out.write_all(&[0; 1024]).unwrap();
    out.flush().unwrap();
    let said = bounded(&file, 2_500, Duration::from_secs(240));
    assert_eq!(said.code, 6, "{}", said.err);
    assert!(said.codes().contains(&"too_many_files".to_owned()));
    assert!(
        said.out.len() < 8 << 20,
        "{} bytes of report",
        said.out.len()
    );
}

#[test]
fn what_is_no_dossier_at_all_is_said_so() {
    let folder = TempDir::new().unwrap();
    assert_eq!(verify_at(folder.path()).codes(), ["not_a_dossier"]);
    fs::write(folder.path().join("letter.txt"), "hello").unwrap();
    let said = verify_at(folder.path());
    assert_eq!(
        (
            said.code,
            said.codes().contains(&"not_a_dossier".to_owned())
        ),
        (6, true),
        "{said:?}"
    );
    let said = verify_at(&folder.path().join("nowhere.tar"));
    assert_eq!(said.code, 2, "{said:?}");
    assert!(
        said.out.contains("nowhere.tar") && said.out.contains("check the path"),
        "{said:?}"
    );
    let said = verify(&[b'x'; 4096]);
    assert_eq!(
        (said.code, said.codes()),
        (6, vec!["not_a_dossier".to_owned()])
    );
}

#[test]
fn a_bag_of_somebody_else_is_no_dossier() {
    let Some(bagit) = tools::need("bagit") else {
        return;
    };
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("letter.txt"), "hello").unwrap();
    let mut command = bagit.command();
    command
        .args(["--quiet", "--sha256", "--sha512"])
        .arg(folder.path());
    assert!(command.status().unwrap().success());
    let said = verify_at(folder.path());
    assert_eq!(said.code, 6, "{said:?}");
    let codes = said.codes();
    assert!(codes.contains(&"bad_bag_info".to_owned()), "{codes:?}");
    assert!(codes.contains(&"bad_founded".to_owned()), "{codes:?}");
}

#[test]
fn a_file_that_may_not_be_read_is_an_error_with_the_next_step() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_folder, file) = in_file(b"secret");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o0)).unwrap();
    if fs::read(&file).is_ok() {
        // Whoever may read everything (root) steps down for this one.
        let Some(setpriv) = tools::need("setpriv") else {
            return;
        };
        let open = file.parent().unwrap();
        fs::set_permissions(open, fs::Permissions::from_mode(0o755)).unwrap();
        let copy = open.join("holdfast");
        fs::copy(program().get_program(), &copy).unwrap();
        let mut command = setpriv.command();
        command.args([
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "--no-new-privs",
        ]);
        let said = said(command.arg(copy).args(["--json", "verify"]).arg(&file));
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.out.contains("the permissions"), "{said:?}");
        return;
    }
    let said = verify_at(&file);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.out.contains("the permissions"), "{said:?}");
}

#[test]
fn verify_needs_no_archive_and_no_network() {
    let Some(unshare) = tools::need("unshare") else {
        return;
    };
    let allowed = unshare
        .command()
        .args(["-r", "-n", "true"])
        .output()
        .unwrap();
    let flags: &[&str] = if allowed.status.success() {
        &["-r", "-n"]
    } else {
        &["-n"]
    };
    let folder = TempDir::new().unwrap();
    lay(&sample().files, &folder.path().join("d"));
    fs::write(folder.path().join("policy.txt"), &sample().policy).unwrap();
    let before = fs::read_dir(folder.path()).unwrap().count();
    let mut command = unshare.command();
    command.args(flags).arg(program().get_program());
    command.env_clear().current_dir(folder.path());
    let said = said(command.args(["verify", "d", "--policy", "policy.txt"]));
    if said.err.starts_with("unshare:") {
        eprintln!("skipped: no private network here: {}", said.err);
        return;
    }
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.starts_with("No fault was found"), "{said:?}");
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        before,
        "nothing is written"
    );
}
