//! An archive that several hosts share, and everything that can be wrong with its database, its bucket and the way
//! there: what is said, how the program ends, and that nothing is lost or half made.
#![expect(
    clippy::too_many_lines,
    reason = "a table of cases and what is asked of each are read as one"
)]

mod answers;
mod clocks;
mod cut;
mod doctor;
mod full;
mod init;
mod pages;
mod places;
mod secrets;
mod versions;

use crate::support::{Place, Said, ended};
use archive::{Secrets, Shared};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use testkit::Stores;

/// A database, a prefix of a bucket, and one host's folder of the archive that is kept there.
pub(crate) struct Kept {
    pub(crate) place: Place,
    pub(crate) shared: Shared,
    pub(crate) secrets: Secrets,
    pub(crate) stores: Arc<Stores>,
    /// What the owner signs in to the pages with.
    pub(crate) passphrase: String,
}

impl Kept {
    /// Founds an archive on the services of this run; nothing where there are none.
    pub(crate) fn new() -> Option<Self> {
        let mut kept = Self::bare()?;
        let said = kept.init(&[]).ends(0);
        let passphrase = &said.typed("archive")[0]["passphrase"];
        kept.passphrase = passphrase.as_str().unwrap().to_owned();
        Some(kept)
    }

    /// The same before `holdfast init`.
    pub(crate) fn bare() -> Option<Self> {
        let stores = Arc::new(Stores::new()?);
        Some(Self {
            place: Place::bare(),
            shared: stores.shared(),
            secrets: stores.secrets(),
            stores,
            passphrase: String::new(),
        })
    }

    /// The archive in `archive`, its credentials kept in `keys/store.toml`.
    pub(crate) fn init(&self, more: &[&str]) -> Said {
        let words = self.init_words("archive");
        let words: Vec<&str> = words
            .iter()
            .map(String::as_str)
            .chain(more.iter().copied())
            .collect();
        ended(
            self.with_secrets(self.place.command(&words))
                .spawn()
                .unwrap(),
        )
    }

    pub(crate) fn init_words(&self, dir: &str) -> Vec<String> {
        let shared = &self.shared;
        let endpoint = shared.objects_endpoint.clone().unwrap_or_default();
        [
            "--json",
            "init",
            dir,
            "--rows",
            &shared.rows,
            "--objects",
            &shared.objects,
            "--endpoint",
            &endpoint,
        ]
        .into_iter()
        .chain(["--keep-credentials"])
        .map(str::to_owned)
        .collect()
    }

    /// Gives a command what opens the stores, by its environment.
    pub(crate) fn with_secrets(&self, mut command: Command) -> Command {
        let secrets = &self.secrets;
        for (name, secret) in [
            ("HOLDFAST_ROWS_PASSWORD", &secrets.rows_password),
            ("AWS_ACCESS_KEY_ID", &secrets.objects_access_key),
            ("AWS_SECRET_ACCESS_KEY", &secrets.objects_secret_key),
        ] {
            if let Some(secret) = secret {
                command.env(name, secret.expose());
            }
        }
        command
    }

    /// Makes the folder name these places from now on.
    pub(crate) fn point(&self, folder: &str, shared: &Shared) {
        let mut text = format!("rows = {:?}\nobjects = {:?}\n", shared.rows, shared.objects);
        if let Some(endpoint) = &shared.objects_endpoint {
            text.push_str(&format!("objects_endpoint = {endpoint:?}\n"));
        }
        self.place.put(format!("{folder}/holdfast.toml"), text);
    }

    /// Another host: a copy of the folder's own files.
    pub(crate) fn host(&self, name: &str) {
        for file in [
            "HOLDFAST",
            "holdfast.toml",
            "keys/entry.pem",
            "keys/log.pem",
            "keys/store.toml",
        ] {
            let bytes = std::fs::read(self.place.at("archive").join(file)).unwrap();
            let to = self.place.put(format!("{name}/{file}"), bytes);
            private(&to, 0o600);
        }
    }

    /// The program on the archive of one host's folder.
    pub(crate) fn on(&self, folder: &str, args: &[&str]) -> Said {
        let said = self
            .place
            .run(&[&["--json", "--archive", folder], args].concat());
        drop(said.lines());
        said
    }

    /// The archive opened here, for what the program does not show.
    pub(crate) fn opening(&self) -> archive::Opening {
        archive::Opening {
            secrets: self.secrets.clone(),
            ..archive::Opening::default()
        }
    }

    /// Every item there is, by its path, each once.
    pub(crate) fn items(&self) -> Vec<String> {
        let said = self.on("archive", &["ls", "--limit", "1000"]).ends(0);
        let path = |line: &serde_json::Value| line["path"].as_str().unwrap().to_owned();
        let mut paths: Vec<String> = said.typed("item").iter().map(path).collect();
        paths.sort();
        paths
    }

    /// The views made again from the log are the live ones, row for row.
    pub(crate) fn is_whole(&self) {
        assert_eq!(
            self.on("archive", &["rebuild"]).ends(0).summary()["equal"],
            true
        );
    }
}

/// Every original is there and read. Not in every test: each run lists 256 folders of the bucket that all tests share.
pub(crate) fn all_is_there(kept: &Kept) {
    kept.on("archive", &["check", "--full"]).ends(0);
    kept.is_whole();
}

/// Shown with `--nocapture`: the words of every error, for whoever judges them.
#[expect(clippy::print_stdout, reason = "tests capture it")]
pub(crate) fn tell(line: &str) {
    println!("{line}");
}

/// What was said of one failure: it names something, and says what to do.
pub(crate) struct Failure {
    pub(crate) what: String,
    pub(crate) next: String,
}

/// The one error of a command that ended with this code; shown where a test's output is.
pub(crate) fn failure(label: &str, said: Said, code: i32) -> Failure {
    tell(&format!(
        "| {label} | {} | {} |",
        said.code,
        said.stdout
            .lines()
            .find(|l| l.contains("\"error\""))
            .unwrap_or(&said.stderr)
    ));
    let error = said.ends(code).typed("error")[0].clone();
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    let failure = Failure {
        what: text("message"),
        next: text("next"),
    };
    assert!(
        !failure.what.is_empty() && !failure.next.is_empty(),
        "{label}: {error}"
    );
    failure
}

impl Failure {
    /// Both sentences hold these words.
    #[track_caller]
    pub(crate) fn says(&self, what: &str, next: &str) {
        assert!(
            self.what.contains(what),
            "{what:?} is not in {:?}",
            self.what
        );
        assert!(
            self.next.contains(next),
            "{next:?} is not in {:?}",
            self.next
        );
    }
}

pub(crate) fn private(file: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Runs something asynchronous of the archive.
pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}
