//! Reading a policy line by line.

use std::collections::{BTreeMap, BTreeSet};

use super::{MAX_POLICY_BYTES, Policy, PolicyError, PolicyProblem, Quorum, Witness};
use crate::log::decimal;
use crate::log::note::{Algorithm, VerifierKey};

/// The name that means no cosignature is needed.
const NONE: &[u8] = b"none";

#[derive(Default)]
struct Reader<'t> {
    logs: Vec<VerifierKey>,
    witnesses: Vec<Witness>,
    /// Names are octets: what looks alike need not be the same.
    names: BTreeMap<&'t [u8], Quorum>,
    members: BTreeSet<&'t [u8]>,
    quorum: Option<Quorum>,
}

pub(super) fn policy(bytes: &[u8]) -> Result<Policy, PolicyError> {
    if bytes.len() > MAX_POLICY_BYTES {
        return Err(PolicyError {
            line: 1,
            problem: PolicyProblem::TooLong,
        });
    }
    let mut reader = Reader::default();
    let mut line = 0;
    for text in bytes
        .strip_suffix(b"\n")
        .unwrap_or(bytes)
        .split(|byte| *byte == b'\n')
    {
        line += 1;
        reader
            .line(text)
            .map_err(|problem| PolicyError { line, problem })?;
    }
    let missing = PolicyError {
        line,
        problem: PolicyProblem::NoQuorum,
    };
    let Reader {
        logs,
        witnesses,
        quorum,
        ..
    } = reader;
    Ok(Policy {
        logs,
        witnesses,
        quorum: quorum.ok_or(missing)?,
    })
}

impl<'t> Reader<'t> {
    fn line(&mut self, text: &'t [u8]) -> Result<(), PolicyProblem> {
        if text
            .iter()
            .any(|byte| (*byte < 0x20 && *byte != b'\t') || *byte == 0x7f)
        {
            return Err(PolicyProblem::Control);
        }
        let blank = |byte: &u8| *byte == b' ' || *byte == b'\t';
        let words = text.split(blank).filter(|word| !word.is_empty());
        let words: Vec<&'t [u8]> = words.collect();
        match words.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", rest @ ..] => self.log(rest),
            [b"witness", rest @ ..] => self.witness(rest),
            [b"group", rest @ ..] => self.group(rest),
            [b"quorum", rest @ ..] => self.quorum(rest),
            [other, ..] => Err(PolicyProblem::Keyword(lossy(other))),
        }
    }

    fn log(&mut self, words: &[&'t [u8]]) -> Result<(), PolicyProblem> {
        // The address, where given, is for those who talk to the log; a checker does not.
        let ([key] | [key, _]) = words else {
            return Err(PolicyProblem::Shape("log <verifier key> [<url>]"));
        };
        let key = read_key(key, Algorithm::Ed25519)?;
        if self.logs.iter().any(|log| log.key() == key.key()) {
            return Err(PolicyProblem::DuplicateKey);
        }
        self.logs.push(key);
        Ok(())
    }

    fn witness(&mut self, words: &[&'t [u8]]) -> Result<(), PolicyProblem> {
        let ([name, key] | [name, key, _]) = words else {
            return Err(PolicyProblem::Shape(
                "witness <name> <verifier key> [<url>]",
            ));
        };
        let key = read_key(key, Algorithm::Cosignature)?;
        if self
            .witnesses
            .iter()
            .any(|witness| witness.key.key() == key.key())
        {
            return Err(PolicyProblem::DuplicateKey);
        }
        self.define(name, Quorum::Witness(self.witnesses.len()))?;
        self.witnesses.push(Witness {
            name: lossy(name),
            key,
        });
        Ok(())
    }

    fn group(&mut self, words: &[&'t [u8]]) -> Result<(), PolicyProblem> {
        let [name, threshold, names @ ..] = words else {
            return Err(PolicyProblem::Shape("group <name> <k|any|all> <members…>"));
        };
        let mut members = Vec::new();
        for member in names {
            let known = self.names.get(member).cloned();
            members.push(known.ok_or_else(|| PolicyProblem::NameUnknown(lossy(member)))?);
            // One witness counts in one way only, or a quorum could be met twice by one voice.
            if !self.members.insert(member) {
                return Err(PolicyProblem::MemberTwice(lossy(member)));
            }
        }
        let need = need(threshold, members.len()).ok_or(PolicyProblem::Threshold)?;
        self.define(name, Quorum::Group { need, members })
    }

    fn quorum(&mut self, words: &[&'t [u8]]) -> Result<(), PolicyProblem> {
        let [name] = words else {
            return Err(PolicyProblem::Shape("quorum <name|none>"));
        };
        if self.quorum.is_some() {
            return Err(PolicyProblem::SecondQuorum);
        }
        let known = if *name == NONE {
            Some(Quorum::None)
        } else {
            self.names.get(name).cloned()
        };
        self.quorum = Some(known.ok_or_else(|| PolicyProblem::NameUnknown(lossy(name)))?);
        Ok(())
    }

    fn define(&mut self, name: &'t [u8], what: Quorum) -> Result<(), PolicyProblem> {
        if name == NONE || self.names.contains_key(name) {
            return Err(PolicyProblem::NameTaken(lossy(name)));
        }
        self.names.insert(name, what);
        Ok(())
    }
}

fn need(threshold: &[u8], members: usize) -> Option<usize> {
    let need = match threshold {
        b"any" => 1,
        b"all" => members,
        number => usize::try_from(decimal(str::from_utf8(number).ok()?)?).ok()?,
    };
    (1..=members).contains(&need).then_some(need)
}

fn read_key(word: &[u8], wanted: Algorithm) -> Result<VerifierKey, PolicyProblem> {
    let text = str::from_utf8(word).map_err(|_bad| crate::log::note::KeyError::Malformed)?;
    let key: VerifierKey = text.parse()?;
    if key.algorithm() == wanted {
        Ok(key)
    } else {
        Err(PolicyProblem::KeyKind)
    }
}

fn lossy(word: &[u8]) -> String {
    String::from_utf8_lossy(word).into_owned()
}
