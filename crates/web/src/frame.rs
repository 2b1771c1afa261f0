//! What every page carries around its content: language, theme, place in the top bar, compartment, form token.

use std::fmt;

use askama::filters::HtmlSafe;

use crate::text::{Evidence, Moment};

/// Light or dark, kept on the server's side in a cookie; the browser's wish is only the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Follows the browser.
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// Every choice, in the order shown.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// The word in the form, the cookie and the page.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// What the button says.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Auto => "As the browser",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// Reads the word back; anything else is refused.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.word() == word)
    }
}

/// The direction of the interface; evidence has its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dir {
    /// Left to right.
    #[default]
    Ltr,
    /// Right to left.
    Rtl,
}

impl fmt::Display for Dir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ltr => "ltr",
            Self::Rtl => "rtl",
        })
    }
}

/// The places of the top bar, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// New material.
    Inbox,
    /// Finding things.
    Search,
    /// Dossiers.
    Share,
    /// The log.
    Log,
    /// Work that can wait.
    Jobs,
    /// The state of the archive.
    Health,
    /// None of them: sign-in, errors.
    Elsewhere,
}

impl Place {
    /// The places that exist; a place without a page is not named here.
    pub const BAR: [Self; 6] = [
        Self::Inbox,
        Self::Search,
        Self::Share,
        Self::Log,
        Self::Jobs,
        Self::Health,
    ];

    /// The word in the bar.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Inbox => "Inbox",
            Self::Search => "Search",
            Self::Share => "Share",
            Self::Log => "Log",
            Self::Jobs => "Jobs",
            Self::Health => "Health",
            Self::Elsewhere => "",
        }
    }

    /// Where the word leads.
    pub const fn url(self) -> &'static str {
        match self {
            Self::Inbox => crate::paths::INBOX,
            Self::Search => crate::paths::SEARCH,
            Self::Share => crate::paths::SHARE,
            Self::Log => crate::paths::LOG,
            Self::Jobs => crate::paths::JOBS,
            Self::Health => crate::paths::HEALTH,
            Self::Elsewhere => crate::paths::HOME,
        }
    }
}

/// The hidden field that proves a form came from our page; masked afresh for each response.
#[derive(Clone, PartialEq, Eq)]
pub struct FormToken(pub(crate) String);

impl FormToken {
    /// A token that no request accepts, for pages rendered outside a request.
    pub fn none() -> Self {
        Self(String::new())
    }
}

impl fmt::Debug for FormToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FormToken(…)")
    }
}

impl fmt::Display for FormToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // base64url has no character that HTML reads
        write!(
            f,
            r#"<input type="hidden" name="token" value="{}">"#,
            self.0
        )
    }
}
impl HtmlSafe for FormToken {}

/// Everything a page shows around its content.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The language of the interface, as BCP 47.
    pub lang: &'static str,
    /// The direction of the interface.
    pub dir: Dir,
    /// Light, dark or as the browser says.
    pub theme: Theme,
    /// Which word of the top bar is the current one.
    pub place: Place,
    /// Who is signed in.
    pub person: Option<Evidence>,
    /// The compartment the page shows, and how it is classified, in words.
    pub compartment: Option<Standing>,
    /// The token for every form of this page.
    pub token: FormToken,
    /// When this sign-in ends, printed because no script will warn.
    pub until: Option<Moment>,
    /// Where the theme form returns to.
    pub back: String,
    /// Why nothing can be written, when that is so.
    pub stopped: Option<Evidence>,
}

/// A compartment and its classification, in words.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The compartment's name.
    pub compartment: Evidence,
    /// The classification word.
    pub classification: Evidence,
}
