//! The published Merkle vectors: every verdict must be the expected one.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, outside the functions clippy knows as tests"
)]

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use format::log::hash::Hash;
use format::log::tree::{verify_consistency, verify_inclusion};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

fn vectors(kind: &str) -> Vec<(PathBuf, Value)> {
    let mut folders = vec![
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("testdata/merkle")
            .join(kind),
    ];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let vector = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
                found.push((path, vector));
            }
        }
    }
    found
}

/// Some vectors hold values that are no hashes; a digest stands in, so that they too reach the verifier.
fn hash(value: &Value) -> Hash {
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(value.as_str().unwrap())
        .unwrap();
    Hash(
        bytes
            .clone()
            .try_into()
            .unwrap_or_else(|_odd| Sha256::digest(bytes).into()),
    )
}

fn proof(vector: &Value) -> Vec<Hash> {
    let Value::Array(proof) = &vector["proof"] else {
        return Vec::new();
    };
    proof.iter().map(hash).collect()
}

/// Gives `None` when a number is negative or the leaf is no hash: our types have no such values.
fn included(vector: &Value) -> Option<bool> {
    let number = |name: &str| vector[name].as_u64();
    let (Some(index), Some(size)) = (number("leafIdx"), number("treeSize")) else {
        return None;
    };
    let leaf = Hash::from_base64(vector["leafHash"].as_str().unwrap()).ok()?;
    let root = hash(&vector["root"]);
    Some(verify_inclusion(&leaf, index, size, &proof(vector), &root).is_ok())
}

fn consistent(vector: &Value) -> Option<bool> {
    let number = |name: &str| vector[name].as_u64().unwrap();
    let (old, new) = (hash(&vector["root1"]), hash(&vector["root2"]));
    let proof = proof(vector);
    Some(verify_consistency(number("size1"), &old, number("size2"), &new, &proof).is_ok())
}

fn judge(kind: &str, verdict: fn(&Value) -> Option<bool>) -> (usize, usize) {
    let (mut good, mut judged) = (0, 0);
    let vectors = vectors(kind);
    assert_eq!(vectors.len(), 98, "all vectors of {kind} are there");
    for (path, vector) in vectors {
        let verdict = verdict(&vector);
        let wanted = vector["wantErr"] == false;
        assert_eq!(verdict.unwrap_or(false), wanted, "{}", path.display());
        good += usize::from(wanted);
        judged += usize::from(verdict.is_some());
    }
    (good, judged)
}

#[test]
fn every_published_inclusion_vector_gets_its_verdict() {
    let (good, judged) = judge("inclusion", included);
    assert_eq!((good, judged), (6, 87));
}

#[test]
fn every_published_consistency_vector_gets_its_verdict() {
    let (good, judged) = judge("consistency", consistent);
    assert_eq!((good, judged), (6, 98));
}
