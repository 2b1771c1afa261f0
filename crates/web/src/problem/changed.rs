//! The page for a form that came too late: what others did meanwhile, what was sent, and the choice between them.

use archive::Stale;
use askama::Template;

use super::{Asked, Typed};
use crate::frame::Frame;
use crate::pages::words;
use crate::paths::Local;
use crate::text::{Evidence, Moment};

/// Both versions side by side.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/changed.html")]
pub struct ChangedPage {
    /// What surrounds the content.
    pub frame: Frame,
    /// What changed, as people call it.
    pub subject: Evidence,
    /// What was recorded meanwhile, oldest first.
    pub lines: Vec<Line>,
    /// What was typed into the form.
    pub typed: Vec<Typed>,
    /// Where the form goes.
    pub action: Local,
    /// The page of the thing as it is now.
    pub page: Local,
    /// The number after which the form, sent again, is decided.
    pub after: u64,
}

/// One act that came first.
#[derive(Clone, Debug)]
pub struct Line {
    /// By whom.
    pub who: Evidence,
    /// When, with zone.
    pub when: Moment,
    /// What was done.
    pub what: Evidence,
}

impl ChangedPage {
    /// Shows what changed beside what was sent.
    pub fn new(frame: Frame, stale: &Stale, asked: &Asked) -> Self {
        let lines = stale.since.iter().map(|line| Line {
            who: Evidence::new(&line.who),
            when: words::moment(line.when),
            what: Evidence::new(&line.what),
        });
        Self {
            frame,
            subject: Evidence::new(&stale.subject),
            lines: lines.collect(),
            typed: asked.typed.clone(),
            action: asked.place.clone(),
            page: asked.place.page_of_form(),
            after: stale.now,
        }
    }
}
