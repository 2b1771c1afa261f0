//! `holdfast job …`.

use super::{At, grouped, instant, moment};
use crate::cli;
use crate::exit::Exit;
use crate::out::{Out, safe};
use crate::worker;
use archive::work::jobs::{self, Ask, Asked, Counted, Filter, JobRow, State};
use archive::{Archive, Result, Who};
use serde_json::{Value, json};

pub(crate) async fn run(args: cli::Job, at: &At, out: &Out) -> Result<Exit> {
    let (archive, who) = at.open().await?;
    match args {
        cli::Job::Ls {
            state,
            kind,
            parts,
            limit,
            before,
        } => {
            let filter = Filter {
                state: state.as_deref().and_then(State::named),
                whole: !parts && kind.is_empty(),
                kind,
                before: before.unwrap_or(i64::MAX),
                limit,
            };
            ls(&archive, &who, &filter, out).await?;
        }
        cli::Job::Show { job } => show(&archive, &who, &job, out).await?,
        cli::Job::Again { job } => {
            let job = jobs::again(&archive, &who, &job).await?;
            changed(&job, "waits for a worker again", out);
        }
        cli::Job::Cancel { job } => {
            let job = jobs::cancel(&archive, &who, &job).await?;
            changed(&job, "is cancelled; what it had done stays done", out);
        }
        cli::Job::Add { kind, host } => {
            let job = if kind == worker::INDEX {
                let host = host.unwrap_or_else(worker::host);
                let ask = Ask::new(worker::INDEX, &host).on(&host).units(1);
                jobs::ask(&archive, &who, ask).await?
            } else {
                preserve::sweep::ask(&archive, &who).await?
            };
            return Ok(asked(&job, out));
        }
    }
    Ok(Exit::Done)
}

/// Says which job asking gave.
pub(crate) fn asked(asked: &Asked, out: &Out) -> Exit {
    let (job, fresh) = (&asked.job, asked.fresh);
    let mut v = value(job);
    v["fresh"] = json!(fresh);
    out.data("job", v, || format!("job {}", job.number));
    out.summary(json!({ "exit": 0, "fresh": fresh }), || {
        let n = job.number;
        let how = match (fresh, job.state()) {
            (true, _) => "is asked for".to_owned(),
            (false, State::SetAside) => {
                format!("was asked for before and was set aside: `holdfast job again {n}`")
            }
            (false, _) => format!("was asked for before and is {}", job.state),
        };
        format!("Job {n} {how}. `holdfast worker` does it; see it with `holdfast job ls`.")
    });
    Exit::Done
}

async fn ls(archive: &Archive, who: &Who, filter: &Filter, out: &Out) -> Result<()> {
    for counted in jobs::summary(archive, who).await? {
        out.data("kind", json!(counted), || kind_line(&counted));
    }
    let rows = jobs::list(archive, who, filter).await?;
    for row in &rows {
        out.data("job", value(row), || line(row));
    }
    out.summary(json!({ "exit": 0, "shown": rows.len() }), || {
        match rows.last() {
            None => "No such job. Ask for one with `holdfast job add` or `holdfast check --full --later`.".into(),
            Some(last) if rows.len() as i64 == filter.limit => {
                format!("{} jobs; older ones: --before {}", rows.len(), last.number)
            }
            Some(_) => format!("{} jobs", rows.len()),
        }
    });
    Ok(())
}

fn kind_line(c: &Counted) -> String {
    let mut states = Vec::new();
    for (many, word) in [
        (c.waiting, "waiting"),
        (c.running, "running"),
        (c.set_aside, "set aside"),
        (c.done, "done"),
        (c.cancelled, "cancelled"),
    ] {
        if many > 0 {
            states.push(format!("{} {word}", grouped(many)));
        }
    }
    let mut line = format!("{:<10} {}", c.kind, states.join(", "));
    if c.waiting + c.running > 0 {
        if let Some((units, seconds)) = c.lately {
            line.push_str(&format!(
                "; {} units in the last {seconds} s",
                grouped(units)
            ));
        }
        line.push_str(&match c.eta {
            Some(seconds) => format!("; about {} left", span(seconds)),
            None => "; time left unknown".to_owned(),
        });
    }
    line
}

/// A stretch of time in its two largest units.
fn span(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

fn line(row: &JobRow) -> String {
    let progress = match (row.state(), row.all_units) {
        (State::Running, Some(all)) => format!("{} of {}", grouped(row.done_units), grouped(all)),
        (State::Running, None) => grouped(row.done_units),
        _ => String::new(),
    };
    let told = match (&row.lease_by, &row.reason) {
        (Some(worker), _) => format!("  by {}", safe(worker)),
        (None, Some(reason)) => format!("  {}", safe(reason)),
        (None, None) => String::new(),
    };
    let state = row.state.replace('_', " ");
    format!(
        "{:>6} {}  {state:<9} {progress:<14} {} {}{told}",
        row.number,
        moment(row.made_at),
        row.kind,
        safe(&row.about)
    )
}

/// One job for programs.
fn value(row: &JobRow) -> Value {
    json!({
        "number": row.number, "id": row.id, "kind": row.kind, "about": row.about, "state": row.state, "host": row.host,
        "part_of": row.part_of, "priority": row.priority, "made_at": instant(row.made_at), "made_by": row.made_by,
        "not_before": instant(row.not_before), "attempts": row.attempts, "deaths": row.deaths, "worker": row.lease_by,
        "lease_until": row.lease_until.map(instant), "done": row.done_units, "all": row.all_units,
        "started_at": row.started_at.map(instant), "ended_at": row.ended_at.map(instant), "reason": row.reason,
    })
}

async fn show(archive: &Archive, who: &Who, text: &str, out: &Out) -> Result<()> {
    let row = jobs::show(archive, who, text).await?;
    let read = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| json!(text));
    let (body, result) = (read(&row.body), row.result.as_deref().map(read));
    let mut v = value(&row);
    v["body"] = body;
    v["result"] = json!(result);
    out.data("job", v.clone(), || {
        let members = v.as_object().into_iter().flatten();
        let lines = members.filter(|(_, v)| !v.is_null()).map(|(name, v)| {
            let text = v.as_str().map_or_else(|| v.to_string(), str::to_owned);
            format!("{name:<12} {}", safe(&text))
        });
        lines.collect::<Vec<_>>().join("\n")
    });
    out.summary(json!({ "exit": 0 }), String::new);
    Ok(())
}

fn changed(job: &JobRow, how: &str, out: &Out) {
    out.data("job", value(job), || line(job));
    out.summary(json!({ "exit": 0 }), || {
        format!("Job {} {how}.", job.number)
    });
}
