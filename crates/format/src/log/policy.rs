//! Policies (C2SP tlog-policy): which logs are trusted, and which witnesses must have cosigned.

mod error;
mod parse;

use super::checkpoint::{Checkpoint, CheckpointError};
use super::note::{Note, Verified, VerifierKey};

pub use error::{PolicyError, PolicyProblem};

/// The longest policy that is read.
pub const MAX_POLICY_BYTES: usize = 256 * 1024;

/// The logs, witnesses and quorum that a checker trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<VerifierKey>,
    witnesses: Vec<Witness>,
    quorum: Quorum,
}

/// A witness and its name within the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Witness {
    name: String,
    key: VerifierKey,
}

/// What must have cosigned.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Quorum {
    None,
    /// A place in the list of witnesses.
    Witness(usize),
    Group {
        need: usize,
        members: Vec<Self>,
    },
}

/// What a policy says of a checkpoint whose log signature is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The trusted log key that signed.
    pub log_key: VerifierKey,
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// Tells whether enough witnesses cosigned.
    pub quorum_met: bool,
    /// Every witness of the policy, in its order.
    pub witnesses: Vec<Witnessed>,
}

/// What one witness of the policy said of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessed {
    /// The name within the policy.
    pub name: String,
    /// The key of the witness.
    pub key: VerifierKey,
    /// When it cosigned, in seconds since 1970 by its own clock, or `None` if it did not.
    pub time: Option<u64>,
}

/// Says why no verdict on a checkpoint can be given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// The note or the checkpoint in it is refused.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// No log of the policy signed the checkpoint.
    #[error("No log of the policy signed this checkpoint; check that the policy is for this log")]
    UnknownLog,
}

impl Policy {
    /// Parses a policy strictly; an error names the line.
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        parse::policy(bytes)
    }

    /// The keys of the trusted logs.
    #[must_use]
    pub fn logs(&self) -> &[VerifierKey] {
        &self.logs
    }

    /// The keys of the witnesses.
    pub fn witnesses(&self) -> impl Iterator<Item = &VerifierKey> {
        self.witnesses.iter().map(|witness| &witness.key)
    }

    /// Guarantees that a log of the policy signed the checkpoint, and says who cosigned it.
    ///
    /// A quorum that is not met is a result, not an error: look at [`Verdict::quorum_met`].
    pub fn check(&self, note: &Note) -> Result<Verdict, CheckError> {
        let keys: Vec<VerifierKey> = self.logs.iter().chain(self.witnesses()).cloned().collect();
        let signers = note.open(&keys).map_err(CheckpointError::from)?;
        let is_log = |signer: &&Verified| self.logs.contains(&signer.key);
        let log_key = &signers
            .iter()
            .find(is_log)
            .ok_or(CheckError::UnknownLog)?
            .key;
        let checkpoint = Checkpoint::parse_body(note.text())?;
        checkpoint.require_key(log_key)?;
        let witnesses: Vec<Witnessed> = self
            .witnesses
            .iter()
            .map(|witness| Witnessed {
                name: witness.name.clone(),
                key: witness.key.clone(),
                time: signers
                    .iter()
                    .find(|s| s.key == witness.key)
                    .and_then(|s| s.time),
            })
            .collect();
        let quorum_met = self.quorum.is_met(&witnesses);
        Ok(Verdict {
            log_key: log_key.clone(),
            checkpoint,
            quorum_met,
            witnesses,
        })
    }
}

impl Quorum {
    fn is_met(&self, witnesses: &[Witnessed]) -> bool {
        match self {
            Self::None => true,
            Self::Witness(at) => witnesses.get(*at).is_some_and(|w| w.time.is_some()),
            Self::Group { need, members } => {
                members
                    .iter()
                    .filter(|member| member.is_met(witnesses))
                    .count()
                    >= *need
            }
        }
    }
}
