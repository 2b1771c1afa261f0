//! Step 3: RFC 3161 time-stamps over the checkpoint file.

use std::collections::BTreeMap;

use super::damage::Faults;
use super::file::FileFacts;
use super::inclusion::CHECKPOINT;
use super::role::Role;
use crate::dossier::fault::{Code, Fault};
use crate::log::timestamp::{Chain, StampError, Token};

/// What one token proves.
#[derive(Debug)]
pub(super) struct Time {
    pub(super) number: u64,
    /// When, if proven.
    pub(super) at: Option<String>,
}

pub(super) fn check(
    files: &BTreeMap<String, FileFacts>,
    roots: &[Vec<u8>],
    faults: &mut Faults,
) -> Vec<Time> {
    let checkpoint = files.get(CHECKPOINT).map(FileFacts::content);
    let mut out = Vec::new();
    for (path, facts) in files {
        match Role::of(path) {
            Role::Token(number) => {
                let certificates = files.get(&format!("data/log/tsa.{number}.pem"));
                let certificates = certificates.map(FileFacts::content);
                // Without a checkpoint there is a fault already.
                let Some(checkpoint) = checkpoint else {
                    continue;
                };
                match token(facts.content(), certificates, checkpoint, roots) {
                    Ok(at) => out.push(Time { number, at }),
                    Err(why) => {
                        faults.push(Fault::new(Code::BadTimestamp, why.to_string()).at(path));
                    }
                }
            }
            Role::TokenCerts(number)
                if !files.contains_key(&format!("data/log/checkpoint.{number}.tsr")) =>
            {
                let why = "It belongs to a time-stamp that is not there";
                faults.push(Fault::new(Code::BadTimestamp, why).at(path));
            }
            _ => {}
        }
    }
    out
}

/// Gives the time if the signer chains to a root from outside, `None` if no root is its own.
fn token(
    bytes: &[u8],
    certificates: Option<&[u8]>,
    checkpoint: &[u8],
    roots: &[Vec<u8>],
) -> Result<Option<String>, StampError> {
    let mut token = Token::parse(bytes)?;
    if let Some(certificates) = certificates {
        token.add_certificates(certificates)?;
    }
    let alone = token.verify::<&[u8]>(checkpoint, &[])?;
    match token.verify(checkpoint, roots) {
        Ok(stamp) if stamp.chain == Chain::Proven => Ok(Some(alone.time.to_string())),
        // Whoever has the root of one authority need not have that of the other.
        Ok(_) | Err(StampError::NoChain(_)) => Ok(None),
        Err(why) => Err(why),
    }
}
