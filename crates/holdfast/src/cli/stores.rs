//! Where an archive is kept, when not in its own folder.

use clap::Args;
use std::path::PathBuf;

/// A database and a bucket that hosts share; without any of these everything lies in the folder.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Several hosts")]
pub(crate) struct Stores {
    /// Keep the rows in this PostgreSQL database: postgres://user@host:port/name, without a password.
    #[arg(long, value_name = "URL", requires = "objects")]
    pub(crate) rows: Option<String>,
    /// Trust these certificates for the database (PEM); needed where its host is not this one and has its own authority.
    #[arg(long, value_name = "FILE", requires = "rows")]
    pub(crate) rows_ca: Option<PathBuf>,
    /// Keep originals and log in this bucket: s3://bucket/prefix.
    #[arg(long, value_name = "URL", requires = "rows")]
    pub(crate) objects: Option<String>,
    /// The https address of the object store; without it Amazon's.
    #[arg(long, value_name = "URL", requires = "objects")]
    pub(crate) endpoint: Option<String>,
    /// The region, as the object store names it.
    #[arg(
        long,
        value_name = "NAME",
        requires = "objects",
        default_value = "garage"
    )]
    pub(crate) region: String,
    /// Read all of the above from a file such as the holdfast.toml of another archive.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["rows", "objects", "endpoint", "rows_ca"])]
    pub(crate) config: Option<PathBuf>,
    /// Write the credentials at hand into keys/store.toml of the new folder, for its owner only.
    #[arg(long)]
    pub(crate) keep_credentials: bool,
}

#[derive(Debug, Args)]
#[command(after_long_help = include_str!("../commands/help/stores.txt"))]
pub(crate) struct Move {
    /// The new folder; it will hold the keys, and everything else unless a database and a bucket are named.
    #[arg(long, value_name = "DIR", required_unless_present = "give_up")]
    pub(crate) to: Option<PathBuf>,
    /// Open the archive for adding again after a move that was not finished; what was copied stays where it is.
    #[arg(long, conflicts_with_all = ["to", "rows", "objects", "config"])]
    pub(crate) give_up: bool,
    #[command(flatten)]
    pub(crate) stores: Stores,
}
