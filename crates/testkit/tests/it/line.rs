//! What each mode of a bad line does to a real client.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use testkit::services::{Line, Mode, Postgres};
use testkit::tools::need;

/// A server that answers each connection once with 64 KiB and counts them.
struct Server {
    url: String,
    asked: Arc<AtomicU32>,
}

const BODY: usize = 64 * 1024;

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/a", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, count) = (stream.unwrap(), Arc::clone(&count));
                std::thread::spawn(move || {
                    let mut head = [0; 4096];
                    if stream.read(&mut head).unwrap_or(0) > 0 {
                        count.fetch_add(1, Ordering::SeqCst);
                        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {BODY}\r\n\r\n");
                        stream.write_all(head.as_bytes()).ok();
                        stream.write_all(&[b'x'; BODY]).ok();
                        stream.read_to_end(&mut Vec::new()).ok();
                    }
                });
            }
        });
        Self { url, asked }
    }
}

/// Asks with `curl`; prints the status and how much came.
fn curl(line: &Line, more: &[&str]) -> Output {
    Command::new("curl")
        .args(["-sS", "--noproxy", "*", "-o", "/dev/null"])
        .args(["-w", "%{http_code} %{size_download} %{time_starttransfer}"])
        .args(more)
        .arg(line.url())
        .output()
        .unwrap()
}

fn said(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.split(' ').map(str::to_owned).collect()
}

/// A connection that has already carried something.
#[expect(clippy::disallowed_methods, reason = "a client on loopback")]
fn connect(line: &Line) -> TcpStream {
    let stream = TcpStream::connect(line.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    stream
}

fn ask(stream: &mut TcpStream) {
    stream.write_all(b"GET /a HTTP/1.1\r\n\r\n").unwrap();
}

const EXIT_REFUSED: i32 = 7;
const EXIT_TIMEOUT: i32 = 28;

#[test]
fn a_passing_line_carries_everything_and_a_cut_one_resets_and_refuses_until_it_passes_again() {
    if need("curl").is_none() {
        return;
    }
    let server = Server::start();
    let line = Line::before(&server.url);
    assert_eq!(said(&curl(&line, &[]))[..2], ["200", &BODY.to_string()]);
    let mut open = connect(&line);
    ask(&mut open);
    open.read_exact(&mut [0; BODY]).unwrap();
    line.switch(Mode::Cut);
    let broken = std::iter::repeat_with(|| open.read(&mut [0; 4096])).find(|got| {
        assert_ne!(got.as_ref().ok(), Some(&0), "a polite end is not a reset");
        got.is_err()
    });
    assert_eq!(
        broken.unwrap().unwrap_err().kind(),
        ErrorKind::ConnectionReset
    );
    assert_eq!(curl(&line, &[]).status.code(), Some(EXIT_REFUSED));
    line.switch(Mode::Cut);
    assert_eq!(curl(&line, &[]).status.code(), Some(EXIT_REFUSED));
    line.switch(Mode::Pass);
    assert_eq!(said(&curl(&line, &[]))[..2], ["200", &BODY.to_string()]);
    let (url, asked) = (line.url(), server.asked.load(Ordering::SeqCst));
    drop(line);
    let gone = Command::new("curl")
        .args(["-sS", "--max-time", "20", "--noproxy", "*", &url])
        .output();
    assert!(!gone.unwrap().status.success());
    assert_eq!(server.asked.load(Ordering::SeqCst), asked);
}

#[test]
fn a_stalled_line_accepts_and_never_answers_and_what_it_swallowed_is_lost() {
    if need("curl").is_none() {
        return;
    }
    let server = Server::start();
    let line = Line::before(&server.url);
    line.switch(Mode::Stall);
    let mut open = connect(&line);
    ask(&mut open);
    let answer = curl(&line, &["--max-time", "1", "--data-binary", "some"]);
    assert_eq!(answer.status.code(), Some(EXIT_TIMEOUT));
    assert_eq!(said(&answer)[..2], ["000", "0"]);
    assert_eq!(server.asked.load(Ordering::SeqCst), 0);
    line.switch(Mode::Pass);
    let lost = open.read(&mut [0]).unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::ConnectionReset);
    assert_eq!(said(&curl(&line, &[]))[0], "200");
}

#[test]
fn a_slow_line_loses_nothing_and_goes_on_at_full_speed_when_it_passes() {
    if need("curl").is_none() {
        return;
    }
    let server = Server::start();
    let line = Line::before(&server.url);
    line.switch(Mode::Slow(2000));
    let answer = curl(&line, &["--max-time", "4"]);
    assert_eq!(answer.status.code(), Some(EXIT_TIMEOUT));
    let came: usize = said(&answer)[1].parse().unwrap();
    assert!(came > 0 && came < BODY, "{came}");
    let mut open = connect(&line);
    ask(&mut open);
    let mut got = vec![0; 10];
    open.read_exact(&mut got).unwrap();
    line.switch(Mode::Pass);
    open.shutdown(std::net::Shutdown::Write).unwrap();
    open.read_to_end(&mut got).unwrap();
    let body = got.windows(4).position(|window| window == b"\r\n\r\n");
    assert_eq!(got.len() - body.unwrap() - 4, BODY);
}

#[test]
fn a_late_line_answers_no_sooner_than_it_says() {
    if need("curl").is_none() {
        return;
    }
    let server = Server::start();
    let line = Line::before(&server.url);
    line.switch(Mode::Late(Duration::from_millis(150)));
    let answer = said(&curl(&line, &[]));
    assert_eq!(answer[..2], ["200", &BODY.to_string()]);
    // The question and the answer are each late once.
    assert!(answer[2].parse::<f64>().unwrap() >= 0.3, "{answer:?}");
}

#[test]
fn an_answering_line_gives_every_request_its_status_and_asks_nobody() {
    if need("curl").is_none() {
        return;
    }
    let server = Server::start();
    let line = Line::before(&server.url);
    let mut idle = connect(&line);
    for status in ["500", "503"] {
        line.switch(Mode::Answer(status.parse().unwrap()));
        assert_eq!(said(&curl(&line, &[]))[..2], [status, "0"]);
        let body = "y".repeat(100_000);
        let upload = ["-X", "PUT", "--data-binary", &body];
        assert_eq!(said(&curl(&line, &upload))[..2], [status, "0"]);
        let chunked = ["-X", "PUT", "-H", "Transfer-Encoding: chunked", "-d", &body];
        assert_eq!(said(&curl(&line, &chunked))[..2], [status, "0"]);
    }
    ask(&mut idle);
    let mut answer = String::new();
    idle.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert_eq!(server.asked.load(Ordering::SeqCst), 0);
    line.switch(Mode::Pass);
    assert_eq!(said(&curl(&line, &[]))[0], "200");
    assert_eq!(server.asked.load(Ordering::SeqCst), 1);
}

#[test]
fn a_client_of_postgresql_notices_that_its_line_is_cut() {
    let Some(program) = need("postgres") else {
        return;
    };
    let server = Postgres::start(false);
    let line = Line::before(&server.url("postgres"));
    assert!(line.url().starts_with("postgres://holdfast@127.0.0.1:"));
    assert!(line.url().ends_with("/postgres"));
    let psql = |text: &str| {
        let mut command = Command::new(program.path().with_file_name("psql"));
        command.args(["-X", "-q", "-A", "-t", "-c", text, "-d", &line.url()]);
        command.output().unwrap()
    };
    assert_eq!(psql("select 1").stdout, b"1\n");
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| psql("select pg_sleep(3600)"));
        let count = "select count(*) from pg_stat_activity where query like '%3600%' and wait_event = 'PgSleep'";
        while server.sql(count).unwrap() != "1" {}
        line.switch(Mode::Cut);
        assert!(!waits.join().unwrap().status.success());
    });
    let refused = String::from_utf8(psql("select 1").stderr).unwrap();
    assert!(refused.contains("Connection refused"), "{refused}");
    line.switch(Mode::Pass);
    assert_eq!(psql("select 1").stdout, b"1\n");
}
