//! Time-stamps made by openssl: good ones say so, every kind of bad one is refused by name.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, outside the functions clippy knows as tests"
)]

mod tsa;

use format::log::timestamp::{Chain, Stamp, StampError, Token, request};
use tsa::{GOOD, NONCE, Tsa, has_openssl};

const DATA: &[u8] = b"a checkpoint, as far as the authority knows\n";
const CHAIN: &str = "ess_cert_id_alg=sha256\ncerts=middle.pem";

fn verify(token: &[u8], roots: &[Vec<u8>]) -> Result<Stamp, StampError> {
    Token::parse(token)?.verify(DATA, roots)
}

fn a_stamp_is_good(name: &str, key: &str) {
    if !has_openssl() {
        return;
    }
    let tsa = Tsa::new(name, key);
    let answer = tsa.stamp(DATA, CHAIN);
    assert!(tsa.openssl_accepts(DATA));
    let token = Token::parse(&answer).unwrap();
    assert_eq!(token.answers(NONCE), Ok(()));
    assert_eq!(token.answers(NONCE + 1), Err(StampError::Nonce));
    let stamp = token.verify(DATA, &[tsa.pem("root")]).unwrap();
    assert_eq!(stamp.chain, Chain::Proven);
    assert_eq!(stamp.policy, "1.3.6.1.4.1.99999.1");
    assert_eq!(stamp.signer, format!("CN=signer of tsa-{name}"));
    assert_eq!(stamp.time, token.time());
    assert_eq!(
        verify(&tsa.bare(), &[tsa.der("root")]),
        Ok(stamp.clone()),
        "bare, root in DER"
    );
    let unproven = Stamp {
        chain: Chain::NoRootGiven,
        ..stamp
    };
    assert_eq!(verify(&answer, &[]), Ok(unproven));
    let altered = token.verify(b"something else", &[tsa.pem("root")]);
    assert_eq!(altered, Err(StampError::Imprint));
    let foreign = verify(&answer, &[tsa.pem("signer"), tsa.pem("root")]);
    assert_eq!(foreign.unwrap().chain, Chain::Proven);
}

#[test]
fn a_stamp_with_rsa_is_good() {
    a_stamp_is_good("rsa", "RSA");
}

#[test]
fn a_stamp_with_p256_is_good() {
    a_stamp_is_good("p256", "prime256v1");
}

#[test]
fn a_stamp_with_p384_is_good() {
    a_stamp_is_good("p384", "secp384r1");
}

#[test]
fn a_stamp_does_not_chain_to_another_root() {
    if !has_openssl() {
        return;
    }
    let (tsa, other) = (
        Tsa::new("own", "prime256v1"),
        Tsa::new("other", "prime256v1"),
    );
    let answer = tsa.stamp(DATA, CHAIN);
    let wanted = StampError::NoChain("CN=signer of tsa-own".into());
    assert_eq!(verify(&answer, &[other.pem("root")]), Err(wanted.clone()));
    // A root of the same name with another key is another root.
    let namesake = Tsa::new("own", "prime256v1");
    assert_eq!(
        verify(&answer, &[namesake.pem("root")]),
        Err(wanted.clone())
    );
    // A signer is no authority, even for itself.
    assert_eq!(verify(&answer, &[other.pem("signer")]), Err(wanted));
    let refused = verify(&answer, &[b"no file".to_vec()]);
    assert!(matches!(refused, Err(StampError::Der(_))));
    let empty = b"-----BEGIN X509 CRL-----\n-----END X509 CRL-----\n".to_vec();
    assert_eq!(verify(&answer, &[empty]), Err(StampError::NotCertificates));
}

#[test]
fn certificates_kept_beside_the_token_complete_the_chain() {
    if !has_openssl() {
        return;
    }
    let tsa = Tsa::new("beside", "prime256v1");
    let mut token = Token::parse(&tsa.stamp(DATA, "ess_cert_id_alg=sha256")).unwrap();
    let roots = [tsa.pem("root")];
    let wanted = StampError::NoChain("CN=signer of tsa-beside".into());
    assert_eq!(token.verify(DATA, &roots), Err(wanted));
    token
        .add_certificates(&[tsa.pem("signer"), tsa.pem("middle")].concat())
        .unwrap();
    assert_eq!(token.verify(DATA, &roots).unwrap().chain, Chain::Proven);
}

#[test]
fn the_order_of_the_certificates_in_a_token_does_not_matter() {
    if !has_openssl() {
        return;
    }
    let tsa = Tsa::new("order", "prime256v1");
    tsa.stamp(DATA, CHAIN);
    let token = tsa.bare();
    let (signer, middle) = (tsa.der("signer"), tsa.der("middle"));
    let place = |part: &[u8]| token.windows(part.len()).position(|at| at == part).unwrap();
    let start = place(&signer).min(place(&middle));
    let end = start + signer.len() + middle.len();
    let mut stamps = Vec::new();
    for set in [
        [signer.clone(), middle.clone()].concat(),
        [middle, signer].concat(),
    ] {
        let ordered = [&token[..start], &set, &token[end..]].concat();
        stamps.push(verify(&ordered, &[tsa.pem("root")]).unwrap());
    }
    assert_eq!(stamps[0], stamps[1]);
    assert_eq!(stamps[0].chain, Chain::Proven);
}

#[test]
fn a_certificate_that_had_expired_at_the_time_of_the_stamp_is_refused() {
    if !has_openssl() {
        return;
    }
    let tsa = Tsa::with("expired", "prime256v1", GOOD, "-1");
    let answer = tsa.stamp(DATA, CHAIN);
    let wanted = StampError::Expired("CN=signer of tsa-expired".into());
    assert_eq!(verify(&answer, &[tsa.pem("root")]), Err(wanted.clone()));
    assert_eq!(
        verify(&answer, &[]),
        Err(wanted),
        "also when no root is given"
    );
}

#[test]
fn an_authority_that_had_expired_is_refused() {
    if !has_openssl() {
        return;
    }
    let tsa = Tsa::new("expired-middle", "prime256v1");
    let authority = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n";
    tsa.certify("middle", "middle", "root", authority, "-1");
    let answer = tsa.stamp(DATA, CHAIN);
    let wanted = StampError::Expired("CN=middle of tsa-expired-middle".into());
    assert_eq!(verify(&answer, &[tsa.pem("root")]), Err(wanted));
}

#[test]
fn an_issuer_that_is_no_authority_is_refused() {
    if !has_openssl() {
        return;
    }
    let tsa = Tsa::new("no-authority", "prime256v1");
    let wanted = || Err(StampError::NoChain("CN=signer of tsa-no-authority".into()));
    for extensions in [
        "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,keyCertSign\n",
        "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,digitalSignature\n",
        "keyUsage=critical,keyCertSign\n",
        "basicConstraints=critical,CA:TRUE\nnameConstraints=critical,permitted;DNS:example.org\n",
    ] {
        tsa.certify("middle", "middle", "root", extensions, "3650");
        let answer = tsa.stamp(DATA, CHAIN);
        assert_eq!(
            verify(&answer, &[tsa.pem("root")]),
            wanted(),
            "{extensions}"
        );
    }
}

/// The token signed again the way `how` says, with the certificate id that CAdES adds.
const AGAIN: &str = "-econtent_type 1.2.840.113549.1.9.16.1.4 -certfile middle.pem";

#[test]
fn a_certificate_not_for_time_stamping_alone_is_refused() {
    if !has_openssl() {
        return;
    }
    let tsa = Tsa::new("usage", "prime256v1");
    tsa.stamp(DATA, CHAIN);
    let roots = [tsa.pem("root")];
    let again = tsa.resign("signer", "signer", &format!("{AGAIN} -cades"));
    assert_eq!(
        verify(&again, &roots).unwrap().chain,
        Chain::Proven,
        "signing again works"
    );
    for extensions in [
        "extendedKeyUsage=timeStamping\n",
        "extendedKeyUsage=critical,timeStamping,codeSigning\n",
        "extendedKeyUsage=critical,codeSigning\n",
        "keyUsage=critical,digitalSignature\n",
        "keyUsage=critical,keyAgreement\nextendedKeyUsage=critical,timeStamping\n",
    ] {
        tsa.certify("bad", "signer", "middle", extensions, "3650");
        let again = tsa.resign("bad", "signer", &format!("{AGAIN} -cades"));
        let wanted = StampError::Usage("CN=bad of tsa-usage".into());
        assert_eq!(verify(&again, &roots), Err(wanted), "{extensions}");
    }
}

#[test]
fn a_token_that_does_not_name_its_certificate_is_refused() {
    if !has_openssl() {
        return;
    }
    let tsa = Tsa::new("unnamed", "prime256v1");
    let old = tsa.stamp(DATA, "ess_cert_id_alg=sha1");
    let roots = [tsa.pem("root")];
    assert_eq!(verify(&old, &roots), Err(StampError::WeakCertificateId));
    tsa.stamp(DATA, CHAIN);
    let again = tsa.resign("signer", "signer", AGAIN);
    assert_eq!(
        verify(&again, &roots),
        Err(StampError::Attribute("signing certificate"))
    );
    let other = tsa.resign(
        "signer",
        "signer",
        "-cades -econtent_type 1.2.840.113549.1.7.1",
    );
    assert_eq!(verify(&other, &roots), Err(StampError::NotAStamp));
    let bare = tsa.resign("signer", "signer", &format!("{AGAIN} -noattr"));
    assert_eq!(
        verify(&bare, &roots),
        Err(StampError::Attribute("content type"))
    );
    let nobody = tsa.resign("signer", "signer", &format!("{AGAIN} -cades -nocerts"));
    assert_eq!(verify(&nobody, &roots), Err(StampError::NoCertificate));
}

#[test]
fn a_certificate_put_in_the_place_of_the_named_one_is_refused() {
    if !has_openssl() {
        return;
    }
    let tsa = Tsa::new("twins", "prime256v1");
    // The twins first: a certificate that begins a second after the stamp would be refused for that.
    tsa.twin("one", 7, 100);
    tsa.twin("two", 7, 200);
    tsa.stamp(DATA, CHAIN);
    let token = tsa.resign("one", "signer", &format!("{AGAIN} -cades -nocerts"));
    let with = |name: &str| {
        let mut token = Token::parse(&token).unwrap();
        token.add_certificates(&tsa.pem(name)).unwrap();
        token.verify(DATA, &[tsa.pem("root")])
    };
    assert_eq!(with("one").unwrap().chain, Chain::Proven);
    assert_eq!(with("two"), Err(StampError::OtherCertificate));
}

#[test]
fn a_wrong_signature_is_refused() {
    for (name, key) in [("wrong-ec", "prime256v1"), ("wrong-rsa", "RSA")] {
        if !has_openssl() {
            return;
        }
        let tsa = Tsa::new(name, key);
        let mut answer = tsa.stamp(DATA, CHAIN);
        assert!(verify(&answer, &[]).is_ok());
        // The signature is the last thing in the token.
        *answer.last_mut().unwrap() ^= 1;
        assert_eq!(verify(&answer, &[]), Err(StampError::Signature), "{name}");
        // An attribute that nothing but the signature covers: the time of signing.
        let mut answer = tsa.stamp(DATA, CHAIN);
        let oid = [
            0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x05,
        ];
        let at = answer
            .windows(oid.len())
            .position(|here| here == oid)
            .unwrap();
        let minute = at + oid.len() + 4 + 9;
        answer[minute] = if answer[minute] == b'0' { b'1' } else { b'0' };
        assert_eq!(verify(&answer, &[]), Err(StampError::Signature), "{name}");
    }
}

#[test]
fn a_token_with_any_byte_altered_is_refused() {
    if !has_openssl() {
        return;
    }
    let tsa = Tsa::new("altered", "prime256v1");
    tsa.stamp(DATA, "ess_cert_id_alg=sha256");
    let (token, roots) = (tsa.bare(), [tsa.pem("root"), tsa.pem("middle")]);
    let good = verify(&token, &roots).unwrap();
    for at in 0..token.len() {
        let mut altered = token.clone();
        altered[at] ^= 1;
        // Bytes outside signature and content, such as list lengths, may change nothing that is said.
        let said = verify(&altered, &roots);
        assert!(
            said.is_err() || said.as_ref() == Ok(&good),
            "byte {at}: {said:?}"
        );
    }
    for end in 0..token.len() {
        assert!(Token::parse(&token[..end]).is_err(), "cut at {end}");
    }
    assert!(Token::parse(&[token, vec![0]].concat()).is_err());
}

#[test]
fn a_refusal_of_the_authority_is_named() {
    // Status 2 with a free text and no token, as RFC 3161 §2.4.2 has it.
    let answer = [
        0x30, 0x09, 0x30, 0x07, 0x02, 0x01, 0x02, 0x30, 0x02, 0x0c, 0x00,
    ];
    assert_eq!(
        Token::parse(&answer).map(drop),
        Err(StampError::Rejected(2))
    );
}

#[test]
fn a_request_is_read_by_openssl() {
    if !has_openssl() {
        return;
    }
    for nonce in [0, 1, 127, 128, 255, 256, u64::MAX] {
        assert!(request([7; 32], nonce).unwrap().starts_with(&[0x30]));
    }
    let tsa = Tsa::new("request", "prime256v1");
    tsa.stamp(DATA, CHAIN);
    let told = tsa.request_text();
    assert!(told.contains("Nonce: 0x80FF000000000001"), "{told}");
    assert!(told.contains("Hash Algorithm: sha256"), "{told}");
    assert!(told.contains("Certificate required: yes"), "{told}");
}
