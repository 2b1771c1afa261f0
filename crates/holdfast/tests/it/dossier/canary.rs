//! What a dossier must not tell: marked words are planted everywhere in an archive and looked for in every byte.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::desk::{Desk, hex, unpacked};

/// Marks that stand for what a recipient was not meant to see.
struct Marks(Vec<(&'static str, Vec<u8>)>);

impl Marks {
    /// Each mark found in these bytes, as it is, in hex, or inside base64url at any of three offsets.
    fn found(&self, bytes: &[u8]) -> Vec<&'static str> {
        let there = |mark: &[u8]| bytes.windows(mark.len()).any(|part| part == mark);
        let in_any_form = |mark: &Vec<u8>| {
            let lower = hex(mark);
            there(mark)
                || there(lower.as_bytes())
                || there(lower.to_uppercase().as_bytes())
                || (0..3).any(|shift| there(&inside_base64(mark, shift, true)))
                || (0..3).any(|shift| there(&inside_base64(mark, shift, false)))
        };
        let found = self.0.iter().filter(|(_, mark)| in_any_form(mark));
        found.map(|(what, _)| *what).collect()
    }
}

/// The characters that a mark gives inside longer base64 text, whatever stands around it.
fn inside_base64(mark: &[u8], shift: usize, url: bool) -> Vec<u8> {
    let padded = [&vec![0; shift][..], mark].concat();
    let whole = padded.len() / 3 * 3;
    let mut text = URL_SAFE_NO_PAD.encode(&padded[..whole]);
    if !url {
        text = text.replace('-', "+").replace('_', "/");
    }
    text.as_bytes()[shift.div_ceil(3) * 4..].to_vec()
}

/// A PKCS#8 key file's 32 secret bytes.
fn secret(desk: &Desk, file: &str) -> Vec<u8> {
    let pem = fs::read_to_string(desk.at(&format!("archive/keys/{file}"))).unwrap();
    let body: String = pem
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let der = base64::engine::general_purpose::STANDARD
        .decode(body)
        .unwrap();
    let at = der
        .windows(4)
        .position(|part| part == [4, 34, 4, 32])
        .unwrap();
    der[at + 4..at + 36].to_vec()
}

#[test]
fn the_scan_finds_a_mark_in_every_form() {
    let marks = Marks(vec![("mark", b"zebra-canary-mark".to_vec())]);
    for before in ["", "x", "xy", "xyz"] {
        let text = format!("{before}zebra-canary-mark and more");
        let packed = URL_SAFE_NO_PAD.encode(&text);
        for bytes in [text.clone(), packed, hex(text.as_bytes())] {
            assert_eq!(marks.found(bytes.as_bytes()), ["mark"], "{bytes}");
        }
    }
    assert!(marks.found(b"zebra-canary-marc").is_empty());
}

#[test]
fn what_is_withheld_or_not_chosen_leaves_no_trace_in_a_dossier() {
    let desk = Desk::new();
    desk.good(&[
        "session",
        "start",
        "--purpose",
        "canary-session-purpose",
        "--authority",
        "canary-authority",
    ]);
    desk.good(&["session", "note", "S-1", "canary-session-note"]);
    desk.put("in/canary-folder/canary-name.txt", b"the chosen original");
    desk.put("other/canary-other-name.txt", b"canary-other-content");
    let add = |path: &str, source: &str| {
        let said = desk.good(&[
            "add",
            path,
            "--source",
            source,
            "--session",
            "S-1",
            "--collected-at",
            "canary-collected-at",
        ]);
        said.of("item")["id"].as_str().unwrap().to_owned()
    };
    let chosen = add("in", "canary-source");
    let other = add("other", "canary-other-source");
    desk.good(&[
        "get",
        &chosen,
        "-o",
        "canary-out.txt",
        "--purpose",
        "canary-export-purpose",
    ]);
    let second = [
        "--for",
        "canary-other-recipient",
        "--purpose",
        "canary-other-purpose",
    ];
    desk.good(&[&["dossier", "new"][..], &second].concat());
    desk.good(&["dossier", "add", "D-1", &other]);
    let fields = "name,source,session,collected_at";
    desk.dossier("D-2", &[&chosen, "--withhold", fields]);
    let tar = desk.seal("D-2", "d.tar");

    let here = desk.at(".").canonicalize().unwrap();
    let text = |what: &'static str| (what, what.as_bytes().to_vec());
    let marks = Marks(vec![
        text("canary-session-purpose"),
        text("canary-authority"),
        text("canary-session-note"),
        text("canary-folder"),
        text("canary-name"),
        text("canary-source"),
        text("canary-collected-at"),
        text("canary-other-name"),
        text("canary-other-content"),
        text("canary-other-source"),
        text("canary-export-purpose"),
        text("canary-out"),
        text("canary-other-recipient"),
        text("canary-other-purpose"),
        ("the other item", other.clone().into_bytes()),
        (
            "a path of this machine",
            here.to_str().unwrap().as_bytes().to_vec(),
        ),
        ("the log's secret key", secret(&desk, "log.pem")),
        ("the entries' secret key", secret(&desk, "entry.pem")),
    ]);
    assert_eq!(marks.found(&tar), Vec::<&str>::new());
    let (_, files) = unpacked(&tar);
    for (path, bytes) in &files {
        // Fields are base64url of JSON: decoded once more, so that no escape hides a word.
        for part in String::from_utf8_lossy(bytes).split(['~', '.']) {
            let plain = URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
            assert_eq!(marks.found(&plain), Vec::<&str>::new(), "{path}");
        }
    }
    assert!(!tar.windows(b"canary".len()).any(|part| part == b"canary"));
    // The scan is no blind one: the same dossier with nothing withheld shows them.
    desk.dossier("D-3", &[&chosen]);
    let open = marks.found(&desk.seal("D-3", "open.tar"));
    for expected in [
        "canary-name",
        "canary-folder",
        "canary-source",
        "canary-collected-at",
    ] {
        assert!(open.contains(&expected), "{expected}: {open:?}");
    }
    assert!(
        !open.contains(&"canary-session-purpose") && !open.contains(&"the other item"),
        "{open:?}"
    );
}
