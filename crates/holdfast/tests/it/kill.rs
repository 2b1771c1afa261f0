//! The real program is killed at random times, and run twice at once (R1b, R8).

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use testkit::SeededRandom;

/// Kills at the least, and as many more as fit in the time, up to the figure of the promise.
const AT_LEAST: usize = 25;
const PROMISED: usize = 500;
const PATIENCE: Duration = Duration::from_secs(35);

fn holdfast(archive: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    command
        .env_clear()
        .arg("--json")
        .arg("--archive")
        .arg(archive)
        .args(args)
        .stdin(Stdio::null());
    command
}

fn ran(archive: &Path, args: &[&str]) -> Output {
    holdfast(archive, args).output().unwrap()
}

fn done(archive: &Path, args: &[&str]) -> Vec<serde_json::Value> {
    let output = ran(archive, args);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{args:?}: {:?}\n{said}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    said.lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

fn founded(dir: &Path) -> PathBuf {
    let archive = dir.join("archive");
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    let output = command.arg("--json").arg("init").arg(&archive).output();
    assert!(output.unwrap().status.success());
    archive
}

#[expect(
    clippy::disallowed_methods,
    reason = "material lies outside the archive"
)]
fn folder(at: &Path, files: usize, seed: u64) {
    let random = SeededRandom::new(seed);
    std::fs::create_dir_all(at).unwrap();
    for n in 0..files {
        let len = if n % 11 == 7 {
            1_300_000
        } else {
            random.below(2_000)
        };
        std::fs::write(at.join(format!("{n:04}.bin")), random.bytes(len)).unwrap();
    }
}

/// What a running program acknowledged, read to the end of its output.
fn acknowledged(child: &mut Child) -> Vec<String> {
    let out = BufReader::new(child.stdout.take().unwrap());
    let mut ids = Vec::new();
    for line in out.lines() {
        // A line that the kill cut in two was not said.
        let Ok(value) = serde_json::from_str::<serde_json::Value>(&line.unwrap()) else {
            continue;
        };
        if value["outcome"] == "preserved" {
            ids.push(value["id"].as_str().unwrap().to_owned());
        }
    }
    ids
}

/// The items of an archive: id, and what makes it one: source, path, bytes.
fn items(archive: &Path) -> BTreeMap<String, (String, String)> {
    let mut items = BTreeMap::new();
    for line in done(archive, &["ls", "--limit", "100000"]) {
        if let (Some(id), Some(path), Some(sha)) = (
            line["id"].as_str(),
            line["path"].as_str(),
            line["sha256"].as_str(),
        ) {
            items.insert(id.to_owned(), (path.to_owned(), sha.to_owned()));
        }
    }
    items
}

fn each_once(items: &BTreeMap<String, (String, String)>, files: usize, what: &str) {
    let distinct: BTreeSet<_> = items.values().collect();
    assert_eq!(
        distinct.len(),
        items.len(),
        "{what}: an item is there twice"
    );
    assert_eq!(items.len(), files, "{what}");
}

fn intact(archive: &Path, what: &str) {
    let output = ran(archive, &["check", "--full"]);
    assert!(
        output.status.success(),
        "{what}: {}",
        String::from_utf8_lossy(&output.stdout)
    );
}

/// Runs the program over folder after folder, and kills it once the time is over. Says what was acknowledged, and
/// whether a running program was killed.
fn until(archive: &Path, folders: &[PathBuf], time: Duration) -> (Vec<String>, bool) {
    let end = Instant::now() + time;
    let mut said = Vec::new();
    for folder in folders {
        let args = ["add", "--source", "a test", folder.to_str().unwrap()];
        let mut command = holdfast(archive, &args);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while child.try_wait().unwrap().is_none() && Instant::now() < end {
            std::thread::sleep(Duration::from_micros(300));
        }
        // Nothing happens to one that has ended by itself.
        child.kill().unwrap();
        said.extend(acknowledged(&mut child));
        if !child.wait().unwrap().success() {
            return (said, true);
        }
    }
    (said, false)
}

#[test]
fn a_program_that_is_killed_loses_nothing_it_acknowledged() {
    const FOLDERS: usize = 6;
    const FILES: usize = 12;
    let dir = tempfile::tempdir().unwrap();
    let folders: Vec<PathBuf> = (0..FOLDERS)
        .map(|n| dir.path().join(format!("material-{n}")))
        .collect();
    for (seed, at) in (61..).zip(&folders) {
        folder(at, FILES, seed);
    }
    let random = SeededRandom::new(61);
    let start = Instant::now();
    let (mut kills, mut rounds, mut acks) = (0, 0, 0);
    while kills < AT_LEAST || (kills < PROMISED && start.elapsed() < PATIENCE) {
        rounds += 1;
        let round = dir.path().join(format!("round-{rounds}"));
        std::fs::create_dir(&round).unwrap();
        let archive = founded(&round);
        let mut said = BTreeSet::new();
        // Several kills to an archive: each run goes on where the last one died.
        for n in 0..5 {
            let time = Duration::from_micros(random.next() % (150_000 * (n + 1)));
            let (ids, killed) = until(&archive, &folders, time);
            kills += usize::from(killed);
            said.extend(ids);
        }
        intact(&archive, &format!("round {rounds}"));
        let known = items(&archive);
        let what = "an acknowledged item is lost";
        assert!(said.iter().all(|id| known.contains_key(id)), "{what}");
        let (rest, killed) = until(&archive, &folders, Duration::from_secs(600));
        assert!(!killed);
        let known = items(&archive);
        each_once(&known, FOLDERS * FILES, &format!("round {rounds}"));
        assert!(said.iter().all(|id| known.contains_key(id)), "{what}");
        assert!(rest.iter().all(|id| !said.contains(id)), "said twice");
        intact(&archive, &format!("round {rounds}, completed"));
        let left = std::fs::read_dir(archive.join("incoming")).unwrap();
        let left = left.filter(|e| e.as_ref().unwrap().path().is_dir()).count();
        assert_eq!(
            left, 0,
            "round {rounds}: pieces of killed runs stay for ever"
        );
        acks += said.len();
        std::fs::remove_dir_all(&round).unwrap();
    }
    println!(
        "{kills} kills in {rounds} archives, {acks} items acknowledged before a kill, in {:.1?}",
        start.elapsed()
    );
    assert!(
        acks > 0 && acks < rounds * FOLDERS * FILES,
        "the kills came too early or too late"
    );
}

#[test]
fn a_file_added_by_two_programs_at_once_becomes_one_item() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (dir.path().join("one"), dir.path().join("two"));
    folder(&one, 150, 62);
    folder(&two, 150, 63);
    for (n, folders) in [[&one, &two], [&one, &one]].into_iter().enumerate() {
        let round = dir.path().join(format!("round-{n}"));
        std::fs::create_dir(&round).unwrap();
        let archive = founded(&round);
        let run = |folder: &PathBuf| {
            let args = ["add", "--source", "a test", folder.to_str().unwrap()];
            holdfast(&archive, &args)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let mut children = folders.map(run);
        let said: Vec<Vec<String>> = children.iter_mut().map(acknowledged).collect();
        for mut child in children {
            assert!(child.wait().unwrap().success(), "round {n}");
        }
        let files = if n == 0 { 300 } else { 150 };
        let known = items(&archive);
        each_once(&known, files, &format!("round {n}"));
        let said: Vec<&String> = said.iter().flatten().collect();
        assert_eq!(said.len(), files, "each item is acknowledged as new once");
        assert!(said.iter().all(|id| known.contains_key(*id)));
        intact(&archive, &format!("round {n}"));
        let rebuilt = done(&archive, &["rebuild"]);
        assert_eq!(rebuilt.last().unwrap()["equal"], true, "{rebuilt:?}");
    }
}
