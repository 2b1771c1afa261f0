//! A whole log with fixed keys, byte for byte as version 1 writes it, and what damage does to it.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, outside the functions clippy knows as tests"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use format::log::checkpoint::{Checkpoint, CheckpointError};
use format::log::hash::leaf;
use format::log::note::{Note, NoteError};
use format::log::policy::Policy;
use format::log::proof::{Proof, ProofError};
use format::log::tile::{BundleId, TileId, decode_bundle, encode_bundle};
use format::log::tree::{TreeError, prove_inclusion, root_of};

use crate::log::{ORIGIN, grown, log_key, record, witness};

const SIZE: u64 = 300;
const PROVEN: [u64; 4] = [0, 73, 256, 299];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1/log")
}

/// Every file of the golden log, made anew.
fn files() -> BTreeMap<String, Vec<u8>> {
    let (edge, tiles) = grown(SIZE);
    let mut files: BTreeMap<String, Vec<u8>> = tiles
        .iter()
        .map(|(id, bytes)| (id.to_string(), bytes.clone()))
        .collect();
    for bundle in BundleId::all(SIZE) {
        let end = bundle.first() + u64::from(bundle.width());
        let records: Vec<_> = (bundle.first()..end).map(record).collect();
        files.insert(bundle.entries_path(), encode_bundle(&records).unwrap());
    }
    let checkpoint = Checkpoint {
        origin: ORIGIN.into(),
        size: SIZE,
        root: edge.root(),
    };
    let signed = checkpoint.sign(&log_key()).unwrap();
    let mut note = Note::parse(signed.as_bytes()).unwrap();
    note.add(witness(1).cosign(note.text(), 1_770_000_000).unwrap())
        .unwrap();
    for index in PROVEN {
        let hashes = prove_inclusion(index, SIZE, &tiles).unwrap();
        let proof = Proof::new(index, hashes, &note.to_string()).unwrap();
        files.insert(
            format!("proofs/{index}.tlog-proof"),
            proof.to_string().into(),
        );
    }
    files.insert("checkpoint".into(), note.to_string().into());
    let (log, witness) = (
        log_key().verifier_key().clone(),
        witness(1).verifier_key().clone(),
    );
    let policy = format!("log {log}\nwitness w1 {witness}\nquorum w1\n");
    files.insert("policy".into(), policy.into());
    files
}

fn read(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

#[test]
fn the_golden_log_is_written_byte_for_byte() {
    for (name, bytes) in files() {
        let path = folder().join(&name);
        if std::env::var_os("HOLDFAST_WRITE_GOLDEN").is_some() {
            write(&path, &bytes);
        }
        assert_eq!(fs::read(&path).unwrap(), bytes, "{name}");
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "test fixtures are written by hand, not by the product"
)]
fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn the_golden_log_hashes_to_its_checkpoint() {
    let policy = Policy::parse(read("policy").as_bytes()).unwrap();
    let verdict = policy
        .check(&Note::parse(read("checkpoint").as_bytes()).unwrap())
        .unwrap();
    assert!(verdict.quorum_met);
    let mut leaves = Vec::new();
    for bundle in BundleId::all(verdict.checkpoint.size) {
        let bytes = fs::read(folder().join(bundle.entries_path())).unwrap();
        leaves.extend(
            decode_bundle(&bytes, bundle.width())
                .unwrap()
                .into_iter()
                .map(leaf),
        );
    }
    assert_eq!(root_of(SIZE, leaves), Ok(verdict.checkpoint.root));
}

#[test]
fn the_golden_proofs_prove_their_records() {
    let keys = [log_key().verifier_key().clone()];
    for index in PROVEN {
        let text = read(&format!("proofs/{index}.tlog-proof"));
        let proof = Proof::parse(text.as_bytes()).unwrap();
        assert_eq!(proof.to_string(), text);
        assert_eq!(proof.checkpoint(), read("checkpoint"));
        let checkpoint = proof.verify(&record(index), &keys).unwrap();
        assert_eq!(checkpoint.size, SIZE);
        let longer = [record(index), b"\n".to_vec()].concat();
        let refused = proof.verify(&longer, &keys);
        assert_eq!(refused, Err(ProofError::Tree(TreeError::RootDiffers)));
    }
}

fn damaged(from: &str, to: &str) -> ProofError {
    let text = read("proofs/73.tlog-proof");
    assert!(text.contains(from), "the damage must hit something");
    let keys = [log_key().verifier_key().clone()];
    let proof = Proof::parse(text.replacen(from, to, 1).as_bytes());
    proof
        .and_then(|proof| proof.verify(&record(73), &keys))
        .unwrap_err()
}

#[test]
fn a_damaged_proof_is_refused_by_name() {
    let note = |error| ProofError::Checkpoint(CheckpointError::Note(error));
    let hash = read("proofs/73.tlog-proof")
        .lines()
        .nth(2)
        .unwrap()
        .to_owned();
    let line = format!("{hash}\n");
    assert_eq!(damaged("@v1", "@v2"), ProofError::Header);
    assert_eq!(
        damaged("index 73", "extra AAAA\nindex 73"),
        ProofError::Extra
    );
    assert_eq!(damaged("index 73", "index 073"), ProofError::Index);
    assert_eq!(damaged("index 73\n", ""), ProofError::Index);
    assert_eq!(
        damaged("index 73", "index 72"),
        ProofError::Tree(TreeError::RootDiffers)
    );
    let beyond = TreeError::IndexBeyondSize {
        index: 300,
        size: SIZE,
    };
    assert_eq!(damaged("index 73", "index 300"), ProofError::Tree(beyond));
    assert_eq!(
        damaged(&line, ""),
        ProofError::Tree(TreeError::ProofTooShort)
    );
    assert_eq!(
        damaged(&line, &line.repeat(2)),
        ProofError::Tree(TreeError::ProofTooLong)
    );
    assert_eq!(damaged(&line, &line.repeat(60)), ProofError::TooManyHashes);
    assert_eq!(
        damaged(&hash, hash.trim_end_matches('=')),
        ProofError::Hash(3)
    );
    assert_eq!(damaged(&hash, &format!("{hash} ")), ProofError::Hash(3));
    assert_eq!(
        damaged("\n\n", "\n"),
        ProofError::Hash(12),
        "the checkpoint is no hash"
    );
    let name = ORIGIN.to_owned();
    assert_eq!(
        damaged("\n300\n", "\n301\n"),
        note(NoteError::BadSignature { name })
    );
    assert_eq!(
        damaged("\u{2014} example.org", "\u{2014} exbmple.org"),
        note(NoteError::NoKnownSignature)
    );
}

#[test]
fn a_proof_of_another_record_or_by_a_witness_alone_is_refused() {
    let proof = Proof::parse(read("proofs/73.tlog-proof").as_bytes()).unwrap();
    let keys = [log_key().verifier_key().clone()];
    let swapped = proof.verify(&record(74), &keys);
    assert_eq!(swapped, Err(ProofError::Tree(TreeError::RootDiffers)));
    let witness_key = witness(1).verifier_key().clone();
    let refused = proof.verify(&record(73), std::slice::from_ref(&witness_key));
    let name = witness_key.name().to_owned();
    let wanted = CheckpointError::NotALogKey(name);
    assert_eq!(refused, Err(ProofError::Checkpoint(wanted)));
    let both = [witness_key, keys[0].clone()];
    assert!(proof.verify(&record(73), &both).is_ok());
}

#[test]
fn a_tile_of_the_golden_log_has_the_name_of_its_place() {
    let id: TileId = "tile/0/001.p/44".parse().unwrap();
    assert_eq!(TileId::at(0, 1, SIZE), Some(id));
    assert!(folder().join(id.to_string()).exists());
}
