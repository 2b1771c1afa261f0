//! One file per verb: parse, call one function of a verb crate, say what came of it.

mod add;
mod check;
mod demo;
mod doctor;
mod dossier;
mod find;
mod get;
mod help;
mod init;
mod items;
mod job;
mod log;
mod moving;
mod rebuild;
mod serve;
mod session;
mod user;
mod verify;
mod worker;

use crate::cli::{Cli, Command};
use crate::exit::Exit;
use crate::out::Out;
use crate::stores;
use archive::{Archive, Opening, Result, Who};
use std::path::PathBuf;
use std::sync::Arc;

/// Runs one command and says how it ended.
pub(crate) async fn run(cli: Cli, out: &Arc<Out>) -> Exit {
    match dispatch(cli, out).await {
        Ok(exit) => exit,
        Err(e) => {
            let exit = Exit::of(&e);
            let next = e.next.as_deref().unwrap_or_else(|| Exit::next(e.why));
            out.error(exit as u8, &e.what, Some(next));
            exit
        }
    }
}

async fn dispatch(cli: Cli, out: &Arc<Out>) -> Result<Exit> {
    let at = At {
        dir: cli.archive.unwrap_or_else(|| PathBuf::from(".")),
        read_only: cli.read_only,
    };
    match cli.command {
        Command::Init(args) => init::run(args, out).await,
        Command::Session(args) => session::run(args, &at, out).await,
        Command::Add(args) => add::run(args, &at, out).await,
        Command::Ls(args) => items::ls(args, &at, out).await,
        Command::Show(args) => items::show(args, &at, out).await,
        Command::Get(args) => get::run(args, &at, out).await,
        Command::Find(args) => find::run(args, &at, out).await,
        Command::Check(args) => check::run(args, &at, out).await,
        Command::Log(args) => log::run(args, &at, out).await,
        Command::Move(args) => moving::run(args, &at, out).await,
        Command::Rebuild => rebuild::run(&at, out).await,
        Command::User(args) => user::run(args, &at, out).await,
        Command::Job(args) => job::run(args, &at, out).await,
        Command::Worker(args) => worker::run(args, &at, out).await,
        Command::Completions { shell } => Ok(help::completions(shell, out)),
        Command::Help { topic } => help::topic(topic.as_deref(), out),
        Command::Dossier(args) => dossier::run(args, &at, out).await,
        Command::Verify(args) => verify::run(args, out).await,
        Command::Doctor => doctor::run(&at, out).await,
        Command::Demo(args) => demo::run(args, out).await,
        Command::Serve(args) => serve::run(args, &at, out).await,
    }
}

/// Which archive a command is about.
#[derive(Debug, Clone)]
pub(crate) struct At {
    pub(crate) dir: PathBuf,
    pub(crate) read_only: bool,
}

impl At {
    /// Opens it for the account of whoever can read its keys.
    pub(crate) async fn open(&self) -> Result<(Archive, Who)> {
        self.open_as(Opening {
            read_only: self.read_only,
            secrets: stores::secrets(),
            ..Opening::default()
        })
        .await
    }

    /// Opens it for this process alone.
    pub(crate) async fn open_alone(&self) -> Result<(Archive, Who)> {
        self.open_as(Opening {
            alone: true,
            secrets: stores::secrets(),
            ..Opening::default()
        })
        .await
    }

    pub(crate) async fn open_as(&self, opening: Opening) -> Result<(Archive, Who)> {
        let archive = Archive::open(&self.dir, opening).await?;
        let who = archive.owner().await?;
        Ok((archive, who))
    }
}

/// Says that nothing can be recorded and why, when that is so; reading goes on.
pub(crate) fn warn(archive: &Archive, out: &Out) {
    if let Some(why) = archive.trouble() {
        out.warning(&format!(
            "Nothing can be recorded in this archive now: {why}. What is shown is as it was read; run `holdfast check --full`"
        ));
    }
}

/// A SHA-256 for reading: in full, as it stands in every receipt.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut s, b| {
        write!(s, "{b:02x}").expect("writing to a String cannot fail");
        s
    })
}

/// Microseconds since 1970 as an instant in UTC.
pub(crate) fn instant(micros: i64) -> String {
    format::time::Instant::from_micros(micros)
        .map_or_else(|_| micros.to_string(), |t| t.to_string())
}

/// The same without fractions, for people.
pub(crate) fn moment(micros: i64) -> String {
    let text = instant(micros);
    text.split('.')
        .next()
        .map_or_else(|| text.clone(), |s| format!("{}Z", s.replace('T', " ")))
}

/// A number with thin groups.
pub(crate) fn grouped(n: impl Into<i128>) -> String {
    let digits = n.into().to_string();
    let (sign, digits) = digits
        .strip_prefix('-')
        .map_or(("", digits.as_str()), |d| ("-", d));
    let groups: Vec<String> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|g| String::from_utf8_lossy(g).into_owned())
        .collect();
    format!("{sign}{}", groups.join(" "))
}
