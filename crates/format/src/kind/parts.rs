//! Values inside the fields of kinds.

use serde::{Deserialize, Deserializer, Serialize};

use crate::id::{ItemId, Sha256};
use crate::record::EntryVerifier;
use crate::time::Instant;

/// Reads a member that may be left out but, where it stands, is never `null`.
pub(super) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// Says how sensitive an item is, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// May be shown to anybody.
    Open,
    /// For those who work in the archive.
    Internal,
    /// For those with the compartment and a purpose.
    Restricted,
    /// For the few who are named.
    Sealed,
}

/// Holds the public keys of an archive, as entry 0 records them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// C2SP verifier key of the log.
    pub log: String,
    /// Entry key.
    pub entry: EntryVerifier,
}

/// Holds what the file system said of a collected file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// When it was last changed, by the clock that wrote it.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub modified: Option<Instant>,
}

/// Holds what kind of content an original was taken for, and by what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Media type.
    #[serde(rename = "type")]
    pub media_type: String,
    /// What told it.
    pub by: Recognised,
}

/// Says by what a media type was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Recognised {
    /// The first bytes of the content.
    Signature,
}

/// Holds one damage that a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Damage {
    /// What is wrong.
    pub what: String,
    /// Name of the stored thing.
    pub name: String,
    /// The item it belongs to.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub item: Option<ItemId>,
    /// Which 1 MiB piece of it.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub chunk: Option<u64>,
    /// What was expected and what was there.
    pub detail: String,
}

/// Holds what a sealed dossier says of one item in it (§7.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The item.
    pub item: ItemId,
    /// Folder of its evidence file.
    pub evidence: String,
    /// Last entry of its chain when the dossier was sealed.
    pub head: Head,
    /// Entries of its chain of which nothing is shown.
    pub withheld: Vec<Withheld>,
}

/// Holds the last entry of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Number in the chain.
    pub n: u64,
    /// Log index.
    pub index: u64,
    /// Leaf hash.
    pub leaf: Sha256,
}

/// Holds one entry of which a dossier shows nothing, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withheld {
    /// Log index.
    pub index: u64,
    /// Why.
    pub reason: Reason,
}

/// Says why an entry is withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// An act inside the organisation, such as opening a file.
    Internal,
    /// Would endanger a person.
    Protection,
    /// Not consented to.
    Consent,
    /// Another reason.
    Other,
}
