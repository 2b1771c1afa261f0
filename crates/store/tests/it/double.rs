//! A store in this process that misbehaves as it is told; what it was sent is counted.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};

use store::{Bucket, Secret};

/// What it does with the next requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Well,
    /// Answers this many with this status first.
    Sick(u16, u32),
    /// Takes requests and never answers.
    Silent,
    /// Promises bytes, sends half of them and stops there.
    Half,
    /// Refuses every part of a large object.
    NoParts,
    /// Keeps what is put waiting until it is well again.
    Holding,
}

#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) mood: Mood,
    pub(crate) kept: BTreeMap<String, Vec<u8>>,
    /// Requests that were answered or refused, as `METHOD path`.
    pub(crate) asked: Vec<String>,
    /// Bodies received whose answer is still out: how many, of how many bytes; and the most there were of each.
    pub(crate) waiting: (usize, usize),
    pub(crate) most: (usize, usize),
    /// The body of every refusal.
    pub(crate) says: &'static str,
}

#[derive(Debug, Clone)]
pub(crate) struct Double {
    facts: Arc<(Mutex<Facts>, Condvar)>,
    port: u16,
}

impl Double {
    pub(crate) fn new(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let facts = Facts {
            mood,
            kept: BTreeMap::new(),
            asked: Vec::new(),
            waiting: (0, 0),
            most: (0, 0),
            says: "",
        };
        let this = Self {
            facts: Arc::new((Mutex::new(facts), Condvar::new())),
            port,
        };
        let serving = this.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serving = serving.clone();
                std::thread::spawn(move || while serving.answer(&stream).is_some() {});
            }
        });
        this
    }

    pub(crate) fn bucket(&self, spool: &Path) -> Bucket {
        Bucket {
            endpoint: Some(format!("http://127.0.0.1:{}", self.port)),
            region: "here".into(),
            bucket: "bucket".into(),
            prefix: String::new(),
            access_key: Secret::new("AKIDNOTSHOWN"),
            secret_key: Secret::new("secretnotshown"),
            spool: spool.to_owned(),
        }
    }

    /// Looks at the facts, or changes them.
    pub(crate) fn facts<T>(&self, look: impl FnOnce(&mut Facts) -> T) -> T {
        let seen = look(&mut self.facts.0.lock().unwrap());
        self.facts.1.notify_all();
        seen
    }

    /// Waits until the facts are so.
    pub(crate) fn until(&self, so: impl Fn(&Facts) -> bool) {
        let facts = self.facts.0.lock().unwrap();
        let limit = std::time::Duration::from_secs(60);
        let (facts, late) = self
            .facts
            .1
            .wait_timeout_while(facts, limit, |f| !so(f))
            .unwrap();
        assert!(!late.timed_out(), "it never came to that: {facts:?}");
    }

    fn answer(&self, mut stream: &TcpStream) -> Option<()> {
        let request = request(stream)?;
        let mood = self.note(&request);
        let (status, extra, answer) = match mood {
            Mood::Sick(status, _) => (
                status,
                String::new(),
                self.facts(|f| f.says.as_bytes().to_vec()),
            ),
            Mood::Silent => {
                self.until_changed(Mood::Silent);
                return None;
            }
            Mood::Well | Mood::Half | Mood::Holding | Mood::NoParts => self.do_it(&request, mood),
        };
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {}\r\netag: \"e\"\r\n{extra}\r\n",
            answer.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        if mood == Mood::Half && request.method == "GET" {
            stream.write_all(&answer[..answer.len() / 2]).ok()?;
            self.until_changed(Mood::Half);
            return None;
        }
        if request.method != "HEAD" {
            stream.write_all(&answer).ok()?;
        }
        stream.flush().ok()
    }

    /// Counts a request, and says in which mood it is met.
    fn note(&self, request: &Request) -> Mood {
        self.facts(|f| {
            f.asked
                .push(format!("{} {}", request.method, request.path()));
            if request.method == "PUT" {
                f.waiting = (f.waiting.0 + 1, f.waiting.1 + request.body.len());
                f.most = (f.most.0.max(f.waiting.0), f.most.1.max(f.waiting.1));
            }
            let mood = f.mood;
            if let Mood::Sick(status, left) = mood {
                f.mood = if left > 1 {
                    Mood::Sick(status, left - 1)
                } else {
                    Mood::Well
                };
            }
            mood
        })
    }

    fn do_it(&self, request: &Request, mood: Mood) -> (u16, String, Vec<u8>) {
        let path = request.path().to_owned();
        let plain = |status, bytes| (status, String::new(), bytes);
        match request.method.as_str() {
            "GET" if request.target.contains("list-type") => {
                plain(200, b"<ListBucketResult></ListBucketResult>".to_vec())
            }
            "GET" | "HEAD" => match (self.facts(|f| f.kept.get(&path).cloned()), request.from) {
                (None, _) => plain(404, Vec::new()),
                (Some(bytes), None) => plain(200, bytes),
                (Some(bytes), Some(from)) => {
                    let last = bytes.len().saturating_sub(1);
                    let range = format!("content-range: bytes {from}-{last}/{}\r\n", bytes.len());
                    (206, range, bytes.get(from..).unwrap_or_default().to_vec())
                }
            },
            "POST" if request.target.contains("uploads") => {
                let id = "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>";
                plain(200, id.as_bytes().to_vec())
            }
            "PUT" if mood == Mood::NoParts && request.target.contains("partNumber") => {
                plain(400, b"<Error><Code>BadDigest</Code></Error>".to_vec())
            }
            "PUT" => {
                if mood == Mood::Holding {
                    self.until_changed(Mood::Holding);
                }
                self.facts(|f| {
                    f.kept.insert(path, request.body.clone());
                    f.waiting = (f.waiting.0 - 1, f.waiting.1 - request.body.len());
                });
                plain(200, Vec::new())
            }
            "DELETE" => {
                self.facts(|f| f.kept.remove(&path));
                plain(204, Vec::new())
            }
            _ => plain(501, Vec::new()),
        }
    }

    fn until_changed(&self, mood: Mood) {
        let facts = self.facts.0.lock().unwrap();
        drop(self.facts.1.wait_while(facts, |f| f.mood == mood).unwrap());
    }
}

struct Request {
    method: String,
    target: String,
    /// Where the part asked for begins; it is taken to go on to the end.
    from: Option<usize>,
    body: Vec<u8>,
}

impl Request {
    fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

fn request(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut len, mut from) = (0, None);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let header = header.trim_end().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            len = value.trim().parse().ok()?;
        }
        if let Some(value) = header.strip_prefix("range: bytes=") {
            from = value.split('-').next()?.parse().ok();
        }
    }
    let mut body = vec![0; len];
    reader.read_exact(&mut body).ok()?;
    Some(Request {
        method,
        target,
        from,
        body,
    })
}
