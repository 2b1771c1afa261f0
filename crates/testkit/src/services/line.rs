//! A line between a program and a server that breaks on demand.

mod answer;
mod carry;

use std::net::SocketAddr;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Builder;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::or_stop;

/// How the line behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Carries everything.
    Pass,
    /// Resets the connections there are and refuses new ones.
    Cut,
    /// Accepts and swallows, and nothing comes back: a black hole.
    ///
    /// A connection that lost bytes in it is reset when the mode ends.
    Stall,
    /// Carries so many bytes a second in each direction.
    Slow(u32),
    /// Carries everything, each piece so much later.
    Late(Duration),
    /// Answers every HTTP request with this status and does not ask the server.
    ///
    /// A connection whose request is under way is reset.
    Answer(u16),
}

/// A proxy on loopback before one server; it starts with [`Mode::Pass`] and stops when dropped.
#[derive(Debug)]
pub struct Line {
    url: String,
    address: SocketAddr,
    orders: Option<UnboundedSender<Order>>,
    thread: Option<JoinHandle<()>>,
}

/// A new mode, and whom to tell that it holds.
type Order = (Mode, Sender<()>);

impl Line {
    /// Opens a line to a server, named by its URL or as `HOST:PORT`; the server need not be there.
    ///
    /// # Panics
    /// When the text names no address, or no port can be opened.
    #[track_caller]
    pub fn before(server: &str) -> Self {
        or_stop(Self::open(server))
    }

    fn open(server: &str) -> Result<Self, String> {
        let place = host_and_port(server);
        let target = place
            .parse()
            .map_err(|error| format!("{server} names no IP address and port: {error}"))?;
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("No runtime: {error}"))?;
        let _inside = runtime.enter();
        let socket = hold(SocketAddr::from(([127, 0, 0, 1], 0)));
        let listener = socket
            .and_then(|socket| socket.listen(BACKLOG))
            .map_err(|error| format!("No port: {error}"))?;
        let address = listener
            .local_addr()
            .map_err(|error| format!("No address: {error}"))?;
        let (orders, received) = unbounded_channel();
        let thread = std::thread::spawn(move || {
            runtime.block_on(serve(target, address, listener, received));
        });
        Ok(Self {
            url: server.replacen(place, &address.to_string(), 1),
            address,
            orders: Some(orders),
            thread: Some(thread),
        })
    }

    /// Gives what the line was opened with, its address in the place of the server's.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Gives the address at which the line listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes the mode; when this returns, nothing more happens as before.
    ///
    /// # Panics
    /// When the line itself broke.
    pub fn switch(&self, mode: Mode) {
        let (done, held) = channel();
        let sent = self
            .orders
            .as_ref()
            .is_some_and(|orders| orders.send((mode, done)).is_ok());
        assert!(
            sent && held.recv().is_ok(),
            "The line to a test's server broke"
        );
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        drop(self.orders.take());
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// The part of an address between the scheme and user, and the path.
fn host_and_port(server: &str) -> &str {
    let rest = server.split_once("://").map_or(server, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    authority
        .rsplit_once('@')
        .map_or(authority, |(_, place)| place)
}

const BACKLOG: u32 = 1024;

/// Takes a port without listening: clients are refused, and nobody else gets it.
fn hold(address: SocketAddr) -> std::io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Accepts connections or refuses them. One thread does it all, and orders go first:
/// after an order no byte moves in the mode before.
async fn serve(
    server: SocketAddr,
    address: SocketAddr,
    listener: TcpListener,
    mut orders: UnboundedReceiver<Order>,
) {
    let (say, modes) = watch::channel(Mode::Pass);
    let mut open = Some(listener);
    let mut refusing = None;
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            order = orders.recv() => {
                let Some((mode, done)) = order else { return };
                say.send_replace(mode);
                if mode == Mode::Cut {
                    drop(open.take());
                    if refusing.is_none() {
                        refusing = Some(hold(address).expect("the port was ours a moment ago"));
                    }
                    while connections.join_next().await.is_some() {}
                } else if let Some(socket) = refusing.take() {
                    open = Some(socket.listen(BACKLOG).expect("the port is held"));
                }
                done.send(()).ok();
            }
            Some(_) = connections.join_next() => {}
            Some(client) = accept(open.as_ref()) => {
                connections.spawn(carry::carry(client, server, modes.clone()));
            }
        }
    }
}

/// Waits for a client; for ever while the line refuses.
async fn accept(listener: Option<&TcpListener>) -> Option<TcpStream> {
    match listener {
        Some(listener) => listener.accept().await.ok().map(|(client, _)| client),
        None => std::future::pending().await,
    }
}
