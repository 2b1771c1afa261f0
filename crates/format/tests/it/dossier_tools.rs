//! A whole dossier on disk, read by programs that are not ours.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use format::dossier::report_page::{self, Page};
use format::dossier::rocrate::{self, Agent, Collection, DescribedItem, Description};
use format::log::policy::Policy;
use format::verify::{Trust, Verdict};

use crate::dossier::{Archive, Files, check, check_with, dossier, files, folder, item, original};
use crate::log::ORIGIN;

fn describe() -> Description {
    let agent = Agent {
        id: "p-0123456789ab".into(),
        name: Some("rev1".into()),
    };
    let describe = |n: u8| DescribedItem {
        item: item(n).to_string(),
        folder: folder(n),
        name: Some(format!("clip \u{202e}{n}.mp4")),
        sha256: sha256(&original(n)),
        bytes: original(n).len() as u64,
        media_type: None,
        collection: Collection {
            by: Some(agent.clone()),
            at: Some("2026-03-04T18:22:07.000000Z".into()),
            source: Some("Card of camera 4".into()),
            ..Collection::default()
        },
    };
    Description {
        dossier: dossier().to_string(),
        archive: "North archive".into(),
        origin: ORIGIN.into(),
        recipient: "Prosecutor of Northland".into(),
        purpose: "Inquiry 7".into(),
        sealed_by: agent.clone(),
        sealed_at: "2026-03-05T08:00:00.000000Z".into(),
        tool: "Holdfast 0".into(),
        tool_url: None,
        terms: "For the stated purpose only".into(),
        items: (1..=2).map(describe).collect(),
    }
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a dossier with its page and metadata into a fresh folder.
fn written() -> PathBuf {
    let mut archive = Archive::small();
    let sealed = archive.seal(&[]);
    let mut parts = archive.parts(sealed, &[]);
    let about = describe();
    parts.description = rocrate::write(&about);
    parts.page = report_page::write(&Page {
        about: &about,
        sealed,
        log_size: archive.entries.len() as u64,
        entries: parts.entries.len() as u64,
        witnesses: Vec::new(),
        stamps: Vec::new(),
        withheld: Vec::new(),
        fields: Vec::new(),
    });
    let files = files(&parts);
    assert_eq!(check(&files).verdict, Verdict::Good);
    let top = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dossier-tools");
    if top.exists() {
        fs::remove_dir_all(&top).unwrap();
    }
    for (path, bytes) in files {
        let path = top.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        #[expect(clippy::disallowed_methods, reason = "a throwaway folder of a test")]
        fs::write(path, bytes).unwrap();
    }
    top
}

fn passes(top: &Path, program: &str, list: &str) -> Option<bool> {
    let mut command = Command::new(program);
    let command = command
        .args(["-c", "--strict", "--quiet", list])
        .current_dir(top);
    command.output().ok().map(|out| out.status.success())
}

#[test]
fn the_lists_are_read_by_the_common_checksum_programs() {
    let top = written();
    for algorithm in ["sha256", "sha512"] {
        let program = format!("{algorithm}sum");
        for list in ["manifest", "tagmanifest"] {
            let list = format!("{list}-{algorithm}.txt");
            let Some(good) = passes(&top, &program, &list) else {
                let required =
                    std::env::var_os("HOLDFAST_REQUIRE_TOOLS").is_some_and(|value| value == "1");
                assert!(!required, "{program} is required");
                eprintln!("skipped: no {program}");
                return;
            };
            assert!(good, "{list}");
        }
        #[expect(clippy::disallowed_methods, reason = "a throwaway folder of a test")]
        fs::write(top.join("data/index.html"), "altered").unwrap();
        let list = format!("manifest-{algorithm}.txt");
        assert_eq!(
            passes(&top, &program, &list),
            Some(false),
            "the program really checks"
        );
        written();
    }
}

fn read(folder: &Path, top: &Path, out: &mut Files) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, top, out);
        } else {
            let name = path.strip_prefix(top).unwrap().to_str().unwrap();
            out.insert(name.to_owned(), fs::read(&path).unwrap());
        }
    }
}

/// Written once and never again: whoever received such a dossier must be able to check it for ever.
#[test]
fn the_golden_dossier_is_still_good() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/dossier");
    let mut files = Files::new();
    let top = folder.join("golden");
    read(&top, &top, &mut files);
    let policy = fs::read(folder.join("policy.txt")).unwrap();
    let trust = Trust {
        policy: Some(Policy::parse(&policy).unwrap()),
        roots: Vec::new(),
    };
    let report = check_with(&files, trust);
    assert_eq!(report.damage, []);
    assert_eq!(report.verdict, Verdict::Good);
    assert_eq!(report.items.len(), 2);
}
