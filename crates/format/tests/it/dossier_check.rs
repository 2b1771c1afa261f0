//! What a check finds in dossiers, good and bad.

use format::dossier::layout::lay_out;
use format::log::checkpoint::Checkpoint;
use format::log::hash::Hash;
use format::log::note::NoteKey;
use format::log::policy::Policy;
use format::verify::{Code, Limits, State, Trust, Verdict, Verifier};

use crate::dossier::{
    Archive, Files, altered, check, check_with, codes, content_path, feed, files, original, plain,
    trust,
};
use crate::log::{ORIGIN, log_key, witness};

fn swap(files: &mut Files, a: &str, b: &str) {
    let (x, y) = (files[a].clone(), files[b].clone());
    files.insert(a.into(), y);
    files.insert(b.into(), x);
}

#[test]
fn an_untouched_dossier_is_good() {
    let report = check(&plain());
    assert_eq!(report.damage, []);
    assert_eq!(report.verdict, Verdict::Good);
    assert_eq!(report.items.len(), 2);
    assert!(report.items.iter().all(|item| item.state == State::Intact));
    assert_eq!(report.items[0].entries, 4);
    assert_eq!(report.items[0].name.as_deref(), Some("clip ⟦RLO⟧1.mp4"));
    assert_eq!(report.recipient.as_deref(), Some("Prosecutor of Northland"));
    assert!(
        report
            .proven
            .iter()
            .any(|s| s.code == "evidence_as_recorded")
    );
    assert!(report.missing.iter().any(|s| s.code == "no_timestamp"));
    assert!(report.missing.iter().all(|s| s.code != "no_policy"));
}

#[test]
fn without_a_policy_nobody_is_told_whose_log_it_is() {
    let report = check_with(&plain(), Trust::default());
    assert_eq!(report.damage, []);
    assert_eq!(report.verdict, Verdict::GoodButUnanchored);
    assert!(report.missing.iter().any(|s| s.code == "no_policy"));
    assert!(report.sentences()[0].contains("has not been proven"));
}

#[test]
fn the_same_parts_give_the_same_files_in_the_same_order() {
    let mut archive = Archive::small();
    let sealed = archive.seal(&[]);
    let mut parts = archive.parts(sealed, &[]);
    let first = lay_out(&parts).unwrap();
    parts.entries.reverse();
    parts.evidence.reverse();
    assert_eq!(lay_out(&parts).unwrap(), first);
    assert_eq!(first[0].path, "bagit.txt");
    assert_eq!(first.last().unwrap().path, content_path(2));
}

#[test]
fn files_may_come_in_any_order() {
    let files = plain();
    let mut verifier = Verifier::new(Limits::default(), trust());
    for (path, bytes) in files.iter().rev() {
        feed(&mut verifier, path, bytes);
    }
    assert_eq!(verifier.finish(), check(&files));
}

#[test]
fn a_withheld_middle_entry_is_named_with_its_reason() {
    let mut archive = Archive::small();
    // Entries 5, 7 and 9 are the exports of item 1.
    let sealed = archive.seal(&[7]);
    let report = check(&files(&archive.parts(sealed, &[7])));
    assert_eq!(report.damage, []);
    assert_eq!(report.verdict, Verdict::Good);
    let withheld: Vec<_> = report
        .missing
        .iter()
        .filter(|s| s.code == "withheld_entry")
        .collect();
    assert_eq!(withheld.len(), 1);
    assert_eq!(withheld[0].index, Some(7));
    assert!(
        withheld[0]
            .text
            .contains("inside the sender's organisation")
    );
    assert_eq!(report.items[0].withheld, 1);
    assert!(report.asserted.iter().any(|s| s.code == "unlinked"));
}

#[test]
fn an_entry_withheld_otherwise_than_the_seal_says_is_found() {
    let mut archive = Archive::small();
    let sealed = archive.seal(&[]);
    let hidden = check(&files(&archive.parts(sealed, &[7])));
    assert_eq!(codes(&hidden), [Code::WithheldDiffers]);

    let mut archive = Archive::small();
    let sealed = archive.seal(&[7]);
    let shown = check(&files(&archive.parts(sealed, &[])));
    assert_eq!(codes(&shown), [Code::WithheldDiffers]);
}

#[test]
fn a_withheld_field_is_missing_and_no_fault() {
    let mut archive = Archive::small();
    let sealed = archive.seal(&[]);
    let mut parts = archive.parts(sealed, &[]);
    let collected = parts
        .entries
        .iter_mut()
        .find(|laid| laid.index == 2)
        .unwrap();
    collected.entry = collected.entry.without(&["source", "by"]);
    let report = check(&files(&parts));
    assert_eq!(report.verdict, Verdict::Good, "{:?}", report.damage);
    let field = report
        .missing
        .iter()
        .find(|s| s.code == "withheld_field")
        .unwrap();
    assert!(field.text.contains("source, by"), "{}", field.text);
}

#[test]
fn evidence_without_its_digests_is_unproven() {
    let mut archive = Archive::small();
    let sealed = archive.seal(&[]);
    let mut parts = archive.parts(sealed, &[]);
    let collected = parts
        .entries
        .iter_mut()
        .find(|laid| laid.index == 2)
        .unwrap();
    collected.entry = collected.entry.without(&["digests"]);
    let report = check(&files(&parts));
    assert_eq!(report.verdict, Verdict::GoodInPart);
    assert_eq!(report.items[0].state, State::Unproven);
    assert_eq!(report.items[1].state, State::Intact);
}

#[test]
fn exchanged_evidence_is_found_even_when_the_lists_are_made_anew() {
    let codes = altered(|files| {
        files.insert(content_path(1), b"Something else".to_vec());
    });
    assert_eq!(codes, [Code::EvidenceDiffers]);
    let codes = altered(|files| {
        let mut bytes = original(1);
        bytes[5] ^= 1;
        files.insert(content_path(1), bytes);
    });
    assert_eq!(codes, [Code::EvidenceDiffers]);
}

#[test]
fn files_that_are_missing_extra_or_changed_are_named() {
    let mut missing = plain();
    missing.remove(&content_path(1));
    let report = check(&missing);
    assert_eq!(codes(&report), [Code::MissingFile, Code::WrongOxum]);
    assert_eq!(report.items[0].state, State::Damaged);

    let mut extra = plain();
    extra.insert("data/note".into(), b"x".to_vec());
    assert_eq!(codes(&check(&extra)), [Code::ExtraFile, Code::WrongOxum]);
    assert_eq!(
        altered(|files| drop(files.insert("data/note".into(), vec![]))),
        [Code::ExtraFile]
    );
    let stray = "data/evidence/000000000000/content";
    assert_eq!(
        altered(|files| drop(files.insert(stray.into(), vec![]))),
        [Code::ExtraFile]
    );

    let mut changed = plain();
    changed.insert("data/index.html".into(), b"<!doctype html>!".to_vec());
    assert_eq!(codes(&check(&changed)), [Code::WrongDigest]);
}

#[test]
fn two_faults_at_once_are_both_listed() {
    let report = {
        let mut files = plain();
        files.get_mut(&content_path(2)).unwrap()[0] ^= 1;
        files.remove("data/log/proofs/5.tlog-proof");
        check(&files)
    };
    let found = codes(&report);
    for code in [
        Code::EvidenceDiffers,
        Code::WrongDigest,
        Code::MissingProof,
        Code::MissingFile,
    ] {
        assert!(found.contains(&code), "{code}: {found:?}");
    }
    assert_eq!(report.items[1].state, State::Damaged);
    assert_eq!(report.proven, []);
    assert!(report.sentences()[0].starts_with("Do not rely on dossier d-"));
}

#[test]
fn proofs_that_are_swapped_missing_or_left_over_are_refused() {
    let path = |n: u64| format!("data/log/proofs/{n}.tlog-proof");
    assert_eq!(
        altered(|files| swap(files, &path(5), &path(6))),
        [Code::SwappedProof]
    );
    assert_eq!(
        altered(|files| drop(files.remove(&path(5)))),
        [Code::MissingProof]
    );
    let extra = altered(|files| drop(files.insert(path(1), files[&path(5)].clone())));
    assert_eq!(extra, [Code::ExtraProof]);
    assert_eq!(
        altered(|files| drop(files.insert(path(5), b"x".to_vec()))),
        [Code::BadProof]
    );
}

#[test]
fn entries_that_change_places_are_refused() {
    let path = |n: u64| format!("data/log/entries/{n}.sd-jwt");
    let found = altered(|files| swap(files, &path(5), &path(7)));
    assert!(found.contains(&Code::SwappedProof), "{found:?}");
    assert!(found.contains(&Code::BrokenChain), "{found:?}");
}

#[test]
fn an_old_checkpoint_is_told_from_a_bad_one() {
    let other = |key: &NoteKey, size: u64| {
        let checkpoint = Checkpoint {
            origin: ORIGIN.into(),
            size,
            root: Hash([3; 32]),
        };
        checkpoint.sign(key).unwrap().into_bytes()
    };
    let path = "data/log/checkpoint";
    let stale = altered(|files| drop(files.insert(path.into(), other(&log_key(), 9))));
    assert_eq!(stale, [Code::StaleCheckpoint]);
    let foreign = NoteKey::new(ORIGIN, ed25519_dalek::SigningKey::from_bytes(&[44; 32])).unwrap();
    let unknown = altered(|files| drop(files.insert(path.into(), other(&foreign, 9))));
    assert_eq!(unknown, [Code::UnknownLog, Code::StaleCheckpoint]);
    let broken = altered(|files| {
        let text = String::from_utf8(files[path].clone()).unwrap();
        files.insert(path.into(), text.replacen("\n1", "\n2", 1).into_bytes());
    });
    assert_eq!(broken, [Code::BadCheckpoint, Code::StaleCheckpoint]);
}

#[test]
fn a_quorum_that_is_not_met_is_bad() {
    let text = format!(
        "log {}\nwitness w {}\nquorum w\n",
        log_key().verifier_key(),
        witness(1).verifier_key()
    );
    let policy = Some(Policy::parse(text.as_bytes()).unwrap());
    let report = check_with(
        &plain(),
        Trust {
            policy,
            roots: Vec::new(),
        },
    );
    assert_eq!(codes(&report), [Code::QuorumUnmet]);
    assert_eq!(report.verdict, Verdict::Bad);
}

#[test]
fn an_entry_left_out_of_a_chain_is_missed() {
    let gone = altered(|files| {
        files.remove("data/log/entries/7.sd-jwt");
        files.remove("data/log/proofs/7.tlog-proof");
    });
    assert_eq!(gone, [Code::MissingEntry]);
    let first = altered(|files| {
        files.remove("data/log/entries/0.sd-jwt");
        files.remove("data/log/proofs/0.tlog-proof");
    });
    assert_eq!(first, [Code::BadFounded]);
}

#[test]
fn an_altered_entry_is_bad() {
    let path = "data/log/entries/5.sd-jwt";
    let cut = altered(|files| files.get_mut(path).unwrap().truncate(900));
    assert!(cut.contains(&Code::BadEntry), "{cut:?}");
    let twice = altered(|files| {
        let text = String::from_utf8(files[path].clone()).unwrap();
        let record = text.split('~').next().unwrap();
        files.insert("data/log/entries/5.jws".into(), record.as_bytes().to_vec());
    });
    assert_eq!(twice, [Code::ExtraEntry]);
    let bare = altered(|files| {
        let text = String::from_utf8(files[path].clone()).unwrap();
        let record = text.split('~').next().unwrap();
        files.insert(path.into(), format!("{record}~").into_bytes());
    });
    assert!(bare.contains(&Code::BadEntry), "{bare:?}");
}
