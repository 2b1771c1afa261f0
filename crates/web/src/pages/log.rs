//! Log: who did what, and whether the chain is whole.

use archive::views::EntryRow;
use archive::{Error, Seen, Why};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use format::id::Subject;
use format::log::checkpoint::Checkpoint;

use crate::app::App;
use crate::frame::{Frame, Place};
use crate::guard::form::{Empty, Fields, Form, FromFields, Query};
use crate::guard::headers::{NeutralName, attachment};
use crate::guard::sessions::Who;
use crate::guard::visit::Visit;
use crate::pages::Paging;
use crate::pages::words::{self, People};
use crate::paths;
use crate::problem::{Problem, page};
use crate::text::{Code, Count, Digest, Evidence, Moment};

/// The log as shown.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/log.html")]
pub struct LogPage {
    /// What surrounds the content.
    pub frame: Frame,
    /// The last signed head.
    pub head: Head,
    /// What a check just found.
    pub checked: LogCheck,
    /// The acts to choose from.
    pub kinds: Vec<Kind>,
    /// The object asked about.
    pub subject: Evidence,
    /// The entries of this part.
    pub rows: Vec<Row>,
    /// Newer and older parts.
    pub pages: Paging,
}

/// A signed head of the log.
#[derive(Clone, Debug)]
pub struct Head {
    /// The name of the log.
    pub origin: Code,
    /// How many entries it covers.
    pub size: Count,
    /// How many entries were recorded since.
    pub tail: Count,
    /// The root hash, as the checkpoint writes it.
    pub root: Code,
    /// The key that signed it.
    pub key: Code,
    /// When its last entry was recorded, by our clock.
    pub until: Option<Moment>,
    /// Who else signed it, by the names in the note.
    pub witnesses: Vec<Code>,
}

/// What a check of the log found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogCheck {
    /// No check was asked for.
    NotAsked,
    /// Every leaf, hash and signature fits.
    Whole {
        /// Up to which entry.
        size: Count,
        /// When, with zone.
        at: Moment,
    },
    /// Something does not fit.
    Broken {
        /// What, as a sentence without its full stop.
        what: Evidence,
    },
}

/// One kind of act to choose.
#[derive(Clone, Debug)]
pub struct Kind {
    /// The word in the entry.
    pub word: String,
    /// Our words for it.
    pub label: String,
    /// Whether it is the one asked for.
    pub chosen: bool,
}

/// One entry.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its number in the log.
    pub number: Count,
    /// When, with zone.
    pub when: Moment,
    /// Who.
    pub who: Evidence,
    /// What was done, in our words.
    pub act: String,
    /// The object's number, never its title.
    pub subject: Evidence,
    /// The object's page, if this person may open it.
    pub url: Option<String>,
    /// The leaf's hash.
    pub leaf: Digest,
}

/// Which entries are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The kind of act, or any.
    pub kind: String,
    /// The object, or any.
    pub subject: String,
    /// Only entries older than this one.
    pub before: Option<u64>,
}

impl FromFields for Ask {
    fn read(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            kind: fields.optional("kind", 100)?,
            subject: fields.optional("subject", 200)?,
            before: fields.number("before")?,
        })
    }
}

/// How many entries are shown at once.
const SHOWN: usize = 50;

/// Shows entries.
pub async fn get(
    State(app): State<App>,
    visit: Visit,
    who: Who,
    Query(ask): Query<Ask>,
) -> Result<Response, Problem> {
    show(&app, &visit, &who, ask, LogCheck::NotAsked).await
}

/// Gives the signed head as a file: a note in the public format, which holds no content.
pub async fn get_checkpoint(State(app): State<App>, who: Who) -> Result<Response, Problem> {
    let seen = app.archive.seen_by(who.access());
    seen.log_size().await?; // the same door as the page: who may not read the log gets no head of it
    let (_, note) = checkpoint(&app).await?;
    let name = NeutralName::from_text("checkpoint.txt").ok_or(Problem::NotFound)?;
    Ok(attachment(&name, note.into()))
}

/// Checks the whole log and shows what it found.
pub async fn post_verify(
    State(app): State<App>,
    visit: Visit,
    who: Who,
    Form(Empty): Form<Empty>,
) -> Result<Response, Problem> {
    let lane = app.lanes.checks.try_acquire().map_err(|_taken| at_work())?;
    let found = preserve::check_log(&app.archive, who.access()).await?;
    drop(lane);
    let checked = match found.damage.split_first() {
        None => LogCheck::Whole {
            size: Count(found.entries),
            at: words::now(&app.archive),
        },
        Some((first, more)) => LogCheck::Broken {
            what: Evidence::new(damage(first, more.len())),
        },
    };
    let ask = Ask {
        kind: String::new(),
        subject: String::new(),
        before: None,
    };
    show(&app, &visit, &who, ask, checked).await
}

/// Says that only one check runs at once.
pub(crate) fn at_work() -> Problem {
    Problem::Busy {
        what: "Another check is running; only one runs at once".to_owned(),
    }
}

fn damage(first: &preserve::Damage, more: usize) -> String {
    let more = match more {
        0 => String::new(),
        more => format!(" and {more} more; holdfast log verify names all"),
    };
    format!(
        "The log is damaged: {} {}: {}{more}",
        first.place.word(),
        first.name,
        first.detail
    )
}

async fn checkpoint(app: &App) -> archive::Result<(Checkpoint, Vec<u8>)> {
    let head = app.archive.truth().checkpoint().await?;
    head.ok_or_else(|| {
        Error::new(Why::Damaged, "The log has no checkpoint")
            .next("Put log/checkpoint back from a backup or a dossier")
    })
}

async fn show(
    app: &App,
    visit: &Visit,
    who: &Who,
    ask: Ask,
    checked: LogCheck,
) -> Result<Response, Problem> {
    let seen = app.archive.seen_by(who.access());
    let mut entries = asked(app, who, &ask).await?;
    let more = entries.len() > SHOWN;
    entries.truncate(SHOWN);
    let oldest = entries.last().map_or(0, |entry| entry.seq);
    let people = People::of(&seen).await?;
    let mut rows = Vec::new();
    for entry in &entries {
        rows.push(shown(&seen, entry, &people).await?);
    }
    let choice = |(word, label): &(&str, &str)| Kind {
        word: (*word).to_owned(),
        label: (*label).to_owned(),
        chosen: ask.kind == *word,
    };
    page(&LogPage {
        frame: visit.frame(Place::Log),
        head: head(app, who).await?,
        checked,
        kinds: words::ACTS.iter().map(choice).collect(),
        rows,
        pages: Paging {
            newer: ask
                .before
                .map(|_| paths::log(&ask.kind, &ask.subject, None)),
            older: more.then(|| paths::log(&ask.kind, &ask.subject, Some(words::count(oldest).0))),
        },
        subject: Evidence::new(ask.subject),
    })
}

/// One entry more than is shown, newest first; what does not exist has none.
async fn asked(app: &App, who: &Who, ask: &Ask) -> archive::Result<Vec<EntryRow>> {
    let seen = app.archive.seen_by(who.access());
    let before = ask
        .before
        .map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
    let text = ask.subject.trim();
    if text.is_empty() {
        return seen.entries(before, &ask.kind, SHOWN as i64 + 1).await;
    }
    let chain = match subject(app, who, text).await {
        Ok(subject) => seen.chain(&subject).await,
        Err(e) => Err(e),
    };
    let mut chain = match chain {
        Err(e) if matches!(e.why, Why::NotFound | Why::Invalid) => Vec::new(),
        chain => chain?,
    };
    chain.retain(|row| row.seq < before && (ask.kind.is_empty() || row.kind == ask.kind));
    chain.reverse();
    chain.truncate(SHOWN + 1);
    Ok(chain)
}

/// An object by what a person types: any id, `archive`, the number of a session (S-3), of a dossier (D-3) or of an item.
async fn subject(app: &App, who: &Who, text: &str) -> archive::Result<Subject> {
    let seen = app.archive.seen_by(who.access());
    if let Ok(subject) = text.parse() {
        return Ok(subject);
    }
    let id = match text.get(..2) {
        Some("S-") => seen.session_named(text).await?.id,
        Some("D-") => seen.dossier_named(text).await?.id,
        _ => seen.item_named(text).await?.id,
    };
    id.parse()
        .map_err(|_broken| Error::bug("An id in the views is not one"))
}

async fn shown(seen: &Seen<'_>, entry: &EntryRow, people: &People) -> Result<Row, Problem> {
    let leaf = words::digest(Some(&entry.leaf));
    let url = match entry.subject.parse() {
        Ok(Subject::Item(id)) => match seen.item(&id).await {
            Ok(_) => Some(paths::item(&entry.subject)),
            Err(e) if e.why == Why::NotFound => None,
            Err(e) => return Err(e.into()),
        },
        Ok(Subject::Dossier(_)) => Some(paths::dossier(&entry.subject)),
        _ => None,
    };
    Ok(Row {
        number: words::count(entry.seq),
        when: words::moment(entry.at),
        who: people.name(entry.who.as_deref()),
        act: words::act(&entry.kind),
        subject: Evidence::new(&entry.subject),
        url,
        leaf: leaf.ok_or_else(|| Error::bug("A leaf hash in the rows is not 32 bytes"))?,
    })
}

/// The last signed head in words.
pub(crate) async fn head(app: &App, who: &Who) -> Result<Head, Problem> {
    let seen = app.archive.seen_by(who.access());
    let (signed, note) = checkpoint(app).await?;
    let last = i64::try_from(signed.size).unwrap_or(i64::MAX);
    let last = seen.entries(last, "", 1).await?;
    let note = String::from_utf8_lossy(&note);
    let signers = note.lines().filter_map(|line| line.strip_prefix("— "));
    let names = signers.filter_map(|line| line.split(' ').next());
    let others = names.filter(|name| *name != signed.origin);
    Ok(Head {
        size: Count(signed.size),
        tail: Count(seen.log_size().await?.saturating_sub(signed.size)),
        root: Code::new(signed.root.to_string()),
        key: Code::new(app.archive.home().log_key.to_string()),
        until: last.first().map(|entry| words::moment(entry.at)),
        witnesses: others.map(Code::new).collect(),
        origin: Code::new(signed.origin),
    })
}
