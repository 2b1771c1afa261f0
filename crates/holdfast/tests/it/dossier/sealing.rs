//! Sealing: what goes in, what is refused, and that nothing half-done is left.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;

use super::desk::{Desk, Files, Said, hex, program, said, unpacked};
use sha2::{Digest as _, Sha256};

fn check(desk: &Desk, file: &str) -> Said {
    fs::write(desk.at("policy.txt"), desk.policy()).unwrap();
    let mut command = program();
    command.args(["verify", "--json", "--policy"]);
    said(command.arg(desk.at("policy.txt")).arg(desk.at(file)))
}

fn good(desk: &Desk, file: &str) {
    let said = check(desk, file);
    assert_eq!(said.json()["verdict"], "good", "{said:?}");
}

/// Files beside the archive, hidden ones too.
fn beside(desk: &Desk) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(desk.at("."))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn size(desk: &Desk) -> u64 {
    desk.good(&["log", "head"]).of("head")["size"]
        .as_u64()
        .unwrap()
}

#[test]
fn sealing_twice_gives_the_same_content_and_never_overwrites() {
    let desk = Desk::new();
    desk.put("a.txt", b"one");
    let item = desk.add("a.txt", "A");
    desk.dossier("D-1", &[&item]);
    let (top, first) = unpacked(&desk.seal("D-1", "1.tar"));
    let again = desk.run(&["dossier", "seal", "D-1", "-o", "1.tar"]);
    assert_eq!(again.code, 2, "{again:?}");
    assert!(
        again.out.contains("1.tar exists; nothing is overwritten"),
        "{again:?}"
    );
    let size = size(&desk);
    desk.put("b.txt", b"two");
    desk.add("b.txt", "B");
    desk.good(&["get", &item, "-o", "out.txt"]);
    let (top_again, second) = unpacked(&desk.seal("D-1", "2.tar"));
    assert_eq!(top, top_again);
    let lasting = |files: &Files| -> Files {
        let kept = files
            .iter()
            .filter(|(path, _)| path.contains("/evidence/") || path.contains("/entries/"));
        kept.map(|(path, bytes)| (path.clone(), bytes.clone()))
            .collect()
    };
    assert_eq!(
        lasting(&first),
        lasting(&second),
        "entries and evidence, byte for byte"
    );
    assert_eq!(
        first["data/ro-crate-metadata.json"],
        second["data/ro-crate-metadata.json"]
    );
    assert!(size > 0);
    good(&desk, "1.tar");
    good(&desk, "2.tar");
    let late = desk.run(&["dossier", "add", "D-1", &item]);
    assert_ne!(late.code, 0);
    assert!(
        late.out.contains("D-1 is sealed") && late.out.contains("Open a new dossier"),
        "{late:?}"
    );
}

#[test]
fn a_damaged_or_missing_original_stops_everything_before_anything_is_recorded() {
    let desk = Desk::new();
    desk.put("a.txt", b"one");
    let item = desk.add("a.txt", "A");
    desk.put("b.txt", b"two");
    let other = desk.add("b.txt", "B");
    desk.dossier("D-1", &[&item, &other]);
    let name = hex(&Sha256::digest(b"one"));
    let original = desk.at(&format!("archive/originals/{}/{}", &name[..2], &name[2..]));
    let (before, there) = (size(&desk), beside(&desk));
    let refused = |words: &str| {
        let said = desk.run(&["dossier", "seal", "D-1", "-o", "d.tar"]);
        assert_eq!(said.code, 5, "{said:?}");
        for words in [item.as_str(), words, "nothing was sealed", "backup"] {
            assert!(said.out.contains(words), "{words}: {said:?}");
        }
        assert_eq!(size(&desk), before, "nothing was recorded");
        assert_eq!(beside(&desk), there, "no file is left");
    };
    fs::set_permissions(&original, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(&original, b"onf").unwrap();
    refused("is not what was recorded");
    fs::write(&original, b"on").unwrap();
    refused("is not what was recorded");
    fs::remove_file(&original).unwrap();
    refused("is missing");
    fs::write(&original, b"one").unwrap();
    desk.seal("D-1", "d.tar");
    good(&desk, "d.tar");
}

#[test]
fn what_cannot_be_sealed_is_refused_with_the_next_step() {
    let desk = Desk::new();
    desk.put("a.txt", b"one");
    let item = desk.add("a.txt", "A");
    desk.good(&["dossier", "new", "--for", "Court", "--purpose", "Inquiry"]);
    let empty = desk.run(&["dossier", "seal", "D-1", "-o", "d.tar"]);
    assert_eq!(empty.code, 2, "{empty:?}");
    assert!(
        empty.out.contains("holds no item") && empty.out.contains("dossier add"),
        "{empty:?}"
    );
    for field in [
        "digests", "kind", "subject", "chain", "at", "contents", "nonsense", "",
    ] {
        let said = desk.run(&["dossier", "add", "D-1", &item, "--withhold", field]);
        assert_eq!(said.code, 2, "{field}: {said:?}");
        assert!(
            said.out.contains("cannot be withheld") && said.out.contains("These can be"),
            "{said:?}"
        );
    }
    assert_eq!(desk.run(&["dossier", "add", "D-9", &item]).code, 1);
    assert_eq!(
        desk.run(&["dossier", "add", "D-1", "i-000000000000"]).code,
        1
    );
    for words in [
        ["--for", " ", "--purpose", "x"],
        ["--for", "x", "--purpose", ""],
    ] {
        assert_eq!(
            desk.run(&[&["dossier", "new"][..], &words].concat()).code,
            2
        );
    }
    desk.good(&["dossier", "add", "D-1", &item]);
    let (before, there) = (size(&desk), beside(&desk));
    let nowhere = desk.run(&["dossier", "seal", "D-1", "-o", "no/such/d.tar"]);
    assert!(
        nowhere.code == 1 && nowhere.out.contains("nothing was sealed"),
        "{nowhere:?}"
    );
    let stamp = desk.run(&[
        "dossier",
        "seal",
        "D-1",
        "-o",
        "d.tar",
        "--tsa",
        "https://tsa.invalid/",
    ]);
    assert!(
        stamp.code == 2 && stamp.out.contains("nothing was sealed"),
        "{stamp:?}"
    );
    assert_eq!((size(&desk), beside(&desk)), (before, there));
}

#[test]
fn any_original_and_any_name_goes_in_and_out_again() {
    let desk = Desk::new();
    let long: Vec<u8> = (0..3_000_000_u32)
        .map(|n| n.to_le_bytes()[1] ^ n.to_le_bytes()[0])
        .collect();
    desk.put("in/long.bin", &long);
    desk.put("in/empty", b"");
    let names: [&[u8]; 5] = [
        b"line\nbreak \"quoted\" <b>&amp;.txt",
        b"not utf-8 \xff\xfe.jpg",
        "\u{202e}gpj.exe \u{5d0}\u{5d1}".as_bytes(),
        b"..percent%2e%2e",
        b"-rf ~",
    ];
    for name in names {
        fs::write(desk.at("in").join(OsStr::from_bytes(name)), name).unwrap();
    }
    desk.good(&["add", "in", "--source", "A"]);
    desk.put("twice/copy.bin", &long);
    desk.good(&["add", "twice", "--source", "B"]);
    desk.dossier("D-1", &["--all"]);
    let (_, files) = unpacked(&desk.seal("D-1", "d.tar"));
    good(&desk, "d.tar");
    let contents: Vec<&Vec<u8>> = files
        .iter()
        .filter(|(p, _)| p.ends_with("/content"))
        .map(|(_, b)| b)
        .collect();
    assert_eq!(
        contents.len(),
        names.len() + 3,
        "the same bytes from two sources are two items"
    );
    assert_eq!(contents.iter().filter(|bytes| ***bytes == long).count(), 2);
    for name in names {
        assert!(contents.iter().any(|bytes| bytes.as_slice() == name));
    }
    let page = String::from_utf8(files["data/index.html"].clone()).unwrap();
    assert!(
        !page.contains('\u{202e}') && !page.contains("<b>&amp;"),
        "names cannot write markup"
    );
    let json: serde_json::Value =
        serde_json::from_slice(&files["data/ro-crate-metadata.json"]).unwrap();
    assert!(json["@graph"].is_array());
}
