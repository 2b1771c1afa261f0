//! Deciding on what was seen: a form that edits something carries the number of the last entry its page showed.

use std::collections::HashMap;

use archive::views::EntryRow;
use archive::{Error, Result, Seen, Stale, StaleLine, Why};
use format::id::Subject;

use crate::app::App;
use crate::guard::sessions::Who;
use crate::pages::words::{self, People};

/// The number of the last entry about something, for the form of its page; none without the right to read the log.
pub(crate) async fn newest(app: &App, who: &Who, subject: &Subject) -> Result<Option<u64>> {
    match app.archive.seen_by(who.access()).chain(subject).await {
        Ok(chain) => Ok(chain.last().map(|entry| words::count(entry.n).0)),
        Err(e) if e.why == Why::Refused => Ok(None),
        Err(e) => Err(e),
    }
}

/// Refuses a form whose page did not show everything that is recorded about its subject, and says what came since.
///
/// `name` is what people call the subject; entries of the kinds in `same` leave what the page showed as it was.
/// A first check through the read door: what is recorded between it and the append is not seen here.
pub(crate) async fn after_check(
    app: &App,
    who: &Who,
    (subject, name): (&Subject, &str),
    after: Option<u64>,
    same: &[&str],
) -> Result<()> {
    let Some(seen) = after else {
        return Ok(());
    };
    let door = app.archive.seen_by(who.access());
    let chain = door.chain(subject).await?;
    let now = chain.last().map_or(0, |entry| words::count(entry.n).0);
    if seen > now {
        let what = format!("This form was made after entry {seen} of {name}, which does not exist");
        return Err(Error::new(Why::Invalid, what).next("Reload the page and send its form again"));
    }
    let since = chain.iter().filter(|entry| words::count(entry.n).0 > seen);
    let since: Vec<_> = since.collect();
    if since
        .iter()
        .all(|entry| same.contains(&entry.kind.as_str()))
    {
        return Ok(());
    }
    let people = People::of(&door).await?;
    let said = details(&door, subject).await?;
    let line = |entry: &&EntryRow| StaleLine {
        who: people.name(entry.who.as_deref()).typed().to_owned(),
        when: entry.at,
        what: match said.get(&entry.seq) {
            Some(what) => what.clone(),
            None => words::act(&entry.kind),
        },
    };
    Err(Error::stale(Stale {
        subject: name.to_owned(),
        seen,
        now,
        since: since.iter().map(line).collect(),
    }))
}

/// What entries say beyond their kind, by their log numbers, as far as whoever asks may see it.
async fn details(door: &Seen<'_>, subject: &Subject) -> Result<HashMap<i64, String>> {
    let mut said = HashMap::new();
    let Subject::Dossier(id) = subject else {
        return Ok(said);
    };
    for chosen in door.dossier_items(&id.to_string()).await? {
        let item = match chosen.item.parse() {
            Ok(item) => door.item(&item).await,
            Err(_broken) => Err(Error::bug("An item id in the views is not one")),
        };
        let what = match item {
            // the number and not the name: an error page says that it shows no evidence
            Ok(item) => format!("item {} added", item.number),
            Err(e) if e.why == Why::NotFound => "an item added that you may not see".to_owned(),
            Err(e) => return Err(e),
        };
        said.insert(chosen.seq, what);
    }
    Ok(said)
}
