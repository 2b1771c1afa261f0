//! A plain HTTP client that only follows links and submits forms which are on the page it holds.

use std::collections::BTreeMap;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::markup::{Tag, tags};

/// A client with its cookies.
pub(crate) struct Browser {
    port: u16,
    cookies: BTreeMap<String, String>,
}

/// What came back, and from which address.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) url: String,
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// Whether as many bytes came as were announced.
    pub(crate) whole: bool,
}

impl Page {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn says(&self, words: &str) {
        assert!(
            self.text().contains(words),
            "{} does not say “{words}”:\n{}",
            self.url,
            self.text()
        );
    }

    fn header(&self, name: &str) -> Vec<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }

    fn links(&self) -> Vec<String> {
        let found = tags(self.text()).unwrap();
        let links = found.iter().filter(|tag| tag.name == "a");
        links
            .filter_map(|tag| tag.value("href").map(str::to_owned))
            .collect()
    }

    /// The fields of the form that goes to this address, with the values the page gives them.
    fn form(&self, action: &str) -> (Vec<(String, String)>, bool) {
        let found = tags(self.text()).unwrap();
        let start = found
            .iter()
            .position(|tag| tag.name == "form" && tag.value("action") == Some(action));
        let start = start.unwrap_or_else(|| panic!("{} has no form for {action}", self.url));
        let inside = found[start + 1..]
            .iter()
            .take_while(|tag| tag.name != "/form");
        let fields = inside.filter_map(|tag: &Tag| {
            let known = ["input", "select", "textarea", "button"].contains(&tag.name.as_str());
            let name = tag.value("name").filter(|_| known)?;
            Some((
                name.to_owned(),
                tag.value("value").unwrap_or_default().to_owned(),
            ))
        });
        let files = found[start].value("enctype") == Some("multipart/form-data");
        (fields.collect(), files)
    }
}

impl Browser {
    pub(crate) fn new(port: u16) -> Self {
        Self {
            port,
            cookies: BTreeMap::new(),
        }
    }

    pub(crate) fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.clone()
    }

    pub(crate) fn keep(&mut self, cookies: BTreeMap<String, String>) {
        self.cookies = cookies;
    }

    /// Types an address, and goes where it is sent.
    pub(crate) async fn open(&mut self, url: &str) -> Page {
        let page = self.request("GET", url, "", &[]).await;
        self.arrive(page).await
    }

    /// Follows the link of the page whose address begins so.
    pub(crate) async fn follow(&mut self, page: &Page, begin: &str) -> Page {
        let links = page.links();
        let link = links.iter().find(|link| link.starts_with(begin));
        let link = link.unwrap_or_else(|| panic!("{} has no link to {begin}: {links:?}", page.url));
        self.open(&link.clone()).await
    }

    /// Fills in the form for this address and sends it; only fields that the form has can be filled.
    pub(crate) async fn submit(
        &mut self,
        page: &Page,
        action: &str,
        typed: &[(&str, &str)],
    ) -> Page {
        let page = self.send(page, action, typed, &[]).await;
        self.arrive(page).await
    }

    /// The same, with files.
    pub(crate) async fn upload(
        &mut self,
        page: &Page,
        action: &str,
        typed: &[(&str, &str)],
        files: &[(&str, &[u8])],
    ) -> Page {
        self.send(page, action, typed, files).await
    }

    async fn send(
        &mut self,
        page: &Page,
        action: &str,
        typed: &[(&str, &str)],
        files: &[(&str, &[u8])],
    ) -> Page {
        let (kind, body) = filled(page, action, typed, files);
        self.request("POST", action, kind, &body).await
    }

    async fn arrive(&mut self, mut page: Page) -> Page {
        while (300..400).contains(&page.status) {
            let place = page.header("location")[0].to_owned();
            page = self.request("GET", &place, "", &[]).await;
        }
        page
    }

    /// Sends a form and gives the connection once the head of the answer has come, and what came with it.
    pub(crate) async fn begin(&mut self, page: &Page, action: &str) -> (TcpStream, Vec<u8>) {
        let (kind, body) = filled(page, action, &[], &[]);
        let mut stream = self.ask("POST", action, kind, &body).await;
        let mut got = Vec::new();
        while !got.windows(4).any(|end| end == b"\r\n\r\n") {
            let mut some = [0; 512];
            let n = stream.read(&mut some).await.unwrap();
            assert!(n > 0, "the server hung up");
            got.extend_from_slice(&some[..n]);
        }
        (stream, got)
    }

    async fn ask(&self, method: &str, url: &str, kind: &str, body: &[u8]) -> TcpStream {
        assert!(url.starts_with('/'), "{url} leaves this host");
        let port = self.port;
        let pairs: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let head = format!(
            "{method} {url} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\norigin: http://127.0.0.1:{port}\r\n\
             connection: close\r\ncontent-type: {kind}\r\ncontent-length: {}\r\ncookie: {}\r\n\r\n",
            body.len(),
            pairs.join("; ")
        );
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        stream
    }

    async fn request(&mut self, method: &str, url: &str, kind: &str, body: &[u8]) -> Page {
        let mut stream = self.ask(method, url, kind, body).await;
        let mut bytes = Vec::new();
        // a connection that is cut off is what some tests wait for
        let cut = stream.read_to_end(&mut bytes).await.is_err();
        let end = bytes.windows(4).position(|end| end == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut page = Page {
            url: url.to_owned(),
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            body: bytes[end + 4..].to_vec(),
            head,
            whole: false,
        };
        let announced: Option<usize> = page
            .header("content-length")
            .first()
            .map(|n| n.parse().unwrap());
        page.whole = !cut && announced.is_none_or(|announced| announced == page.body.len());
        let set: Vec<String> = page
            .header("set-cookie")
            .iter()
            .map(|s| (*s).to_owned())
            .collect();
        for line in set {
            let (name, rest) = line.split_once('=').unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                let value = rest.split(';').next().unwrap();
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        page
    }
}

fn filled(
    page: &Page,
    action: &str,
    typed: &[(&str, &str)],
    files: &[(&str, &[u8])],
) -> (&'static str, Vec<u8>) {
    let (mut fields, is_files) = page.form(action);
    for (name, value) in typed {
        let field = fields.iter_mut().find(|(known, _)| known == name);
        let field = field.unwrap_or_else(|| panic!("the form for {action} has no field {name}"));
        field.1 = (*value).to_owned();
    }
    if !is_files {
        let pairs: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        return (
            "application/x-www-form-urlencoded",
            pairs.join("&").into_bytes(),
        );
    }
    let mut body = Vec::new();
    for (name, value) in fields.iter().filter(|(name, _)| name != "files") {
        body.extend(
            format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .bytes(),
        );
    }
    for (name, bytes) in files {
        body.extend(format!("--edge\r\ncontent-disposition: form-data; name=\"files\"; filename=\"{name}\"\r\ncontent-type: application/octet-stream\r\n\r\n").bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--edge--\r\n");
    ("multipart/form-data; boundary=edge", body)
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
