use tempfile::TempDir;

use super::*;

/// Alters one byte of a file.
fn flip(path: impl AsRef<Path>) {
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    write(path.as_ref(), &bytes).unwrap();
}

/// Runs some Python in the environment of an installed tool.
fn python(tool: &Tool, script: &str, folder: &Path) -> String {
    let mut command = Command::new(tool.path().with_file_name("python"));
    output(command.args(["-c", script]).current_dir(folder)).unwrap()
}

fn copy_of(folder: &Path) -> TempDir {
    let copy = TempDir::new().unwrap();
    output(
        Command::new("cp")
            .arg("-r")
            .arg(folder.join("."))
            .arg(copy.path()),
    )
    .unwrap();
    copy
}

#[test]
fn a_missing_tool_is_skipped_on_a_bare_machine() {
    let mut said = Vec::new();
    assert!(found_or_skipped("nothing", None, false, &mut said).is_none());
    assert_eq!(said, b"skipped: no nothing\n");
}

#[test]
#[should_panic(expected = "a skip is a failure")]
fn a_missing_tool_fails_where_nothing_may_be_skipped() {
    found_or_skipped("nothing", None, true, Vec::new());
}

#[test]
fn a_check_without_its_tool_is_no_success() {
    let error = tool("a-program-nobody-has").unwrap_err();
    assert!(error.contains("a-program-nobody-has"), "{error}");
}

#[test]
fn a_bag_passes_and_one_altered_byte_is_refused() {
    let Some(bagit) = need("bagit") else { return };
    let bag = folder_with(&[("first.txt", b"one"), ("second.txt", b"two")]).unwrap();
    output(
        bagit
            .command()
            .args(["--quiet", "--sha256"])
            .arg(bag.path()),
    )
    .unwrap();
    bagit_validate(bag.path()).unwrap();
    sha256sum_check(bag.path()).unwrap();
    flip(bag.path().join("data/first.txt"));
    let said = bagit_validate(bag.path()).unwrap_err();
    assert!(said.contains("first.txt"), "{said}");
    let said = sha256sum_check(bag.path()).unwrap_err();
    assert!(said.contains("first.txt"), "{said}");
}

const CRATE: &str = r#"{
  "@context": "https://w3id.org/ro/crate/1.2/context",
  "@graph": [
    {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"},
     "conformsTo": {"@id": "https://w3id.org/ro/crate/1.2"}},
    {"@id": "./", "@type": "Dataset", "name": "Sample", "description": "A made-up sample",
     "datePublished": "2026-01-02", "license": "Made up, no rights reserved",
     "hasPart": [{"@id": "listed.txt"}]},
    {"@id": "listed.txt", "@type": "File", "name": "Listed", "description": "A listed file"}
  ]
}"#;

#[test]
fn a_crate_passes_and_a_missing_listed_file_is_refused() {
    if need("rocrate").is_none() {
        return;
    }
    let files: [(&str, &[u8]); 2] = [
        ("ro-crate-metadata.json", CRATE.as_bytes()),
        ("listed.txt", b"here"),
    ];
    let folder = folder_with(&files).unwrap();
    rocrate_validate(folder.path()).unwrap();
    std::fs::remove_file(folder.path().join("listed.txt")).unwrap();
    let said = rocrate_validate(folder.path()).unwrap_err();
    assert!(said.contains("listed.txt"), "{said}");
}

#[test]
fn a_bag_that_holds_a_crate_passes_as_a_crate() {
    let (Some(bagit), Some(_)) = (need("bagit"), need("rocrate")) else {
        return;
    };
    let bag = folder_with(&[
        ("ro-crate-metadata.json", CRATE.as_bytes()),
        ("listed.txt", b"here"),
    ])
    .unwrap();
    output(
        bagit
            .command()
            .args(["--quiet", "--sha256"])
            .arg(bag.path()),
    )
    .unwrap();
    rocrate_validate(bag.path()).unwrap();
    std::fs::remove_file(bag.path().join("data/listed.txt")).unwrap();
    assert!(rocrate_validate(bag.path()).is_err());
}

/// A log of 260 made-up entries; see verifiers/README.md.
fn sample_log() -> TempDir {
    copy_of(&project().join("verifiers/go/testdata"))
}

#[test]
fn a_log_passes_and_an_altered_entry_tile_or_checkpoint_is_refused() {
    if need("go").is_none() {
        return;
    }
    let check = |sample: &TempDir| go_log(sample.path().join("log"), sample.path().join("vkey"));
    check(&sample_log()).unwrap();
    for part in [
        "tile/entries/000",
        "tile/entries/001.p/4",
        "tile/0/000",
        "tile/1/000.p/1",
        "checkpoint",
    ] {
        let sample = sample_log();
        flip(sample.path().join("log").join(part));
        assert!(check(&sample).unwrap_err().contains("REFUSED"), "{part}");
    }
}

#[test]
fn a_proof_passes_and_another_record_or_index_is_refused() {
    if need("go").is_none() {
        return;
    }
    let sample = sample_log();
    let at = |name: &str| sample.path().join(name);
    let check = || go_proof(at("vkey"), at("record"), at("record.tlog-proof"));
    check().unwrap();
    let proof = std::fs::read_to_string(at("record.tlog-proof")).unwrap();
    write(
        &at("record.tlog-proof"),
        proof.replace("index 73", "index 74").as_bytes(),
    )
    .unwrap();
    assert!(check().unwrap_err().contains("REFUSED"));
    write(&at("record.tlog-proof"), proof.as_bytes()).unwrap();
    write(&at("record"), b"entry 730").unwrap();
    assert!(check().unwrap_err().contains("REFUSED"));
}

#[test]
fn a_grown_log_passes_and_a_rewritten_one_is_refused() {
    if need("go").is_none() {
        return;
    }
    let sample = sample_log();
    let at = |name: &str| sample.path().join(name);
    go_consistency(at("vkey"), at("checkpoint.old"), at("log")).unwrap();
    let said = go_consistency(at("vkey"), at("checkpoint.forked"), at("log")).unwrap_err();
    assert!(said.contains("rewritten"), "{said}");
}

const ISSUE: &str = r#"
from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.issuer import SDJWTIssuer
key = JWK.generate(kty="OKP", crv="Ed25519")
issued = SDJWTIssuer({"shown": "here", SDObj("withheld"): "secret"}, key, sign_alg="EdDSA")
print(issued.sd_jwt_issuance)
print(key.export_public())
"#;

#[test]
fn a_token_passes_withheld_fields_stay_away_and_a_bad_signature_is_refused() {
    let Some(library) = need("sd-jwt") else {
        return;
    };
    let printed = python(&library, ISSUE, Path::new("."));
    let (token, key) = printed.trim_end().split_once('\n').unwrap();
    assert!(sd_jwt_verify(token, key).unwrap().contains("secret"));
    let signed = token.split_once('~').unwrap().0;
    let payload = sd_jwt_verify(&format!("{signed}~"), key).unwrap();
    assert!(
        payload.contains("here") && !payload.contains("secret"),
        "{payload}"
    );
    let (body, signature) = signed.rsplit_once('.').unwrap();
    let backwards: String = signature.chars().rev().collect();
    let forged = format!("{body}.{backwards}~");
    assert!(sd_jwt_verify(&forged, key).is_err());
}

const WARC: &str = r#"
from io import BytesIO
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter
head = StatusAndHeaders("200 OK", [("Content-Type", "text/plain")], protocol="HTTP/1.1")
with open("a.warc", "wb") as out:
    writer = WARCWriter(out, gzip=False)
    record = writer.create_warc_record("http://example.com/", "response", payload=BytesIO(b"made-up text " * 40), http_headers=head)
    writer.write_record(record)
"#;

#[test]
fn a_warc_passes_and_one_altered_byte_or_no_digest_is_refused() {
    let Some(warcio) = need("warcio") else { return };
    let folder = TempDir::new().unwrap();
    python(&warcio, WARC, folder.path());
    let warc = folder.path().join("a.warc");
    warcio_check(&warc).unwrap();
    let text = std::fs::read_to_string(&warc).unwrap();
    write(&warc, text.replacen("made-up", "made-Up", 1).as_bytes()).unwrap();
    assert!(warcio_check(&warc).unwrap_err().contains("digest failed"));
    let bare: Vec<&str> = text
        .split_inclusive("\r\n")
        .filter(|line| !line.contains("-Digest:"))
        .collect();
    write(&warc, bare.concat().as_bytes()).unwrap();
    assert!(
        warcio_check(&warc)
            .unwrap_err()
            .contains("No digest was checked")
    );
}

/// A file, a query for it, and a place for the answer.
fn question(openssl: &Tool) -> (TempDir, PathBuf, PathBuf) {
    let folder = folder_with(&[("data", b"a made-up checkpoint")]).unwrap();
    let (data, query) = (folder.path().join("data"), folder.path().join("q.tsq"));
    let mut command = openssl.command();
    command
        .args(["ts", "-query", "-sha256", "-cert", "-data"])
        .arg(&data);
    output(command.arg("-out").arg(&query)).unwrap();
    (folder, data, query)
}

#[test]
fn an_authority_answers_directly_and_altered_data_or_another_root_is_refused() {
    let Some(openssl) = need("openssl") else {
        return;
    };
    let (folder, data, query) = question(&openssl);
    let (tsa, other) = (
        Tsa::start().unwrap(),
        Tsa::start_with(TsaKey::P256).unwrap(),
    );
    for authority in [&tsa, &other] {
        let answer = folder.path().join("a.tsr");
        write(&answer, &authority.reply(&std::fs::read(&query).unwrap())).unwrap();
        openssl_ts_verify(&data, &answer, authority.root_file()).unwrap();
    }
    let answer = folder.path().join("a.tsr");
    assert!(openssl_ts_verify(&data, &answer, tsa.root_file()).is_err());
    flip(&data);
    let said = openssl_ts_verify(&data, &answer, other.root_file()).unwrap_err();
    assert!(said.contains("message imprint mismatch"), "{said}");
    assert!(tsa.root_pem().starts_with("-----BEGIN CERTIFICATE-----"));
}

#[test]
fn an_authority_answers_over_http_in_parallel_and_stops() {
    let (Some(openssl), Some(curl)) = (need("openssl"), need("curl")) else {
        return;
    };
    let (folder, data, query) = question(&openssl);
    let tsa = Tsa::start_with(TsaKey::P256).unwrap();
    let ask = |name: &str| {
        let answer = folder.path().join(name);
        let mut command = curl.command();
        command.args([
            "-sS",
            "--fail",
            "--noproxy",
            "*",
            "-H",
            "Content-Type: application/timestamp-query",
        ]);
        command
            .arg("--data-binary")
            .arg(format!("@{}", query.display()));
        output(command.arg("-o").arg(&answer).arg(tsa.url())).map(|_| answer)
    };
    std::thread::scope(|scope| {
        for name in ["1.tsr", "2.tsr", "3.tsr"] {
            let (ask, data, root) = (&ask, &data, tsa.root_file());
            scope.spawn(move || openssl_ts_verify(data, ask(name).unwrap(), root).unwrap());
        }
    });
    assert_eq!(tsa.answers(), 3);
    let url = tsa.url();
    drop(tsa);
    assert!(output(curl.command().args(["-sS", "--noproxy", "*", &url])).is_err());
}
