//! `holdfast serve`: the pages, on an address of this machine only.

use super::At;
use crate::cli;
use crate::exit::Exit;
use crate::out::{Out, safe};
use archive::{Archive, Error, Result, Who, Why};
use serde_json::json;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs as _};

pub(crate) async fn run(args: cli::Serve, at: &At, out: &Out) -> Result<Exit> {
    let listener = listen(&args.listen)?;
    let (archive, who) = at.open().await?;
    if archive.is_read_only() {
        return Err(Error::new(Why::ReadOnly, "The pages keep sign-ins in the archive's folder, which is open to read only")
            .next("Serve a copy that you may write, or read on the command line: `holdfast ls`, `show`, `find`"));
    }
    serve(archive, &who, listener, out).await?;
    Ok(Exit::Done)
}

/// Serves until Ctrl-C, and says first where and how to sign in.
pub(crate) async fn serve(
    archive: Archive,
    who: &Who,
    listener: TcpListener,
    out: &Out,
) -> Result<()> {
    let broken = |e: std::io::Error| {
        Error::new(Why::Disk, format!("The pages cannot be served: {e}"))
            .next("Choose another address with --listen")
    };
    let url = format!("http://{}", listener.local_addr().map_err(broken)?);
    let people = archive.seen_by(who).people().await?;
    let me = who.person()?.to_string();
    let handle = people.into_iter().find(|p| p.id == me).map(|p| p.handle);
    let handle = handle.unwrap_or(me);
    out.data("serving", json!({ "url": url, "handle": handle }), || {
        url.clone()
    });
    out.talk(&format!(
        "Open this address in a browser on this machine and sign in as {} with the passphrase shown at `holdfast init`.\n\
         A new one: `holdfast user passphrase {}`. Ctrl-C ends the server.",
        safe(&handle),
        safe(&handle)
    ));
    web::serve(archive, listener, ended())
        .await
        .map_err(broken)?;
    out.summary(json!({ "exit": 0 }), || "Ended. Nothing is lost.".into());
    Ok(())
}

/// Takes the address, if it is one of this machine that no other machine can reach.
pub(crate) fn listen(text: &str) -> Result<TcpListener> {
    let at = address(text)?;
    if !at.ip().is_loopback() {
        return Err(Error::new(
            Why::Invalid,
            format!("{at} can be reached from other machines, and the pages have no encryption of their own"),
        )
        .next("Listen on 127.0.0.1; from another machine, reach it through a tunnel: ssh -L 8420:127.0.0.1:8420 HOST"));
    }
    TcpListener::bind(at).map_err(|e| match e.kind() {
        ErrorKind::AddrInUse => Error::new(
            Why::Invalid,
            format!("Something listens on {at} already"),
        )
        .next(
            "End it, or choose another port with --listen 127.0.0.1:PORT; port 0 picks a free one",
        ),
        ErrorKind::PermissionDenied => {
            Error::new(Why::Invalid, format!("Listening on {at} is not permitted"))
                .next("Choose a port above 1023 with --listen 127.0.0.1:PORT")
        }
        _ => Error::new(Why::Invalid, format!("Nothing can listen on {at}: {e}"))
            .next("Choose another address with --listen 127.0.0.1:PORT"),
    })
}

fn address(text: &str) -> Result<SocketAddr> {
    let found = text.to_socket_addrs().ok().and_then(|mut all| all.next());
    found.ok_or_else(|| {
        Error::new(Why::Invalid, format!("{text:?} is no address to listen on"))
            .next("Write an address of this machine and a port, such as 127.0.0.1:8420")
    })
}

/// Comes with Ctrl-C, or with the signal by which a service manager ends a program.
async fn ended() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut end) = signal(SignalKind::terminate()) else {
        drop(tokio::signal::ctrl_c().await);
        return;
    };
    tokio::select! {
        _ = end.recv() => {}
        pressed = tokio::signal::ctrl_c() => drop(pressed),
    }
}
