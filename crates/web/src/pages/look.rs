//! Light or dark: a preference kept in a cookie, because some browsers hide what the person prefers.

use axum::extract::State;
use axum::response::Response;

use crate::app::App;
use crate::frame::Theme;
use crate::guard::cookies;
use crate::guard::form::{Fields, Form, FromFields};
use crate::paths::Local;
use crate::problem::{Problem, see_other};

/// The choice, and where to return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Light, dark or as the browser says.
    pub theme: Theme,
    /// The page it was chosen on.
    pub back: Local,
}

impl FromFields for Look {
    fn read(fields: &mut Fields) -> Result<Self, Problem> {
        let word = fields.text("theme", 1..=10)?;
        let theme = Theme::from_word(&word).ok_or_else(|| {
            Problem::bad(
                "This look is not known",
                "Choose one of the three at the foot of the page",
            )
        })?;
        let back = Local::from_text(&fields.optional("back", 2000)?).unwrap_or_else(Local::home);
        Ok(Self { theme, back })
    }
}

/// Keeps the choice and returns to the page.
pub async fn post(State(app): State<App>, Form(look): Form<Look>) -> Result<Response, Problem> {
    let mut response = see_other(&look.back.to_string());
    cookies::keep_theme(response.headers_mut(), app.listener, look.theme);
    Ok(response)
}
