//! The services of a run end with the run, however it ends.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use testkit::services::is_running;
use testkit::tools::need;

/// Starts them and returns the processes under them and the folders they use.
fn begin() -> (Child, Vec<u32>, Vec<PathBuf>) {
    let scratch = tempfile::TempDir::new().unwrap();
    // Every folder they make is in ours; the account of PostgreSQL must be able to pass.
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(scratch.path(), open).unwrap();
    let scratch = scratch.keep();
    let mut services = Command::new(env!("CARGO_BIN_EXE_services"))
        .env("TMPDIR", &scratch)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines: Vec<String> = BufReader::new(services.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
        .take_while(|line| line != "ready")
        .collect();
    assert_eq!(lines.len(), 5, "{lines:?}");
    let folders: Vec<PathBuf> = std::fs::read_dir(&scratch)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let pids = descendants(services.id());
    // Three nodes, a server with its children, and who keeps each of the four.
    assert!(pids.len() > 8 && folders.len() == 2, "{pids:?} {folders:?}");
    (services, pids, [folders, vec![scratch]].concat())
}

fn descendants(pid: u32) -> Vec<u32> {
    let listed = Command::new("ps")
        .args(["-e", "-o", "pid=,ppid="])
        .output()
        .unwrap();
    let text = String::from_utf8(listed.stdout).unwrap();
    let pairs: Vec<(u32, u32)> = text
        .lines()
        .filter_map(|line| {
            let (pid, parent) = line.trim().split_once(' ')?;
            Some((pid.parse().ok()?, parent.trim().parse().ok()?))
        })
        .collect();
    let mut family = vec![pid];
    let mut at = 0;
    while let Some(parent) = family.get(at).copied() {
        family.extend(
            pairs
                .iter()
                .filter(|pair| pair.1 == parent)
                .map(|pair| pair.0),
        );
        at += 1;
    }
    family.split_off(1)
}

fn assert_gone(pids: &[u32], folders: Vec<PathBuf>) {
    let start = Instant::now();
    let (inside, scratch) = folders.split_at(2);
    let left =
        || pids.iter().any(|pid| is_running(*pid)) || inside.iter().any(|path| path.exists());
    while left() {
        let running: Vec<_> = pids.iter().filter(|pid| is_running(**pid)).collect();
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "{running:?} {inside:?}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    std::fs::remove_dir(&scratch[0]).unwrap(); // empty: nothing was left in it
}

#[test]
fn services_end_when_their_input_closes() {
    if need("postgres").is_none() || need("garage").is_none() {
        return;
    }
    let (mut services, pids, folders) = begin();
    drop(services.stdin.take());
    assert!(services.wait().unwrap().success());
    assert!(!pids.iter().any(|pid| is_running(*pid)), "{pids:?}");
    assert_gone(&pids, folders);
}

#[test]
fn services_do_not_survive_whoever_started_them() {
    if need("postgres").is_none() || need("garage").is_none() {
        return;
    }
    let (mut services, pids, folders) = begin();
    services.kill().unwrap();
    services.wait().unwrap();
    assert_gone(&pids, folders);
}
