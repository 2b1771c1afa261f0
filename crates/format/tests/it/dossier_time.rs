//! Time-stamps in a dossier.

#[expect(
    clippy::duplicate_mod,
    dead_code,
    reason = "the authority of the log's own tests serves here too"
)]
#[path = "log_timestamp/tsa.rs"]
mod tsa;

use format::dossier::layout::LaidToken;
use format::verify::{Code, Trust, Verdict};
use tsa::{Tsa, has_openssl};

use crate::dossier::{Archive, check_with, codes, files, policy, rebag};

#[test]
fn a_time_stamp_is_proven_with_its_root_and_unproven_without() {
    if !has_openssl() {
        return;
    }
    let tsa = Tsa::new("dossier", "prime256v1");
    let mut archive = Archive::small();
    let sealed = archive.seal(&[]);
    let mut parts = archive.parts(sealed, &[]);
    parts.tokens.push(LaidToken {
        token: tsa.stamp(parts.checkpoint.as_bytes(), "ess_cert_id_alg=sha256"),
        certificates: String::from_utf8(tsa.pem("middle")).unwrap(),
    });
    let mut files = files(&parts);
    let with = |roots: Vec<Vec<u8>>| Trust {
        policy: Some(policy()),
        roots,
    };
    let proven = check_with(&files, with(vec![tsa.pem("root")]));
    assert_eq!(proven.verdict, Verdict::Good, "{:?}", proven.damage);
    assert!(proven.proven.iter().any(|s| s.code == "existed_before"));
    assert!(proven.missing.iter().all(|s| !s.code.contains("timestamp")));

    let other = Tsa::new("dossier-other", "prime256v1");
    for roots in [Vec::new(), vec![other.pem("root")]] {
        let unproven = check_with(&files, with(roots));
        assert_eq!(unproven.verdict, Verdict::Good, "{:?}", unproven.damage);
        assert!(
            unproven
                .missing
                .iter()
                .any(|s| s.code == "unproven_timestamp")
        );
    }

    let elsewhere = tsa.stamp(b"another checkpoint", "ess_cert_id_alg=sha256");
    files.insert("data/log/checkpoint.1.tsr".into(), elsewhere);
    rebag(&mut files);
    assert_eq!(
        codes(&check_with(&files, with(Vec::new()))),
        [Code::BadTimestamp]
    );
    files.remove("data/log/checkpoint.1.tsr");
    rebag(&mut files);
    assert_eq!(
        codes(&check_with(&files, with(Vec::new()))),
        [Code::BadTimestamp]
    );
}
