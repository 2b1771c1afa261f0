//! One connection on the line.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::Mode;
use super::answer::answer;

/// Serves one client until it or the server goes, or the mode ends the connection.
pub(super) async fn carry(client: TcpStream, server: SocketAddr, mut modes: watch::Receiver<Mode>) {
    let mut link = Link {
        client,
        server: None,
        up: Flow::default(),
        down: Flow::default(),
        asked: AtomicBool::new(false),
        swallowed: false,
    };
    loop {
        let mode = *modes.borrow_and_update();
        if link.ends_in(mode) {
            link.reset();
            return;
        }
        tokio::select! {
            biased;
            told = modes.changed() => if told.is_err() { return },
            ended = link.live(mode, server) => {
                if ended.is_err() {
                    link.reset();
                }
                return;
            }
        }
    }
}

struct Link {
    client: TcpStream,
    server: Option<TcpStream>,
    up: Flow,
    down: Flow,
    /// The server got something to which nothing came back yet.
    asked: AtomicBool,
    /// Bytes were lost: the rest would be nonsense.
    swallowed: bool,
}

/// One direction, which may be interrupted between any two steps and goes on where it was.
#[derive(Default)]
struct Flow {
    waiting: Vec<u8>,
    ended: bool,
}

impl Link {
    fn ends_in(&self, mode: Mode) -> bool {
        match mode {
            Mode::Cut => true,
            Mode::Stall => false,
            Mode::Answer(_) => self.swallowed || self.asked.load(Ordering::Relaxed),
            Mode::Pass | Mode::Slow(_) | Mode::Late(_) => self.swallowed,
        }
    }

    /// Makes the end of the connection a reset, not a polite end.
    fn reset(&self) {
        self.client.set_zero_linger().ok();
    }

    async fn live(&mut self, mode: Mode, server: SocketAddr) -> io::Result<()> {
        match mode {
            Mode::Cut => Ok(()),
            Mode::Stall => self.swallow().await,
            Mode::Answer(status) => answer(&mut self.client, status).await,
            Mode::Pass => self.pass(server, 64 * 1024, Duration::ZERO).await,
            Mode::Late(delay) => self.pass(server, 64 * 1024, delay).await,
            Mode::Slow(rate) => {
                let chunk = (rate / 20).max(1);
                let pause = Duration::from_secs(1) * chunk / rate.max(1);
                self.pass(server, chunk, pause).await
            }
        }
    }

    async fn swallow(&mut self) -> io::Result<()> {
        let mut lost = [0; 4096];
        while self.client.read(&mut lost).await? > 0 {
            self.swallowed = true;
        }
        Ok(())
    }

    /// Carries both directions, in pieces of at most `chunk` bytes, each after a pause.
    async fn pass(&mut self, server: SocketAddr, chunk: u32, pause: Duration) -> io::Result<()> {
        let server = match &mut self.server {
            Some(server) => server,
            none => none.insert(connect(server).await?),
        };
        let (from_client, to_client) = self.client.split();
        let (from_server, to_server) = server.split();
        let asked = &self.asked;
        tokio::try_join!(
            self.up.run(from_client, to_server, chunk, pause, || asked
                .store(true, Ordering::Relaxed)),
            self.down.run(from_server, to_client, chunk, pause, || asked
                .store(false, Ordering::Relaxed)),
        )
        .map(|_| ())
    }
}

async fn connect(server: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

impl Flow {
    async fn run(
        &mut self,
        mut from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
        chunk: u32,
        pause: Duration,
        moved: impl Fn(),
    ) -> io::Result<()> {
        let mut room = vec![0; usize::try_from(chunk).unwrap_or(1)];
        loop {
            if self.waiting.is_empty() {
                if self.ended {
                    return Ok(());
                }
                let count = from.read(&mut room).await?;
                if count == 0 {
                    self.ended = true;
                    return to.shutdown().await;
                }
                self.waiting.extend(room.iter().take(count));
            }
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            let count = to.write(&self.waiting).await?;
            self.waiting.drain(..count);
            moved();
        }
    }
}
