//! A file on its way out: bytes that were checked, sent as they come, cut off when something is wrong.

use std::pin::Pin;
use std::task::{Context, Poll};

use archive::{Error, Original, Why};
use axum::body::{Body, Bytes};
use axum::response::Response;
use http_body::{Frame, SizeHint};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::guard::headers::{NeutralName, attachment};
use crate::problem::Problem;

/// Pieces of up to 1 MiB that wait for a slow reader.
const WAITING: usize = 2;

/// Sends an original whose taking out is in the log already; every byte is checked before it leaves.
///
/// What is damaged within the first piece is an error page. Later damage breaks the connection: the length
/// was announced, so no browser takes the part for the whole.
pub(crate) async fn original(name: &NeutralName, original: Original) -> Result<Response, Problem> {
    let length = original.len()?;
    let (give, taken) = channel(WAITING);
    let stop = || Error::new(Why::Stale, "Whoever took the file out stopped");
    tokio::task::spawn_blocking(move || {
        let read = original.read_verified(&mut |piece| {
            give.blocking_send(Ok(Bytes::copy_from_slice(piece)))
                .map_err(|_gone| stop())
        });
        end(&give, read);
    });
    send(name, length, taken).await
}

/// Sends a file of ours that nobody else can reach; it is gone from the disk once it is sent.
pub(crate) async fn temporary(
    name: &NeutralName,
    file: std::fs::File,
    kept: tempfile::TempDir,
) -> Result<Response, Problem> {
    let failed = |e: std::io::Error| Error::new(Why::Disk, format!("The file was not read: {e}"));
    let length = file.metadata().map_err(failed)?.len();
    let (give, taken) = channel(WAITING);
    tokio::task::spawn_blocking(move || {
        let read = pieces(file, &give).map_err(failed);
        end(&give, read);
        drop(kept);
    });
    send(name, length, taken).await
}

fn pieces(mut file: std::fs::File, give: &Sender<archive::Result<Bytes>>) -> std::io::Result<()> {
    use std::io::Read as _;
    loop {
        let mut piece = Vec::new();
        if (&mut file).take(1 << 20).read_to_end(&mut piece)? == 0
            || give.blocking_send(Ok(piece.into())).is_err()
        {
            return Ok(());
        }
    }
}

fn end<T>(give: &Sender<archive::Result<Bytes>>, read: archive::Result<T>) {
    if let Err(e) = read {
        // nobody listens any more when the reader went away, and then there is nobody to tell
        drop(give.blocking_send(Err(e)));
    }
}

async fn send(
    name: &NeutralName,
    length: u64,
    mut taken: Receiver<archive::Result<Bytes>>,
) -> Result<Response, Problem> {
    let first = taken.recv().await.transpose()?;
    let body = Checked {
        first,
        taken,
        left: length,
    };
    Ok(attachment(name, Body::new(body)))
}

/// A folder that only this account of the machine can open; it goes away with all that is in it.
pub(crate) fn private_folder(name: &str) -> std::io::Result<tempfile::TempDir> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut builder = tempfile::Builder::new();
    builder.prefix(name);
    builder.permissions(std::fs::Permissions::from_mode(0o700));
    builder.tempdir()
}

/// A body of announced length.
struct Checked {
    first: Option<Bytes>,
    taken: Receiver<archive::Result<Bytes>>,
    left: u64,
}

impl http_body::Body for Checked {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<archive::Result<Frame<Bytes>>>> {
        let next = match self.first.take() {
            Some(first) => Poll::Ready(Some(Ok(first))),
            None => self.taken.poll_recv(cx),
        };
        next.map(|piece| match piece {
            Some(Ok(bytes)) => {
                self.left = self.left.saturating_sub(bytes.len() as u64);
                Some(Ok(Frame::data(bytes)))
            }
            Some(Err(e)) => Some(Err(e)),
            None if self.left > 0 => Some(Err(Error::new(Why::Damaged, "The file broke off"))),
            None => None,
        })
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
