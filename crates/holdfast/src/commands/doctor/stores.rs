//! What `holdfast doctor` says of the database and the bucket of a shared archive.

use super::{At, Saying};
use archive::{Answers, Looked, Opening, Result};
use store::Probe;

/// Looks at each by itself, also when the archive cannot be opened for want of one; tells whether all is good.
pub(super) async fn are_good(at: &At, say: &mut Saying<'_>) -> bool {
    let opening = Opening {
        read_only: at.read_only,
        secrets: crate::stores::secrets(),
        ..Opening::default()
    };
    let looked = match Box::pin(archive::look(&at.dir, &opening)).await {
        Ok(None) => return true,
        Ok(Some(looked)) => looked,
        Err(e) => {
            say.trouble("stores", &e);
            return false;
        }
    };
    let before = say.bad;
    match &looked.database {
        Err(e) => say.trouble("database", e),
        Ok(answers) => database(&looked, answers, opening.skew_limit, say),
    }
    match &looked.bucket {
        Err(e) => say.trouble("bucket", e),
        Ok(probe) => bucket(&looked, *probe, say),
    }
    credentials(&looked.credentials, say);
    say.bad == before
}

fn database(looked: &Looked, answers: &Answers, limit: i64, say: &mut Saying<'_>) {
    let tenths = answers.round_trip.as_micros() / 100;
    let text = format!(
        "{} answers in {}.{} ms; PostgreSQL {}",
        looked.shared.rows,
        tenths / 10,
        tenths % 10,
        answers.version
    );
    say.finding("database", true, &text);
    let apart = archive::compared(answers.clock_ahead);
    if answers.clock_ahead.saturating_abs() <= limit {
        say.finding("clocks", true, &apart);
    } else {
        let text = format!(
            "{apart}: nothing is written from here until it is set. Use a time service such as NTP on every host"
        );
        say.finding("clocks", false, &text);
    }
}

fn bucket(looked: &Looked, probe: Probe, say: &mut Saying<'_>) {
    let can = match (probe.writes, probe.conditional) {
        (false, _) => "can be read; nothing was written to try, because of --read-only",
        (true, Some(true)) => {
            "can be written and read; it honours If-None-Match, which Holdfast does not rely on"
        }
        (true, _) => {
            "can be written and read; it ignores If-None-Match, which Holdfast does not rely on"
        }
    };
    say.finding("bucket", true, &format!("{} {can}", looked.shared.objects));
}

fn credentials(found: &Result<bool>, say: &mut Saying<'_>) {
    match found {
        Err(e) => say.trouble("secrets", e),
        Ok(true) => say.finding(
            "secrets",
            true,
            "keys/store.toml is for its owner only; what the environment gives comes first",
        ),
        Ok(false) => say.finding(
            "secrets",
            true,
            "no keys/store.toml: only the environment gives credentials",
        ),
    }
}
