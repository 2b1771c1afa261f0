//! The second verifier, in Python: both must say the same of every dossier.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use testkit::tools;

use crate::dossier::desk::{Said, lay, said, sample};
use crate::dossier::tampered::{all, packed};

/// Runs the Python verifier; nothing when it is not installed, which was said.
pub(super) fn python(dossier: &Path, policy: Option<&Path>) -> Option<Said> {
    let python = tools::need("sd-jwt")?;
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../verifiers/python/holdfast_verify.py"
    );
    let mut command = python.command();
    command.arg(script).arg(dossier);
    if let Some(policy) = policy {
        command.arg("--policy").arg(policy);
    }
    Some(said(&mut command))
}

#[test]
fn both_verifiers_accept_the_good_and_refuse_every_tampered_dossier() {
    let folder = TempDir::new().unwrap();
    let (file, policy) = (
        folder.path().join("d.tar"),
        folder.path().join("policy.txt"),
    );
    fs::write(&policy, &sample().policy).unwrap();
    fs::write(&file, packed(&sample().top, &sample().files, |_| {})).unwrap();
    let Some(good) = python(&file, Some(&policy)) else {
        return;
    };
    assert_eq!(good.code, 0, "{good:?}");
    assert!(good.out.contains("good: no fault found"), "{good:?}");
    let unpacked = folder.path().join(&sample().top);
    lay(&sample().files, &unpacked);
    assert_eq!(
        python(&unpacked, Some(&policy)).unwrap().code,
        0,
        "as a folder"
    );
    let mut differ = Vec::new();
    for case in all() {
        fs::write(&file, &case.tar).unwrap();
        let theirs = python(&file, Some(&policy)).unwrap();
        if theirs.code != 6 || theirs.err.contains("Traceback") {
            differ.push((case.name, theirs));
        }
    }
    assert!(
        differ.is_empty(),
        "we refuse these by docs/format.md: {differ:#?}"
    );
}
