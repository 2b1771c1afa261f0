//! A folder of its own for every test, the program in it, and what it said.

use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Longer than any command of these tests takes on a busy machine; a pipe waited for lasts for ever.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a command said and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            // A signal is no exit code: 1000 is none that the program has.
            code: output.status.code().unwrap_or(1_000),
            stdout: String::from_utf8(output.stdout.clone()).unwrap(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The exit code is this one.
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}", self.end());
        self
    }

    /// The end of what was said, for messages.
    fn end(&self) -> String {
        let mut lines: Vec<&str> = self.stdout.lines().rev().take(12).collect();
        lines.reverse();
        format!("{}\n{}", lines.join("\n"), self.stderr)
    }

    /// Every line of standard output, with the contract of `--json` checked.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let all = self.end();
        let lines: Vec<Value> = self
            .stdout
            .lines()
            .map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{l:?}: {e}\n{all}")))
            .collect();
        for line in &lines {
            assert_eq!(line["v"], 1, "{all}");
            assert!(line["type"].is_string(), "{all}");
        }
        let last = lines
            .last()
            .unwrap_or_else(|| panic!("nothing was said\n{all}"));
        assert_eq!(last["type"], "summary", "{all}");
        assert_eq!(last["exit"], self.code, "{all}");
        let summaries = lines.iter().filter(|l| l["type"] == "summary").count();
        assert_eq!(summaries, 1, "{all}");
        lines
    }

    pub(crate) fn summary(&self) -> Value {
        self.lines().pop().unwrap()
    }

    /// Lines of one type.
    pub(crate) fn typed(&self, kind: &str) -> Vec<Value> {
        let of = |l: &Value| l["type"] == kind;
        self.lines().into_iter().filter(of).collect()
    }

    /// What became of each path.
    pub(crate) fn outcomes(&self) -> BTreeMap<String, String> {
        let text = |v: &Value| v.as_str().unwrap().to_owned();
        self.typed("item")
            .iter()
            .map(|l| (text(&l["path"]), text(&l["outcome"])))
            .collect()
    }

    /// Why one path was refused.
    pub(crate) fn reason(&self, path: &str) -> String {
        let lines = self.typed("item");
        let line = lines.iter().find(|l| l["path"] == path);
        let line = line.unwrap_or_else(|| panic!("no line about {path:?}: {}", self.stdout));
        assert_eq!(line["outcome"], "refused", "{line}");
        line["reason"].as_str().unwrap().to_owned()
    }
}

/// A folder, gone when the test ends, with room for an archive and material.
#[derive(Debug)]
pub(crate) struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    /// A folder without an archive.
    pub(crate) fn bare() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    /// A folder with a new archive in `archive`.
    pub(crate) fn new() -> Self {
        let place = Self::bare();
        place.run(&["init", "archive"]).ends(0);
        place
    }

    pub(crate) fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(path)
    }

    /// Gives a file or folder another name.
    #[expect(
        clippy::disallowed_methods,
        reason = "a test moves what an accident would move; nothing durable hangs on it"
    )]
    pub(crate) fn rename(&self, from: &str, to: &str) {
        std::fs::rename(self.at(from), self.at(to)).unwrap();
    }

    /// Writes a file and the folders above it.
    #[expect(
        clippy::disallowed_methods,
        reason = "material of a test; nothing durable hangs on it"
    )]
    pub(crate) fn put(&self, path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let at = self.at(path);
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        std::fs::write(&at, bytes).unwrap();
        at
    }

    /// The program, ready to run in this folder on its archive.
    pub(crate) fn command<A: AsRef<OsStr>>(&self, args: &[A]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
        command
            .args(args)
            .current_dir(self.dir.path())
            .env_remove("HOLDFAST_ARCHIVE")
            .env_remove("HOLDFAST_PROGRESS")
            .env_remove("HOLDFAST_ROWS_PASSWORD")
            .env_remove("AWS_ACCESS_KEY_ID")
            .env_remove("AWS_SECRET_ACCESS_KEY")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // Without a word about it the archive is the one made by `new`.
        if self.at("archive/HOLDFAST").exists() {
            command.env("HOLDFAST_ARCHIVE", self.at("archive"));
        }
        command
    }

    pub(crate) fn run<A: AsRef<OsStr>>(&self, args: &[A]) -> Said {
        ended(self.command(args).spawn().unwrap())
    }

    /// The same with `--json`, and its contract checked.
    pub(crate) fn json<A: AsRef<OsStr>>(&self, args: &[A]) -> Said {
        let mut words: Vec<&OsStr> = vec![OsStr::new("--json")];
        words.extend(args.iter().map(AsRef::as_ref));
        let said = self.run(&words);
        drop(said.lines());
        said
    }

    /// Adds everything named with one source.
    pub(crate) fn add<A: AsRef<OsStr>>(&self, paths: &[A]) -> Said {
        let mut words: Vec<&OsStr> = vec![OsStr::new("add"), OsStr::new("--source=test")];
        words.extend(paths.iter().map(AsRef::as_ref));
        self.json(&words)
    }

    /// How many entries the log has.
    pub(crate) fn log_size(&self) -> u64 {
        let head = self.json(&["log", "head"]).ends(0);
        head.typed("head")[0]["recorded"].as_u64().unwrap()
    }

    /// Nothing is damaged, and every acknowledged line is there with its bytes.
    pub(crate) fn is_whole(&self) {
        self.json(&["check", "--full"]).ends(0);
    }

    /// Every file of the archive's folder that is truth, with its bytes.
    pub(crate) fn truth(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        for part in ["HOLDFAST", "log", "disclosures", "originals", "trees"] {
            collect(&self.at("archive").join(part), &mut found);
        }
        found
    }
}

fn collect(at: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    if at.is_dir() {
        for entry in std::fs::read_dir(at).unwrap() {
            collect(&entry.unwrap().path(), found);
        }
    } else if at.exists() {
        found.insert(at.to_owned(), std::fs::read(at).unwrap());
    }
}

/// Waits for a child that must not hang.
pub(crate) fn ended(mut child: Child) -> Said {
    let reader = |pipe: Option<Box<dyn std::io::Read + Send>>| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            if let Some(mut pipe) = pipe {
                pipe.read_to_end(&mut bytes).unwrap();
            }
            bytes
        })
    };
    let stdout = reader(child.stdout.take().map(|p| Box::new(p) as _));
    let stderr = reader(child.stderr.take().map(|p| Box::new(p) as _));
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("The program does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    Said::of(&Output {
        status,
        stdout: stdout.join().unwrap(),
        stderr: stderr.join().unwrap(),
    })
}

/// Sends a signal by its name, as `kill -INT` does.
pub(crate) fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .arg(format!("-{name}"))
        .arg(child.id().to_string())
        .status();
    assert!(sent.unwrap().success());
}

/// Whether a system command does its work here, such as `mount`.
pub(crate) fn does(program: &str, args: &[&OsStr]) -> bool {
    let ran = Command::new(program)
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    ran.is_ok_and(|s| s.success())
}

/// Says that a test cannot be done here, even where passing tests are silent.
pub(crate) fn skipped(why: &str) {
    drop(std::io::stderr().write_all(format!("skipped: {why}\n").as_bytes()));
}

/// Bytes that look like nothing and differ by seed.
pub(crate) fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..len).map(|_| next()).collect()
}
