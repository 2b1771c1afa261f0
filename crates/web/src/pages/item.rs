//! Item: everything about one preserved thing, in two voices: as collected, and assessment.

mod gather;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use askama::Template;
use askama::filters::HtmlSafe;
use axum::extract::{Path, State};
use axum::response::Response;

use crate::app::App;
use crate::frame::Frame;
use crate::guard::form::{Empty, Fields, Form, FromFields};
use crate::guard::headers::NeutralName;
use crate::guard::sessions::Who;
use crate::guard::visit::Visit;
use crate::pages::{Fixity, Sensitivity, dossier, file, log, words};
use crate::paths;
use crate::problem::{Problem, page, see_other};
use crate::text::{Code, Count, Digest, Evidence, Moment};

/// One item as shown.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/item.html")]
pub struct ItemPage {
    /// What surrounds the content.
    pub frame: Frame,
    /// Its number within the compartment.
    pub number: String,
    /// Its name as collected.
    pub name: Evidence,
    /// What kind of thing it is, in words.
    pub kind: String,
    /// Its size in bytes.
    pub bytes: Count,
    /// How hard it is to look at.
    pub sensitivity: Sensitivity,
    /// Where the form that opens the original goes.
    pub original: String,
    /// The line under the media that never scrolls away.
    pub seal: Seal,
    /// The facts as collected, beside the digest.
    pub collected: Vec<Fact>,
    /// Every recorded act, oldest first.
    pub custody: Vec<Act>,
    /// How many entries the signed head covers.
    pub covered: Count,
    /// The item's id.
    pub id: Code,
    /// Where the form that checks it goes.
    pub check: String,
    /// The dossiers it was chosen for.
    pub dossiers: Vec<DossierLink>,
    /// Open dossiers it could be chosen for.
    pub open_dossiers: Vec<DossierLink>,
    /// Where the form that chooses it goes.
    pub choose: String,
    /// Other items with the same bytes.
    pub copies: Vec<Twin>,
}

/// What the seal line says.
#[derive(Clone, Debug)]
pub struct Seal {
    /// The digest of the bytes.
    pub digest: Digest,
    /// What the last check found.
    pub fixity: Fixity,
    /// When it was added, with zone.
    pub added: Moment,
    /// By whom.
    pub by: Evidence,
}

/// One fact as collected.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Our word for it.
    pub label: &'static str,
    /// What was recorded.
    pub value: Value,
}

/// A recorded value: text from outside, or something exact that reads left to right.
#[derive(Clone, Debug)]
pub enum Value {
    /// Text in any script.
    Text(Evidence),
    /// An address, a number.
    Exact(Code),
    /// A digest.
    Digest(Digest),
    /// A time by a clock.
    Time(Moment),
    /// Nothing was recorded; said plainly.
    NotRecorded,
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => text.fmt(f),
            Self::Exact(code) => code.fmt(f),
            Self::Digest(digest) => digest.fmt(f),
            Self::Time(time) => time.fmt(f),
            Self::NotRecorded => f.write_str("not recorded"),
        }
    }
}
impl HtmlSafe for Value {}

/// One line of custody.
#[derive(Clone, Debug)]
pub struct Act {
    /// Its number in the item's chain.
    pub n: u64,
    /// When, with zone.
    pub when: Moment,
    /// Who.
    pub who: Evidence,
    /// What was done, in our words.
    pub act: String,
    /// What was said about it, if anything.
    pub details: Option<Evidence>,
    /// The entry's number in the log.
    pub entry: Count,
    /// The leaf's hash.
    pub leaf: Digest,
    /// Whether the signed head covers it.
    pub covered: bool,
}

/// A dossier the item was chosen for, or could be.
#[derive(Clone, Debug)]
pub struct DossierLink {
    /// Its page.
    pub url: String,
    /// Its id.
    pub id: String,
    /// Its number, such as D-3.
    pub number: String,
    /// For whom.
    pub recipient: Evidence,
}

/// Another item with the same bytes.
#[derive(Clone, Debug)]
pub struct Twin {
    /// Its page.
    pub url: String,
    /// Its number.
    pub number: String,
    /// Its name as collected.
    pub name: Evidence,
    /// When it was added.
    pub added: Moment,
    /// By whom.
    pub by: Evidence,
}

/// What somebody says the original is taken out for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakeOut {
    /// The purpose, if one was given.
    pub purpose: Option<String>,
}

impl FromFields for TakeOut {
    fn read(fields: &mut Fields) -> Result<Self, Problem> {
        let purpose = fields.optional("purpose", 1000)?;
        let said = purpose.trim();
        Ok(Self {
            purpose: (!said.is_empty()).then(|| said.to_owned()),
        })
    }
}

/// The dossier an item is chosen for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choose {
    /// Its id or number.
    pub dossier: String,
}

impl FromFields for Choose {
    fn read(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            dossier: fields.text("dossier", 1..=40)?,
        })
    }
}

/// Shows one item.
pub async fn get(
    State(app): State<App>,
    visit: Visit,
    who: Who,
    Path(item): Path<String>,
) -> Result<Response, Problem> {
    let row = words::item(&app.archive, &who, &item).await?;
    page(&gather::page(&app, &visit, &who, &row).await?)
}

/// Records that the original is taken out, then sends it as a file.
pub async fn post_original(
    State(app): State<App>,
    who: Who,
    Path(item): Path<String>,
    Form(take_out): Form<TakeOut>,
) -> Result<Response, Problem> {
    let row = words::item(&app.archive, &who, &item).await?;
    let name = NeutralName::from_text(&format!("{}.bin", row.id)).ok_or(Problem::NotFound)?;
    let seen = app.archive.seen_by(who.access());
    let original = seen
        .original(&row.item()?, "page", take_out.purpose)
        .await?;
    file::original(&name, original).await
}

/// Reads the item's original in full and compares it with what was recorded.
pub async fn post_check(
    State(app): State<App>,
    who: Who,
    Path(item): Path<String>,
    Form(Empty): Form<Empty>,
) -> Result<Response, Problem> {
    let row = words::item(&app.archive, &who, &item).await?;
    let lane = app.lanes.checks.try_acquire();
    let lane = lane.map_err(|_taken| log::at_work())?;
    let stop = Arc::new(AtomicBool::new(false));
    let scope = preserve::Scope::Item(row.item()?);
    let report = preserve::check(&app.archive, who.access(), &scope, &stop, &mut |_| {}).await?;
    drop(lane);
    match (report.recorded, report.damage.first()) {
        // the result is an entry, and the page shows it
        (Some(_), _) | (None, None) => Ok(see_other(&paths::item(&row.id))),
        (None, Some(damage)) => Err(Problem::Damaged {
            what: format!("{} {}: {}", damage.place.word(), damage.name, damage.detail),
            next: "Add nothing to this archive, put the named file back from a backup, and check on the health page".to_owned(),
        }),
    }
}

/// Chooses the item for a dossier.
pub async fn post_dossier(
    State(app): State<App>,
    who: Who,
    Path(item): Path<String>,
    Form(choose): Form<Choose>,
) -> Result<Response, Problem> {
    let row = words::item(&app.archive, &who, &item).await?;
    let id = dossier::choose(&app, &who, &choose.dossier, &[row.item()?], None).await?;
    Ok(see_other(&paths::dossier(&id)))
}
