//! `holdfast worker`: does jobs until it is stopped, or none is left.

use super::At;
use crate::cli;
use crate::exit::Exit;
use crate::out::{Out, safe};
use crate::{stop, worker};
use archive::work::jobs::{self, Crew, JobRow, Outcome, Tally, Until};
use archive::{Act, Result};
use serde_json::json;
use std::sync::atomic::Ordering;

pub(crate) async fn run(args: cli::Worker, at: &At, out: &Out) -> Result<Exit> {
    let (archive, who) = at.open().await?;
    archive::access::may(&who, Act::AskJobs)?;
    archive.ready_to_record()?;
    let kinds = match &args.kinds[..] {
        [] => worker::kinds(),
        wanted => worker::kinds().only(wanted)?,
    };
    let host = args.host.unwrap_or_else(worker::host);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let crew = Crew {
        at_once: args.jobs.map_or(cores, usize::from),
        until: match (args.once, args.until_empty) {
            (true, _) => Until::One,
            (_, true) => Until::Empty,
            _ => Until::Stopped,
        },
        ..Crew::new(worker::name(&archive, &host), host)
    };
    out.talk(&format!(
        "Doing jobs of kind {} as {}. Ctrl-C finishes what is under way or gives it back.",
        kinds.names().join(", "),
        safe(&crew.worker)
    ));
    let stop = stop::on_ctrl_c(out.is_json());
    let mut tell = |job: &JobRow, outcome: &Outcome| said(job, outcome, out);
    let tally = jobs::run(&archive, &kinds, &crew, &stop, &mut tell).await?;
    let stopped = stop.load(Ordering::Relaxed) && crew.until != Until::Stopped;
    let exit = match (stopped, tally.set_aside) {
        (true, _) => Exit::Interrupted,
        (false, 0) => Exit::Done,
        (false, _) => Exit::Partly,
    };
    let value = json!({
        "exit": exit as u8, "stopped": stopped, "done": tally.done, "failed": tally.failed, "set_aside": tally.set_aside,
        "given_back": tally.given_back, "lost": tally.lost,
    });
    out.summary(value, || words(&tally));
    Ok(exit)
}

fn said(job: &JobRow, outcome: &Outcome, out: &Out) {
    let (word, reason) = match outcome {
        Outcome::Done => ("done", None),
        Outcome::Failed(state, reason) => {
            let word = match state {
                jobs::State::SetAside => "set_aside",
                _ => "failed",
            };
            (word, Some(reason))
        }
        Outcome::GivenBack => ("given_back", None),
        Outcome::Lost => ("lost", None),
        Outcome::Unsaid(reason) => ("unknown", Some(reason)),
    };
    let value = json!({
        "number": job.number, "id": job.id, "kind": job.kind, "about": job.about, "outcome": word, "reason": reason,
    });
    out.data("job", value, || {
        let reason = reason.map_or_else(String::new, |r| format!(": {}", safe(r)));
        let word = word.replace('_', " ");
        format!(
            "{word:<10} job {} {} {}{reason}",
            job.number,
            job.kind,
            safe(&job.about)
        )
    });
}

fn words(tally: &Tally) -> String {
    let mut parts = vec![format!("{} done", tally.done)];
    for (many, what) in [
        (tally.failed, "tries failed"),
        (
            tally.set_aside,
            "set aside: see `holdfast job ls --state set_aside`",
        ),
        (tally.given_back, "given back"),
        (tally.lost, "taken over by others or cancelled"),
    ] {
        if many > 0 {
            parts.push(format!("{many} {what}"));
        }
    }
    parts.join(", ")
}
