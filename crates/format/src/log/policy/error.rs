//! What can be wrong with a policy.

use crate::log::note::KeyError;

/// Says which line of a policy is refused, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Line {line} of the policy: {problem}")]
pub struct PolicyError {
    /// The line, counted from 1; for a missing quorum the last one.
    pub line: usize,
    /// What is wrong there.
    pub problem: PolicyProblem,
}

/// Says what is wrong with a line of a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyProblem {
    /// The policy is longer than any policy needs to be.
    #[error("The policy is too long; give a tlog-policy file")]
    TooLong,
    /// A control character other than tab and line feed.
    #[error("Control characters other than tab are not allowed; save it as plain text")]
    Control,
    /// The first word is not one of the four.
    #[error("{0:?} is not known; write log, witness, group or quorum")]
    Keyword(String),
    /// Too few or too many words.
    #[error("The line must read: {0}")]
    Shape(&'static str),
    /// The verifier key is refused.
    #[error("{0}")]
    Key(#[from] KeyError),
    /// A log key is a witness's or the other way round.
    #[error("A log needs a key of type 0x01 and a witness one of type 0x04; swap or replace it")]
    KeyKind,
    /// The same public key stands on an earlier line.
    #[error("This key is given already; remove one of the lines")]
    DuplicateKey,
    /// The name is defined already or is `none`.
    #[error("The name {0:?} is taken; choose another")]
    NameTaken(String),
    /// The name is not defined above this line.
    #[error("The name {0:?} is not defined above; move its line up or correct it")]
    NameUnknown(String),
    /// The name is a member of a group already.
    #[error("{0:?} is a member of a group already; name it once")]
    MemberTwice(String),
    /// The threshold is not `any`, `all` or a number from 1 to the number of members.
    #[error("The threshold must be any, all or a number from 1 to the number of members")]
    Threshold,
    /// A second quorum line.
    #[error("There is a quorum already; remove one of the lines")]
    SecondQuorum,
    /// No quorum line at all.
    #[error("There is no quorum; add a line such as: quorum none")]
    NoQuorum,
}
