//! A PostgreSQL cluster of one test, or of one run of all tests.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

use super::process::{Account, Process, Program, children, ordinary, under};
use super::{or_stop, port, random_hex, wait_for};
use crate::tools::{folder_with, output};

/// The owner of every database; not an account of the machine.
const USER: &str = "holdfast";
/// Each one saves time and costs what only a power cut can take.
const NOT_DURABLE: [&str; 6] = [
    "-c",
    "fsync=off",
    "-c",
    "synchronous_commit=off",
    "-c",
    "full_page_writes=off",
];

/// Finds a program of PostgreSQL: Debian's newest, which is not on `PATH`, or the one that is.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").ok();
    let newest = debian
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let version: u32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
            Some((version, program_of(version, name)?))
        })
        .max();
    if let Some((_, path)) = newest {
        return Some(path);
    }
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

fn program_of(version: u32, name: &str) -> Option<PathBuf> {
    let path = Path::new("/usr/lib/postgresql").join(format!("{version}/bin/{name}"));
    path.is_file().then_some(path)
}

fn found(name: &str) -> Result<PathBuf, String> {
    program(name).ok_or_else(|| {
        format!("No {name} of PostgreSQL; run `cargo xtask install` or install `postgresql`")
    })
}

/// Runs SQL through `psql` and returns what it printed: one line a row, `|` between columns.
pub(super) fn psql(url: &str, text: &str) -> Result<String, String> {
    let mut command = Command::new(found("psql")?);
    command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]);
    command.args(["-d", url, "-c", text]);
    output(command.env("PGCONNECT_TIMEOUT", "30")).map(|said| said.trim_end().to_owned())
}

/// A cluster with its own folder and port; dropped, it is gone.
///
/// Encoding UTF-8, locale C, 200 connections. The calls may come from any thread.
#[derive(Debug)]
pub struct Postgres {
    process: Mutex<Option<Process>>,
    durable: bool,
    password: Option<String>,
    account: Option<Account>,
    port: u16,
    /// Last: it is removed after the server is gone.
    folder: TempDir,
}

impl Postgres {
    /// Starts a cluster that lets in everybody on this machine; `durable` leaves fsync on.
    ///
    /// # Panics
    /// When it cannot; ask `tools::need("postgres")` first.
    #[track_caller]
    pub fn start(durable: bool) -> Self {
        or_stop(Self::begin(durable, None))
    }

    /// Starts a cluster that asks for this password (scram-sha-256); not durable.
    ///
    /// The password is letters, digits, `-` and `_`: it stands in [`Self::url`] as it is.
    ///
    /// # Panics
    /// As [`Self::start`].
    #[track_caller]
    pub fn with_password(password: &str) -> Self {
        or_stop(Self::begin(false, Some(password.to_owned())))
    }

    fn begin(durable: bool, password: Option<String>) -> Result<Self, String> {
        let account = ordinary("postgres")?;
        let secret = format!("{}\n", password.as_deref().unwrap_or_default());
        let folder = folder_with(&[("password", secret.as_bytes())])?;
        if let Some(account) = account {
            for path in [folder.path(), &folder.path().join("password")] {
                std::os::unix::fs::chown(path, Some(account.user), Some(account.group))
                    .map_err(|error| format!("Cannot hand over {}: {error}", path.display()))?;
            }
        }
        let mut server = Self {
            process: Mutex::new(None),
            durable,
            password,
            account,
            port: 0,
            folder,
        };
        server.make_cluster()?;
        let mut tried = Ok(());
        for _ in 0..3 {
            // Somebody may take the port between the question and the start.
            server.port = port::free()?;
            tried = server.launch();
            if tried.is_ok() {
                break;
            }
        }
        tried.map(|()| server)
    }

    fn make_cluster(&self) -> Result<(), String> {
        let mut command = Command::new(found("initdb")?);
        command.args(["-U", USER, "--no-sync", "-E", "UTF8", "--locale=C", "-D"]);
        command.arg(self.data()).arg("-A");
        match self.password {
            Some(_) => {
                command.args(["scram-sha-256", "--pwfile"]);
                command.arg(self.folder.path().join("password"));
            }
            None => {
                command.arg("trust");
            }
        }
        command.current_dir(self.folder.path());
        output(under(self.account, &mut command)).map(drop)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Starts the server on its port and returns when it answers.
    fn launch(&self) -> Result<(), String> {
        let log = self.folder.path().join("log");
        let mut words = vec![
            found("postgres")?.display().to_string(),
            "-D".to_owned(),
            self.data().display().to_string(),
        ];
        for setting in [
            &format!("port={}", self.port),
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=200",
        ] {
            words.extend(["-c".to_owned(), setting.to_owned()]);
        }
        if !self.durable {
            words.extend(NOT_DURABLE.map(str::to_owned));
        }
        let process = Process::start(&Program {
            words,
            log: &log,
            folder: self.folder.path(),
            farewell: "QUIT",
            account: self.account,
        })?;
        let ready = found("pg_isready")?;
        let answers = wait_for(|| {
            if !process.runs() {
                return Ok(false);
            }
            let mut ask = Command::new(&ready);
            ask.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
            output(&mut ask).map(|_| true)
        });
        if answers != Ok(true) {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            return Err(format!("PostgreSQL did not start: {answers:?}\n{said}"));
        }
        *self.turn() = Some(process);
        Ok(())
    }

    fn turn(&self) -> MutexGuard<'_, Option<Process>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Names a database of this cluster as a client wants it; `postgres` is always there.
    pub fn url(&self, database: &str) -> String {
        let password = self.password.as_deref();
        let secret = password.map_or(String::new(), |word| format!(":{word}"));
        format!(
            "postgres://{USER}{secret}@127.0.0.1:{}/{database}",
            self.port
        )
    }

    /// Names the cluster without a database.
    pub fn server_url(&self) -> String {
        self.url("").trim_end_matches('/').to_owned()
    }

    /// Runs SQL in the database `postgres` and returns its rows, a line each, `|` between columns.
    ///
    /// # Errors
    /// Returns what `psql` said, also when the server is not there.
    pub fn sql(&self, text: &str) -> Result<String, String> {
        self.sql_in("postgres", text)
    }

    /// The same in another database.
    ///
    /// # Errors
    /// As [`Self::sql`].
    pub fn sql_in(&self, database: &str, text: &str) -> Result<String, String> {
        psql(&self.url(database), text)
    }

    /// Makes an empty database and returns its address.
    ///
    /// # Panics
    /// When the server refuses.
    #[track_caller]
    pub fn create(&self, database: &str) -> String {
        or_stop(self.sql(&format!("create database \"{database}\"")));
        self.url(database)
    }

    /// Drops a database, whoever is still connected to it.
    ///
    /// # Panics
    /// When the server refuses.
    #[track_caller]
    pub fn drop_database(&self, database: &str) {
        or_stop(self.sql(&format!("drop database \"{database}\" with (force)")));
    }

    /// Stops at once, as an operator would in need: the next start recovers.
    ///
    /// # Panics
    /// When a process of the cluster stays.
    #[track_caller]
    pub fn stop_now(&self) {
        if let Some(mut process) = self.turn().take() {
            or_stop(process.end_family("QUIT"));
        }
    }

    /// Kills the server and every process of it with SIGKILL; nothing gets to say good-bye.
    ///
    /// # Panics
    /// When a process of the cluster stays.
    #[track_caller]
    pub fn kill(&self) {
        if let Some(mut process) = self.turn().take() {
            or_stop(process.kill_family());
        }
    }

    /// Starts again on the same port and data, and returns when the server answers.
    ///
    /// # Panics
    /// When it still runs or does not come back.
    #[track_caller]
    pub fn start_again(&self) {
        assert!(
            self.turn().is_none(),
            "PostgreSQL still runs; stop it first"
        );
        or_stop(self.launch());
    }

    /// Lists the processes of the cluster, the server first.
    pub fn pids(&self) -> Vec<u32> {
        let turn = self.turn();
        let server = turn.as_ref().map(Process::pid);
        server
            .into_iter()
            .flat_map(|pid| std::iter::once(pid).chain(children(pid)))
            .collect()
    }

    /// Names the folder that holds everything of the cluster.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(mut process) = self.turn().take() {
            process.kill_family().ok(); // the process itself is killed when it is dropped
        }
    }
}

/// A name for a database that no other test uses.
pub(super) fn fresh_name() -> Result<String, String> {
    Ok(format!("t_{}", random_hex::<8>()?))
}
