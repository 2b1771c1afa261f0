//! `holdfast user …`.

use super::{At, init};
use crate::cli;
use crate::exit::Exit;
use crate::out::Out;
use archive::{Error, Result};
use serde_json::json;

pub(crate) async fn run(args: cli::User, at: &At, out: &Out) -> Result<Exit> {
    let cli::User::Passphrase {
        handle,
        passphrase_fd,
    } = args;
    let (archive, who) = at.open().await?;
    let people = archive.seen_by(&who).people().await?;
    let person = people.into_iter().find(|p| p.handle == handle);
    let person = person.ok_or_else(|| Error::not_found(format!("account {handle:?}")))?;
    let id = person
        .id
        .parse()
        .map_err(|e| Error::bug("An account id in the views is not one").because(format!("{e}")))?;
    let given = passphrase_fd.map(init::passphrase_from).transpose()?;
    let passphrase = given.clone().unwrap_or_else(|| init::generated(&archive));
    archive.set_passphrase(&id, &passphrase).await?;
    let shown = given.is_none().then_some(passphrase);
    out.summary(json!({ "exit": 0, "handle": handle, "passphrase": shown }), || match &shown {
        Some(p) => format!("The new passphrase of {handle:?}, shown this once:\n\n    {p}\n\nEarlier sign-ins have ended."),
        None => format!("The passphrase of {handle:?} is set. Earlier sign-ins have ended."),
    });
    Ok(Exit::Done)
}
