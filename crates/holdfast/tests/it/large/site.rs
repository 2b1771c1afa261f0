//! An archive in a database and a bucket, and hosts with folders of their own.

use super::browser::Browser;
use crate::dossier::desk::hex;
use crate::support::{Place, ended, signal};
use serde_json::Value;
use std::cell::Cell;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command};
use std::time::{Duration, Instant};
use testkit::services::{self, REGION, S3};

/// Longer than anything here takes on a busy machine, and shorter than the minute for which a host may hold others up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(45);

/// Asks until something holds.
#[track_caller]
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "Waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The archive, as its first host knows it.
pub(crate) struct Site {
    pub(crate) first: Place,
    pub(crate) passphrase: String,
    /// Under which its objects stand in the bucket.
    pub(crate) prefix: String,
    hosts: Cell<u64>,
}

impl Site {
    /// Founds an archive in this database, under a prefix that nobody else has.
    pub(crate) fn found(rows: &str, s3: &S3) -> Self {
        let place = Place::bare();
        let folder = place.at("");
        let random = folder.file_name().unwrap().as_encoded_bytes();
        let prefix = format!("large/{}", hex(random));
        let objects = format!("s3://{}/{prefix}", s3.bucket);
        let words = [
            "--json",
            "init",
            "archive",
            "--rows",
            rows,
            "--objects",
            &objects,
        ];
        let where_to = ["--endpoint", &s3.endpoints[0], "--region", REGION];
        let mut command = place.command(&[&words[..], &where_to, &["--keep-credentials"]].concat());
        command.env("AWS_ACCESS_KEY_ID", &s3.key);
        command.env("AWS_SECRET_ACCESS_KEY", &s3.secret);
        let said = ended(command.spawn().unwrap()).ends(0);
        let made = said.typed("archive")[0].clone();
        Self {
            first: place,
            passphrase: made["passphrase"].as_str().unwrap().to_owned(),
            prefix,
            hosts: Cell::new(0),
        }
    }

    /// One more host: a copy of the first one's folder.
    pub(crate) fn host(&self) -> Place {
        self.hosts.set(self.hosts.get() + 1);
        let place = Place::bare();
        let copied = Command::new("cp")
            .arg("-a")
            .arg(self.first.at("archive"))
            .arg(place.at("archive"))
            .status();
        assert!(copied.unwrap().success());
        place
    }

    /// The same, which reaches the objects at another address.
    pub(crate) fn host_at(&self, endpoint: &str) -> Place {
        let place = self.host();
        edit(&place, "objects_endpoint", endpoint);
        place
    }
}

/// Changes a line of a host's `holdfast.toml`, as an operator does.
pub(crate) fn edit(place: &Place, key: &str, value: &str) {
    let file = place.at("archive/holdfast.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let lines = text.lines().map(|line| {
        let ours = line.starts_with(&format!("{key} = "));
        if ours {
            format!("{key} = {value:?}\n")
        } else {
            format!("{line}\n")
        }
    });
    let new: String = lines.collect();
    assert_ne!(new, text, "{key} stands in no line of {text}");
    place.put(file, new);
}

/// A running `holdfast serve`, behind a front of the site's name.
pub(crate) struct Server {
    child: Option<Child>,
    listen: String,
    _rest: BufReader<ChildStdout>,
}

/// The site's name, the same whichever server answers.
pub(crate) const SITE: &str = "archive.example";

impl Server {
    pub(crate) fn start(place: &Place) -> Self {
        let site = format!("https://{SITE}");
        let words = [
            "--json",
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--origin",
            &site,
        ];
        let mut command = place.command(&words);
        command.stderr(std::process::Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut rest = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        rest.read_line(&mut first).unwrap();
        let said: Value = serde_json::from_str(&first).unwrap_or_else(|e| panic!("{first:?}: {e}"));
        Self {
            child: Some(child),
            listen: said["listen"].as_str().unwrap().to_owned(),
            _rest: rest,
        }
    }

    pub(crate) fn listen(&self) -> &str {
        &self.listen
    }

    pub(crate) fn child(&self) -> &Child {
        self.child.as_ref().unwrap()
    }

    /// Somebody new at this server.
    pub(crate) fn browser(&self) -> Browser {
        Browser::at(&self.listen)
    }

    /// Kills it with SIGKILL.
    pub(crate) fn kill(mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Ends it as a service manager does.
    pub(crate) fn end(mut self) {
        let mut child = self.child.take().unwrap();
        signal(&child, "TERM");
        until("a server ends", || child.try_wait().unwrap().is_some());
        assert!(child.wait().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

/// A site on the services of this run.
pub(crate) struct Usual {
    pub(crate) site: Site,
    pub(crate) database: services::Database,
}

/// Founds it, or skips aloud.
pub(crate) fn usual() -> Option<Usual> {
    let services = services::shared()?;
    let database = services.fresh_database();
    Some(Usual {
        site: Site::found(&database.url(), &services.s3),
        database,
    })
}
