//! Policies: a quorum is met by the right witnesses only, an error names its line.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, outside the functions clippy knows as tests"
)]

use format::log::checkpoint::{Checkpoint, CheckpointError};
use format::log::hash::empty_root;
use format::log::note::{Note, NoteError};
use format::log::policy::{CheckError, Policy, PolicyProblem};

use crate::log::{ORIGIN, log_key, witness};

fn head(witnesses: u8) -> String {
    let mut text = format!("log {}\n", log_key().verifier_key());
    for number in 1..=witnesses {
        text += &format!("witness w{number} {}\n", witness(number).verifier_key());
    }
    text
}

fn cosigned(witnesses: &[u8]) -> Note {
    let checkpoint = Checkpoint {
        origin: ORIGIN.into(),
        size: 0,
        root: empty_root(),
    };
    let mut note = Note::parse(checkpoint.sign(&log_key()).unwrap().as_bytes()).unwrap();
    for number in witnesses {
        let time = 1_770_000_000 + u64::from(*number);
        note.add(witness(*number).cosign(note.text(), time).unwrap())
            .unwrap();
    }
    note
}

fn met(policy: &str, witnesses: &[u8]) -> bool {
    let policy = Policy::parse(policy.as_bytes()).unwrap();
    policy.check(&cosigned(witnesses)).unwrap().quorum_met
}

#[test]
fn a_quorum_of_two_levels_counts_each_witness_once() {
    let policy = format!(
        "# two organisations\n\n{}group x 2 w1 w2 w3\n\tgroup y any w4 w5\t\n\
         group both all x y\nquorum both\n",
        head(5)
    );
    assert!(met(&policy, &[1, 3, 5]));
    assert!(met(&policy, &[5, 2, 1, 4]));
    assert!(!met(&policy, &[1, 2, 3]));
    assert!(!met(&policy, &[1, 4, 5]));
    assert!(
        !met(&policy, &[1, 1, 4]),
        "one witness twice is one witness"
    );
    assert!(!met(&policy, &[]));
}

#[test]
fn a_verdict_names_the_log_and_every_witness_with_its_time() {
    let policy = Policy::parse(format!("{}quorum w2", head(2)).as_bytes()).unwrap();
    let verdict = policy.check(&cosigned(&[2, 7])).unwrap();
    assert!(verdict.quorum_met);
    assert_eq!(verdict.log_key, *log_key().verifier_key());
    assert_eq!(verdict.checkpoint.origin, ORIGIN);
    let seen: Vec<_> = verdict
        .witnesses
        .iter()
        .map(|w| (w.name.as_str(), w.time))
        .collect();
    assert_eq!(seen, [("w1", None), ("w2", Some(1_770_000_002))]);
    assert!(!policy.check(&cosigned(&[1])).unwrap().quorum_met);
}

#[test]
fn a_policy_without_witnesses_needs_none() {
    assert!(met(&format!("{}quorum none\n", head(0)), &[]));
}

#[test]
fn cosignatures_without_a_trusted_log_give_no_verdict() {
    let witness_only = format!("witness w1 {}\nquorum w1\n", witness(1).verifier_key());
    let policy = Policy::parse(witness_only.as_bytes()).unwrap();
    assert_eq!(policy.check(&cosigned(&[1])), Err(CheckError::UnknownLog));
    let unsigned = policy.check(&cosigned(&[])).unwrap_err();
    let wanted = CheckpointError::Note(NoteError::NoKnownSignature);
    assert_eq!(unsigned, CheckError::Checkpoint(wanted));
}

#[test]
fn a_bad_cosignature_of_a_known_witness_refuses_the_checkpoint() {
    let policy = Policy::parse(format!("{}quorum none\n", head(1)).as_bytes()).unwrap();
    let mut note = cosigned(&[]);
    note.add(witness(1).cosign("another text\n", 5).unwrap())
        .unwrap();
    let name = "witness.example/w1".to_owned();
    let wanted = CheckpointError::Note(NoteError::BadSignature { name });
    assert_eq!(policy.check(&note), Err(CheckError::Checkpoint(wanted)));
}

fn refused(lines: &str) -> (usize, PolicyProblem) {
    let error = Policy::parse(format!("{}{lines}", head(2)).as_bytes()).unwrap_err();
    (error.line, error.problem)
}

#[test]
fn an_error_names_its_line() {
    use PolicyProblem as P;
    let (log, w1) = (
        log_key().verifier_key().clone(),
        witness(1).verifier_key().clone(),
    );
    let w9 = witness(9).verifier_key().clone();
    for (lines, line, problem) in [
        (String::new(), 3, P::NoQuorum),
        ("quorum none\nquorum none\n".into(), 5, P::SecondQuorum),
        ("quorum w3\n".into(), 4, P::NameUnknown("w3".into())),
        (
            "quorum g\ngroup g any w1\n".into(),
            4,
            P::NameUnknown("g".into()),
        ),
        ("group w1 any w2\n".into(), 4, P::NameTaken("w1".into())),
        ("group none any w2\n".into(), 4, P::NameTaken("none".into())),
        (
            "group g any none\n".into(),
            4,
            P::NameUnknown("none".into()),
        ),
        ("group g any w1 w1\n".into(), 4, P::MemberTwice("w1".into())),
        (
            "group g any w1\ngroup h any w1\n".into(),
            5,
            P::MemberTwice("w1".into()),
        ),
        ("group g 0 w1\n".into(), 4, P::Threshold),
        ("group g 3 w1 w2\n".into(), 4, P::Threshold),
        ("group g 01 w1 w2\n".into(), 4, P::Threshold),
        ("group g some w1\n".into(), 4, P::Threshold),
        ("group g all\n".into(), 4, P::Threshold),
        (format!("log {log}\n"), 4, P::DuplicateKey),
        (format!("\nwitness w3 {w1}\n"), 5, P::DuplicateKey),
        (format!("log {w1}\n"), 4, P::KeyKind),
        (format!("witness w3 {log}\n"), 4, P::KeyKind),
        (format!("witness w1 {w9}\n"), 4, P::NameTaken("w1".into())),
        ("Log x\n".into(), 4, P::Keyword("Log".into())),
        ("# fine\nquorum\u{b}none\n".into(), 5, P::Control),
        ("quorum none\r\n".into(), 4, P::Control),
    ] {
        assert_eq!(refused(&lines), (line, problem), "{lines}");
    }
    assert!(matches!(refused("log x\n"), (4, P::Key(_))));
    assert!(matches!(refused("quorum a b\n"), (4, P::Shape(_))));
    assert!(matches!(refused("witness w3\n"), (4, P::Shape(_))));
    let error = Policy::parse(b"frob\n").unwrap_err().to_string();
    assert_eq!(
        error,
        "Line 1 of the policy: \"frob\" is not known; write log, witness, group or quorum"
    );
}
