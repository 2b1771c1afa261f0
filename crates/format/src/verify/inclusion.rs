//! Steps 2 and 4: whose log, and that each entry is in it.

use std::collections::BTreeMap;

use super::damage::Faults;
use super::entries::Entries;
use super::file::FileFacts;
use super::role::Role;
use crate::dossier::fault::{Code, Fault};
use crate::kind::Keys;
use crate::log::checkpoint::{Checkpoint, CheckpointError};
use crate::log::note::{Note, NoteError, VerifierKey};
use crate::log::policy::{CheckError, Policy, Witnessed};
use crate::log::proof::Proof;

type Files = BTreeMap<String, FileFacts>;

pub(super) const CHECKPOINT: &str = "data/log/checkpoint";

/// The checkpoint and how far it can be trusted.
#[derive(Debug, Default)]
pub(super) struct Anchor {
    /// The checkpoint, if its signature is good.
    pub(super) checkpoint: Option<Checkpoint>,
    /// Its file, to compare with those inside the proofs.
    pub(super) text: Vec<u8>,
    /// Whether a policy from outside named the log.
    pub(super) anchored: bool,
    /// The witnesses of the policy who cosigned.
    pub(super) witnesses: Vec<Witnessed>,
}

pub(super) fn checkpoint(
    files: &Files,
    policy: Option<&Policy>,
    founded: Option<&Keys>,
    faults: &mut Faults,
) -> Anchor {
    let Some(facts) = files.get(CHECKPOINT) else {
        faults.push(Fault::new(Code::MissingFile, "It is not there").at(CHECKPOINT));
        return Anchor::default();
    };
    let mut anchor = Anchor {
        text: facts.content().to_vec(),
        anchored: policy.is_some(),
        ..Anchor::default()
    };
    let note = match Note::parse(facts.content()) {
        Ok(note) => note,
        Err(why) => {
            faults.push(Fault::new(Code::BadCheckpoint, why.to_string()).at(CHECKPOINT));
            return anchor;
        }
    };
    let result = match policy {
        Some(policy) => by_policy(&note, policy, founded, &mut anchor, faults),
        None => by_entry_0(&note, founded),
    };
    match result {
        Ok(checkpoint) => anchor.checkpoint = Some(checkpoint),
        Err(fault) => faults.push(fault.at(CHECKPOINT)),
    }
    anchor
}

fn by_policy(
    note: &Note,
    policy: &Policy,
    founded: Option<&Keys>,
    anchor: &mut Anchor,
    faults: &mut Faults,
) -> Result<Checkpoint, Fault> {
    let verdict = policy.check(note).map_err(|why| {
        let unknown = matches!(
            why,
            CheckError::UnknownLog
                | CheckError::Checkpoint(CheckpointError::Note(NoteError::NoKnownSignature))
        );
        let code = if unknown {
            Code::UnknownLog
        } else {
            Code::BadCheckpoint
        };
        Fault::new(code, why.to_string())
    })?;
    if !verdict.quorum_met {
        let why = "Fewer witnesses have cosigned than the policy asks for";
        faults.push(Fault::new(Code::QuorumUnmet, why).at(CHECKPOINT));
    }
    if let Some(keys) = founded
        && keys.log != verdict.log_key.to_string()
    {
        let why = "Entry 0 states another log key than the one of the policy";
        faults.push(Fault::new(Code::BadFounded, why).index(0));
    }
    let cosigned = verdict.witnesses.into_iter();
    anchor.witnesses = cosigned.filter(|witness| witness.time.is_some()).collect();
    Ok(verdict.checkpoint)
}

/// Without a policy the dossier vouches for itself, and the report says so.
fn by_entry_0(note: &Note, founded: Option<&Keys>) -> Result<Checkpoint, Fault> {
    let keys = founded.ok_or_else(|| {
        let why = "No key to check it with: entry 0 does not state one, and no policy was given";
        Fault::new(Code::BadCheckpoint, why)
    })?;
    let key: VerifierKey = keys
        .log
        .parse()
        .map_err(|why| Fault::new(Code::BadFounded, format!("The log key of entry 0: {why}")))?;
    Checkpoint::verify(note, &key).map_err(|why| Fault::new(Code::BadCheckpoint, why.to_string()))
}

/// Every entry has a proof against this very checkpoint, and every proof has an entry.
pub(super) fn proofs(files: &Files, entries: &Entries, anchor: &Anchor, faults: &mut Faults) {
    let present = |index: u64, ending: &str| {
        let path = format!("data/log/entries/{index}.{ending}");
        files.contains_key(&path)
    };
    for (path, facts) in files {
        match Role::of(path) {
            Role::Proof(index) => {
                if !present(index, "sd-jwt") && !present(index, "jws") {
                    let why = "It proves an entry that is not there";
                    faults.push(Fault::new(Code::ExtraProof, why).at(path).index(index));
                } else if let Err(fault) = proof(index, facts.content(), entries, anchor) {
                    faults.push(fault.at(path).index(index));
                }
            }
            Role::Entry { index, .. }
                if !files.contains_key(&format!("data/log/proofs/{index}.tlog-proof")) =>
            {
                let why = "There is no proof that this entry is in the log";
                faults.push(Fault::new(Code::MissingProof, why).at(path).index(index));
            }
            _ => {}
        }
    }
}

fn proof(index: u64, bytes: &[u8], entries: &Entries, anchor: &Anchor) -> Result<(), Fault> {
    let proof = Proof::parse(bytes).map_err(|why| Fault::new(Code::BadProof, why.to_string()))?;
    if proof.index() != index {
        let why = format!(
            "It is the proof of entry {}, not of entry {index}",
            proof.index()
        );
        return Err(Fault::new(Code::SwappedProof, why));
    }
    if proof.checkpoint().as_bytes() != anchor.text {
        let why = "It leads to another checkpoint than the one in this dossier";
        return Err(Fault::new(Code::StaleCheckpoint, why));
    }
    // What is missing or unreadable here has its own fault already.
    let (Some(entry), Some(checkpoint)) = (entries.get(&index), &anchor.checkpoint) else {
        return Ok(());
    };
    let led = proof.verify_against(entry.record.as_bytes(), checkpoint);
    led.map_err(|_why| {
        let why = "It does not lead from this entry to the checkpoint: one of them was changed or exchanged";
        Fault::new(Code::SwappedProof, why)
    })
}
