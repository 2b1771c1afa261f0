//! The command line in one place: every verb, every flag. Unknown flags are errors.

mod jobs;
mod stores;
mod words;

pub(crate) use self::jobs::{Job, Worker};
pub(crate) use self::stores::{Move, Stores};
pub(crate) use self::words::read;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Documents and reviews possible war crimes, and shares the result so that a stranger can check it.
#[derive(Debug, Parser)]
#[command(
    name = "holdfast",
    version,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    /// The archive's folder; without it HOLDFAST_ARCHIVE, or the current folder.
    #[arg(
        long,
        global = true,
        env = "HOLDFAST_ARCHIVE",
        hide_env_values = true,
        value_name = "DIR"
    )]
    pub(crate) archive: Option<PathBuf>,
    /// Data as JSON lines, the last of them a summary.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Open the archive to read only.
    #[arg(long, global = true)]
    pub(crate) read_only: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a new archive in an empty or absent folder.
    Init(Init),
    /// Start, note or end a stretch of collecting.
    #[command(subcommand)]
    Session(Session),
    /// Preserve files and folders; run it again to go on where it stopped.
    Add(Add),
    /// List items, newest first.
    Ls(Ls),
    /// Show one item: as-collected facts, custody chain, proofs.
    Show(Show),
    /// Take out an original; every byte is checked against its digest.
    Get(Get),
    /// Find items by words, hash or id.
    Find(Find),
    /// Check the archive and name all damage.
    Check(Check),
    /// The log: head, entries, export, verification.
    #[command(subcommand)]
    Log(Log),
    /// Delete every view, make it again, and say whether they are equal.
    Rebuild,
    /// Carry the whole archive to another place, resumable, with the proof that it is the same there.
    Move(Move),
    /// Build and seal what is shared with a recipient.
    #[command(subcommand)]
    Dossier(Dossier),
    /// Check a dossier offline, without any archive.
    Verify(Verify),
    /// Accounts.
    #[command(subcommand)]
    User(User),
    /// Work that can wait: see it, ask for it, put it back.
    #[command(subcommand)]
    Job(Job),
    /// Do jobs, until Ctrl-C.
    Worker(Worker),
    /// Serve the pages.
    Serve(Serve),
    /// Say what this machine offers and what is missing.
    Doctor,
    /// Walk the whole line with invented material.
    Demo(Demo),
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Explain a topic: exit-codes, json, evidence, no-network, recover.
    Help {
        /// The topic; without one the list of commands.
        topic: Option<String>,
    },
}

fn at_most() -> clap::builder::RangedI64ValueParser<i64> {
    clap::value_parser!(i64).range(1..=100_000)
}

#[derive(Debug, Args)]
#[command(after_long_help = include_str!("commands/help/stores.txt"))]
pub(crate) struct Init {
    /// The new archive's folder.
    pub(crate) dir: PathBuf,
    /// What people call the archive.
    #[arg(long, default_value = "Archive")]
    pub(crate) name: String,
    /// The name under which its log stands, such as archive.example.
    #[arg(long, default_value = "archive.invalid")]
    pub(crate) domain: String,
    /// What the owner account is called.
    #[arg(long, default_value = "owner")]
    pub(crate) owner: String,
    /// Read the owner's passphrase from this file descriptor instead of making one.
    #[arg(long, value_name = "N")]
    pub(crate) passphrase_fd: Option<i32>,
    #[command(flatten)]
    pub(crate) stores: Stores,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Session {
    /// Start a session.
    Start {
        /// What is collected, and why.
        #[arg(long)]
        purpose: String,
        /// Under what authority.
        #[arg(long)]
        authority: Option<String>,
    },
    /// Note something that happened.
    Note {
        /// The session, such as S-1.
        session: String,
        /// What happened.
        note: String,
    },
    /// End a session.
    End {
        /// The session, such as S-1.
        session: String,
        /// A last note.
        #[arg(long)]
        note: Option<String>,
    },
    /// List sessions.
    Ls,
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Files and folders.
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Where it came from: a person, a channel, a device. Run it again with the same words to go on.
    #[arg(long)]
    pub(crate) source: String,
    /// The session it belongs to, such as S-1.
    #[arg(long)]
    pub(crate) session: Option<String>,
    /// When it was collected, as you state it.
    #[arg(long, value_name = "TEXT")]
    pub(crate) collected_at: Option<String>,
    /// Say what would be added, and add nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// How many files are read at once; without it one a core.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub(crate) workers: Option<u16>,
}

#[derive(Debug, Args)]
pub(crate) struct Ls {
    /// How many at the most.
    #[arg(long, default_value_t = 50, value_parser = at_most())]
    pub(crate) limit: i64,
    /// Only items with a number below this one.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) before: Option<i64>,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The item: id, start of an id, number, or SHA-256.
    pub(crate) item: String,
}

#[derive(Debug, Args)]
pub(crate) struct Get {
    /// The item: id, start of an id, number, or SHA-256.
    pub(crate) item: String,
    /// The file to write; it must not exist.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// What it is taken out for; kept in the log.
    #[arg(long)]
    pub(crate) purpose: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Find {
    /// Words (all must be there), "a phrase", -not, one OR other, begin*, an id or a hash.
    #[arg(required = true, allow_hyphen_values = true)]
    pub(crate) query: Vec<String>,
    /// How many at the most.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) limit: u32,
    /// How many to skip.
    #[arg(long, default_value_t = 0)]
    pub(crate) offset: usize,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The log, every entry, and whether every original is there in full length (the default).
    #[arg(long, conflicts_with_all = ["full", "item"])]
    pub(crate) quick: bool,
    /// Everything, every byte of every original included.
    #[arg(long, conflicts_with = "item")]
    pub(crate) full: bool,
    /// One item.
    #[arg(long, value_name = "ID")]
    pub(crate) item: Option<String>,
    /// Do not check now: ask for jobs that workers do (`holdfast worker`).
    #[arg(long, requires = "full")]
    pub(crate) later: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Log {
    /// The newest checkpoint: size, root, origin, key.
    Head,
    /// Entries, newest first.
    Ls {
        /// How many at the most.
        #[arg(long, default_value_t = 50, value_parser = at_most())]
        limit: i64,
        /// Only entries with an index below this one.
        #[arg(long, value_name = "INDEX")]
        before: Option<i64>,
        /// Only this kind.
        #[arg(long, default_value = "", hide_default_value = true)]
        kind: String,
    },
    /// Copy the log (salted digests, no content) into a new folder for others to check.
    Export {
        /// The folder; it must not exist.
        dir: PathBuf,
    },
    /// Check the log against its signed head, or a copy of it without any archive.
    Verify {
        /// A folder made by `log export`; without it the log of the archive.
        dir: Option<PathBuf>,
        /// An older checkpoint that must be a beginning of this log.
        #[arg(long, value_name = "FILE")]
        since: Option<PathBuf>,
        /// The log's verifier key, from outside; needed to check a copy.
        #[arg(long, value_name = "VKEY")]
        key: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Dossier {
    /// Open a dossier for a recipient.
    New {
        /// For whom.
        #[arg(long = "for", value_name = "RECIPIENT")]
        recipient: String,
        /// What for.
        #[arg(long)]
        purpose: String,
    },
    /// Choose items for a dossier.
    Add {
        /// The dossier, such as D-1.
        dossier: String,
        /// Items: ids, numbers or hashes.
        #[arg(required_unless_present = "all")]
        items: Vec<String>,
        /// Every item you can see.
        #[arg(long, conflicts_with = "items")]
        all: bool,
        /// Fields of their entries to withhold, such as path,source.
        #[arg(long, value_delimiter = ',', value_name = "FIELD,…")]
        withhold: Vec<String>,
    },
    /// List dossiers.
    Ls,
    /// Show one dossier.
    Show {
        /// The dossier, such as D-1.
        dossier: String,
    },
    /// Seal a dossier into a file that nobody can change unnoticed.
    Seal {
        /// The dossier, such as D-1.
        dossier: String,
        /// The file to write; it must not exist.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// A time-stamping authority (http://…) to ask for an RFC 3161 token.
        #[arg(long, value_name = "URL")]
        tsa: Option<String>,
        /// Do not seal now: ask for a job that a worker on this host does (`holdfast worker`).
        #[arg(long)]
        later: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The dossier: a file, or its unpacked folder.
    pub(crate) file: PathBuf,
    /// A C2SP tlog-policy with the log's key and its witnesses, got another way than the dossier.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Root certificates (PEM) of time-stamping authorities you trust.
    #[arg(long, value_name = "FILE")]
    pub(crate) tsa_root: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Set a new passphrase for signing in to the pages.
    Passphrase {
        /// The account.
        #[arg(default_value = "owner")]
        handle: String,
        /// Read it from this file descriptor instead of making one.
        #[arg(long, value_name = "N")]
        passphrase_fd: Option<i32>,
    },
}

#[derive(Debug, Args)]
#[command(after_long_help = include_str!("commands/help/serve.txt"))]
pub(crate) struct Serve {
    /// Where to listen; without --origin only an address of this machine.
    #[arg(long, default_value = "127.0.0.1:8420")]
    pub(crate) listen: String,
    /// An address people use, https://… or http://….onion, behind a front that encrypts; may be repeated.
    #[arg(long, value_name = "URL")]
    pub(crate) origin: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// A folder of its own for the demo.
    #[arg(default_value = "holdfast-demo")]
    pub(crate) dir: PathBuf,
    /// Stop before serving the pages.
    #[arg(long)]
    pub(crate) no_serve: bool,
    /// Where to serve the pages.
    #[arg(long, default_value = "127.0.0.1:8420")]
    pub(crate) listen: String,
}
