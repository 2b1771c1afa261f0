//! Time-stamps: a local authority of OpenSSL's, and authorities that misbehave.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use testkit::tools::{self, Tsa, TsaKey};

use crate::dossier::desk::{Desk, Files, Said, program, said, unpacked};

fn desk() -> Desk {
    let desk = Desk::new();
    desk.put("a.txt", b"one");
    let item = desk.add("a.txt", "A");
    desk.dossier("D-1", &[&item]);
    fs::write(desk.at("policy.txt"), desk.policy()).unwrap();
    desk
}

fn verify(desk: &Desk, root: Option<&Tsa>) -> Said {
    let mut command = program();
    command.current_dir(desk.at("."));
    command.args(["verify", "d.tar", "--json", "--policy", "policy.txt"]);
    if let Some(tsa) = root {
        command.arg("--tsa-root").arg(tsa.root_file());
    }
    said(&mut command)
}

fn has(said: &Said, list: &str, code: &str) -> bool {
    let report = said.json();
    let list = report[list].as_array().cloned().unwrap_or_default();
    list.iter().any(|statement| statement["code"] == code)
}

#[test]
fn openssl_and_we_accept_a_time_stamp_and_refuse_altered_data() {
    let Some(_) = tools::need("openssl") else {
        return;
    };
    for key in [TsaKey::Rsa3072, TsaKey::P256] {
        let (tsa, other) = (
            Tsa::start_with(key).unwrap(),
            Tsa::start_with(TsaKey::P256).unwrap(),
        );
        let desk = desk();
        let sealed = desk.good(&["dossier", "seal", "D-1", "-o", "d.tar", "--tsa", &tsa.url()]);
        assert!(sealed.of("dossier")["stamped"].is_string(), "{sealed:?}");
        assert_eq!(tsa.answers(), 1);
        let (_, files): (String, Files) = unpacked(&fs::read(desk.at("d.tar")).unwrap());
        let (data, token) = (desk.at("checkpoint"), desk.at("checkpoint.1.tsr"));
        fs::write(&data, &files["data/log/checkpoint"]).unwrap();
        fs::write(&token, &files["data/log/checkpoint.1.tsr"]).unwrap();
        tools::openssl_ts_verify(&data, &token, tsa.root_file()).unwrap();
        assert!(tools::openssl_ts_verify(&data, &token, other.root_file()).is_err());
        fs::write(&data, [&files["data/log/checkpoint"][..], b"\n"].concat()).unwrap();
        let said = tools::openssl_ts_verify(&data, &token, tsa.root_file()).unwrap_err();
        assert!(said.contains("imprint"), "{said}");

        let proven = verify(&desk, Some(&tsa));
        assert_eq!(proven.json()["verdict"], "good", "{proven:?}");
        assert!(
            has(&proven, "proven", "existed_before") && !has(&proven, "missing", "no_timestamp")
        );
        for root in [None, Some(&other)] {
            let unproven = verify(&desk, root);
            assert_eq!(unproven.code, 0, "{unproven:?}");
            assert!(
                has(&unproven, "missing", "unproven_timestamp"),
                "{unproven:?}"
            );
            assert!(!has(&unproven, "proven", "existed_before"), "{unproven:?}");
        }
    }
}

/// An authority that does one thing to whoever calls, on a port of loopback.
fn misbehaving(act: impl Fn(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    // The thread ends with the test's process; nobody calls any more by then.
    std::thread::spawn(move || listener.incoming().flatten().for_each(&act));
    url
}

fn answer(mut stream: TcpStream, body: &[u8]) {
    let mut query = [0; 4096];
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    drop(stream.read(&mut query));
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    drop(stream.write_all(&[head.as_bytes(), body].concat()));
}

#[test]
fn an_authority_that_misbehaves_is_named_and_the_dossier_can_be_written_without() {
    let Some(_) = tools::need("openssl") else {
        return;
    };
    let elsewhere = Tsa::start_with(TsaKey::P256).unwrap();
    // A good token over something else: a query of our own, answered for whoever asks.
    let mut query = tools::need("openssl").unwrap().command();
    query.args([
        "ts",
        "-query",
        "-sha256",
        "-cert",
        "-digest",
        &"ab".repeat(32),
    ]);
    let stale = elsewhere.reply(&query.output().unwrap().stdout);
    let closed = TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap();
    let bad = [
        (
            "garbage",
            misbehaving(|stream| answer(stream, b"no token at all")),
        ),
        ("nothing", misbehaving(|stream| answer(stream, b""))),
        (
            "another's token",
            misbehaving(move |stream| answer(stream, &stale)),
        ),
        ("hangs up", misbehaving(drop)),
        ("not there", format!("http://{closed}/")),
        (
            "never answers",
            misbehaving(|stream| {
                std::thread::sleep(Duration::from_secs(3600));
                drop(stream);
            }),
        ),
    ];
    let desk = desk();
    for (what, url) in bad {
        let said = desk.run(&["dossier", "seal", "D-1", "-o", "d.tar", "--tsa", &url]);
        assert_ne!(said.code, 0, "{what}: {said:?}");
        for words in [
            "time-stamping authority",
            url.as_str(),
            "no file was written",
            "with none",
        ] {
            assert!(said.out.contains(words), "{what}, {words}: {said:?}");
        }
        let left: Vec<_> = fs::read_dir(desk.at("."))
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        assert!(
            left.iter()
                .all(|name| !name.to_string_lossy().contains("d.tar")
                    && !name.to_string_lossy().starts_with('.')),
            "{left:?}"
        );
    }
    desk.seal("D-1", "d.tar");
    let said = verify(&desk, None);
    assert_eq!(said.json()["verdict"], "good", "{said:?}");
    assert!(has(&said, "missing", "no_timestamp"));
}
