//! Notes, keys, checkpoints and cosignatures: what is altered is refused by name.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, outside the functions clippy knows as tests"
)]

use ed25519_dalek::SigningKey;
use format::log::checkpoint::{Checkpoint, CheckpointError};
use format::log::hash::empty_root;
use format::log::note::{KeyError, Note, NoteError, NoteKey, VerifierKey, open};

use crate::log::{ORIGIN, log_key, witness};

/// The worked example of C2SP signed-note.
const EXAMPLE_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const EXAMPLE_NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo \
    Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

fn checkpoint() -> Checkpoint {
    Checkpoint {
        origin: ORIGIN.into(),
        size: 0,
        root: empty_root(),
    }
}

fn signed() -> String {
    checkpoint().sign(&log_key()).unwrap()
}

fn verify(note: &str) -> Result<Checkpoint, CheckpointError> {
    Checkpoint::parse_and_verify(note.as_bytes(), log_key().verifier_key())
}

/// A note with any text that the log key did sign.
fn signed_text(text: &str) -> String {
    Note::new(text, vec![log_key().sign(text)])
        .unwrap()
        .to_string()
}

#[test]
fn the_worked_example_of_the_standard_opens() {
    let key: VerifierKey = EXAMPLE_KEY.parse().unwrap();
    assert_eq!(key.to_string(), EXAMPLE_KEY);
    let (note, verified) = open(EXAMPLE_NOTE.as_bytes(), std::slice::from_ref(&key)).unwrap();
    assert_eq!(note.to_string(), EXAMPLE_NOTE);
    assert_eq!((&verified[0].key, verified[0].time), (&key, None));
    let altered = EXAMPLE_NOTE.replace("example message", "example massage");
    let name = "example.com/foo".to_owned();
    assert_eq!(
        open(altered.as_bytes(), &[key]),
        Err(NoteError::BadSignature { name })
    );
}

#[test]
fn a_verifier_key_has_one_spelling() {
    let good = log_key().verifier_key().to_string();
    assert_eq!(good.parse::<VerifierKey>().unwrap().to_string(), good);
    let refused = |text: &str| text.parse::<VerifierKey>().unwrap_err();
    let parts: Vec<&str> = good.splitn(3, '+').collect();
    let [name, id, key] = parts[..] else {
        panic!("three parts")
    };
    assert_eq!(refused(""), KeyError::Malformed);
    assert_eq!(refused(&format!("{name}+{id}")), KeyError::Malformed);
    assert_eq!(
        refused(&format!("{name}+{}+{key}", id.to_uppercase())),
        KeyError::Malformed
    );
    assert_eq!(refused(&format!("{name}+00000000+{key}")), KeyError::Id);
    assert_eq!(refused(&format!("{name}x+{id}+{key}")), KeyError::Id);
    assert_eq!(
        refused(&format!("+{id}+{key}")),
        KeyError::Name(String::new())
    );
    assert_eq!(
        refused(&format!("a b+{id}+{key}")),
        KeyError::Name("a b".into())
    );
    assert_eq!(refused(&good.replace("+AY", "+BY")), KeyError::Algorithm(5));
    assert_eq!(
        refused(&format!("{name}+{id}+AQ==")),
        KeyError::Key(name.into())
    );
    assert_eq!(refused(&format!("{good}=")), KeyError::Malformed);
    // The neutral point: its signatures fit any text.
    let small = format!("{name}+{id}+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(refused(&small), KeyError::Key(name.into()));
}

#[test]
fn a_known_key_with_a_bad_signature_refuses_the_whole_note() {
    let other = NoteKey::new("other.example", SigningKey::from_bytes(&[2; 32])).unwrap();
    let text = checkpoint().body();
    let bad = other.sign("another text\n");
    let note = Note::new(&text, vec![log_key().sign(&text), bad]).unwrap();
    let (log, other) = (
        log_key().verifier_key().clone(),
        other.verifier_key().clone(),
    );
    assert_eq!(
        note.open(std::slice::from_ref(&log)).unwrap().len(),
        1,
        "unknown keys are ignored"
    );
    let name = "other.example".to_owned();
    assert_eq!(
        note.open(&[log, other]),
        Err(NoteError::BadSignature { name })
    );
}

#[test]
fn a_note_without_a_known_signature_is_its_own_error() {
    let key = witness(1).verifier_key().clone();
    let note = Note::parse(signed().as_bytes()).unwrap();
    assert_eq!(note.open(&[key]), Err(NoteError::NoKnownSignature));
    assert_eq!(note.open(&[]), Err(NoteError::NoKnownSignature));
    // The same name with another key is another key.
    let namesake = NoteKey::new(ORIGIN, SigningKey::from_bytes(&[9; 32])).unwrap();
    let keys = [namesake.verifier_key().clone()];
    assert_eq!(note.open(&keys), Err(NoteError::NoKnownSignature));
}

#[test]
fn a_malformed_note_is_refused_by_name() {
    let good = signed();
    let refused = |note: &str| Note::parse(note.as_bytes()).unwrap_err();
    assert_eq!(refused(good.trim_end()), NoteError::Truncated);
    assert_eq!(refused(&good.replace("\n\n", "\n")), NoteError::NoSplit);
    assert_eq!(
        refused(&good.replace('\u{2014}', "-")),
        NoteError::BadSignatureLine(1)
    );
    assert_eq!(
        refused(&good.replace('\u{2014}', "\u{2014} ")),
        NoteError::BadSignatureLine(1)
    );
    assert_eq!(
        refused(&format!("{good}x\n")),
        NoteError::BadSignatureLine(2)
    );
    assert_eq!(refused(&good.replace('\n', "\r\n")), NoteError::NotText);
    assert_eq!(refused("\u{2014} a b\n"), NoteError::NoSplit);
    assert_eq!(refused("text\n\n\n"), NoteError::Truncated);
    assert_eq!(
        refused("text\n\n\u{2014}\n"),
        NoteError::BadSignatureLine(1)
    );
    assert_eq!(Note::parse(b"\xff\n\n\n"), Err(NoteError::NotText));
    assert_eq!(Note::parse(&vec![b'a'; 600_000]), Err(NoteError::TooLong));
    let line = good.lines().last().unwrap();
    let many = format!("{good}{}", format!("{line}\n").repeat(100));
    assert_eq!(refused(&many), NoteError::TooManySignatures);
    assert!(Note::new("no line end", vec![log_key().sign("")]).is_err());
}

/// Two keys that were searched for until their ids collided.
fn colliding() -> [NoteKey; 2] {
    [37_596u32, 49_257].map(|number| {
        let mut seed = [0; 32];
        seed[..4].copy_from_slice(&number.to_be_bytes());
        NoteKey::new(ORIGIN, SigningKey::from_bytes(&seed)).unwrap()
    })
}

#[test]
fn two_keys_of_one_name_and_id_are_never_mixed_up() {
    let [one, two] = colliding();
    let (a, b) = (one.verifier_key().clone(), two.verifier_key().clone());
    assert_eq!(a.id(), b.id());
    let note = Note::new("text\n", vec![one.sign("text\n")]).unwrap();
    let known = note.open(&[a.clone(), a.clone()]).unwrap();
    assert_eq!(known.len(), 1, "given twice is given once");
    let name = ORIGIN.to_owned();
    let refused = note.open(std::slice::from_ref(&b));
    assert_eq!(refused, Err(NoteError::BadSignature { name: name.clone() }));
    assert_eq!(note.open(&[a, b]), Err(NoteError::AmbiguousKey { name }));
}

#[test]
fn a_checkpoint_read_back_is_the_same() {
    assert_eq!(verify(&signed()), Ok(checkpoint()));
}

#[test]
fn a_checkpoint_in_another_form_is_refused_though_signed() {
    let root = empty_root().to_base64();
    let refused = |text: &str| verify(&signed_text(text)).unwrap_err();
    assert_eq!(
        refused(&format!("{ORIGIN}\n00\n{root}\n")),
        CheckpointError::Size
    );
    assert_eq!(
        refused(&format!("{ORIGIN}\n+1\n{root}\n")),
        CheckpointError::Size
    );
    assert_eq!(
        refused(&format!("{ORIGIN}\n\n{root}\n")),
        CheckpointError::Size
    );
    assert_eq!(
        refused(&format!("{ORIGIN}\n9223372036854775808\n{root}\n")),
        CheckpointError::Size
    );
    assert_eq!(
        refused(&format!("{ORIGIN}\n0\n{root}\nmore\n")),
        CheckpointError::Extension
    );
    assert_eq!(
        refused(&format!("{ORIGIN}\n0\n{}\n", root.trim_end_matches('='))),
        CheckpointError::Root
    );
    assert_eq!(
        refused(&format!("{ORIGIN}\n0\n")),
        CheckpointError::TooShort
    );
    assert_eq!(
        refused(&format!("\n0\n{root}\n")),
        CheckpointError::NoOrigin
    );
    let origin = "example.org/another".to_owned();
    let wanted = CheckpointError::Origin {
        origin: origin.clone(),
        key: ORIGIN.into(),
    };
    assert_eq!(refused(&format!("{origin}\n0\n{root}\n")), wanted);
}

#[test]
fn a_checkpoint_is_not_signed_with_another_logs_key() {
    let other = NoteKey::new("other.example", SigningKey::from_bytes(&[2; 32])).unwrap();
    let wanted = CheckpointError::Origin {
        origin: ORIGIN.into(),
        key: "other.example".into(),
    };
    assert_eq!(checkpoint().sign(&other), Err(wanted));
}

#[test]
fn a_cosignature_carries_its_time_and_is_no_log_signature() {
    let mut note = Note::parse(signed().as_bytes()).unwrap();
    note.add(witness(1).cosign(note.text(), 1_770_000_000).unwrap())
        .unwrap();
    let key = witness(1).verifier_key().clone();
    let verified = note.open(std::slice::from_ref(&key)).unwrap();
    assert_eq!(verified[0].time, Some(1_770_000_000));
    let refused = Checkpoint::verify(&note, &key).unwrap_err();
    assert_eq!(
        refused,
        CheckpointError::NotALogKey("witness.example/w1".into())
    );
    // Another text, or another time, and it no longer fits.
    let moved = note.to_string().replace("\n0\n", "\n1\n");
    let name = "witness.example/w1".to_owned();
    let wanted = Err(NoteError::BadSignature { name });
    assert_eq!(
        open(moved.as_bytes(), std::slice::from_ref(&key)).map(drop),
        wanted
    );
    let mut bytes = note.signatures()[1].bytes().to_vec();
    bytes[7] ^= 1;
    let blob = [key.id().to_be_bytes().as_slice(), &bytes].concat();
    let later = format!("{}\u{2014} {} {}\n", signed(), key.name(), base64(&blob));
    assert_eq!(open(later.as_bytes(), &[key]).map(drop), wanted);
    assert_eq!(witness(1).cosign("text\n", 1 << 63), None);
}

#[test]
fn secrets_do_not_show_in_debug_output() {
    assert!(format!("{:?}", log_key()).starts_with("NoteKey(example.org"));
    assert!(format!("{:?}", witness(1)).starts_with("WitnessKey(witness"));
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
