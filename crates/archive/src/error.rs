//! One error for whoever reads it; `why` for whoever branches on it.

use std::fmt;

/// What every fallible function of this crate and of the verbs returns.
pub type Result<T> = std::result::Result<T, Error>;

/// Says why something was not done; doors map it to a status or an exit code, each in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The request itself cannot be carried out as it is.
    Invalid,
    /// It does not exist, or may not be seen: the two look the same.
    NotFound,
    /// Whoever asks may not do this.
    Refused,
    /// The thing changed since it was looked at.
    Stale,
    /// Another process holds what is needed.
    Busy,
    /// The archive can be read, not written.
    ReadOnly,
    /// Something stored is not what was stored.
    Damaged,
    /// A proof is not good.
    Unproven,
    /// There is no archive here.
    NoArchive,
    /// A key or passphrase is not the right one.
    WrongKey,
    /// The database or the object store does not answer; whether a write under way was recorded is not known.
    Unreachable,
    /// The disk refused: full, failing, or not permitted.
    Disk,
    /// The program is wrong.
    Bug,
}

/// A thing that changed between the page or answer that showed it and the act that was decided on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// What changed, as people call it, such as `D-3`.
    pub subject: String,
    /// The number in its chain of the last entry that whoever decides had seen.
    pub seen: u64,
    /// The number of the last entry there is now; what is decided anew is decided after this one.
    pub now: u64,
    /// What was recorded in between, oldest first, as far as whoever decides may see it.
    pub since: Vec<StaleLine>,
}

/// One act that was recorded meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaleLine {
    /// The name of the account, as shown.
    pub who: String,
    /// Microseconds since 1970.
    pub when: i64,
    /// What was done, in words.
    pub what: String,
}

/// A failure in words a person can act on: what happened, and the next step.
#[derive(Debug)]
pub struct Error {
    /// What a program branches on.
    pub why: Why,
    /// What happened; names the thing.
    pub what: String,
    /// What to do next.
    pub next: Option<String>,
    stale: Option<Box<Stale>>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// Makes an error that says what happened.
    pub fn new(why: Why, what: impl Into<String>) -> Self {
        Self {
            why,
            what: what.into(),
            next: None,
            stale: None,
            source: None,
        }
    }

    /// Makes an error that says what others did since whoever decides looked.
    pub fn stale(changed: Stale) -> Self {
        let what = format!("{} has changed since it was shown", changed.subject);
        let mut error = Self::new(Why::Stale, what).next("Look at what is new, then decide anew");
        error.stale = Some(Box::new(changed));
        error
    }

    /// What others did meanwhile, where the error knows it.
    pub fn changes(&self) -> Option<&Stale> {
        self.stale.as_deref()
    }

    /// Adds the next step.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// Keeps the cause for `--debug` and tests; it is never shown by itself.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Tells whether the same call may well succeed later, with nothing changed by hand.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self.why, Why::Unreachable | Why::Busy)
    }

    /// The one answer for what is absent and for what may not be seen.
    pub fn not_found(thing: impl fmt::Display) -> Self {
        Self::new(
            Why::NotFound,
            format!("There is no {thing} that you can see"),
        )
    }

    /// A state that only a mistake in the program can bring about.
    pub fn bug(what: impl Into<String>) -> Self {
        Self::new(Why::Bug, what).next("Nothing more was written; report this with the words above")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|s| &**s as _)
    }
}

impl From<store::Error> for Error {
    fn from(e: store::Error) -> Self {
        let why = match &e {
            store::Error::ReadOnly { .. } => Why::ReadOnly,
            store::Error::NotFound { .. }
            | store::Error::Conflict { .. }
            | store::Error::Damaged { .. } => Why::Damaged,
            store::Error::Busy { .. } => Why::Busy,
            store::Error::Unreachable { .. } => Why::Unreachable,
            store::Error::Invalid { .. } => Why::Invalid,
            // A password or a key, not a file of ours.
            e if e.is_refusal() => Why::WrongKey,
            _ => Why::Disk,
        };
        // What the store says holds the next step already; it is cut off so that doors can set it apart.
        let said = e.to_string();
        let (what, next) = said
            .split_once("; ")
            .map_or((said.clone(), None), |(w, n)| {
                (w.to_owned(), Some(n.to_owned()))
            });
        let next = next.map(|n| {
            n.chars()
                .next()
                .map_or(String::new(), |c| c.to_uppercase().collect::<String>())
                + n.get(1..).unwrap_or_default()
        });
        Self {
            why,
            what,
            next,
            stale: None,
            source: Some(Box::new(e)),
        }
    }
}

impl From<crate::search::Error> for Error {
    fn from(e: crate::search::Error) -> Self {
        use crate::search::Error as E;
        let why = match &e {
            E::Empty
            | E::OnlyExclusions
            | E::UnclosedQuote
            | E::LooseOr
            | E::ShortPrefix
            | E::TooLong => Why::Invalid,
            E::Busy(_) => Why::Busy,
            _ => Why::Disk,
        };
        let said = e.to_string();
        let (what, next) = said
            .split_once("; ")
            .map_or((said.as_str(), None), |(w, n)| (w, Some(n)));
        Self {
            why,
            what: what.to_owned(),
            next: next.map(str::to_owned),
            stale: None,
            source: None,
        }
    }
}
