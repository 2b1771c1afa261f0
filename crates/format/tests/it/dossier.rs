//! A small archive in memory, and the dossier made of it.

use std::collections::BTreeMap;

use format::dossier::bag::{Algorithm, BagInfo, FileDigests, Oxum, write_manifest};
use format::dossier::layout::{LaidEntry, LaidEvidence, Parts, Source, lay_out};
use format::kind::{
    Collected, Content, DossierItemAdded, DossierOpened, DossierSealed, Exported, FileFacts,
    Founded, Head, Keys, PersonAdded, Reason, Withheld,
};
use format::log::checkpoint::Checkpoint;
use format::log::edge::Edge;
use format::log::hash::leaf;
use format::log::policy::Policy;
use format::log::proof::Proof;
use format::log::tree::prove_inclusion;
use format::verify::{Code, Limits, Report, Trust, Verifier};
use format::{
    Blake3, BytesName, Chain, Common, Digests, DossierId, Entry, EntryKey, Instant, ItemId, Kind,
    Level, PersonId, Sha256, Subject, compose,
};
use sha2::{Digest as _, Sha512};

use crate::log::{ORIGIN, log_key};

pub(crate) type Files = BTreeMap<String, Vec<u8>>;

pub(crate) fn item(n: u8) -> ItemId {
    ItemId::from_random([n, 1, 2, 3, 4, 5, 6, 7])
}

pub(crate) fn dossier() -> DossierId {
    DossierId::from_random([9; 8])
}

pub(crate) fn folder(n: u8) -> String {
    format!("gate{n:08}")
}

/// The bytes of item `n`.
pub(crate) fn original(n: u8) -> Vec<u8> {
    format!("What a camera saw at the north gate, part {n}. ")
        .repeat(40)
        .into_bytes()
}

pub(crate) struct Archive {
    pub(crate) entries: Vec<Entry>,
    heads: BTreeMap<String, (u64, u64)>,
    pub(crate) key: EntryKey,
    noise: u64,
}

impl Archive {
    /// Two items in the dossier, one outside it.
    pub(crate) fn small() -> Self {
        Self::small_with(|_digests| {})
    }

    /// The same, with something wrong in the digests as they are recorded.
    pub(crate) fn small_with(change: fn(&mut Digests)) -> Self {
        let mut archive = Self {
            entries: Vec::new(),
            heads: BTreeMap::new(),
            key: EntryKey::from_seed(&[7; 32]),
            noise: 0,
        };
        let keys = Keys {
            log: log_key().verifier_key().to_string(),
            entry: archive.key.verifier().clone(),
        };
        let founded = Founded::new("North archive".into(), keys, "Holdfast 0".into());
        archive.append(Subject::Archive, &Kind::Founded(founded));
        let person = PersonAdded::new("rev1".into(), vec!["reviewer".into()]);
        archive.append(
            Subject::Person(PersonId::from_random([1; 8])),
            &Kind::PersonAdded(person),
        );
        for n in 1..=3 {
            archive.collect(n, change);
        }
        for n in [1, 2, 1, 3, 1] {
            let kind = Kind::Exported(Exported::new("page".into()));
            archive.append(Subject::Item(item(n)), &kind);
        }
        let opened = DossierOpened::new("Prosecutor of Northland".into(), "Inquiry 7".into());
        archive.append(Subject::Dossier(dossier()), &Kind::DossierOpened(opened));
        for n in 1..=2 {
            let added = DossierItemAdded::new(item(n), Vec::new());
            archive.append(Subject::Dossier(dossier()), &Kind::DossierItemAdded(added));
        }
        archive
    }

    fn collect(&mut self, n: u8, change: fn(&mut Digests)) {
        let bytes = original(n);
        let mut digests = Digests {
            sha256: Sha256(sha2::Sha256::digest(&bytes).into()),
            blake3: Blake3(*blake3::hash(&bytes).as_bytes()),
            bytes: bytes.len() as u64,
        };
        change(&mut digests);
        let name = BytesName::from(format!("clip \u{202e}{n}.mp4").as_str());
        let kind = Kind::Collected(Collected::new(
            digests,
            name.clone(),
            name,
            "Card of camera 4".into(),
            FileFacts::default(),
            "north".into(),
            Level::Internal,
        ));
        self.append(Subject::Item(item(n)), &kind);
    }

    pub(crate) fn append(&mut self, subject: Subject, kind: &Kind) -> u64 {
        let index = self.entries.len() as u64;
        let before = self.heads.get(&subject.to_string()).copied();
        let chain = before.map_or(Chain { n: 0, prev: None }, |(n, prev)| Chain {
            n: n + 1,
            prev: Some((prev, self.leaf(prev))),
        });
        self.append_as(subject, kind, chain);
        self.heads.insert(subject.to_string(), (chain.n, index));
        index
    }

    pub(crate) fn append_as(&mut self, subject: Subject, kind: &Kind, chain: Chain) {
        let common = Common {
            kind: Some(kind.name().to_owned()),
            at: Some(Instant::from_micros(1_772_648_527_000_000).unwrap()),
            by: Some(PersonId::from_random([1; 8])),
            subject: Some(subject),
            chain: Some(chain),
            ..Common::default()
        };
        let mut fields = common.fields();
        fields.extend(kind.body());
        let noise = &mut self.noise;
        // Fixed for the tests, and never the same twice.
        let mut random = |bytes: &mut [u8]| {
            for byte in bytes.chunks_mut(8) {
                *noise += 1;
                let word = noise.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
                byte.copy_from_slice(&word[..byte.len()]);
            }
        };
        let entry = compose(ORIGIN, fields, &mut random, &self.key).unwrap();
        self.entries.push(entry);
    }

    pub(crate) fn leaf(&self, index: u64) -> [u8; 32] {
        leaf(
            self.entries[usize::try_from(index).unwrap()]
                .record
                .as_bytes(),
        )
        .0
    }

    pub(crate) fn head(&self, n: u8) -> Head {
        let (number, index) = self.heads[&item(n).to_string()];
        Head {
            n: number,
            index,
            leaf: Sha256(self.leaf(index)),
        }
    }

    fn chain(&self, n: u8) -> Vec<u64> {
        let subject = serde_json::json!(item(n).to_string());
        let about = |entry: &Entry| entry.fields.get("subject") == Some(&subject);
        (0..)
            .zip(&self.entries)
            .filter(|(_, entry)| about(entry))
            .map(|(i, _)| i)
            .collect()
    }

    /// Appends the sealing entry for items 1 and 2.
    pub(crate) fn seal(&mut self, withheld: &[u64]) -> u64 {
        let contents = (1..=2).map(|n| self.content(n, withheld)).collect();
        self.seal_as(contents)
    }

    pub(crate) fn content(&self, n: u8, withheld: &[u64]) -> Content {
        let own = self.chain(n);
        let withheld = withheld.iter().filter(|index| own.contains(index));
        Content {
            item: item(n),
            evidence: folder(n),
            head: self.head(n),
            withheld: withheld
                .map(|&index| Withheld {
                    index,
                    reason: Reason::Internal,
                })
                .collect(),
        }
    }

    pub(crate) fn seal_as(&mut self, contents: Vec<Content>) -> u64 {
        let sealed = DossierSealed::new(
            "Prosecutor of Northland".into(),
            "Inquiry 7".into(),
            contents,
            "Holdfast 0".into(),
        );
        self.append(Subject::Dossier(dossier()), &Kind::DossierSealed(sealed))
    }

    /// Makes the parts of the dossier; `withheld` entries lose all their fields.
    pub(crate) fn parts(&self, sealed: u64, withheld: &[u64]) -> Parts {
        let leaves: Vec<_> = self
            .entries
            .iter()
            .map(|e| leaf(e.record.as_bytes()))
            .collect();
        let mut edge = Edge::empty();
        let tiles = edge.append(&leaves).into_iter().collect();
        let size = leaves.len() as u64;
        let checkpoint = Checkpoint {
            origin: ORIGIN.into(),
            size,
            root: edge.root(),
        };
        let checkpoint = checkpoint.sign(&log_key()).unwrap();
        let mut indexes = vec![0, sealed];
        indexes.extend((1..=2).flat_map(|n| self.chain(n)));
        let lay = |&index: &u64| {
            let mut entry = self.entries[usize::try_from(index).unwrap()].clone();
            if withheld.contains(&index) {
                let names: Vec<String> = entry.fields.keys().cloned().collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                entry = entry.without(&names);
            }
            let hashes = prove_inclusion(index, size, &tiles).unwrap();
            let proof = Proof::new(index, hashes, &checkpoint).unwrap();
            LaidEntry {
                index,
                entry,
                proof,
            }
        };
        Parts {
            dossier: dossier(),
            sealed,
            origin: ORIGIN.into(),
            date: "2026-03-04".into(),
            agent: "Holdfast 0".into(),
            tokens: Vec::new(),
            entries: indexes.iter().map(lay).collect(),
            evidence: (1..=2).map(laid).collect(),
            description: "{}\n".into(),
            page: "<!doctype html>\n".into(),
            checkpoint,
        }
    }
}

fn laid(n: u8) -> LaidEvidence {
    let bytes = original(n);
    LaidEvidence {
        item: item(n),
        folder: folder(n),
        sha256: sha2::Sha256::digest(&bytes).into(),
        sha512: Sha512::digest(&bytes).into(),
        bytes: bytes.len() as u64,
    }
}

pub(crate) fn files(parts: &Parts) -> Files {
    let mut out = Files::new();
    for file in lay_out(parts).unwrap() {
        let bytes = match file.source {
            Source::Bytes(bytes) => bytes,
            Source::Evidence(id) => (1..=3)
                .find(|n| item(*n) == id)
                .map(original)
                .expect("a known item"),
        };
        assert_eq!(bytes.len() as u64, file.bytes);
        out.insert(file.path, bytes);
    }
    out
}

/// The plain dossier of the tests.
pub(crate) fn plain() -> Files {
    let mut archive = Archive::small();
    let sealed = archive.seal(&[]);
    files(&archive.parts(sealed, &[]))
}

/// Makes the lists of the bag anew, as somebody would who alters a dossier and knows BagIt.
pub(crate) fn rebag(files: &mut Files) {
    let digest = |(path, bytes): (&String, &Vec<u8>)| FileDigests {
        path: path.clone(),
        sha256: sha2::Sha256::digest(bytes).into(),
        sha512: Sha512::digest(bytes).into(),
        bytes: bytes.len() as u64,
    };
    files.retain(|path, _| !path.contains("manifest-"));
    let payload: Vec<_> = files
        .iter()
        .filter(|(path, _)| path.starts_with("data/"))
        .map(digest)
        .collect();
    let info = String::from_utf8(files["bag-info.txt"].clone()).unwrap();
    let mut info = BagInfo::parse(&info).unwrap();
    info.oxum = Oxum {
        bytes: payload.iter().map(|file| file.bytes).sum(),
        files: payload.len() as u64,
    };
    files.insert("bag-info.txt".into(), info.write().unwrap().into_bytes());
    for algorithm in [Algorithm::Sha256, Algorithm::Sha512] {
        let text = write_manifest(algorithm, &payload);
        files.insert(format!("manifest-{algorithm}.txt"), text.into_bytes());
    }
    let tags: Vec<_> = files
        .iter()
        .filter(|(path, _)| !path.starts_with("data/"))
        .map(digest)
        .collect();
    for algorithm in [Algorithm::Sha256, Algorithm::Sha512] {
        let text = write_manifest(algorithm, &tags);
        files.insert(format!("tagmanifest-{algorithm}.txt"), text.into_bytes());
    }
}

pub(crate) fn policy() -> Policy {
    let text = format!("log {}\nquorum none\n", log_key().verifier_key());
    Policy::parse(text.as_bytes()).unwrap()
}

pub(crate) fn trust() -> Trust {
    Trust {
        policy: Some(policy()),
        roots: Vec::new(),
    }
}

pub(crate) fn check_with(files: &Files, trust: Trust) -> Report {
    let mut verifier = Verifier::new(Limits::default(), trust);
    for (path, bytes) in files {
        feed(&mut verifier, path, bytes);
    }
    verifier.finish()
}

pub(crate) fn feed(verifier: &mut Verifier, path: &str, bytes: &[u8]) {
    if let Some(mut file) = verifier.begin(path.as_bytes(), bytes.len() as u64) {
        for piece in bytes.chunks(1000) {
            file.update(piece);
        }
        verifier.add(file.end());
    }
}

pub(crate) fn check(files: &Files) -> Report {
    check_with(files, trust())
}

/// The codes of all faults, each once, in order.
pub(crate) fn codes(report: &Report) -> Vec<Code> {
    let mut codes: Vec<Code> = report.damage.iter().map(|fault| fault.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Changes a dossier, makes its lists anew, and gives the codes of the faults.
pub(crate) fn altered(change: impl FnOnce(&mut Files)) -> Vec<Code> {
    let mut files = plain();
    change(&mut files);
    rebag(&mut files);
    codes(&check(&files))
}

/// Where the bytes of item `n` are.
pub(crate) fn content_path(n: u8) -> String {
    format!("data/evidence/{}/content", folder(n))
}
