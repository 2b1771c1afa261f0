//! Share: the dossiers, and the form that opens one.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::app::App;
use crate::frame::{Frame, Place};
use crate::guard::form::{Fields, Form, FromFields};
use crate::guard::sessions::Who;
use crate::guard::visit::Visit;
use crate::pages::{dossier, words};
use crate::paths;
use crate::problem::{Problem, page, see_other};
use crate::text::{Count, Evidence, Moment};

/// The dossiers as shown.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/share.html")]
pub struct SharePage {
    /// What surrounds the content.
    pub frame: Frame,
    /// Newest first.
    pub rows: Vec<Row>,
}

/// One dossier in the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its page.
    pub url: String,
    /// Its number, such as D-3.
    pub number: String,
    /// For whom.
    pub recipient: Evidence,
    /// Why.
    pub purpose: Evidence,
    /// Open or sealed, in a word.
    pub state: &'static str,
    /// How many items.
    pub items: Count,
    /// When it was opened.
    pub opened: Moment,
}

/// A new dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// For whom.
    pub recipient: String,
    /// Why.
    pub purpose: String,
}

impl FromFields for Start {
    fn read(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            recipient: fields.text("recipient", 1..=200)?,
            purpose: fields.text("purpose", 1..=4000)?,
        })
    }
}

/// Shows the dossiers.
pub async fn get(State(app): State<App>, visit: Visit, who: Who) -> Result<Response, Problem> {
    let seen = app.archive.seen_by(who.access());
    let mut rows = Vec::new();
    for row in seen.dossiers().await?.into_iter().rev() {
        let items = seen.dossier_items(&row.id).await?.len();
        rows.push(Row {
            url: paths::dossier(&row.id),
            number: format!("D-{}", row.number),
            recipient: words::told(row.recipient.as_deref()),
            purpose: words::told(row.purpose.as_deref()),
            state: row.sealed_at.map_or("open", |_| "sealed"),
            items: Count(items as u64),
            opened: words::moment(row.opened_at),
        });
    }
    page(&SharePage {
        frame: visit.frame(Place::Share),
        rows,
    })
}

/// Opens a dossier.
pub async fn post(
    State(app): State<App>,
    who: Who,
    Form(start): Form<Start>,
) -> Result<Response, Problem> {
    let id = dossier::open(&app, &who, &start.recipient, &start.purpose).await?;
    Ok(see_other(&paths::dossier(&id)))
}
