//! Exit codes: a contract (`holdfast help exit-codes`). A code that is not listed is a failure.

use archive::{Error, Why};

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
    /// The database or the object store does not answer.
    Unreachable = 13,
    /// What was decided on has changed meanwhile.
    Changed = 14,
    /// Interrupted; the state is safe.
    Interrupted = 130,
}

impl Exit {
    /// The code that an error of the archive ends with. The one place where reasons become codes.
    pub(crate) fn of(e: &Error) -> Self {
        match e.why {
            Why::Stale if e.changes().is_some() => Self::Changed,
            Why::Invalid => Self::Usage,
            Why::Refused => Self::Refused,
            Why::Damaged => Self::Damage,
            Why::Unproven => Self::Unproven,
            Why::NoArchive => Self::NoArchive,
            Why::Busy => Self::Busy,
            Why::WrongKey => Self::WrongKey,
            Why::Unreachable => Self::Unreachable,
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
            Why::Unreachable => {
                "Wait until it answers, look with `holdfast ls` or `holdfast log ls` what is recorded, then run the same command again"
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use archive::{Stale, StaleLine};

    #[test]
    fn a_store_that_is_away_and_a_change_by_others_have_codes_of_their_own() {
        let away = Error::new(Why::Unreachable, "The database does not answer");
        assert_eq!(Exit::of(&away) as u8, 13);
        let by_others = Error::stale(Stale {
            subject: "D-1".into(),
            seen: 1,
            now: 2,
            since: vec![StaleLine {
                who: "rev2".into(),
                when: 0,
                what: "item added to dossier".into(),
            }],
        });
        assert_eq!(Exit::of(&by_others) as u8, 14);
        // what is over by itself is no change by others: the code it always had
        let over = Error::new(Why::Stale, "Session S-1 has ended");
        assert_eq!(Exit::of(&over) as u8, 1);
    }
}
