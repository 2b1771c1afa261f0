//! Exit codes: a contract (`holdfast help exit-codes`). A code that is not listed is a failure.

use archive::Why;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// Failed.
    Failed = 1,
    /// The command line was wrong.
    Usage = 2,
    /// Partly done; the summary lists the rest.
    Partly = 3,
    /// Not allowed, or not signed in.
    Refused = 4,
    /// Damage was found.
    Damage = 5,
    /// A signature or proof is not good.
    Unproven = 6,
    /// There is no archive here.
    NoArchive = 10,
    /// Another process holds the archive.
    Busy = 11,
    /// A key or passphrase is not the right one.
    WrongKey = 12,
    /// Interrupted; the state is safe.
    Interrupted = 130,
}

impl Exit {
    /// The code that an error of the archive ends with. The one place where reasons become codes.
    pub(crate) fn of(why: Why) -> Self {
        match why {
            Why::Invalid => Self::Usage,
            Why::Refused => Self::Refused,
            Why::Damaged => Self::Damage,
            Why::Unproven => Self::Unproven,
            Why::NoArchive => Self::NoArchive,
            Why::Busy => Self::Busy,
            Why::WrongKey => Self::WrongKey,
            Why::NotFound | Why::Stale | Why::ReadOnly | Why::Disk | Why::Bug => Self::Failed,
        }
    }
}

impl Exit {
    /// The next step where the error itself names none.
    pub(crate) fn next(why: Why) -> &'static str {
        match why {
            Why::Invalid => "See `holdfast help` and the name of the command",
            Why::NotFound => {
                "See what there is with `holdfast ls`, `holdfast session ls` or `holdfast dossier ls`"
            }
            Why::Refused => "Ask the owner of the archive",
            Why::Stale => "Look at it again, then decide",
            Why::Busy => "Wait until the other program is done, then run the same command again",
            Why::ReadOnly => "Leave out --read-only, or work on a copy that you may write",
            Why::Damaged => "Run `holdfast check --full` to see all damage",
            Why::Unproven => "Get it again from where it came, and ask the sender",
            Why::NoArchive => "Name one with --archive DIR, or make one with `holdfast init DIR`",
            Why::WrongKey => "Put `keys/` back from your backup",
            Why::Disk => "Look at the disk, then run the same command again",
            Why::Bug => "Report this with the words above",
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
