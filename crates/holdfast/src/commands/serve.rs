//! `holdfast serve`: the pages, on an address of this machine, or behind a front that encrypts.

use super::{At, warn};
use crate::cli;
use crate::exit::Exit;
use crate::out::{Out, safe};
use crate::worker;
use archive::{Archive, Error, Result, Who, Why};
use serde_json::json;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs as _};
use web::Reach;
use web::guard::origin::Origins;

pub(crate) async fn run(args: cli::Serve, at: &At, out: &Out) -> Result<Exit> {
    let reach = reach(&args.origin)?;
    let listener = listen(&args.listen, &reach)?;
    let (archive, who) = at.open().await?;
    if archive.is_read_only() {
        return Err(Error::new(Why::ReadOnly, "The pages keep sign-ins in the archive's folder, which is open to read only")
            .next("Serve a copy that you may write, or read on the command line: `holdfast ls`, `show`, `find`"));
    }
    serve(archive, &who, listener, reach, out).await?;
    Ok(Exit::Done)
}

/// Where people reach the pages: at the addresses given, or without any on this machine itself.
fn reach(origins: &[String]) -> Result<Reach> {
    if origins.is_empty() {
        return Ok(Reach::Here);
    }
    let read = Origins::of_site(origins).map_err(|what| {
        Error::new(Why::Invalid, what)
            .next("Write it as browsers show it, such as --origin https://archive.example or --origin http://NAME.onion")
    });
    Ok(Reach::Front(read?))
}

/// Serves until Ctrl-C, and says first where and how to sign in.
pub(crate) async fn serve(
    archive: Archive,
    who: &Who,
    listener: TcpListener,
    reach: Reach,
    out: &Out,
) -> Result<()> {
    let broken = |e: std::io::Error| {
        Error::new(Why::Disk, format!("The pages cannot be served: {e}"))
            .next("Choose another address with --listen")
    };
    let at = listener.local_addr().map_err(broken)?;
    let people = archive.seen_by(who).people().await?;
    let me = who.person()?.to_string();
    let handle = people.into_iter().find(|p| p.id == me).map(|p| p.handle);
    let handle = handle.unwrap_or(me);
    // before anything is said: whoever has read it may end the server at once
    let end = ended();
    say(at, &reach, &handle, out);
    warn(&archive, out);
    let beside = worker::Beside::start(&archive);
    let served = web::serve(archive, listener, reach, end).await;
    beside.end().await;
    served.map_err(broken)?;
    out.summary(json!({ "exit": 0 }), || "Ended. Nothing is lost.".into());
    Ok(())
}

fn say(at: SocketAddr, reach: &Reach, handle: &str, out: &Out) {
    let (urls, how) = match reach {
        Reach::Here => (
            vec![format!("http://{at}")],
            "Open this address in a browser on this machine".to_owned(),
        ),
        Reach::Front(origins) => (
            origins.all().to_vec(),
            format!(
                "Listening on {at} without encryption: the front before it must encrypt, must pass Host unchanged, \
                 and must be the only one that can reach {at}.\nOpen the address in a browser"
            ),
        ),
    };
    let value =
        json!({ "url": urls.first(), "origins": urls, "listen": at.to_string(), "handle": handle });
    out.data("serving", value, || urls.join("\n"));
    let handle = safe(handle);
    out.talk(&format!(
        "{how} and sign in as {handle} with the passphrase shown at `holdfast init`.\n\
         A new one: `holdfast user passphrase {handle}`. Ctrl-C ends the server.",
    ));
}

/// Takes the address. Without a front only one of this machine that no other machine can reach.
pub(crate) fn listen(text: &str, reach: &Reach) -> Result<TcpListener> {
    let at = address(text)?;
    if *reach == Reach::Here && !at.ip().is_loopback() {
        return Err(Error::new(
            Why::Invalid,
            format!("{at} can be reached from other machines, and the pages have no encryption of their own"),
        )
        .next("Put a front that encrypts before it and name its address with --origin https://…, or listen on 127.0.0.1; from another machine, reach it through a tunnel: ssh -L 8420:127.0.0.1:8420 HOST"));
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

/// Comes with Ctrl-C, or with the signal by which a service manager ends a program; listens from the call on.
fn ended() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let heard = [SignalKind::terminate(), SignalKind::interrupt()].map(signal);
    async move {
        let [Ok(mut end), Ok(mut pressed)] = heard else {
            drop(tokio::signal::ctrl_c().await);
            return;
        };
        tokio::select! {
            _ = end.recv() => {}
            _ = pressed.recv() => {}
        }
    }
}
