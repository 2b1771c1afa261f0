//! An RFC 3161 token over the checkpoint: only its digest leaves this machine.

use archive::{Archive, Error, Result, Why};
use format::dossier::layout::LaidToken;
use format::log::timestamp::{Token, request};
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use store::outbound::{self, Limits, Purpose};

/// A token and the time it states.
#[derive(Debug)]
pub(crate) struct Stamped {
    pub(crate) laid: LaidToken,
    pub(crate) time: String,
}

/// Asks an authority, and believes nothing: the token must be over this file, answer this request, and be well signed.
pub(crate) async fn ask(archive: &Archive, url: &str, checkpoint: &[u8]) -> Result<Stamped> {
    let bad = |e: &dyn std::fmt::Display| refused(url, Why::Unproven, e);
    // 63 bits, so that no reader takes it for a negative number.
    let nonce = u64::from_be_bytes(archive.draw()) >> 1;
    let query = request(Sha256::digest(checkpoint).into(), nonce).map_err(|e| bad(&e))?;
    let limits = Limits {
        bytes: 1 << 20,
        time: Duration::from_secs(30),
    };
    let answer = outbound::post(
        url,
        Purpose::Timestamp,
        "application/timestamp-query",
        &query,
        limits,
    )
    .await
    .map_err(Error::from)
    .map_err(|e| refused(url, e.why, &e))?;
    let token = Token::parse(&answer.body).map_err(|e| bad(&e))?;
    token.answers(nonce).map_err(|e| bad(&e))?;
    let roots: [&[u8]; 0] = [];
    token.verify(checkpoint, &roots).map_err(|e| bad(&e))?;
    Ok(Stamped {
        time: token.time().to_string(),
        laid: LaidToken {
            token: answer.body,
            certificates: String::new(),
        },
    })
}

/// Refuses, before anything is recorded, an address at which no authority can be asked.
pub(super) fn address(url: &str) -> Result<()> {
    if url.starts_with("http://") {
        return Ok(());
    }
    Err(Error::new(
        Why::Invalid,
        format!("{url} is no address of a time-stamping authority; nothing was sealed"),
    )
    .next("Authorities answer over plain http://: what they send is signed by them"))
}

fn refused(url: &str, why: Why, what: &dyn std::fmt::Display) -> Error {
    Error::new(
        why,
        format!("The time-stamping authority {url} gave no good token: {what}; no file was written"),
    )
    .next("Run the command again, with another authority or with none: the dossier is sealed in the log")
}
