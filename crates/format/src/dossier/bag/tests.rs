use super::digest::Hasher;
use super::*;
use crate::dossier::fault::Code;

fn md5(bytes: &[u8]) -> String {
    let mut hasher = Hasher::new(Algorithm::Md5).unwrap();
    for piece in bytes.chunks(7) {
        hasher.update(piece);
    }
    manifest::hex(&hasher.finish())
}

#[test]
fn md5_gives_the_values_of_its_standard() {
    assert_eq!(md5(b""), "d41d8cd98f00b204e9800998ecf8427e");
    assert_eq!(md5(b"message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
    let long = "1234567890".repeat(8);
    assert_eq!(md5(long.as_bytes()), "57edf4a22be3c955ac49da2e2107b67a");
}

#[test]
fn each_dangerous_path_is_refused_for_its_own_reason() {
    let cases = [
        ("", Code::EmptyPath),
        ("/etc/x", Code::AbsolutePath),
        ("~root/x", Code::HomePath),
        ("data/../../x", Code::ClimbingPath),
        ("data\\..\\x", Code::ClimbingPath),
        ("C:/x", Code::DrivePath),
        ("data\\x", Code::BackslashPath),
        ("data/./x", Code::DotPath),
        ("data//x", Code::EmptySegment),
        ("data/x/", Code::EmptySegment),
        ("data/a\tb", Code::ControlPath),
        ("data/a%2e", Code::PercentPath),
        ("data/é", Code::OddPath),
        ("data/a b", Code::OddPath),
    ];
    for (path, code) in cases {
        assert_eq!(
            check_path(path, Rules::Dossier).unwrap_err().code(),
            code,
            "{path:?}"
        );
    }
    assert_eq!(
        check_path(&"a".repeat(256), Rules::Dossier),
        Err(PathFault::Long)
    );
    assert_eq!(
        check_path("data/evidence/abc/content", Rules::Dossier),
        Ok(())
    );
}

fn parse(text: &str) -> Vec<(Code, Option<usize>)> {
    let (_, faults) = Manifest::parse(
        "manifest-sha256.txt",
        Algorithm::Sha256,
        text,
        Rules::Dossier,
    );
    faults.into_iter().map(|f| (f.code, f.line)).collect()
}

#[test]
fn a_manifest_of_a_dossier_has_one_form_only() {
    let digest = "ab".repeat(32);
    let good = format!("{digest}  data/a\n");
    assert_eq!(parse(&good), []);
    let bad = [
        (format!("{digest} data/a\n"), Code::BadManifest),
        (format!("{digest} *data/a\n"), Code::BadManifest),
        (
            format!("{}  data/a\n", digest.to_uppercase()),
            Code::BadManifest,
        ),
        (format!("{digest}  data/a\r\n"), Code::ControlPath),
        (format!("{digest}  bagit.txt\n"), Code::OutsidePayload),
        (format!("{digest}   data/a\n"), Code::OddPath),
        (format!("{digest}  data/%0A\n"), Code::PercentPath),
        ("\n".to_owned(), Code::BadManifest),
    ];
    for (text, code) in bad {
        assert_eq!(parse(&text), [(code, Some(1))], "{text:?}");
    }
    assert_eq!(parse(good.trim_end()), [(Code::BadManifest, None)]);
}

#[test]
fn every_fault_of_a_manifest_is_named_with_its_line() {
    let (one, two) = ("ab".repeat(32), "cd".repeat(32));
    let text =
        format!("{one}  data/a\n{two}  data/a\n{one}  data/A\n{one}  data/../a\n{one}  data/b\n");
    assert_eq!(
        parse(&text),
        [
            (Code::DuplicatePath, Some(2)),
            (Code::CollidingPath, Some(3)),
            (Code::ClimbingPath, Some(4)),
        ]
    );
}

#[test]
fn what_is_written_reads_back() {
    let files = ["data/b", "data/a"].map(|path| FileDigests {
        path: path.to_owned(),
        sha256: [1; 32],
        sha512: [2; 64],
        bytes: 3,
    });
    let text = write_manifest(Algorithm::Sha512, &files);
    let (manifest, faults) = Manifest::parse(
        "manifest-sha512.txt",
        Algorithm::Sha512,
        &text,
        Rules::Dossier,
    );
    assert_eq!(faults, []);
    assert_eq!(
        manifest.lines.keys().collect::<Vec<_>>(),
        ["data/a", "data/b"]
    );
    assert_eq!(manifest.lines["data/a"], (vec![2; 64], 1));
}

#[test]
fn bag_info_reads_back_and_refuses_a_line_break() {
    let info = BagInfo {
        dossier: "d-0123456789ab".into(),
        sealed: 7,
        origin: "north.example/holdfast/0123abcd".into(),
        oxum: Oxum { bytes: 9, files: 2 },
        date: "2026-03-04".into(),
        agent: "Holdfast 0.0.0".into(),
    };
    let text = info.write().unwrap();
    assert_eq!(BagInfo::parse(&text).unwrap(), info);
    assert!(BagInfo::parse(&text.replace("9.2", "09.2")).is_err());
    assert!(BagInfo::parse(&text.replace(": 7", ": +7")).is_err());
    let broken = BagInfo {
        agent: "a\nPayload-Oxum: 0.0".into(),
        ..info
    };
    assert_eq!(broken.write().unwrap_err().code, Code::BadBagInfo);
}
