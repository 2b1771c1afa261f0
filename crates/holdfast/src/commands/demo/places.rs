//! The demo's folder, and how its steps are told.

use crate::out::{Out, safe};
use archive::{Error, Result, Why};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Where the demo keeps its things.
pub(super) struct Places {
    pub(super) archive: PathBuf,
    pub(super) material: PathBuf,
    pub(super) dossier: PathBuf,
    pub(super) policy: PathBuf,
    pub(super) sign_in: PathBuf,
}

impl Places {
    /// A folder that is absent, empty, or one that an earlier demo made.
    pub(super) fn of(dir: &Path) -> Result<Self> {
        let mark = dir.join("THIS-IS-A-DEMO.txt");
        let occupied = std::fs::read_dir(dir).is_ok_and(|mut d| d.next().is_some());
        if occupied && !mark.exists() {
            return Err(Error::new(
                Why::Invalid,
                format!("{} holds something else", dir.display()),
            )
            .next("Name a new or empty folder for the demo"));
        }
        let failed = |e: std::io::Error| {
            Error::new(Why::Disk, format!("{} cannot be made: {e}", dir.display()))
                .next("Name a folder where you may write")
        };
        std::fs::create_dir_all(dir).map_err(failed)?;
        put(
            &mark,
            "Everything in this folder is invented and was made by `holdfast demo`.\nDelete it whenever you like.\n",
        )?;
        Ok(Self {
            archive: dir.join("archive"),
            material: dir.join("material"),
            dossier: dir.join("eastbridge.dossier.tar"),
            policy: dir.join("policy-given-in-person.txt"),
            sign_in: dir.join("sign-in.txt"),
        })
    }
}

/// Says one step after another.
pub(super) struct Steps<'a> {
    pub(super) out: &'a Out,
    pub(super) n: u32,
}

impl Steps<'_> {
    /// Says what a step did.
    pub(super) fn say(&mut self, title: &str, lines: &[String]) {
        self.n += 1;
        let n = self.n;
        self.out.data(
            "step",
            serde_json::json!({ "n": n, "title": title, "text": lines }),
            || {
                let body: Vec<String> = lines.iter().map(|l| format!("   {l}")).collect();
                format!("\n{n}. {title}\n{}", body.join("\n"))
            },
        );
    }
}

/// A path for reading.
pub(super) fn shown(path: &Path) -> String {
    safe(&path.display().to_string())
}

/// Writes a file that is not there yet.
pub(super) fn put(path: &Path, text: &str) -> Result<()> {
    let failed = |e: std::io::Error| {
        Error::new(
            Why::Disk,
            format!("{} cannot be written: {e}", path.display()),
        )
        .next("Free some space or name another folder")
    };
    match std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
    {
        Ok(mut file) => file.write_all(text.as_bytes()).map_err(failed),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(failed(e)),
    }
}
