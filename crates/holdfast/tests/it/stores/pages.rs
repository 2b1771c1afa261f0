//! A server of pages as one process, and somebody signed in to it.

use super::Kept;
use crate::support::{ended, signal};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::Child;
use std::time::{Duration, Instant};

/// The program `holdfast serve`.
pub(crate) struct Pages {
    child: Child,
    rest: BufReader<std::process::ChildStdout>,
    at: SocketAddr,
    cookie: String,
}

/// What came back, and how long it took.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
    pub(crate) took: Duration,
}

impl Pages {
    /// Serves the archive of one host's folder and signs its owner in.
    pub(crate) fn serve(kept: &Kept, folder: &str) -> Self {
        let words = [
            "--json",
            "--archive",
            folder,
            "serve",
            "--listen",
            "127.0.0.1:0",
        ];
        let mut child = kept.place.command(&words).spawn().unwrap();
        let mut rest = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        rest.read_line(&mut first).unwrap();
        let said: serde_json::Value = serde_json::from_str(&first).unwrap();
        let at = said["listen"]
            .as_str()
            .unwrap_or_else(|| panic!("{said}"))
            .parse()
            .unwrap();
        let mut pages = Self {
            child,
            rest,
            at,
            cookie: String::new(),
        };
        pages.sign_in(&kept.passphrase);
        pages
    }

    fn sign_in(&mut self, passphrase: &str) {
        let page = self.get("/sign-in");
        self.cookie = cookies(&page.text);
        let token = token(&page.text);
        let form = format!("token={token}&name=owner&passphrase={passphrase}&next=%2F");
        let answer = self.post("/sign-in", &form);
        assert_eq!(answer.status, 303, "{}", answer.text);
        self.cookie = format!("{}; {}", self.cookie, cookies(&answer.text));
    }

    /// The address of an item's bytes, and the form that asks for them.
    pub(crate) fn original(&self, item: &str) -> (String, String) {
        let page = self.get(&format!("/items/{item}"));
        let token = token(&page.text);
        (
            format!("/items/{item}/original"),
            format!("token={token}&purpose=a+test"),
        )
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask(&format!("GET {path}"), "")
    }

    pub(crate) fn post(&self, path: &str, form: &str) -> Answer {
        let kind = format!(
            "Origin: http://{}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
            self.at,
            form.len()
        );
        self.ask_with(&format!("POST {path}"), &kind, form)
    }

    fn ask(&self, line: &str, body: &str) -> Answer {
        self.ask_with(line, "", body)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the other end is the program under test, on this machine"
    )]
    fn ask_with(&self, line: &str, fields: &str, body: &str) -> Answer {
        let start = Instant::now();
        let mut stream = TcpStream::connect(self.at).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(150)))
            .unwrap();
        let cookie = if self.cookie.is_empty() {
            String::new()
        } else {
            format!("Cookie: {}\r\n", self.cookie)
        };
        let head = format!(
            "{line} HTTP/1.1\r\nHost: {}\r\n{cookie}{fields}Connection: close\r\n\r\n{body}",
            self.at
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        // A body that breaks off is the server's way to say that a download failed half way.
        drop(stream.read_to_end(&mut bytes));
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let status = text
            .get(9..12)
            .and_then(|code| code.parse().ok())
            .unwrap_or(0);
        Answer {
            status,
            text,
            took: start.elapsed(),
        }
    }

    /// Ends it as a service manager does.
    pub(crate) fn end(mut self) {
        signal(&self.child, "TERM");
        let mut more = String::new();
        self.rest.read_to_string(&mut more).unwrap();
        ended(self.child).ends(0);
    }
}

fn token(page: &str) -> &str {
    let (_, rest) = page.split_once("name=\"token\" value=\"").unwrap();
    rest.split('"').next().unwrap()
}

fn cookies(text: &str) -> String {
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    let set = head.lines().filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("set-cookie")
            .then(|| value.trim())
    });
    let pairs: Vec<&str> = set.filter_map(|value| value.split(';').next()).collect();
    pairs.join("; ")
}
