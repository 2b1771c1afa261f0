//! Dossier: what one recipient will hold, how it is sealed, how they check it.

mod acts;

use archive::views::{DossierRow, ItemRow};
use archive::{Error, Why};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use format::id::Subject;

use crate::app::App;
use crate::frame::{Frame, Place};
use crate::guard::form::{Fields, Form, FromFields};
use crate::guard::headers::NeutralName;
use crate::guard::sessions::Who;
use crate::guard::visit::Visit;
use crate::pages::after::{self, after_check};
use crate::pages::{file, words};
use crate::paths;
use crate::problem::{Problem, page, see_other};
use crate::text::{Code, Count, Digest, Evidence, Moment};
use acts::seal_to_file;
pub(crate) use acts::{choose, open};

/// One dossier as shown.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/dossier.html")]
pub struct DossierPage {
    /// What surrounds the content.
    pub frame: Frame,
    /// Its number, such as D-3.
    pub number: String,
    /// Its id.
    pub id: Code,
    /// For whom.
    pub recipient: Evidence,
    /// Why.
    pub purpose: Evidence,
    /// When it was opened.
    pub opened: Moment,
    /// Open or sealed.
    pub state: Stage,
    /// What is in it.
    pub rows: Vec<Row>,
    /// Items chosen for it that this person may not see.
    pub unseen: usize,
    /// The number of the last entry about it, which its forms carry.
    pub after: Option<u64>,
    /// Where the form that adds items goes.
    pub add: String,
    /// Where the form that seals goes.
    pub seal: String,
    /// The key of the log, which the recipient checks against.
    pub key: Code,
    /// What a recipient runs to check it.
    pub checks: Vec<Check>,
}

/// Whether a dossier can still change.
#[derive(Clone, Debug)]
pub enum Stage {
    /// Items can be added.
    Open,
    /// Nothing can change.
    Sealed {
        /// When, with zone.
        at: Moment,
        /// The number of the entry that says so.
        entry: Count,
    },
}

/// One item in a dossier.
#[derive(Clone, Debug)]
pub struct Row {
    /// The item's page.
    pub url: String,
    /// The item's number.
    pub number: String,
    /// Its name as collected.
    pub name: Evidence,
    /// What kind of thing it is, in words.
    pub kind: String,
    /// Its size in bytes.
    pub bytes: Count,
    /// The digest of its bytes, unless it is withheld.
    pub digest: Option<Digest>,
}

/// One step of a recipient's check.
#[derive(Clone, Debug)]
pub struct Check {
    /// What to do.
    pub words: &'static str,
    /// The command that does it.
    pub command: Code,
}

/// Items to add, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Add {
    /// Their numbers, in the order typed.
    pub items: Vec<String>,
    /// The last entry the page showed.
    pub after: Option<u64>,
}

impl FromFields for Add {
    fn read(fields: &mut Fields) -> Result<Self, Problem> {
        let typed = fields.text("items", 1..=20_000)?;
        let split = |c: char| c.is_whitespace() || c == ',' || c == ';';
        let items = typed
            .split(split)
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        let after = fields.number("after")?;
        Ok(Self { items, after })
    }
}

/// The typed confirmation of a seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirm {
    /// The dossier's number as typed.
    pub confirm: String,
    /// The last entry the page showed.
    pub after: Option<u64>,
}

impl FromFields for Confirm {
    fn read(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            confirm: fields.text("confirm", 1..=40)?,
            after: fields.number("after")?,
        })
    }
}

/// Shows one dossier.
pub async fn get(
    State(app): State<App>,
    visit: Visit,
    who: Who,
    Path(dossier): Path<String>,
) -> Result<Response, Problem> {
    let seen = app.archive.seen_by(who.access());
    let row = seen.dossier_named(&dossier).await?;
    let (mut items, mut unseen) = (Vec::new(), 0);
    for chosen in seen.dossier_items(&row.id).await? {
        let id = chosen.item.parse();
        let id = id.map_err(|_broken| Error::bug("An item id in the views is not one"))?;
        match seen.item(&id).await {
            Ok(item) => items.push(item),
            Err(e) if e.why == Why::NotFound => unseen += 1,
            Err(e) => return Err(e.into()),
        }
    }
    let mut frame = visit.frame(Place::Share);
    frame.compartment = Some(words::standing(&items));
    let state = match (row.sealed_at, row.sealed_seq) {
        (Some(at), Some(entry)) => Stage::Sealed {
            at: words::moment(at),
            entry: words::count(entry),
        },
        _ => Stage::Open,
    };
    page(&DossierPage {
        frame,
        number: format!("D-{}", row.number),
        id: Code::new(&row.id),
        recipient: words::told(row.recipient.as_deref()),
        purpose: words::told(row.purpose.as_deref()),
        opened: words::moment(row.opened_at),
        state,
        rows: items.iter().map(shown).collect(),
        unseen,
        after: after::newest(&app, &who, &subject(&row)?).await?,
        add: paths::dossier_items(&row.id),
        seal: paths::dossier_seal(&row.id),
        key: Code::new(app.archive.home().log_key.to_string()),
        checks: checks(&row),
    })
}

fn shown(item: &ItemRow) -> Row {
    Row {
        url: paths::item(&item.id),
        number: item.number.to_string(),
        name: words::told(item.name.as_deref()),
        kind: words::kind(item.media.as_deref()),
        bytes: words::count(item.bytes.unwrap_or(0)),
        digest: words::digest(item.sha256.as_deref()),
    }
}

fn checks(row: &DossierRow) -> Vec<Check> {
    let file = format!("D-{}.tar", row.number);
    let check = |words, command: &str| Check {
        words,
        command: Code::new(format!("{command} {file}")),
    };
    vec![
        check(
            "Compute the SHA-256 of the file, as you do here, and compare the two by another way (voice, paper):",
            "sha256sum",
        ),
        check(
            "Check everything at once, offline, with a policy file that holds the key above:",
            "holdfast verify --policy FILE",
        ),
        check(
            "Or unpack it and look: it is a BagIt folder that other tools read, with a page that says how:",
            "tar xf",
        ),
    ]
}

/// The most items that one form adds.
const AT_ONCE: usize = 1_000;

/// Adds items.
pub async fn post_items(
    State(app): State<App>,
    who: Who,
    Path(dossier): Path<String>,
    Form(add): Form<Add>,
) -> Result<Response, Problem> {
    if add.items.len() > AT_ONCE {
        return Err(Problem::TooLarge { limit: 0 });
    }
    let seen = app.archive.seen_by(who.access());
    let mut items = Vec::new();
    for text in &add.items {
        let row = seen.item_named(text).await.map_err(|e| match e.why {
            // all or none: a list with a slip of the pen in it adds nothing
            Why::NotFound | Why::Invalid => Problem::bad(
                format!("“{text}” names no item that you can see; nothing was added"),
                "Go back, correct the list, and send it again",
            ),
            _ => e.into(),
        })?;
        items.push(row.item()?);
    }
    let row = seen.dossier_named(&dossier).await?;
    let about = subject(&row)?;
    let number = format!("D-{}", row.number);
    after_check(&app, &who, (&about, &number), add.after, &[]).await?;
    let id = choose(&app, &who, &dossier, &items, add.after).await?;
    Ok(see_other(&paths::dossier(&id)))
}

fn subject(row: &DossierRow) -> Result<Subject, Error> {
    let id = row.id.parse();
    id.map_err(|_broken| Error::bug("A dossier id in the views is not one"))
}

/// Seals it once its number was typed, and sends the sealed file.
pub async fn post_seal(
    State(app): State<App>,
    who: Who,
    Path(dossier): Path<String>,
    Form(seal): Form<Confirm>,
) -> Result<Response, Problem> {
    let seen = app.archive.seen_by(who.access());
    let row = seen.dossier_named(&dossier).await?;
    if seal.confirm.trim() != format!("D-{}", row.number) {
        return Err(Problem::bad(
            "The number typed is not this dossier’s number; it was not sealed",
            "Go back, compare the number and type it again",
        ));
    }
    let about = subject(&row)?;
    let number = format!("D-{}", row.number);
    // sealed meanwhile with what the page showed is sealed as asked: it is only sent again
    let same = ["dossier_sealed"];
    after_check(&app, &who, (&about, &number), seal.after, &same).await?;
    let name = NeutralName::from_text(&format!("{number}.tar"));
    let (file, kept) = seal_to_file(&app, &who, &row, seal.after).await?;
    file::temporary(&name.ok_or(Problem::NotFound)?, file, kept).await
}
