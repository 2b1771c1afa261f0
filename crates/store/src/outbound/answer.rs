//! Reading an HTTP answer, strictly: whatever is odd is refused, not guessed at.

const MOST_HEAD: usize = 16 << 10;

/// Collects an answer piece by piece, never more than it may cost.
#[derive(Debug)]
pub(super) struct Reading {
    most: usize,
    bytes: Vec<u8>,
    head: Option<Head>,
}

#[derive(Debug, Clone, Copy)]
struct Head {
    /// Where the body begins.
    end: usize,
    body: Body,
}

#[derive(Debug, Clone, Copy)]
enum Body {
    Length(usize),
    Chunked,
    UntilClosed,
}

type Read<T> = Result<T, String>;

impl Reading {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            bytes: Vec::new(),
            head: None,
        }
    }

    /// Takes a piece; returns the body once it is whole.
    pub(super) fn take(&mut self, piece: &[u8]) -> Read<Option<Vec<u8>>> {
        self.bytes.extend_from_slice(piece);
        while self.head.is_none() {
            let Some(end) = self
                .bytes
                .windows(4)
                .position(|w| w == b"\r\n\r\n")
                .map(|at| at + 4)
            else {
                return if self.bytes.len() > MOST_HEAD {
                    Err("sent too long a head".into())
                } else {
                    Ok(None)
                };
            };
            match head(&self.bytes[..end - 4])? {
                Some(body) => self.head = Some(Head { end, body }),
                None => drop(self.bytes.drain(..end)), // an interim answer: the real one follows
            }
        }
        self.body(false)
    }

    /// Says what there is when the other side closes.
    pub(super) fn end(&mut self) -> Read<Vec<u8>> {
        self.body(true)?
            .ok_or_else(|| "broke off in the middle of its answer".into())
    }

    fn body(&self, closed: bool) -> Read<Option<Vec<u8>>> {
        let Some(Head { end, body }) = self.head else {
            return Ok(None);
        };
        let rest = &self.bytes[end..];
        let large = || format!("answered with more than {} bytes", self.most);
        match body {
            Body::Length(len) if len > self.most => Err(large()),
            Body::Length(len) => Ok(rest.get(..len).map(<[u8]>::to_vec)),
            Body::Chunked => {
                // Framing may cost something too, but not without bound.
                if rest.len() > self.most.saturating_mul(2).saturating_add(MOST_HEAD) {
                    return Err(large());
                }
                let whole = chunks(rest)?;
                if whole.as_ref().is_some_and(|w| w.len() > self.most) {
                    Err(large())
                } else {
                    Ok(whole)
                }
            }
            Body::UntilClosed if rest.len() > self.most => Err(large()),
            Body::UntilClosed => Ok(closed.then(|| rest.to_vec())),
        }
    }
}

/// Reads the head of an answer; `None` for an interim one.
fn head(bytes: &[u8]) -> Read<Option<Body>> {
    let text =
        std::str::from_utf8(bytes).map_err(|_not_text| "sent a head that is no text".to_owned())?;
    let mut lines = text.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let status = first
        .strip_prefix("HTTP/1.")
        .and_then(|l| l.get(2..5))
        .and_then(|s| s.parse::<u16>().ok());
    match status {
        None => return Err("does not speak HTTP".into()),
        Some(101) => return Err("changes to another protocol".into()),
        Some(100..200) => return Ok(None),
        Some(200) => {}
        Some(other) => return Err(format!("answered with status {other}")),
    }
    let (mut length, mut chunked) = (None, false);
    for line in lines {
        let (name, value) = line
            .split_once(':')
            .ok_or("sent a header without a colon")?;
        let value = value.trim_matches([' ', '\t']);
        if name.eq_ignore_ascii_case("content-length") {
            let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
            let parsed = value
                .parse::<usize>()
                .ok()
                .filter(|_| digits)
                .ok_or("sent a length that is no number")?;
            if length.is_some_and(|known| known != parsed) {
                return Err("sent two different lengths".into());
            }
            length = Some(parsed);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            if !value.eq_ignore_ascii_case("chunked") || chunked {
                return Err("sent its answer in an unknown coding".into());
            }
            chunked = true;
        }
    }
    match (length, chunked) {
        (Some(_), true) => Err("sent both a length and chunks".into()),
        (Some(length), false) => Ok(Some(Body::Length(length))),
        (None, true) => Ok(Some(Body::Chunked)),
        (None, false) => Ok(Some(Body::UntilClosed)),
    }
}

/// Puts chunks together; `None` while the last is missing.
fn chunks(mut rest: &[u8]) -> Read<Option<Vec<u8>>> {
    let odd = || "sent a chunk that cannot be read".to_owned();
    let mut whole = Vec::new();
    loop {
        let Some(line) = rest.windows(2).position(|w| w == b"\r\n") else {
            return if rest.len() > MOST_HEAD {
                Err(odd())
            } else {
                Ok(None)
            };
        };
        let size = std::str::from_utf8(&rest[..line])
            .ok()
            .and_then(|l| l.split(';').next())
            .map(str::trim);
        let hex =
            size.filter(|s| (1..=8).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_hexdigit()));
        let size = usize::from_str_radix(hex.ok_or_else(odd)?, 16).map_err(|_too_large| odd())?;
        rest = &rest[line + 2..];
        if size == 0 {
            // Trailers, if any, end with an empty line; they say nothing we use.
            let ended = rest.starts_with(b"\r\n") || rest.windows(4).any(|w| w == b"\r\n\r\n");
            return Ok(ended.then_some(whole));
        }
        let (Some(data), Some(end)) = (rest.get(..size), rest.get(size..size + 2)) else {
            return Ok(None);
        };
        if end != b"\r\n" {
            return Err(odd());
        }
        whole.extend_from_slice(data);
        rest = &rest[size + 2..];
    }
}
