//! Serving: the pages of one archive on one address of this machine, until told to end.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use archive::Archive;

use crate::app::{App, Listener};
use crate::guard::origin::Origins;
use crate::routes::map;

/// How long requests that are under way may go on after the end was asked for.
const GRACE: Duration = Duration::from_secs(5);

/// Serves the pages of an archive until `end` comes; requests under way then have five seconds.
///
/// Only an address of this machine itself is served: there is no encryption on the way.
pub async fn serve(
    archive: Archive,
    listener: TcpListener,
    end: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let at = listener.local_addr()?;
    if !at.ip().is_loopback() {
        let why = format!("{at} can be reached from other machines");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let app = App::new(archive, Listener::Loopback, origins(at));
    let (tell, told) = tokio::sync::oneshot::channel();
    let ended = async move {
        end.await;
        // the receiver is only gone when the server stopped first
        let _gone = tell.send(());
    };
    let server = axum::serve(listener, map(&app).into_router()).with_graceful_shutdown(ended);
    let patience = async move {
        match told.await {
            Ok(()) => tokio::time::sleep(GRACE).await,
            Err(_gone) => std::future::pending().await,
        }
    };
    tokio::select! {
        served = async { server.await } => served,
        () = patience => Ok(()),
    }
}

/// The addresses a browser on this machine may write for it.
pub fn origins(at: SocketAddr) -> Origins {
    let port = at.port();
    // a browser leaves out the port that http has anyway
    let port = match port {
        80 => String::new(),
        port => format!(":{port}"),
    };
    let ip = match at.ip() {
        std::net::IpAddr::V4(ip) => ip.to_string(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
    };
    Origins::new([
        format!("http://{ip}{port}"),
        format!("http://localhost{port}"),
    ])
}
