//! How the request came that a problem answers, and what was typed into its form.

use crate::guard::form::Fields;
use crate::paths::Local;
use crate::text::{Evidence, Snippet};

/// How the request came that a problem answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// How far its form got, if it was one.
    pub form: Got,
    /// Where it went to.
    pub place: Local,
    /// What was typed into its form, secrets and what our page wrote itself left out.
    pub typed: Vec<Typed>,
}

/// How far a form got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Got {
    /// It was no form: a page was asked for.
    NoForm,
    /// Nothing was done with it.
    TurnedAway,
    /// It was being carried out.
    InHand,
}

/// One field that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// Its name in the form.
    pub name: String,
    /// What was typed.
    pub value: String,
}

/// What our pages write into their forms, and what must never be on a page.
const NOT_TYPED: [&str; 5] = ["token", "after", "passphrase", "back", "next"];

impl Typed {
    /// Takes what was typed out of a form that has passed its locks.
    pub(crate) fn of(form: &[u8]) -> Vec<Self> {
        let fields = Fields::from_form(form).map(Fields::into_pairs);
        let typed = |(name, value): (String, String)| {
            let kept = !NOT_TYPED.contains(&name.as_str()) && !value.is_empty();
            kept.then(|| Self {
                name,
                value: value.replace("\r\n", "\n"),
            })
        };
        fields
            .unwrap_or_default()
            .into_iter()
            .filter_map(typed)
            .collect()
    }

    /// What the field is called on our pages.
    pub(crate) fn label(&self) -> Evidence {
        Evidence::new(match self.name.as_str() {
            "items" => "Items",
            "confirm" => "Number typed to confirm",
            "recipient" => "For whom",
            "purpose" => "Purpose",
            "query" => "Words",
            "dossier" => "Dossier",
            "name" => "Name",
            other => other,
        })
    }

    /// The text for reading: what would be invisible shows.
    pub(crate) fn shown(&self) -> Snippet {
        Snippet::new().text(&self.value)
    }
}
