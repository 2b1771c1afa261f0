//! A PostgreSQL server of a test's own, to stop, to give a password, to give a certificate.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use store::{Database, Secret, Tls};

pub(crate) const PASSWORD: &str = "correct horse";

/// Is one server on this machine, stopped and removed with this.
#[derive(Debug)]
pub(crate) struct Cluster {
    folder: tempfile::TempDir,
    programs: PathBuf,
    port: u16,
    root: bool,
}

impl Cluster {
    /// Makes and starts one, or says loudly that PostgreSQL is not installed.
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            let required = std::env::var_os("HOLDFAST_REQUIRE_TOOLS").is_some_and(|v| v == "1");
            assert!(
                !required,
                "PostgreSQL's pg_ctl is not installed, and here a skip is a failure"
            );
            std::io::stderr()
                .write_all(b"SKIPPED: no pg_ctl; install PostgreSQL\n")
                .unwrap();
            return None;
        };
        // Not below the project: the user it runs as must be able to get there.
        let folder = tempfile::tempdir().unwrap();
        // PostgreSQL refuses to run as root.
        let root = std::os::unix::fs::MetadataExt::uid(&folder.path().metadata().unwrap()) == 0;
        if root {
            run(Command::new("chown").arg("postgres").arg(folder.path()));
        }
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let cluster = Self {
            folder,
            programs,
            port,
            root,
        };
        cluster.put("password", PASSWORD.as_bytes());
        let pwfile = format!("--pwfile={}", cluster.path("password").display());
        run(cluster
            .program("initdb")
            .args(["-U", "holdfast", "-A", "scram-sha-256", "--no-sync"])
            .args(["-E", "UTF8", "--locale=C", &pwfile]));
        cluster.resume();
        Some(cluster)
    }

    /// Says where it is, with the right password.
    pub(crate) fn at(&self) -> Database {
        Database {
            host: "localhost".into(),
            port: self.port,
            name: "postgres".into(),
            user: "holdfast".into(),
            password: Some(Secret::new(PASSWORD)),
            tls: Tls::Off,
        }
    }

    /// Starts it after a stop; it answers when this returns.
    pub(crate) fn resume(&self) {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off",
            self.port
        );
        run(self
            .program("pg_ctl")
            .args(["-w", "-s", "start", "-o", &options, "-l"])
            .arg(self.path("log")));
    }

    /// Stops it as a power cut of its process would.
    pub(crate) fn stop(&self) {
        run(self
            .program("pg_ctl")
            .args(["-w", "-s", "-m", "immediate", "stop"]));
    }

    /// Adds lines to its settings, for the next start.
    pub(crate) fn set(&self, lines: &str) {
        let path = self.path("data/postgresql.auto.conf");
        let mut text = std::fs::read_to_string(&path).unwrap();
        text.push_str(lines);
        self.put("data/postgresql.auto.conf", text.as_bytes());
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file that the server's user can read and nobody else.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.path(name);
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .open(&path)
            .unwrap();
        file.write_all(bytes).unwrap();
        file.set_permissions(std::fs::Permissions::from_mode(0o600))
            .unwrap();
        if self.root {
            run(Command::new("chown").arg("postgres").arg(path));
        }
    }

    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if self.root {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.arg("-D").arg(self.path("data"));
        command.current_dir(self.folder.path());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // It may be stopped already.
        let stop = ["-w", "-s", "-m", "immediate", "stop"];
        self.program("pg_ctl").args(stop).output().ok();
    }
}

fn run(command: &mut Command) {
    // Not piped: the server would hold the pipe open after its starter has gone.
    let status = command
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{command:?}: {status}");
}

/// Finds the folder of the newest PostgreSQL.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    // Where Debian keeps them, one folder for each version.
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        let mut versions: Vec<PathBuf> = versions.map(|v| v.unwrap().path().join("bin")).collect();
        versions.sort();
        folders.extend(versions.into_iter().rev());
    }
    let there = |folder: &Path| {
        ["pg_ctl", "initdb"]
            .iter()
            .all(|p| folder.join(p).is_file())
    };
    folders.into_iter().find(|folder| there(folder))
}
