//! `holdfast verify`: offline, without any archive.

use crate::cli;
use crate::exit::Exit;
use crate::out::{Out, safe};
use archive::{Error, Result, Why};
use format::log::policy::Policy;
use format::verify::{Limits, Report, Trust, Verdict};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) async fn run(args: cli::Verify, out: &Arc<Out>) -> Result<Exit> {
    let trust = trust(args.policy.as_deref(), args.tsa_root.as_deref())?;
    let report = check(args.file, trust, out).await?;
    let exit = match report.verdict {
        Verdict::Good | Verdict::GoodButUnanchored => Exit::Done,
        Verdict::GoodInPart | Verdict::Bad => Exit::Unproven,
    };
    let mut value = json!(report);
    value["exit"] = json!(exit as u8);
    if out.is_json() {
        out.summary(value, String::new);
    } else {
        out.data("report", json!(null), || {
            report
                .sentences()
                .iter()
                .map(|s| safe_lines(s))
                .collect::<Vec<_>>()
                .join("\n")
        });
        out.summary(json!(null), String::new);
    }
    Ok(exit)
}

/// A sentence may hold line breaks of ours, never of the evidence: those were made visible when it was written.
fn safe_lines(text: &str) -> String {
    text.split('\n').map(safe).collect::<Vec<_>>().join("\n")
}

/// What to check against; it never comes out of the dossier.
pub(crate) fn trust(policy: Option<&Path>, roots: Option<&Path>) -> Result<Trust> {
    let read = |path: &Path| {
        std::fs::read(path).map_err(|e| {
            Error::new(
                Why::Invalid,
                format!("{} cannot be read: {e}", path.display()),
            )
            .next("Check the path")
        })
    };
    let policy = match policy {
        None => None,
        Some(path) => Some(Policy::parse(&read(path)?).map_err(|e| {
            Error::new(
                Why::Invalid,
                format!("{} is no policy: {e}", path.display()),
            )
            .next("Write `log VERIFIER-KEY` and `quorum none`, each on a line")
        })?),
    };
    Ok(Trust {
        policy,
        roots: roots.map(read).transpose()?.into_iter().collect(),
    })
}

/// Checks off the async threads, with progress.
pub(crate) async fn check(file: PathBuf, trust: Trust, out: &Arc<Out>) -> Result<Report> {
    let out = Arc::clone(out);
    let checked = tokio::task::spawn_blocking(move || {
        let read = AtomicU64::new(0);
        let told = |n: u64| {
            let bytes = read.fetch_add(n, Ordering::Relaxed) + n;
            out.progress().tell("read", 0, None, bytes);
        };
        share::verify_file(&file, trust, Limits::default(), &told)
    })
    .await
    .map_err(|e| Error::bug("Verifying stopped").because(e))?;
    checked.map_err(|e| Error::new(Why::Invalid, e.to_string()))
}
