//! What a check gives: a verdict, and what it rests on.

use serde::Serialize;

use super::sentences;
use crate::dossier::fault::Fault;

/// The result in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing is wrong, and the log is one that the policy trusts.
    Good,
    /// Nothing is wrong, but whose log this is has not been proven: there was no policy.
    GoodButUnanchored,
    /// Nothing is wrong, but the bytes of at least one item were compared with nothing: they could be any file.
    GoodInPart,
    /// At least one thing is wrong.
    Bad,
}

/// How one item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its bytes are those recorded in the log.
    Intact,
    /// Its bytes could not be compared: the recorded digests are withheld.
    Unproven,
    /// Something about it is wrong.
    Damaged,
}

/// One item of the dossier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ItemReport {
    /// Its id.
    pub item: String,
    /// Its name, if shown; invisible characters are made visible.
    pub name: Option<String>,
    /// Where its bytes are in the bag.
    pub path: String,
    /// How many bytes were found.
    pub bytes: Option<u64>,
    /// Their SHA-256 in hex.
    pub sha256: Option<String>,
    /// How it stands.
    pub state: State,
    /// How many entries of its chain are here.
    pub entries: u64,
    /// How many of them are wholly withheld.
    pub withheld: u64,
}

/// One thing that is proven, asserted or missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// A stable code.
    pub code: &'static str,
    /// The item it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// The entry it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// All the entries it concerns, when they are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<u64>,
    /// The sentence.
    pub text: String,
}

/// Everything a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The result.
    pub verdict: Verdict,
    /// Id of the dossier.
    pub dossier: Option<String>,
    /// Origin of the log.
    pub origin: Option<String>,
    /// For whom it was sealed.
    pub recipient: Option<String>,
    /// Why it was sealed.
    pub purpose: Option<String>,
    /// When it says it was sealed.
    pub sealed_at: Option<String>,
    /// Id of the person who is said to have sealed it.
    pub sealed_by: Option<String>,
    /// Number of records that the checkpoint covers.
    pub log_size: Option<u64>,
    /// Number of entries that were checked.
    pub entries: u64,
    /// Every item that the seal lists.
    pub items: Vec<ItemReport>,
    /// What has been proven; empty if anything is wrong.
    pub proven: Vec<Statement>,
    /// What somebody only says.
    pub asserted: Vec<Statement>,
    /// What is not here or could not be checked.
    pub missing: Vec<Statement>,
    /// Everything that is wrong.
    pub damage: Vec<Fault>,
    /// Further faults that are not listed one by one.
    pub damage_left_out: u64,
}

impl Report {
    /// Says that a file could not even be opened as a dossier.
    pub fn refused(faults: Vec<Fault>) -> Self {
        Self {
            verdict: Verdict::Bad,
            dossier: None,
            origin: None,
            recipient: None,
            purpose: None,
            sealed_at: None,
            sealed_by: None,
            log_size: None,
            entries: 0,
            items: Vec::new(),
            proven: Vec::new(),
            asserted: Vec::new(),
            missing: Vec::new(),
            damage: faults,
            damage_left_out: 0,
        }
    }

    /// Says the result in plain sentences, the verdict first.
    pub fn sentences(&self) -> Vec<String> {
        sentences::of(self)
    }
}
