//! Work that can wait, and who does it.

use super::at_most;
use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum Job {
    /// Count jobs by kind and list them, newest first.
    Ls {
        /// Only of this state.
        #[arg(long, value_parser = ["waiting", "running", "set_aside", "done", "cancelled"])]
        state: Option<String>,
        /// Only of this kind.
        #[arg(long, default_value = "", hide_default_value = true)]
        kind: String,
        /// The parts of other jobs too, not only those that run or were set aside.
        #[arg(long)]
        parts: bool,
        /// How many at the most.
        #[arg(long, default_value_t = 50, value_parser = at_most())]
        limit: i64,
        /// Only jobs with a number below this one.
        #[arg(long, value_name = "NUMBER")]
        before: Option<i64>,
    },
    /// Show one job with its parameters and what came of it.
    Show {
        /// The job's number.
        job: String,
    },
    /// Put back a job that was set aside or cancelled, with its parts.
    Again {
        /// The job's number.
        job: String,
    },
    /// Take back a job that has not ended, with its parts.
    Cancel {
        /// The job's number.
        job: String,
    },
    /// Ask for a job; while the same one has not ended, it is that one.
    Add {
        /// A full check in parts (sweep), or this host's search index brought up to date (index).
        #[arg(value_parser = ["sweep", "index"])]
        kind: String,
        /// The host whose search index is meant; without it this one.
        #[arg(long, value_name = "NAME")]
        host: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Worker {
    /// How many jobs at a time; without it one a core.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: Option<u16>,
    /// Only jobs of these kinds.
    #[arg(long, value_delimiter = ',', value_name = "KIND,…")]
    pub(crate) kinds: Vec<String>,
    /// End after one job, or when none is due.
    #[arg(long, conflicts_with = "until_empty")]
    pub(crate) once: bool,
    /// End when no job is left.
    #[arg(long)]
    pub(crate) until_empty: bool,
    /// What this host is called in jobs that belong to one host; without it its own name.
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Option<String>,
}
