//! A real time-stamp authority for tests: OpenSSL's, behind HTTP on loopback.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tempfile::TempDir;

use super::run::{folder_with, output};
use super::tool;

const CONFIG: &str = "[tsa]\ndefault_tsa=t\n[t]\nserial=serial\nsigner_cert=tsa.pem\nsigner_key=tsa.key\n\
    signer_digest=sha256\ndefault_policy=1.3.6.1.4.1.99999.1\ndigests=sha256,sha512\ness_cert_id_alg=sha256\n";
const EXTENSIONS: &str = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n\
    extendedKeyUsage=critical,timeStamping\n";
/// A query is about a hundred bytes; more than this is not one.
const LARGEST_QUERY: usize = 64 * 1024;

/// The kind of key with which the authority signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TsaKey {
    /// RSA of 3072 bits, as most public authorities use.
    Rsa3072,
    /// ECDSA on P-256.
    P256,
}

impl TsaKey {
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Rsa3072 => &["-newkey", "rsa:3072"],
            Self::P256 => &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
        }
    }
}

/// A running time-stamp authority; it stops when dropped.
#[derive(Debug)]
pub struct Tsa {
    authority: Arc<Authority>,
    address: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Authority {
    folder: TempDir,
    /// OpenSSL keeps its serial number in a file: one answer at a time.
    turn: Mutex<()>,
    answers: AtomicU64,
    stop: AtomicBool,
}

impl Tsa {
    /// Makes root and signer certificates (RSA) and serves RFC 3161 on loopback.
    ///
    /// # Errors
    /// Returns OpenSSL's complaint, or why no port could be opened.
    pub fn start() -> Result<Self, String> {
        Self::start_with(TsaKey::Rsa3072)
    }

    /// The same with the given kind of signing key.
    ///
    /// # Errors
    /// As [`Tsa::start`].
    pub fn start_with(key: TsaKey) -> Result<Self, String> {
        let folder = folder_with(&[
            ("tsa.cnf", CONFIG.as_bytes()),
            ("tsa.ext", EXTENSIONS.as_bytes()),
            ("serial", b"01\n"),
        ])?;
        make_certificates(folder.path(), key)?;
        let listener =
            TcpListener::bind(("127.0.0.1", 0)).map_err(|error| format!("No port: {error}"))?;
        let address = listener
            .local_addr()
            .map_err(|error| format!("No address: {error}"))?;
        let authority = Arc::new(Authority {
            folder,
            turn: Mutex::new(()),
            answers: AtomicU64::new(0),
            stop: AtomicBool::new(false),
        });
        let serving = Arc::clone(&authority);
        let thread = std::thread::spawn(move || serving.serve(&listener));
        Ok(Self {
            authority,
            address,
            thread: Some(thread),
        })
    }

    /// Names the address to which a client posts its query.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Gives the root certificate a verifier must trust.
    ///
    /// # Panics
    /// When the authority's own folder was deleted under it.
    pub fn root_pem(&self) -> String {
        std::fs::read_to_string(self.root_file())
            .expect("the folder lives as long as the authority")
    }

    /// Names the file with the root certificate, as [`super::openssl_ts_verify`] wants it.
    pub fn root_file(&self) -> PathBuf {
        self.authority.folder.path().join("tsa-root.pem")
    }

    /// Names the file with the signer's certificate.
    pub fn signer_file(&self) -> PathBuf {
        self.authority.folder.path().join("tsa.pem")
    }

    /// Counts the answers given so far, over HTTP or directly.
    pub fn answers(&self) -> u64 {
        self.authority.answers.load(Ordering::SeqCst)
    }

    /// Answers one DER query without HTTP.
    ///
    /// # Panics
    /// When OpenSSL gives no answer at all; a refusal is an answer.
    pub fn reply(&self, query_der: &[u8]) -> Vec<u8> {
        self.authority
            .reply(query_der)
            .expect("openssl answers every query")
    }
}

impl Drop for Tsa {
    #[expect(
        clippy::disallowed_methods,
        reason = "wakes our own listener on loopback"
    )]
    fn drop(&mut self) {
        self.authority.stop.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

impl Authority {
    fn serve(&self, listener: &TcpListener) {
        for stream in listener.incoming() {
            if self.stop.load(Ordering::SeqCst) {
                return;
            }
            // A client that hangs up or talks nonsense costs only its own connection.
            if let Ok(stream) = stream {
                self.answer(stream).ok();
            }
        }
    }

    fn answer(&self, mut stream: TcpStream) -> Result<(), String> {
        stream
            .set_read_timeout(Some(Duration::from_secs(5)))
            .map_err(|error| error.to_string())?;
        let (status, kind, body) =
            match read_query(&mut stream).and_then(|query| self.reply(&query)) {
                Ok(reply) => ("200 OK", "application/timestamp-reply", reply),
                Err(why) => ("400 Bad Request", "text/plain", why.into_bytes()),
            };
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream
            .write_all(&[head.as_bytes(), &body].concat())
            .map_err(|error| error.to_string())
    }

    fn reply(&self, query: &[u8]) -> Result<Vec<u8>, String> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let scratch = folder_with(&[("q.tsq", query)])?;
        let answer = scratch.path().join("a.tsr");
        let mut command = tool("openssl")?.command();
        command.args(["ts", "-reply", "-config", "tsa.cnf", "-queryfile"]);
        command
            .arg(scratch.path().join("q.tsq"))
            .arg("-out")
            .arg(&answer);
        output(command.current_dir(self.folder.path()))?;
        self.answers.fetch_add(1, Ordering::SeqCst);
        std::fs::read(&answer).map_err(|error| format!("No answer from openssl: {error}"))
    }
}

fn make_certificates(folder: &Path, key: TsaKey) -> Result<(), String> {
    let openssl = tool("openssl")?;
    let run = |arguments: &[&str]| output(openssl.command().args(arguments).current_dir(folder));
    let ca = [
        "req",
        "-x509",
        "-nodes",
        "-keyout",
        "ca.key",
        "-out",
        "tsa-root.pem",
        "-days",
        "3650",
    ];
    let subject = [
        "-subj",
        "/CN=Test Root",
        "-addext",
        "keyUsage=critical,keyCertSign,cRLSign",
    ];
    run(&[&ca[..], key.arguments(), &subject].concat())?;
    let request = [
        "req",
        "-nodes",
        "-keyout",
        "tsa.key",
        "-out",
        "tsa.csr",
        "-subj",
        "/CN=Test TSA",
    ];
    run(&[&request[..], key.arguments()].concat())?;
    let sign = [
        "x509",
        "-req",
        "-in",
        "tsa.csr",
        "-CA",
        "tsa-root.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
    ];
    run(&[
        &sign[..],
        &["-days", "3650", "-extfile", "tsa.ext", "-out", "tsa.pem"],
    ]
    .concat())
    .map(drop)
}

/// Reads one HTTP request and returns its body.
fn read_query(stream: &mut TcpStream) -> Result<Vec<u8>, String> {
    let mut got = Vec::new();
    let mut part = [0; 4096];
    loop {
        if let Some((head, body)) = split_head(&got) {
            let length = content_length(head).ok_or("No Content-Length")?;
            if let Some(query) = body.get(..length) {
                return Ok(query.to_vec());
            }
        }
        if got.len() > LARGEST_QUERY {
            return Err("Too long for a query".to_owned());
        }
        match stream.read(&mut part).map_err(|error| error.to_string())? {
            0 => return Err("The request ended early".to_owned()),
            count => got.extend_from_slice(part.get(..count).unwrap_or_default()),
        }
    }
}

fn split_head(got: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = got.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some((got.get(..end)?, got.get(end + 4..)?))
}

fn content_length(head: &[u8]) -> Option<usize> {
    let head = String::from_utf8_lossy(head).to_lowercase();
    head.lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
}
