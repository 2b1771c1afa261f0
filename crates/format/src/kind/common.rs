//! The fields that every entry has.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{KindError, put, take};
use crate::id::{PersonId, Sha256, Subject};
use crate::json::Value;
use crate::time::Instant;

/// Holds the fields of §3 as far as they are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Common {
    /// Name of the kind.
    pub kind: Option<String>,
    /// Clock of the archive.
    pub at: Option<Instant>,
    /// Who acted.
    pub by: Option<PersonId>,
    /// What the entry is about.
    pub subject: Option<Subject>,
    /// Its place among the entries about that subject.
    pub chain: Option<Chain>,
    /// The names of all fields, this one included, sorted: what is lost can be told from what never was.
    pub fields: Option<Vec<String>>,
}

impl Common {
    /// Writes the fields in the order of §3, absent ones left out.
    pub fn fields(&self) -> Vec<(String, Value)> {
        let mut fields = Vec::with_capacity(12);
        put(&mut fields, "kind", self.kind.as_ref());
        put(&mut fields, "at", self.at.as_ref());
        put(&mut fields, "by", self.by.as_ref());
        put(&mut fields, "subject", self.subject.as_ref());
        put(&mut fields, "chain", self.chain.as_ref());
        put(&mut fields, "fields", self.fields.as_ref());
        fields
    }

    /// All fields of an entry with this body, in the order they are written, `fields` naming every one of them.
    pub fn with_body(mut self, body: Vec<(String, Value)>) -> Vec<(String, Value)> {
        self.fields = Some(Vec::new());
        let mut names: Vec<String> = self
            .fields()
            .into_iter()
            .chain(body.iter().cloned())
            .map(|(name, _)| name)
            .collect();
        names.sort();
        self.fields = Some(names);
        let mut all = self.fields();
        all.extend(body);
        all
    }

    /// The fields that the entry had when it was written and that are not among these.
    pub fn gone(&self, shown: &BTreeMap<String, Value>) -> Vec<String> {
        let named = self.fields.iter().flatten();
        named
            .filter(|name| !shown.contains_key(*name))
            .cloned()
            .collect()
    }

    /// Reads the shown ones and refuses a value that is not what the format says.
    pub fn read(fields: &BTreeMap<String, Value>) -> Result<Self, KindError> {
        Ok(Self {
            kind: take(fields, "kind")?,
            at: take(fields, "at")?,
            by: take(fields, "by")?,
            subject: take(fields, "subject")?,
            chain: take(fields, "chain")?,
            fields: take(fields, "fields")?,
        })
    }
}

/// Holds an entry's number among those about its subject, and the entry before it.
///
/// `prev` is `None` for number 0 and only there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Number in the chain, from 0.
    pub n: u64,
    /// Log index and leaf hash of the entry before it.
    pub prev: Option<(u64, [u8; 32])>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    n: u64,
    #[serde(
        default,
        deserialize_with = "super::parts::present",
        skip_serializing_if = "Option::is_none"
    )]
    prev_index: Option<u64>,
    #[serde(
        default,
        deserialize_with = "super::parts::present",
        skip_serializing_if = "Option::is_none"
    )]
    prev_leaf: Option<Sha256>,
}

impl Serialize for Chain {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let prev_index = self.prev.map(|(index, _)| index);
        let prev_leaf = self.prev.map(|(_, leaf)| Sha256(leaf));
        Wire {
            n: self.n,
            prev_index,
            prev_leaf,
        }
        .serialize(to)
    }
}

impl<'de> Deserialize<'de> for Chain {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(from)?;
        match (wire.n, wire.prev_index, wire.prev_leaf) {
            (0, None, None) => Ok(Self { n: 0, prev: None }),
            (0, ..) => Err(D::Error::custom(
                "the first entry of a chain has none before it",
            )),
            (n, Some(index), Some(leaf)) => Ok(Self {
                n,
                prev: Some((index, leaf.0)),
            }),
            _ => Err(D::Error::custom("prev_index or prev_leaf is missing")),
        }
    }
}
