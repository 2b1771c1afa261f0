//! Serving: who can reach the pages, under which names, and what is said when nothing can be recorded.

use crate::support::{Place, ended, signal};
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::Child;

/// A server that has said where it listens.
struct Served {
    child: Child,
    said: Value,
    rest: BufReader<std::process::ChildStdout>,
}

fn served(place: &Place, args: &[&str]) -> Served {
    let words = [&["--json", "serve"], args].concat();
    let mut child = place.command(&words).spawn().unwrap();
    let mut rest = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    rest.read_line(&mut first).unwrap();
    let said = serde_json::from_str(&first).unwrap_or_else(|e| panic!("{first:?}: {e}"));
    Served { child, said, rest }
}

impl Served {
    /// What is answered to a front that passes this Host on, over a plain connection.
    #[expect(
        clippy::disallowed_methods,
        reason = "the other end is the program under test, on this machine"
    )]
    fn ask(&self, path: &str, host: &str) -> String {
        let mut at: SocketAddr = self.said["listen"].as_str().unwrap().parse().unwrap();
        if at.ip().is_unspecified() {
            at.set_ip([127, 0, 0, 1].into());
        }
        let mut stream = TcpStream::connect(at).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Host: archive.example\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Ends the server as a service manager does; gives the other lines it said.
    fn end(mut self) -> Vec<Value> {
        signal(&self.child, "TERM");
        let mut more = String::new();
        self.rest.read_to_string(&mut more).unwrap();
        ended(self.child).ends(0);
        more.lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect()
    }
}

#[test]
fn beyond_this_machine_only_a_site_that_is_encrypted_is_served() {
    let place = Place::new();
    let error = |args: &[&str]| {
        let words = [&["serve"], args].concat();
        place.json(&words).ends(2).typed("error")[0].clone()
    };
    let open = error(&["--listen", "0.0.0.0:0"]);
    assert!(
        open["next"].as_str().unwrap().contains("--origin"),
        "{open}"
    );
    for origin in [
        "archive.example",
        "http://archive.example",
        "http://localhost:8420",
        "https://archive.example/inbox",
    ] {
        let wrong = error(&["--listen", "127.0.0.1:0", "--origin", origin]);
        assert!(
            wrong["next"].as_str().unwrap().contains("https://"),
            "{wrong}"
        );
    }
    let help = place.run(&["help", "serve"]).ends(0).stdout;
    for words in [
        "pass the Host header on unchanged",
        "must",
        "encrypt",
        "/health/ready",
    ] {
        assert!(help.contains(words), "{words}");
    }
}

#[test]
fn a_site_is_answered_by_its_names_alone_whatever_the_front_claims() {
    let place = Place::new();
    let site = [
        "--origin",
        "https://Archive.example/",
        "--origin",
        "http://abc.onion",
    ];
    let served = served(&place, &[&["--listen", "0.0.0.0:0"], &site[..]].concat());
    assert_eq!(served.said["url"], "https://archive.example");
    assert_eq!(served.said["origins"][1], "http://abc.onion");
    let port = served.said["listen"]
        .as_str()
        .unwrap()
        .rsplit(':')
        .next()
        .unwrap();
    let here = format!("127.0.0.1:{port}");

    let page = served.ask("/sign-in", "archive.example");
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    let head = page.split("\r\n\r\n").next().unwrap().to_ascii_lowercase();
    assert!(
        head.contains("strict-transport-security: max-age="),
        "{head}"
    );
    assert!(head.contains("set-cookie: __host-hf-visitor="), "{head}");
    assert!(
        head.contains("; secure; httponly; samesite=strict; path=/"),
        "{head}"
    );
    let onion = served.ask("/sign-in", "abc.onion");
    assert!(onion.starts_with("HTTP/1.1 200") && !onion.contains("strict-transport-security"));
    for host in [here.as_str(), "localhost", "evil.example"] {
        let refused = served.ask("/sign-in", host);
        assert!(refused.starts_with("HTTP/1.1 400"), "{host}: {refused}");
    }
    assert!(served.ask("/health/ready", &here).ends_with("ok\n"));
    served.end();
}

#[test]
fn an_archive_that_takes_nothing_says_so_and_is_still_read() {
    let place = Place::new();
    place.put("a.txt", "the school at the bridge");
    place.add(&["a.txt"]).ends(0);
    for words in [&["ls"][..], &["find", "school"]] {
        assert!(place.json(words).ends(0).typed("warning").is_empty());
    }
    let checkpoint = place.at("archive/log/checkpoint");
    let mut bytes = fs::read(&checkpoint).unwrap();
    let middle = bytes.len() - 20;
    bytes[middle] = if bytes[middle] == b'A' { b'B' } else { b'A' };
    place.put(&checkpoint, bytes);
    for words in [&["ls"][..], &["find", "school"]] {
        let said = place.json(words).ends(0);
        let warning = said.typed("warning")[0]["message"].to_string();
        assert!(warning.contains("Nothing can be recorded"), "{warning}");
        assert_eq!(said.typed("item").len(), 1, "reading goes on");
        let said = place.run(words).ends(0);
        let lines = said.stderr.lines().filter(|l| l.starts_with("Warning: "));
        assert_eq!(lines.count(), 1, "{}", said.stderr);
        assert!(!said.stdout.contains("Warning"), "{}", said.stdout);
    }
    let lines = served(&place, &["--listen", "127.0.0.1:0"]).end();
    assert_eq!(lines[0]["type"], "warning", "{lines:?}");
}
