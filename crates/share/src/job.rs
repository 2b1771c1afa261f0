//! Sealing as a job: for dossiers that take long, on the host where the file shall lie.
//!
//! The effect is an entry and a file. Either may be there from an earlier try that died: a sealed dossier is not
//! sealed again, and a file that verifies as this dossier is the one that was asked for.

use crate::seal::{Sealing, describe, seal, taken};
use crate::verify_file;
use archive::work::jobs::{self, Ask, Asked, Ended, Held, Kinds};
use archive::{Archive, Error, Result, Who, Why};
use format::id::DossierId;
use format::verify::{Limits, Trust, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The kind of these jobs.
pub const KIND: &str = "dossier";

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Body {
    output: PathBuf,
    tsa: Option<String>,
}

/// Asks for a dossier to be sealed on this host into this file, which must not exist; its path is taken as seen from
/// the current folder.
pub async fn ask(
    archive: &Archive,
    who: &Who,
    dossier: &DossierId,
    output: &Path,
    tsa: Option<String>,
    host: &str,
) -> Result<Asked> {
    archive::access::may(who, archive::Act::SealDossier)?;
    archive.ready_to_record()?;
    let seen = archive.seen_by(who);
    let row = seen.dossier_named(&dossier.to_string()).await?;
    let output = std::path::absolute(output).unwrap_or_else(|_| output.to_owned());
    if output.to_str().is_none() {
        let what = format!(
            "The name of {} is not UTF-8, and a job cannot keep it",
            output.display()
        );
        return Err(Error::new(Why::Invalid, what)
            .next("Name another file, or seal it now, without --later"));
    }
    if output.symlink_metadata().is_ok() {
        return Err(taken(&output));
    }
    let body = Body { output, tsa };
    let ask = Ask::new(KIND, &row.id).on(host).body(json!(body));
    let asked = jobs::ask(archive, who, ask).await?;
    let there = serde_json::from_str::<Body>(&asked.job.body);
    if asked.fresh || there.is_ok_and(|there| there == body) {
        return Ok(asked);
    }
    let (dossier, job) = (row.number, asked.job.number);
    let what = format!("Job {job} seals dossier D-{dossier} into another file already");
    Err(Error::new(Why::Stale, what).next("Wait for it, or cancel it with `holdfast job cancel`"))
}

/// Adds what a worker needs to seal; `tool` names the program, for the record.
#[must_use]
pub fn kinds(kinds: Kinds, tool: &str) -> Kinds {
    let tool = tool.to_owned();
    kinds.with(KIND, move |archive, held| {
        let tool = tool.clone();
        async move { sealed(&archive, &held, tool).await }
    })
}

async fn sealed(archive: &Archive, held: &Held, tool: String) -> Result<Ended> {
    let who = held.who().await?;
    archive::access::may(&who, archive::Act::SealDossier)?;
    let Body { output, tsa } = held.body()?;
    let id = &held.job().about;
    let dossier: DossierId =
        (id.parse()).map_err(|_other| Error::not_found(format!("dossier {id}")))?;
    if output.symlink_metadata().is_ok() {
        if !is_it(archive, &output, id).await? {
            return Ok(Ended::SetAside(taken(&output).what));
        }
        return Ok(Ended::Done(Some(json!({ "file": output }).to_string())));
    }
    let sealing = Sealing {
        tsa,
        tool,
        after: None,
    };
    let tell = Arc::new(|_event| {});
    let done = seal(archive, &who, &dossier, &output, &sealing, tell).await?;
    let result = json!({ "file": output, "sha256": done.sha256, "bytes": done.bytes, "sealed_index": done.index });
    Ok(Ended::Done(Some(result.to_string())))
}

/// Whether the file is this dossier as this archive sealed it: what an earlier try wrote before it died.
async fn is_it(archive: &Archive, output: &Path, dossier: &str) -> Result<bool> {
    let policy = format::log::policy::Policy::parse(describe::policy(archive).as_bytes());
    let trust = Trust {
        policy: policy.ok(),
        roots: Vec::new(),
    };
    let path = output.to_owned();
    let verified = tokio::task::spawn_blocking(move || {
        verify_file(&path, trust, Limits::default(), &|_bytes| {})
    });
    let report = verified
        .await
        .map_err(|e| Error::bug("Verifying a dossier stopped").because(e))?;
    Ok(report.is_ok_and(|report| {
        report.verdict == Verdict::Good && report.dossier.as_deref() == Some(dossier)
    }))
}
