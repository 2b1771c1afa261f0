//! What each path of a dossier is for (format.md §7.1).

use crate::dossier::bag::{Algorithm, manifest_name};
use crate::log::decimal;

/// The part a file plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role<'a> {
    BagitTxt,
    BagInfo,
    Manifest { tag: bool, algorithm: Algorithm },
    Description,
    Page,
    Evidence(&'a str),
    Checkpoint,
    Token(u64),
    TokenCerts(u64),
    Entry { index: u64, shown: bool },
    Proof(u64),
    Unknown,
}

impl<'a> Role<'a> {
    pub(super) fn of(path: &'a str) -> Self {
        match path {
            "bagit.txt" => return Self::BagitTxt,
            "bag-info.txt" => return Self::BagInfo,
            "data/ro-crate-metadata.json" => return Self::Description,
            "data/index.html" => return Self::Page,
            "data/log/checkpoint" => return Self::Checkpoint,
            _ => {}
        }
        Self::manifest(path)
            .or_else(|| Self::evidence(path))
            .or_else(|| Self::log(path))
            .unwrap_or(Self::Unknown)
    }

    fn manifest(path: &str) -> Option<Self> {
        let (tag, algorithm) = manifest_name(path)?;
        let algorithm = algorithm.filter(|a| matches!(a, Algorithm::Sha256 | Algorithm::Sha512))?;
        // The name must be the very one of the layout, not a spelling of it.
        let exact = format!("{}manifest-{algorithm}.txt", if tag { "tag" } else { "" });
        (exact == path).then_some(Self::Manifest { tag, algorithm })
    }

    fn evidence(path: &'a str) -> Option<Self> {
        let folder = path
            .strip_prefix("data/evidence/")?
            .strip_suffix("/content")?;
        is_folder(folder).then_some(Self::Evidence(folder))
    }

    fn log(path: &str) -> Option<Self> {
        let name = path.strip_prefix("data/log/")?;
        if let Some(name) = name.strip_prefix("entries/") {
            if let Some(index) = name.strip_suffix(".sd-jwt") {
                return decimal(index).map(|index| Self::Entry { index, shown: true });
            }
            let index = decimal(name.strip_suffix(".jws")?)?;
            return Some(Self::Entry {
                index,
                shown: false,
            });
        }
        if let Some(name) = name.strip_prefix("proofs/") {
            return decimal(name.strip_suffix(".tlog-proof")?).map(Self::Proof);
        }
        if let Some(name) = name.strip_prefix("checkpoint.") {
            return number(name.strip_suffix(".tsr")?).map(Self::Token);
        }
        number(name.strip_prefix("tsa.")?.strip_suffix(".pem")?).map(Self::TokenCerts)
    }

    pub(super) fn is_kept(&self) -> bool {
        !matches!(
            self,
            Self::Description | Self::Page | Self::Evidence(_) | Self::Unknown
        )
    }

    pub(super) fn digests_blake3(&self) -> bool {
        matches!(self, Self::Evidence(_))
    }
}

/// Tells whether a name is 12 characters of Crockford's base32 in lower case.
pub(crate) fn is_folder(name: &str) -> bool {
    name.len() == 12
        && name
            .bytes()
            .all(|b| b"0123456789abcdefghjkmnpqrstvwxyz".contains(&b))
}

fn number(text: &str) -> Option<u64> {
    decimal(text).filter(|n| *n > 0)
}
