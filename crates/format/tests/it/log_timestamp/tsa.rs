//! A throw-away time-stamping authority made with the openssl program.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, outside the functions clippy knows as tests"
)]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest as _, Sha256};

pub(crate) const NONCE: u64 = 0x80ff_0000_0000_0001;
pub(crate) const GOOD: &str = "basicConstraints=critical,CA:FALSE\n\
    keyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n";

/// Says loudly that a test did not run, or fails where every tool must be there.
pub(crate) fn has_openssl() -> bool {
    let there = Command::new("openssl")
        .arg("version")
        .output()
        .is_ok_and(|out| out.status.success());
    if !there {
        let required = std::env::var_os("HOLDFAST_REQUIRE_TOOLS").is_some_and(|value| value == "1");
        assert!(!required, "openssl is required");
        eprintln!("skipped: no openssl");
    }
    there
}

pub(crate) struct Tsa {
    folder: PathBuf,
}

impl Tsa {
    /// An authority with a root, an intermediate and a signer; `key` is RSA or a curve.
    pub(crate) fn new(name: &str, key: &str) -> Self {
        Self::with(name, key, GOOD, "3650")
    }

    pub(crate) fn with(name: &str, key: &str, extensions: &str, days: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("tsa-{name}"));
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir_all(&folder).unwrap();
        let tsa = Self { folder };
        let usage = "keyUsage=critical,keyCertSign,cRLSign";
        tsa.key("root", key);
        tsa.run(&format!(
            "req -x509 -new -key root.key -out root.pem -days 3650 -subj /CN=Root-{name} -addext {usage}"
        ));
        let authority = format!("basicConstraints=critical,CA:TRUE\n{usage}\n");
        tsa.issue("middle", key, "root", &authority, "3650");
        tsa.issue("signer", key, "middle", extensions, days);
        tsa
    }

    fn key(&self, name: &str, kind: &str) {
        match kind {
            "RSA" => self.run(&format!("genrsa -out {name}.key 2048")),
            curve => self.run(&format!(
                "ecparam -genkey -noout -name {curve} -out {name}.key"
            )),
        }
    }

    pub(crate) fn issue(&self, name: &str, key: &str, by: &str, extensions: &str, days: &str) {
        self.key(name, key);
        self.certify(name, name, by, extensions, days);
    }

    /// A certificate for a key that is there already.
    pub(crate) fn certify(&self, name: &str, key: &str, by: &str, extensions: &str, days: &str) {
        self.write(&format!("{name}.ext"), extensions.as_bytes());
        let subject = format!(
            "/CN={name} of {}",
            self.folder.file_name().unwrap().display()
        );
        self.run_all(&[
            "req",
            "-new",
            "-key",
            &format!("{key}.key"),
            "-out",
            "csr",
            "-subj",
            &subject,
        ]);
        self.run(&format!(
            "x509 -req -in csr -CA {by}.pem -CAkey {by}.key -CAcreateserial -days {days} \
             -extfile {name}.ext -out {name}.pem"
        ));
    }

    /// A certificate of the signer's key with a serial number of the caller's choice.
    pub(crate) fn twin(&self, name: &str, serial: u32, days: u32) {
        self.write("twin.ext", GOOD.as_bytes());
        self.run("req -new -key signer.key -out csr -subj /CN=twin");
        self.run(&format!(
            "x509 -req -in csr -CA middle.pem -CAkey middle.key -set_serial {serial} -days {days} \
             -extfile twin.ext -out {name}.pem"
        ));
    }

    /// The answer to our own request over the data, made by openssl.
    pub(crate) fn stamp(&self, data: &[u8], more: &str) -> Vec<u8> {
        let request = format::log::timestamp::request(Sha256::digest(data).into(), NONCE).unwrap();
        self.write("request.tsq", &request);
        let config = "[tsa]\ndefault_tsa=t\n[t]\nserial=serial\nsigner_cert=signer.pem\n\
            signer_key=signer.key\nsigner_digest=sha256\ndefault_policy=1.3.6.1.4.1.99999.1\n\
            digests=sha256,sha512\n";
        self.write("tsa.cnf", format!("{config}{more}\n").as_bytes());
        self.write("serial", b"01\n");
        self.run("ts -reply -config tsa.cnf -queryfile request.tsq -out answer.tsr");
        self.read("answer.tsr")
    }

    /// The bare token of the last answer.
    pub(crate) fn bare(&self) -> Vec<u8> {
        self.run("ts -reply -in answer.tsr -token_out -out token.der");
        self.read("token.der")
    }

    /// The content of the last answer, signed again by whom and how the caller says.
    pub(crate) fn resign(&self, signer: &str, key: &str, how: &str) -> Vec<u8> {
        self.bare();
        self.run("cms -verify -noverify -binary -inform DER -in token.der -out info.der");
        self.run(&format!(
            "cms -sign -binary -nodetach -md sha256 -in info.der -outform DER -out again.der \
             -signer {signer}.pem -inkey {key}.key {how}"
        ));
        self.read("again.der")
    }

    /// What openssl itself says of the last answer.
    pub(crate) fn openssl_accepts(&self, data: &[u8]) -> bool {
        self.write("data", data);
        let arguments =
            "ts -verify -data data -in answer.tsr -CAfile root.pem -untrusted middle.pem";
        self.command(&arguments.split(' ').collect::<Vec<_>>())
            .output()
            .unwrap()
            .status
            .success()
    }

    /// How openssl reads our last request.
    pub(crate) fn request_text(&self) -> String {
        let out = self
            .command(&["ts", "-query", "-in", "request.tsq", "-text"])
            .output()
            .unwrap();
        String::from_utf8(out.stdout).unwrap()
    }

    pub(crate) fn pem(&self, name: &str) -> Vec<u8> {
        self.read(&format!("{name}.pem"))
    }

    pub(crate) fn der(&self, name: &str) -> Vec<u8> {
        self.run(&format!("x509 -in {name}.pem -outform DER -out {name}.der"));
        self.read(&format!("{name}.der"))
    }

    fn run(&self, arguments: &str) {
        self.run_all(&arguments.split_ascii_whitespace().collect::<Vec<_>>());
    }

    fn run_all(&self, arguments: &[&str]) {
        let out = self.command(arguments).output().unwrap();
        let told = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(out.status.success(), "openssl {arguments:?}: {told}");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("openssl");
        command.args(arguments).current_dir(&self.folder);
        command
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder.join(name)).unwrap()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "input for the openssl program, thrown away"
    )]
    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.folder.join(name), bytes).unwrap();
    }
}
