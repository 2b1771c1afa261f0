//! An answer to any HTTP request, without a server.

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Longer than any head of a request that our programs send.
const LONGEST_HEAD: usize = 64 * 1024;

/// Reads one request to its end, answers it with the status and closes the connection.
pub(super) async fn answer(client: &mut TcpStream, status: u16) -> io::Result<()> {
    let Some(request) = Request::read(client).await? else {
        return Ok(());
    };
    request.read_body(client).await?;
    let text = format!("HTTP/1.1 {status} Line\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    client.write_all(text.as_bytes()).await?;
    client.shutdown().await?;
    // Closing with unread bytes would be a reset, and the client might lose the answer.
    let mut rest = [0; 4096];
    while client.read(&mut rest).await? > 0 {}
    Ok(())
}

struct Request {
    head: String,
    /// What was read of the body together with the head.
    begun: Vec<u8>,
}

impl Request {
    /// Reads the head; none when the client left without a word.
    async fn read(client: &mut TcpStream) -> io::Result<Option<Self>> {
        let mut got = Vec::new();
        loop {
            if let Some(end) = got.windows(4).position(|window| window == b"\r\n\r\n") {
                let begun = got.split_off(end + 4);
                let head = String::from_utf8_lossy(&got).to_lowercase();
                return Ok(Some(Self { head, begun }));
            }
            if got.len() > LONGEST_HEAD {
                return Err(io::ErrorKind::InvalidData.into());
            }
            if client.read_buf(&mut got).await? == 0 {
                return Ok(None);
            }
        }
    }

    fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (field, value) = line.split_once(':')?;
            (field == name).then(|| value.trim())
        })
    }

    /// Takes the body, so that a client that only sends gets to the end of it.
    async fn read_body(&self, client: &mut TcpStream) -> io::Result<()> {
        if self.field("expect").is_some() {
            return Ok(()); // the client asks first, and the answer is no
        }
        let length: usize = self
            .field("content-length")
            .and_then(|value| value.parse().ok())
            .unwrap_or(0);
        let chunked = self.field("transfer-encoding").is_some();
        let mut count = self.begun.len();
        let mut tail = self.begun.clone();
        let mut part = [0; 4096];
        while (chunked && !tail.ends_with(b"0\r\n\r\n")) || (!chunked && count < length) {
            let read = client.read(&mut part).await?;
            if read == 0 {
                return Ok(());
            }
            count += read;
            tail.extend(part.iter().take(read));
            tail.drain(..tail.len().saturating_sub(5));
        }
        Ok(())
    }
}
