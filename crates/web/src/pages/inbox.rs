//! Inbox: what came in, newest first, and the form that adds files.

mod sent;

use archive::views::{ItemRow, Listing};
use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::app::App;
use crate::frame::{Frame, Place};
use crate::guard::form::{Fields, FromFields, Query};
use crate::guard::sessions::Who;
use crate::guard::upload::Upload;
use crate::guard::visit::Visit;
use crate::pages::words::{self, People};
use crate::pages::{Paging, Sensitivity};
use crate::paths;
use crate::problem::{Problem, page};
use crate::text::{Count, Digest, Evidence, Moment};
use sent::Sent;

/// The inbox as shown.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/inbox.html")]
pub struct InboxPage {
    /// What surrounds the content.
    pub frame: Frame,
    /// How many items this person may see.
    pub total: Count,
    /// When the last one came.
    pub last: Option<Moment>,
    /// The items of this part.
    pub rows: Vec<Row>,
    /// Newer and older parts.
    pub pages: Paging,
    /// Sessions a new file can belong to.
    pub sessions: Vec<Choice>,
    /// The most one sending may hold, in words.
    pub limit: String,
}

/// One item in the inbox.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its page.
    pub url: String,
    /// Its number within the compartment.
    pub number: String,
    /// Its name as collected.
    pub name: Evidence,
    /// Where it came from.
    pub source: Evidence,
    /// What kind of thing it is, in words.
    pub kind: String,
    /// Its size in bytes.
    pub bytes: Count,
    /// How hard it is to look at.
    pub sensitivity: Sensitivity,
    /// When it was added, with zone.
    pub added: Moment,
    /// By whom.
    pub by: Evidence,
}

/// One session to choose from.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub label: Evidence,
}

/// The result of adding files, file by file.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/added.html")]
pub struct AddedPage {
    /// What surrounds the content.
    pub frame: Frame,
    /// One line per file, in the order sent.
    pub rows: Vec<Added>,
}

impl AddedPage {
    fn preserved(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Preserved { .. }))
    }

    fn known(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Known { .. }))
    }

    fn refused(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Refused { .. }))
    }

    fn count(&self, is: impl Fn(&Outcome) -> bool) -> usize {
        self.rows.iter().filter(|row| is(&row.outcome)).count()
    }
}

/// What became of one file.
#[derive(Clone, Debug)]
pub struct Added {
    /// Its name as sent.
    pub name: Evidence,
    /// What became of it.
    pub outcome: Outcome,
}

/// The three things that can become of a file.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is on disk with its entry.
    Preserved {
        /// The item's page.
        url: String,
        /// The item's number.
        number: String,
        /// The digest of its bytes.
        digest: Digest,
    },
    /// The same bytes from the same source under the same name are an item already; nothing was added.
    Known {
        /// The item's page.
        url: String,
        /// The item's number.
        number: String,
        /// The digest of its bytes.
        digest: Digest,
    },
    /// It was not taken.
    Refused {
        /// Why, and what to do.
        why: Evidence,
    },
}

/// Which part of the inbox is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Only items with a number below this one.
    pub before: Option<u64>,
}

impl FromFields for Ask {
    fn read(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            before: fields.number("before")?,
        })
    }
}

/// How many items are shown at once.
const SHOWN: usize = 50;

/// Shows the inbox.
pub async fn get(
    State(app): State<App>,
    visit: Visit,
    who: Who,
    Query(ask): Query<Ask>,
) -> Result<Response, Problem> {
    let seen = app.archive.seen_by(who.access());
    let listing = Listing {
        compartment: archive::MAIN.to_owned(),
        before: ask
            .before
            .map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX)),
        limit: SHOWN as i64 + 1,
    };
    let mut rows = seen.items(&listing).await?;
    let more = rows.len() > SHOWN;
    rows.truncate(SHOWN);
    let people = People::of(&seen).await?;
    let last = rows.last().map_or(0, |row| row.number);
    let mut frame = visit.frame(Place::Inbox);
    frame.compartment = Some(words::standing(&rows));
    let newest = match ask.before {
        None => rows.first().map(|row| words::moment(row.added_at)),
        Some(_) => None,
    };
    page(&InboxPage {
        frame,
        total: words::count(seen.item_count(archive::MAIN).await?),
        last: newest,
        rows: rows.iter().map(|row| shown(row, &people)).collect(),
        pages: Paging {
            newer: ask.before.map(|_| paths::INBOX.to_owned()),
            older: more.then(|| paths::inbox_before(words::count(last).0)),
        },
        sessions: open_sessions(&app, &who).await?,
        limit: size(app.upload_limit),
    })
}

fn shown(row: &ItemRow, people: &People) -> Row {
    Row {
        url: paths::item(&row.id),
        number: row.number.to_string(),
        name: words::told(row.name.as_deref()),
        source: words::told(row.source.as_deref()),
        kind: words::kind(row.media.as_deref()),
        bytes: words::count(row.bytes.unwrap_or(0)),
        sensitivity: Sensitivity::Unknown,
        added: words::moment(row.added_at),
        by: people.name(row.added_by.as_deref()),
    }
}

/// Sessions that have not ended; an account that may not read them has none to choose.
async fn open_sessions(app: &App, who: &Who) -> archive::Result<Vec<Choice>> {
    let rows = match app.archive.seen_by(who.access()).sessions().await {
        Err(e) if e.why == archive::Why::Refused => Vec::new(),
        rows => rows?,
    };
    let open = rows.into_iter().rev().filter(|row| row.ended_at.is_none());
    let label = |number, purpose: Option<String>| {
        let short: String = purpose.unwrap_or_default().chars().take(80).collect();
        Evidence::new(format!("S-{number} {short}"))
    };
    Ok(open
        .map(|row| Choice {
            id: row.id,
            label: label(row.number, row.purpose),
        })
        .collect())
}

fn size(bytes: u64) -> String {
    match bytes {
        bytes if bytes >= 1 << 30 => format!("{} GiB", bytes >> 30),
        bytes if bytes >= 1 << 20 => format!("{} MiB", bytes >> 20),
        bytes => format!("{} KiB", bytes >> 10),
    }
}

/// Takes files in.
pub async fn post_files(
    app: App,
    visit: Visit,
    who: Who,
    upload: Upload,
) -> Result<Response, Problem> {
    let sent = Sent::receive(upload).await?;
    let (rows, items) = sent.add(&app, &who).await?;
    let mut frame = visit.frame(Place::Inbox);
    frame.compartment = Some(words::standing(&items));
    page(&AddedPage { frame, rows })
}
