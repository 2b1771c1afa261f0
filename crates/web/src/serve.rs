//! Serving: the pages of one archive at one address, until told to end.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use archive::Archive;

use crate::app::{App, Listener};
use crate::guard::origin::Origins;
use crate::routes::map;

/// How long requests that are under way may go on after the end was asked for.
const GRACE: Duration = Duration::from_secs(5);

/// From where people reach the server, and who encrypts on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// From this machine itself, where nothing needs to be encrypted.
    Here,
    /// Through a front that encrypts, at these addresses and no others.
    Front(Origins),
}

/// Serves the pages of an archive until `end` comes; requests under way then have five seconds.
///
/// There is no encryption of our own. Without a front only an address of this machine itself is served;
/// behind one every cookie is bound to https and to its host, and no other `Host` is answered.
pub async fn serve(
    archive: Archive,
    listener: TcpListener,
    reach: Reach,
    end: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let at = listener.local_addr()?;
    let app = match reach {
        Reach::Front(origins) => App::new(archive, Listener::Secure, origins),
        Reach::Here if at.ip().is_loopback() => App::new(archive, Listener::Loopback, origins(at)),
        Reach::Here => {
            let why = format!("{at} can be reached from other machines");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
    };
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
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
