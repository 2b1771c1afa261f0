//! The one form reader: every field is asked for by name and length; what nobody asked for is refused.

use std::ops::RangeInclusive;

use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;

use crate::guard::gate::FORM_LIMIT;
use crate::problem::Problem;
use crate::text::visible;

/// A form that reads itself out of named fields.
pub trait FromFields: Sized {
    /// Takes the fields it knows; the reader refuses the request if any is left.
    fn read(fields: &mut Fields) -> Result<Self, Problem>;
}

/// A form without fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Empty;

impl FromFields for Empty {
    fn read(_fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self)
    }
}

/// The fields of one form or query, not yet asked for.
#[derive(Debug)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `application/x-www-form-urlencoded`; broken escapes, broken UTF-8 and NUL are refused.
    pub fn from_form(bytes: &[u8]) -> Result<Self, Problem> {
        let pairs = bytes.split(|b| *b == b'&').filter(|pair| !pair.is_empty());
        let mut fields: Vec<(String, String)> = Vec::new();
        for pair in pairs {
            let at = pair.iter().position(|b| *b == b'=').unwrap_or(pair.len());
            let (name, value) = (
                decoded(&pair[..at])?,
                decoded(pair.get(at + 1..).unwrap_or_default())?,
            );
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(Problem::bad(
                    format!("The field “{}” came twice", visible(&name)),
                    "Reload the page and send its form again",
                ));
            }
            fields.push((name, value));
        }
        Ok(Self(fields))
    }

    /// Takes a field that must be there, with so many characters; line ends become `\n`.
    pub fn text(&mut self, name: &str, length: RangeInclusive<usize>) -> Result<String, Problem> {
        let Some(value) = self.take(name) else {
            return Err(Problem::bad(
                format!("The field “{name}” is missing"),
                "Reload the page and send its form again",
            ));
        };
        checked_length(name, value, length)
    }

    /// Takes a field that may be absent, which is the same as empty.
    pub fn optional(&mut self, name: &str, longest: usize) -> Result<String, Problem> {
        checked_length(name, self.take(name).unwrap_or_default(), 0..=longest)
    }

    /// Takes a whole number that may be absent or empty.
    pub fn number(&mut self, name: &str) -> Result<Option<u64>, Problem> {
        match self.take(name).as_deref() {
            None | Some("") => Ok(None),
            Some(text) if text.bytes().all(|b| b.is_ascii_digit()) => text
                .parse()
                .map(Some)
                .map_err(|_too_large| not_a_number(name)),
            Some(_) => Err(not_a_number(name)),
        }
    }

    /// Refuses what nobody asked for.
    pub fn finish(self) -> Result<(), Problem> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(Problem::bad(
                format!("The field “{}” is not part of this form", visible(name)),
                "Reload the page and send its form again",
            )),
        }
    }

    /// Every field with its value, in the order sent.
    pub(crate) fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.swap_remove(at).1)
    }
}

fn not_a_number(name: &str) -> Problem {
    Problem::bad(
        format!("The field “{name}” is not a whole number"),
        "Follow a link of the page instead of changing its address",
    )
}

pub(crate) fn checked_length(
    name: &str,
    value: String,
    length: RangeInclusive<usize>,
) -> Result<String, Problem> {
    let value = value.replace("\r\n", "\n");
    let long = value.chars().count();
    if length.contains(&long) {
        return Ok(value);
    }
    let (what, next) = if long < *length.start() {
        (
            format!("The field “{name}” is empty"),
            "Go back and fill it in".to_owned(),
        )
    } else {
        (
            format!("The field “{name}” has {long} characters"),
            format!("Go back and shorten it to {}", length.end()),
        )
    };
    Err(Problem::bad(what, next))
}

fn decoded(bytes: &[u8]) -> Result<String, Problem> {
    let broken = || {
        Problem::bad(
            "The form is not written as forms are",
            "Reload the page and send its form again",
        )
    };
    let digit = |b: Option<&u8>| {
        b.and_then(|b| char::from(*b).to_digit(16))
            .and_then(|d| u8::try_from(d).ok())
    };
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (digit(rest.next()), digit(rest.next()));
                high.zip(low)
                    .map(|(high, low)| high * 16 + low)
                    .ok_or_else(broken)?
            }
            byte => *byte,
        });
    }
    let text = String::from_utf8(out).map_err(|_not_utf8| broken())?;
    if text.contains('\0') {
        Err(broken())
    } else {
        Ok(text)
    }
}

/// The typed form of a request whose token the gate has checked.
#[derive(Clone, Debug)]
pub struct Form<T>(pub T);

impl<S: Send + Sync, T: FromFields> FromRequest<S> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let limit = u64::try_from(FORM_LIMIT).unwrap_or(u64::MAX);
        let body = to_bytes(request.into_body(), FORM_LIMIT).await;
        let mut fields =
            Fields::from_form(&body.map_err(|_too_long| Problem::TooLarge { limit })?)?;
        // the gate has compared it; here it is only taken out, so that nothing unknown is left
        fields.text("token", 0..=200)?;
        let form = T::read(&mut fields)?;
        fields.finish()?;
        Ok(Self(form))
    }
}

/// The typed query of an address.
#[derive(Clone, Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: FromFields> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let mut fields = Fields::from_form(parts.uri.query().unwrap_or_default().as_bytes())?;
        let query = T::read(&mut fields)?;
        fields.finish()?;
        Ok(Self(query))
    }
}

#[cfg(test)]
mod tests;
