//! Reading an object in pieces: small ones come whole with the request that opens them, large ones by windows.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::link::{Link, Piece};
use super::said::Failed;
use super::{Hands, stopped};
use crate::disk::OldFile;
use crate::error::{Error, Result};
use crate::objects::Name;
use crate::objects::stage::beyond;

/// Read at a time by whoever reads in order, and when opening.
const WINDOW: u64 = 4 << 20;
/// Read at a time by whoever jumps about.
const LEAP: u64 = 1 << 20;
/// Windows fetched ahead of whoever reads in order.
const AHEAD: usize = 2;

/// One object as it was when it was opened.
#[derive(Debug)]
pub(super) struct Remote {
    link: Arc<Link>,
    hands: Arc<Hands>,
    name: Name,
    len: u64,
    /// Which version it is, where the store says so.
    tag: Option<String>,
    windows: Mutex<Windows>,
}

#[derive(Debug)]
struct Windows {
    /// Where the present one begins, and what it holds.
    from: u64,
    bytes: Arc<Vec<u8>>,
    /// Those on their way, in order, each with its beginning and end.
    coming: VecDeque<(Range<u64>, Receiver<Result<Piece>>)>,
}

impl Remote {
    pub(super) fn open(link: &Arc<Link>, hands: &Arc<Hands>, name: &Name) -> Result<Option<Self>> {
        let (asked, of) = (Arc::clone(link), name.clone());
        let first = hands.wait(async move { begin(&asked, &of).await })?;
        Ok(first.map(|first| Self {
            link: Arc::clone(link),
            hands: Arc::clone(hands),
            name: name.clone(),
            len: first.total,
            tag: first.tag,
            windows: Mutex::new(Windows {
                from: 0,
                bytes: Arc::new(first.bytes),
                coming: VecDeque::new(),
            }),
        }))
    }

    fn lock(&self) -> MutexGuard<'_, Windows> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The window that holds the byte at `at`, and where it begins.
    fn window(&self, at: u64, wanted: usize) -> Result<(u64, Arc<Vec<u8>>)> {
        let (range, coming) = {
            let mut kept = self.lock();
            let end = kept.from + kept.bytes.len() as u64;
            if (kept.from..end).contains(&at) {
                return Ok((kept.from, Arc::clone(&kept.bytes)));
            }
            match kept.coming.pop_front() {
                Some((range, coming)) if range.start == at => {
                    self.send_ahead(&mut kept, range.end);
                    (range, coming)
                }
                _ => {
                    kept.coming.clear();
                    let ahead = if at == end { WINDOW } else { LEAP };
                    let to = self.len.min(at + ahead.max(wanted as u64));
                    let coming = self.begin(at..to);
                    if at == end {
                        self.send_ahead(&mut kept, to);
                    }
                    (at..to, coming)
                }
            }
        };
        // Not under the lock: others may read what is there meanwhile.
        let piece = coming.recv().unwrap_or_else(|_broken_off| Err(stopped()))?;
        let bytes = Arc::new(piece.bytes);
        let mut kept = self.lock();
        kept.from = range.start;
        kept.bytes = Arc::clone(&bytes);
        Ok((range.start, bytes))
    }

    /// Lets the next windows come while the present one is read.
    fn send_ahead(&self, kept: &mut Windows, mut from: u64) {
        if let Some((last, _)) = kept.coming.back() {
            from = last.end;
        }
        while kept.coming.len() < AHEAD && from < self.len {
            let range = from..self.len.min(from + WINDOW);
            from = range.end;
            let coming = self.begin(range.clone());
            kept.coming.push_back((range, coming));
        }
    }

    fn begin(&self, range: Range<u64>) -> Receiver<Result<Piece>> {
        let (link, name, tag) = (Arc::clone(&self.link), self.name.clone(), self.tag.clone());
        let (tell, told) = sync_channel(1);
        self.hands.begin(async move {
            let piece = link.fetch(&name, Some(range), tag).await;
            let piece = piece.map_err(|e| match e {
                Failed::Unmet => Error::Busy {
                    place: format!("{name} (it was replaced while it was read)"),
                },
                other => other.of(name.as_str()),
            });
            // Nobody listens any more when the reader is gone or has jumped away.
            drop(tell.send(piece));
        });
        told
    }
}

async fn begin(link: &Link, name: &Name) -> Result<Option<Piece>> {
    match link.fetch(name, Some(0..WINDOW), None).await {
        Ok(piece) => Ok(Some(piece)),
        Err(Failed::Absent) => Ok(None),
        // An empty object has no first byte.
        Err(Failed::Beyond) => Ok(link.get(name).await?.map(|bytes| Piece {
            total: bytes.len() as u64,
            bytes,
            tag: None,
        })),
        Err(e) => Err(e.of(name.as_str())),
    }
}

impl OldFile for Remote {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut done = 0;
        while done < buf.len() {
            let at = offset + done as u64;
            if at >= self.len {
                break;
            }
            let rest = buf.len() - done;
            let (from, bytes) = self.window(at, rest).map_err(io::Error::other)?;
            let here = usize::try_from(at - from)
                .ok()
                .and_then(|skip| bytes.get(skip..))
                .unwrap_or_default();
            if here.is_empty() {
                break;
            }
            let n = here.len().min(rest);
            buf[done..done + n].copy_from_slice(&here[..n]);
            done += n;
        }
        Ok(done)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.len)
    }
}

/// Reads exactly these bytes, with one request where there are any.
pub(super) async fn exactly(
    link: &Link,
    name: &Name,
    range: Range<u64>,
) -> Result<Option<Vec<u8>>> {
    if range.start < range.end {
        match link.fetch(name, Some(range.clone()), None).await {
            Ok(piece) if piece.bytes.len() as u64 == range.end - range.start => {
                return Ok(Some(piece.bytes));
            }
            Ok(piece) => return Err(beyond(name, &range, piece.total)),
            Err(Failed::Absent) => return Ok(None),
            Err(Failed::Beyond) => {}
            Err(e) => return Err(e.of(name.as_str())),
        }
    }
    match link.size(name).await? {
        None => Ok(None),
        Some(len) if range.start == range.end && range.end <= len => Ok(Some(Vec::new())),
        Some(len) => Err(beyond(name, &range, len)),
    }
}
