//! What stands beside our figures: the disk, the database and the object store by themselves.

use crate::pair::{Services, folder};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a program used, as the kernel told GNU time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ran {
    pub(crate) wall: f64,
    pub(crate) cpu: f64,
    pub(crate) peak_mb: f64,
}

/// Runs a program to its end, which must be a good one.
pub(crate) fn run(command: &Command) -> Ran {
    let dir = folder();
    let used = dir.path().join("used");
    let said = File::options()
        .create(true)
        .append(true)
        .open(dir.path().join("said"))
        .unwrap();
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-f", "%U %S %M", "-o"]).arg(&used);
    timed.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => timed.env(name, value),
            None => timed.env_remove(name),
        };
    }
    timed.stdin(Stdio::null());
    timed.stdout(said.try_clone().unwrap()).stderr(said);
    let start = Instant::now();
    let status = timed.status().unwrap();
    let wall = start.elapsed().as_secs_f64();
    let said = std::fs::read_to_string(dir.path().join("said")).unwrap_or_default();
    let program = command.get_program().display();
    assert!(status.success(), "{program} ended with {status}\n{said}");
    let used = std::fs::read_to_string(&used).unwrap();
    let figures: Vec<f64> = used
        .lines()
        .last()
        .unwrap_or_default()
        .split(' ')
        .filter_map(|f| f.parse().ok())
        .collect();
    Ran {
        wall,
        cpu: figures[0] + figures[1],
        peak_mb: figures[2] * 1.024 / 1000.0,
    }
}

/// Times one act again and again on so many threads; gives how often a second it was done.
fn each_second(clients: usize, seconds: u64, act: impl Fn(&Path, usize, u64) + Sync) -> f64 {
    let dir = folder();
    let start = Instant::now();
    let until = start + Duration::from_secs(seconds);
    let done: u64 = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..clients)
            .map(|client| {
                let (act, dir) = (&act, dir.path());
                scope.spawn(move || {
                    let mut done = 0;
                    while Instant::now() < until {
                        act(dir, client, done);
                        done += 1;
                    }
                    done
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).sum()
    });
    done as f64 / start.elapsed().as_secs_f64()
}

/// A thousand bytes at the end of a file, synced; each client has a file of its own.
pub(crate) fn appends(clients: usize, seconds: u64) -> f64 {
    each_second(clients, seconds, |dir, client, _n| {
        let path = dir.join(format!("{client}"));
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .unwrap();
        file.write_all(&[7; 1_000]).unwrap();
        file.sync_data().unwrap();
    })
}

/// A new file, synced with its folder, and a thousand bytes at the end of another: the least that an item costs.
pub(crate) fn files(clients: usize, seconds: u64, len: usize) -> f64 {
    let bytes = vec![7; len];
    each_second(clients, seconds, |dir, client, n| {
        let path = dir.join(format!("{client}-{n}"));
        let mut file = File::options()
            .write(true)
            .create_new(true)
            .open(path)
            .unwrap();
        file.write_all(&bytes).unwrap();
        file.sync_all().unwrap();
        File::open(dir).unwrap().sync_all().unwrap();
        let log = dir.join(format!("{client}"));
        let mut log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .unwrap();
        log.write_all(&[7; 1_000]).unwrap();
        log.sync_data().unwrap();
    })
}

/// One row of a thousand bytes inserted and committed, by PostgreSQL's own program.
pub(crate) fn inserts(services: &Services, clients: usize, seconds: u64) -> f64 {
    let url = services.postgres.url("postgres");
    let make = "create table if not exists peer (n bigserial primary key, b bytea)";
    services.postgres.sql(make).unwrap();
    let dir = folder();
    let script = dir.path().join("insert.sql");
    let mut file = File::options()
        .write(true)
        .create_new(true)
        .open(&script)
        .unwrap();
    file.write_all(b"insert into peer (b) values (decode(repeat('07', 1000), 'hex'));\n")
        .unwrap();
    let mut command = Command::new(pgbench());
    let (clients, seconds) = (clients.to_string(), seconds.to_string());
    command.args(["-n", "-c", &clients, "-j", "1", "-T", &seconds, "-f"]);
    let done = command.arg(&script).arg(&url).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let tps = said.lines().find_map(|line| line.strip_prefix("tps = "));
    let rate = tps.and_then(|rest| rest.split(' ').next()?.parse().ok());
    assert!(rate.is_some(), "{}", String::from_utf8_lossy(&done.stderr));
    rate.unwrap()
}

/// Beside the server, which is not on `PATH` in Debian.
fn pgbench() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql");
    let mut found: Vec<PathBuf> = versions
        .into_iter()
        .flatten()
        .map(|v| v.unwrap().path().join("bin/pgbench"))
        .filter(|path| path.is_file())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| "pgbench".into())
}

/// The bare upload of a folder with the client library; see `crates/store/examples/bare_upload.rs`.
pub(crate) fn bare_upload(
    services: &Services,
    prefix: &str,
    at_once: usize,
    folder: &Path,
) -> Command {
    let here = std::env::current_exe().unwrap();
    let program = here
        .ancestors()
        .nth(2)
        .unwrap()
        .join("examples/bare_upload");
    let s3 = services.garage.s3();
    let mut command = Command::new(program);
    command
        .env("AWS_ACCESS_KEY_ID", &s3.key)
        .env("AWS_SECRET_ACCESS_KEY", &s3.secret)
        .args([
            s3.endpoints[0].as_str(),
            &s3.bucket,
            prefix,
            &at_once.to_string(),
        ])
        .arg(folder);
    command
}

/// The same with `rclone`, as it comes but for how much it does at once.
pub(crate) fn rclone(
    services: &Services,
    prefix: &str,
    at_once: usize,
    folder: &Path,
) -> Option<Command> {
    let path = std::env::var_os("PATH")?;
    let program = std::env::split_paths(&path)
        .map(|dir| dir.join("rclone"))
        .find(|program| program.is_file())?;
    let s3 = services.garage.s3();
    let mut command = Command::new(program);
    command
        .env("RCLONE_CONFIG", "/dev/null")
        // Its library refuses to take one.
        .env_remove("AWS_CA_BUNDLE")
        .env("RCLONE_S3_ACCESS_KEY_ID", &s3.key)
        .env("RCLONE_S3_SECRET_ACCESS_KEY", &s3.secret)
        .env("RCLONE_S3_PROVIDER", "Other")
        .env("RCLONE_S3_ENDPOINT", &s3.endpoints[0])
        .env("RCLONE_S3_REGION", testkit::services::REGION)
        .args(["copy", "--s3-chunk-size", "8M", "--s3-upload-concurrency"])
        .args(["4", "--s3-no-check-bucket", "--transfers"])
        .arg(at_once.to_string())
        .arg(folder)
        .arg(format!(":s3:{}/{prefix}", s3.bucket));
    Some(command)
}
