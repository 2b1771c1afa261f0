//! Which paths a bag may name.

use std::fmt;

use crate::dossier::fault::{Code, Fault};

/// The longest path taken from a dossier, in bytes.
pub const PATH_LIMIT: usize = 255;

/// Whose rules apply: ours, which are narrow, or those for bags that others made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// ASCII `[A-Za-z0-9._/-]` only (format.md §7.1).
    Dossier,
    /// RFC 8493 version 1.0: any characters, with `%0A`, `%0D` and `%25` decoded.
    Bag10,
    /// The drafts before version 1.0: any characters, nothing decoded, a leading `./` or `*` tolerated.
    Bag097,
}

/// Why a path is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each name is the documented reason")]
pub enum PathFault {
    Empty,
    Long,
    Absolute,
    Home,
    Drive,
    Climbing,
    Dot,
    EmptySegment,
    Backslash,
    Control,
    Percent,
    Odd,
}

impl PathFault {
    /// Gives the stable code of this reason.
    pub fn code(self) -> Code {
        match self {
            Self::Empty => Code::EmptyPath,
            Self::Long => Code::LongPath,
            Self::Absolute => Code::AbsolutePath,
            Self::Home => Code::HomePath,
            Self::Drive => Code::DrivePath,
            Self::Climbing => Code::ClimbingPath,
            Self::Dot => Code::DotPath,
            Self::EmptySegment => Code::EmptySegment,
            Self::Backslash => Code::BackslashPath,
            Self::Control => Code::ControlPath,
            Self::Percent => Code::PercentPath,
            Self::Odd => Code::OddPath,
        }
    }

    /// States the fault about a path named in a file, or as a file.
    pub fn fault(self, path: &str) -> Fault {
        Fault::new(self.code(), self.to_string()).at(path)
    }
}

impl fmt::Display for PathFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "The path is empty",
            Self::Long => "The path is longer than 255 bytes",
            Self::Absolute => "The path starts at the root of the disk",
            Self::Home => "The path starts with “~”, which means somebody's home folder",
            Self::Drive => "The path names a Windows drive or device",
            Self::Climbing => "The path climbs out of its folder with “..”",
            Self::Dot => "The path has a part that is only “.”",
            Self::EmptySegment => "The path has an empty part",
            Self::Backslash => "The path has a backslash, which some systems take for a folder",
            Self::Control => "The path has a control character",
            Self::Percent => "The path has a percent sign, which tools read differently",
            Self::Odd => "The path has a character other than A–Z, a–z, 0–9, “.”, “_”, “-” and “/”",
        })
    }
}

/// Refuses every path that could lead outside its folder or be read in two ways; the worst reason is named.
pub fn check_path(path: &str, rules: Rules) -> Result<(), PathFault> {
    if path.is_empty() {
        return Err(PathFault::Empty);
    }
    if path.len() > limit(rules) {
        return Err(PathFault::Long);
    }
    if path.starts_with('/') {
        return Err(PathFault::Absolute);
    }
    if path.starts_with('~') {
        return Err(PathFault::Home);
    }
    // A backslash separates folders elsewhere: judge `..\x` as what it does there.
    let parts = || path.split(['/', '\\']);
    if parts().any(|part| part == "..") {
        return Err(PathFault::Climbing);
    }
    if drive(path) {
        return Err(PathFault::Drive);
    }
    if path.contains('\\') {
        return Err(PathFault::Backslash);
    }
    if parts().any(|part| part == ".") {
        return Err(PathFault::Dot);
    }
    if parts().any(str::is_empty) {
        return Err(PathFault::EmptySegment);
    }
    if path.chars().any(|c| forbidden_control(c, rules)) {
        return Err(PathFault::Control);
    }
    if rules == Rules::Dossier {
        if path.contains('%') {
            return Err(PathFault::Percent);
        }
        if !path
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._/-".contains(&b))
        {
            return Err(PathFault::Odd);
        }
    }
    Ok(())
}

fn limit(rules: Rules) -> usize {
    if rules == Rules::Dossier {
        PATH_LIMIT
    } else {
        4096
    }
}

fn drive(path: &str) -> bool {
    let bytes = path.as_bytes();
    matches!(bytes, [letter, b':', ..] if letter.is_ascii_alphabetic())
}

/// Line breaks are lawful in foreign names once decoded; all else that is invisible is not.
fn forbidden_control(c: char, rules: Rules) -> bool {
    c.is_control() && !(rules == Rules::Bag10 && matches!(c, '\n' | '\r'))
}

/// Folds a path so that two which some file systems cannot tell apart become the same.
pub fn fold(path: &str) -> String {
    path.to_ascii_lowercase()
}
