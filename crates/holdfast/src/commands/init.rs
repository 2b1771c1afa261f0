//! `holdfast init`.

use crate::cli;
use crate::exit::Exit;
use crate::out::{Out, safe};
use crate::stores;
use archive::{Archive, Error, Founding, Opening, Result, Why};
use serde_json::json;
use std::io::Read as _;

pub(crate) async fn run(args: cli::Init, out: &Out) -> Result<Exit> {
    let given = args.passphrase_fd.map(passphrase_from).transpose()?;
    let made = make(&args, given).await?;
    let (home, passphrase) = (made.archive.home(), &made.passphrase);
    let dir = args.dir.display().to_string();
    let value = json!({
        "archive": dir, "origin": home.origin, "log_key": home.log_key.to_string(), "owner": args.owner,
        "passphrase": passphrase,
    });
    out.data("archive", value, || {
        format!(
            "archive   {}\norigin    {}\nlog key   {}\nowner     {}",
            safe(&dir),
            home.origin,
            home.log_key,
            safe(&args.owner)
        )
    });
    out.summary(json!({ "exit": 0 }), || {
        let shown = passphrase.as_ref().map(|p| {
            format!("\nThe passphrase of {:?} for the pages, shown this once:\n\n    {p}\n", args.owner)
        });
        format!(
            "{}\nGive the log key to your recipients another way than the dossiers: it is what they check against.\n\
             Keep the archive on an encrypted disk: originals are stored as they came.",
            shown.unwrap_or_default()
        )
    });
    Ok(Exit::Done)
}

/// A new archive, with the passphrase when the program made it.
pub(crate) struct Made {
    pub(crate) archive: Archive,
    pub(crate) passphrase: Option<String>,
}

/// Founds an archive and sets the owner's passphrase.
pub(crate) async fn make(args: &cli::Init, given: Option<String>) -> Result<Made> {
    if given.as_ref().is_some_and(|p| p.chars().count() < 15) {
        return Err(
            Error::new(Why::Invalid, "A passphrase needs at least 15 characters")
                .next("Use five or six random words"),
        );
    }
    let founding = Founding {
        name: args.name.clone(),
        domain: args.domain.clone(),
        owner: args.owner.clone(),
        tool: format!("holdfast {}", env!("CARGO_PKG_VERSION")),
        shared: stores::named(&args.stores)?,
        keep_secrets: args.stores.keep_credentials,
    };
    let opening = Opening {
        secrets: stores::secrets(),
        ..Opening::default()
    };
    let archive = Archive::found(&args.dir, &founding, opening).await?;
    let owner = archive.owner().await?;
    let passphrase = given.clone().unwrap_or_else(|| generated(&archive));
    archive.set_passphrase(owner.person()?, &passphrase).await?;
    Ok(Made {
        archive,
        passphrase: given.is_none().then_some(passphrase),
    })
}

/// Six groups of five characters out of 32: 150 random bits.
pub(crate) fn generated(archive: &Archive) -> String {
    const LETTERS: &[u8] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let bytes: [u8; 30] = archive.draw();
    let letters: Vec<u8> = bytes.iter().map(|b| LETTERS[usize::from(b & 31)]).collect();
    let groups: Vec<String> = letters
        .chunks(5)
        .map(|g| String::from_utf8_lossy(g).into_owned())
        .collect();
    groups.join("-")
}

/// Reads one line from a file descriptor: never from arguments or the environment, which others can read.
pub(crate) fn passphrase_from(fd: i32) -> Result<String> {
    let bad = |e: std::io::Error| {
        Error::new(
            Why::Invalid,
            format!("No passphrase can be read from file descriptor {fd}: {e}"),
        )
        .next("Open it for the program, as in `--passphrase-fd 3 3<file`")
    };
    let file = std::fs::File::open(format!("/dev/fd/{fd}")).map_err(bad)?;
    let mut text = String::new();
    file.take(10_000).read_to_string(&mut text).map_err(bad)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
