//! Invented pages: every template with every string that can come from outside set to one text.

use askama::Template as _;
use web::frame::{Dir, FormToken, Frame, Place, Standing, Theme};
use web::pages::{
    Fixity, Paging, Sensitivity, dossier, health, inbox, item, jobs, log, search, share, sign_in,
};
use web::paths::{self, Local};
use web::problem::{Asked, ChangedPage, Got, Problem, Typed};
use web::text::{Code, Count, Digest, Evidence, Moment, Snippet};

#[path = "sample/material.rs"]
mod material;
#[path = "sample/shelf.rs"]
mod shelf;

use material::{added, inbox, item, search};
use shelf::{dossier, health, jobs, log, share};

/// How a page is dressed.
#[derive(Clone, Copy)]
pub(crate) struct Dress {
    pub(crate) dir: Dir,
    pub(crate) theme: Theme,
}

/// The strings from outside, given in turn.
pub(crate) struct Outside<'a> {
    texts: &'a [&'a str],
    at: std::cell::Cell<usize>,
}

impl<'a> Outside<'a> {
    pub(crate) fn new(texts: &'a [&'a str]) -> Self {
        Self {
            texts,
            at: std::cell::Cell::new(0),
        }
    }

    fn raw(&self) -> String {
        let at = self.at.get();
        self.at.set(at + 1);
        self.texts[at % self.texts.len()].to_owned()
    }

    fn text(&self) -> Evidence {
        Evidence::new(self.raw())
    }

    fn code(&self) -> Code {
        Code::new(self.raw())
    }
}

/// Texts as they come in the field: several scripts, long ones, a name with a trick.
pub(crate) const FIELD: &[&str] = &[
    "Вулиця після вибуху, камера повертає праворуч.mp4",
    "شارع المدرسة بعد القصف – تسجيل من الهاتف.mp4",
    "photo\u{202e}gpj.exe",
    "Street after strike, camera pans right, filmed from the second floor of the building opposite the school, part 3 of 7 (copy of copy) final_FINAL_v2.mov",
    "IMG_20260304_152231.jpg",
    "Eastbridge channel, post 1182",
];

fn digest(seed: u64) -> Digest {
    let mut hex = String::new();
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for _ in 0..4 {
        state = state
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(0x1405_7b7e_f767_814f);
        hex.push_str(&format!("{state:016x}"));
    }
    Digest::from_hex(&hex).expect("four times sixteen digits")
}

fn frame(dress: Dress, place: Place, _out: &Outside<'_>) -> Frame {
    Frame {
        lang: "en",
        dir: dress.dir,
        theme: dress.theme,
        place,
        person: Some(Evidence::new("rev1")),
        compartment: Some(Standing {
            compartment: Evidence::new("ESTUARY-22"),
            classification: Evidence::new("Restricted"),
        }),
        token: FormToken::none(),
        until: Some(Moment::new("18:42 UTC")),
        back: "/inbox".into(),
        stopped: None,
    }
}

/// Every page, by name.
pub(crate) fn pages(dress: Dress, out: &Outside<'_>, long: usize) -> Vec<(&'static str, String)> {
    let mut pages = vec![
        ("sign-in", sign_in(dress, out)),
        ("inbox", inbox(dress, out, long)),
        ("inbox-empty", inbox(dress, out, 0)),
        ("added", added(dress, out)),
        (
            "item",
            item(
                dress,
                out,
                Fixity::Intact {
                    checked: Moment::new("2026-03-06 03:00Z"),
                },
            ),
        ),
        (
            "item-present",
            item(
                dress,
                out,
                Fixity::Present {
                    checked: Moment::new("2026-03-06 03:00Z"),
                },
            ),
        ),
        (
            "item-damaged",
            item(dress, out, Fixity::Damaged { what: out.text() }),
        ),
        ("search", search(dress, out, long)),
        ("search-none", search(dress, out, 0)),
        (
            "log",
            log(
                dress,
                out,
                long,
                log::LogCheck::Whole {
                    size: Count(1_204_551),
                    at: Moment::new("2026-03-06 15:30Z"),
                },
            ),
        ),
        (
            "log-broken",
            log(dress, out, 1, log::LogCheck::Broken { what: out.text() }),
        ),
        ("share", share(dress, out, long)),
        ("dossier-open", dossier(dress, out, false)),
        ("dossier-sealed", dossier(dress, out, true)),
        ("jobs", jobs(dress, out, long)),
        ("jobs-none", jobs(dress, out, 0)),
        ("health", health(dress, out, false)),
        ("health-damage", health(dress, out, true)),
        ("health-stopped", stopped(dress, Place::Health, out)),
        ("search-stopped", stopped(dress, Place::Search, out)),
    ];
    pages.extend(problems(dress, out));
    pages
}

fn sign_in(dress: Dress, out: &Outside<'_>) -> String {
    let mut frame = frame(dress, Place::Elsewhere, out);
    (frame.person, frame.compartment, frame.until) = (None, None, None);
    let notice =
        Some("The name or the passphrase does not fit; try again, or ask a registrar.".into());
    sign_in::SignInPage {
        frame,
        notice,
        name: out.text(),
        next: Local::home(),
    }
    .render()
    .expect("the template renders")
}

/// A page of an archive into which nothing can be written.
fn stopped(dress: Dress, place: Place, out: &Outside<'_>) -> String {
    let frame = Frame {
        stopped: Some(out.text()),
        ..frame(dress, place, out)
    };
    match place {
        Place::Health => shelf::health_page(out, false, frame),
        _ => search::SearchPage {
            frame,
            query: out.text(),
            trouble: None,
            found: None,
        }
        .render()
        .expect("the template renders"),
    }
}

fn asked(form: Got, out: &Outside<'_>) -> Asked {
    let typed = |name: &str| Typed {
        name: name.to_owned(),
        value: out.raw(),
    };
    Asked {
        form,
        place: Local::from_text("/share/d-dt6zgrhkvexj/items").expect("a place of ours"),
        typed: match form {
            Got::InHand => vec![typed("items"), typed("confirm")],
            Got::NoForm | Got::TurnedAway => Vec::new(),
        },
    }
}

/// What two others did to a dossier while somebody looked at it.
pub(crate) fn changed() -> archive::Stale {
    let line = |minute: i64, who: &str, what: &str| archive::StaleLine {
        who: who.to_owned(),
        when: 1_772_800_000_000_000 + minute * 60_000_000,
        what: what.to_owned(),
    };
    archive::Stale {
        subject: "D-91".into(),
        seen: 4,
        now: 6,
        since: vec![
            line(0, "rev2", "item added to dossier"),
            line(2, "rev3", "item added to dossier"),
        ],
    }
}

fn problems(dress: Dress, out: &Outside<'_>) -> Vec<(&'static str, String)> {
    let away = || Problem::Away {
        what: out.raw(),
        next: out.raw(),
    };
    let page = Got::NoForm;
    let all = [
        ("problem-400", page, Problem::bad(out.raw(), out.raw())),
        ("problem-403", page, Problem::NotOurForm),
        ("problem-404", page, Problem::NotFound),
        ("problem-409", page, Problem::Conflict { what: out.raw() }),
        ("problem-503", page, Problem::Busy { what: out.raw() }),
        ("away-page", Got::NoForm, away()),
        ("away-form", Got::InHand, away()),
        (
            "problem-507",
            page,
            Problem::Disk {
                what: out.raw(),
                next: out.raw(),
            },
        ),
        ("problem-413", page, Problem::TooLarge { limit: 2 << 30 }),
        (
            "problem-500",
            page,
            Problem::Broken {
                id: "5f0c-22aa".into(),
            },
        ),
    ];
    let mut pages: Vec<_> = all
        .into_iter()
        .map(|(name, form, problem)| {
            let page = problem.page(frame(dress, Place::Elsewhere, out), &asked(form, out));
            (name, page.render().expect("the template renders"))
        })
        .collect();
    let mut stale = changed();
    (stale.subject, stale.since[1].who) = (out.raw(), out.raw());
    let changed = ChangedPage::new(
        frame(dress, Place::Elsewhere, out),
        &stale,
        &asked(Got::InHand, out),
    );
    pages.push(("changed", changed.render().expect("the template renders")));
    pages
}
