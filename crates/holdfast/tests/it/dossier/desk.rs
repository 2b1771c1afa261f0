//! A desk with the real program, an archive of invented material, and dossiers sealed from it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;
use sha2::{Digest as _, Sha256, Sha512};
use tempfile::TempDir;

/// The files of a bag by their paths.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// What the program said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// The last JSON line.
    pub(crate) fn json(&self) -> Value {
        let line = self.out.lines().last().unwrap_or_default();
        serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {self:?}"))
    }

    /// The JSON line of this type.
    pub(crate) fn of(&self, kind: &str) -> Value {
        self.out
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .find(|value| value["type"] == kind)
            .unwrap_or_else(|| panic!("no {kind} in {self:?}"))
    }

    /// The codes of the damage in a report.
    pub(crate) fn codes(&self) -> Vec<String> {
        let json = self.json();
        let damage = json["damage"].as_array().cloned().unwrap_or_default();
        damage
            .iter()
            .map(|fault| fault["code"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// The program, with nothing of this machine's settings in the way.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    command.env_remove("HOLDFAST_ARCHIVE");
    command
}

pub(crate) fn said(command: &mut Command) -> Said {
    let done = command.output().unwrap();
    Said {
        code: done.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&done.stdout).into_owned(),
        err: String::from_utf8_lossy(&done.stderr).into_owned(),
    }
}

/// A folder with an archive in it.
pub(crate) struct Desk {
    folder: TempDir,
}

impl Desk {
    /// Founds an archive.
    pub(crate) fn new() -> Self {
        let desk = Self {
            folder: TempDir::new().unwrap(),
        };
        let domain = ["--domain", "north.invalid", "--name", "North archive"];
        let made = said(program().arg("init").arg(desk.archive()).args(domain));
        assert_eq!(made.code, 0, "{made:?}");
        desk
    }

    pub(crate) fn archive(&self) -> PathBuf {
        self.at("archive")
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the program on the archive, in the folder of this desk, with JSON out.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        let mut command = program();
        command.current_dir(self.folder.path());
        said(
            command
                .args(["--archive", "archive", "--json"])
                .args(arguments),
        )
    }

    /// The same, where nothing but success will do.
    pub(crate) fn good(&self, arguments: &[&str]) -> Said {
        let said = self.run(arguments);
        assert_eq!(said.code, 0, "{arguments:?}: {said:?}");
        said
    }

    pub(crate) fn put(&self, path: &str, bytes: &[u8]) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Adds a file and gives the id of its item.
    pub(crate) fn add(&self, path: &str, source: &str) -> String {
        let said = self.good(&["add", path, "--source", source]);
        said.of("item")["id"].as_str().unwrap().to_owned()
    }

    /// Opens the next dossier with these items.
    pub(crate) fn dossier(&self, name: &str, arguments: &[&str]) {
        let who = ["--for", "Court of Examples", "--purpose", "Inquiry 7"];
        self.good(&[&["dossier", "new"][..], &who].concat());
        self.good(&[&["dossier", "add", name][..], arguments].concat());
    }

    /// Seals a dossier and gives its bytes.
    pub(crate) fn seal(&self, name: &str, file: &str) -> Vec<u8> {
        self.good(&["dossier", "seal", name, "-o", file]);
        fs::read(self.at(file)).unwrap()
    }

    /// The log's key and the key of its entries.
    pub(crate) fn keys(&self) -> (String, String) {
        let head = self.good(&["log", "head"]).of("head");
        let text = |name: &str| head[name].as_str().unwrap().to_owned();
        (text("log_key"), text("entry_key"))
    }

    /// The policy that trusts this archive's log.
    pub(crate) fn policy(&self) -> String {
        format!("log {}\nquorum none\n", self.keys().0)
    }
}

/// A good dossier and what somebody who wants to tamper with it may have at hand.
pub(crate) struct Sample {
    pub(crate) top: String,
    pub(crate) files: Files,
    pub(crate) policy: String,
    /// An older state of the same log.
    pub(crate) older: Vec<u8>,
    /// The checkpoint of another log.
    pub(crate) foreign: Vec<u8>,
}

/// Two items, the first opened once, sealed; made once.
pub(crate) fn sample() -> &'static Sample {
    static SAMPLE: OnceLock<Sample> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let desk = Desk::new();
        desk.put("in/first.txt", b"an invented first file");
        desk.put("in/second.bin", &[7; 5000]);
        let older = fs::read(desk.at("archive/log/checkpoint")).unwrap();
        let first = desk.add("in/first.txt", "Source A");
        let second = desk.add("in/second.bin", "Source B");
        desk.good(&["get", &first, "-o", "out.txt"]);
        desk.dossier("D-1", &[&first, &second]);
        let (top, files) = unpacked(&desk.seal("D-1", "d.tar"));
        let foreign = fs::read(Desk::new().at("archive/log/checkpoint")).unwrap();
        Sample {
            top,
            files,
            policy: desk.policy(),
            older,
            foreign,
        }
    })
}

/// Reads a tar into its top folder's name and the files below.
pub(crate) fn unpacked(tar: &[u8]) -> (String, Files) {
    let (mut top, mut files) = (String::new(), Files::new());
    let mut tar = tar::Archive::new(tar);
    for entry in tar.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let (first, rest) = path.split_once('/').unwrap();
        first.clone_into(&mut top);
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        files.insert(rest.to_owned(), bytes);
    }
    (top, files)
}

/// Writes files below a folder.
pub(crate) fn lay(files: &Files, folder: &Path) {
    for (path, bytes) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes every list of the bag agree with its files again, as somebody who tampers would.
pub(crate) fn relist(files: &mut Files) {
    let payload = files.iter().filter(|(path, _)| path.starts_with("data/"));
    let (bytes, count) = payload.fold((0, 0), |(bytes, count), (_, file)| {
        (bytes + file.len(), count + 1)
    });
    if let Some(info) = files.get_mut("bag-info.txt") {
        let text = String::from_utf8(info.clone()).unwrap();
        let lines = text.lines().map(|line| {
            let oxum = line.starts_with("Payload-Oxum:");
            let new = format!("Payload-Oxum: {bytes}.{count}\n");
            if oxum { new } else { format!("{line}\n") }
        });
        *info = lines.collect::<String>().into_bytes();
    }
    for tag in [false, true] {
        for (name, digest) in [
            (
                "sha256",
                (|b| hex(&Sha256::digest(b))) as fn(&[u8]) -> String,
            ),
            ("sha512", |b| hex(&Sha512::digest(b))),
        ] {
            let listed = files.iter().filter(|(path, _)| {
                path.starts_with("data/") != tag && !path.starts_with("tagmanifest-")
            });
            let lines: String = listed
                .map(|(path, bytes)| format!("{}  {path}\n", digest(bytes)))
                .collect();
            let list = format!("{}manifest-{name}.txt", if tag { "tag" } else { "" });
            if files.contains_key(&list) {
                files.insert(list, lines.into_bytes());
            }
        }
    }
}

/// Verifies bytes as one file.
pub(crate) fn verify(bytes: &[u8]) -> Said {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("d.tar");
    fs::write(&file, bytes).unwrap();
    verify_at(&file)
}

/// Verifies a file or folder against the sample's policy.
pub(crate) fn verify_at(file: &Path) -> Said {
    let folder = TempDir::new().unwrap();
    let policy = folder.path().join("policy.txt");
    fs::write(&policy, &sample().policy).unwrap();
    let mut command = program();
    command
        .current_dir(folder.path())
        .args(["verify", "--json"]);
    said(command.arg(file).arg("--policy").arg(policy))
}
