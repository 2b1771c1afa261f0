//! A browser of a kind: plain HTTP through a front that passes everything on, cookies, and the forms of a page.

use super::site::SITE;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// Where it leads.
    pub(crate) fn location(&self) -> &str {
        let mut lines = self.head.lines();
        let line = lines.find_map(|l| l.strip_prefix("location: "));
        line.unwrap_or_else(|| panic!("leads nowhere: {self:?}"))
    }

    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}\n{}", self.head, self.body);
        self
    }

    /// The token in the page's forms.
    pub(crate) fn token(&self) -> &str {
        self.field("token")
            .unwrap_or_else(|| panic!("no form: {self:?}"))
    }

    /// The value of a hidden field.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.body.split_once(&format!("name=\"{name}\" value=\""))?;
        rest.split('"').next()
    }
}

/// Somebody with cookies, who may go to any server of the site.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    pub(crate) server: String,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn at(server: &str) -> Self {
        Self {
            server: server.to_owned(),
            cookies: BTreeMap::new(),
        }
    }

    /// The same person, sent to another server by the front.
    pub(crate) fn moved_to(&self, server: &str) -> Self {
        Self {
            server: server.to_owned(),
            ..self.clone()
        }
    }

    /// Signs in.
    pub(crate) fn sign_in(&mut self, passphrase: &str) {
        let page = self.get("/sign-in").unwrap().is(200);
        let fields = [
            ("token", page.token()),
            ("next", "/"),
            ("name", "owner"),
            ("passphrase", passphrase),
        ];
        self.post("/sign-in", &fields).unwrap().is(303);
    }

    pub(crate) fn get(&mut self, path: &str) -> std::io::Result<Answer> {
        self.ask("GET", path, "", b"")
    }

    /// Sends a form.
    pub(crate) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> std::io::Result<Answer> {
        let fields: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        let kind = "application/x-www-form-urlencoded";
        self.ask("POST", path, kind, fields.join("&").as_bytes())
    }

    /// Adds one file through the inbox, with the token of any page of this sign-in.
    pub(crate) fn upload(
        &mut self,
        token: &str,
        name: &str,
        bytes: &[u8],
    ) -> std::io::Result<Answer> {
        let mut body = Vec::new();
        for (part, value) in [("token", token), ("source", "a test"), ("session", "")] {
            let head = format!(
                "--edge\r\ncontent-disposition: form-data; name=\"{part}\"\r\n\r\n{value}\r\n"
            );
            body.extend_from_slice(head.as_bytes());
        }
        let head = format!(
            "--edge\r\ncontent-disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--edge--\r\n");
        self.ask(
            "POST",
            "/inbox/files",
            "multipart/form-data; boundary=edge",
            &body,
        )
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the other end is the program under test, on this machine"
    )]
    fn ask(
        &mut self,
        method: &str,
        path: &str,
        kind: &str,
        body: &[u8],
    ) -> std::io::Result<Answer> {
        let mut stream = TcpStream::connect(&self.server)?;
        stream.set_read_timeout(Some(Duration::from_secs(90)))?;
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(k, v)| format!("{k}={v}"))
            .collect();
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {SITE}\r\nConnection: close\r\nContent-Length: {}\r\n",
            body.len()
        );
        if !cookies.is_empty() {
            head.push_str(&format!("Cookie: {}\r\n", cookies.join("; ")));
        }
        if !kind.is_empty() {
            head.push_str(&format!(
                "Content-Type: {kind}\r\nOrigin: https://{SITE}\r\n"
            ));
        }
        stream.write_all(format!("{head}\r\n").as_bytes())?;
        stream.write_all(body)?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        self.read(&bytes)
            .ok_or_else(|| std::io::Error::other("the answer broke off"))
    }

    /// Takes an answer apart; nothing if it broke off.
    fn read(&mut self, bytes: &[u8]) -> Option<Answer> {
        let end = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(bytes.get(..end)?).to_string();
        let rest = bytes.get(end + 4..)?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let value = |name: &str| head.lines().find_map(|l| l.strip_prefix(name));
        let body = match value("content-length: ") {
            Some(length) => rest.get(..length.trim().parse().ok()?)?.to_vec(),
            None if value("transfer-encoding: ").is_some() => unchunked(rest)?,
            None => rest.to_vec(),
        };
        for line in head.lines().filter_map(|l| l.strip_prefix("set-cookie: ")) {
            let (name, value) = line.split(';').next()?.split_once('=')?;
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        Some(Answer {
            status,
            body: String::from_utf8_lossy(&body).into_owned(),
            head,
        })
    }
}

fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|w| w == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(rest.get(..end)?).ok()?, 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(end + 2..end + 2 + size)?);
        rest = rest.get(end + 4 + size..)?;
    }
}

fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
