//! Forms with files, read as a stream: the token first, then the fields, then file after file.

use axum::body::Bytes;
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest as _, Request};
use axum::http::StatusCode;

use crate::guard::form::checked_length;
use crate::guard::visit::Visit;
use crate::problem::Problem;
use crate::text::visible;

/// The most bytes a field that is not a file may hold.
const TEXT_LIMIT: usize = 16 * 1024;

/// A form with files whose token fitted; it cannot be had otherwise.
pub struct Upload {
    parts: Multipart,
    seen: Vec<String>,
    limit: u64,
}

/// One part of the form.
pub enum Part<'a> {
    /// A field.
    Text {
        /// Its name, one of those asked for.
        name: String,
        /// What was typed.
        value: String,
    },
    /// A file.
    File(Box<FilePart<'a>>),
}

/// One file of the form, still to be read.
pub struct FilePart<'a> {
    name: String,
    field: Field<'a>,
    limit: u64,
}

impl FilePart<'_> {
    /// The name the sender gave it, which is evidence and never a path.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The next bytes, or none at its end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Problem> {
        self.field
            .chunk()
            .await
            .map_err(|why| broken(&why, self.limit))
    }
}

impl Upload {
    /// Takes the first part, which must be the token made for this sign-in, before anything else is read.
    pub(crate) async fn open(visit: &Visit, request: Request, limit: u64) -> Result<Self, Problem> {
        let mut parts = Multipart::from_request(request, &())
            .await
            .map_err(|_kind| Problem::WrongKind)?;
        let first = parts
            .next_field()
            .await
            .map_err(|why| broken(&why, limit))?;
        let Some(field) =
            first.filter(|field| field.name() == Some("token") && field.file_name().is_none())
        else {
            return Err(Problem::NotOurForm);
        };
        if !visit.accepts(&text(field, limit).await?) {
            return Err(Problem::NotOurForm);
        }
        Ok(Self {
            parts,
            seen: Vec::new(),
            limit,
        })
    }

    /// The next part: one of these fields, once each, or a file of this name; anything else is refused.
    pub async fn next(
        &mut self,
        fields: &[&str],
        files: &str,
    ) -> Result<Option<Part<'_>>, Problem> {
        let limit = self.limit;
        let Some(field) = self
            .parts
            .next_field()
            .await
            .map_err(|why| broken(&why, limit))?
        else {
            return Ok(None);
        };
        let name = field.name().unwrap_or_default().to_owned();
        if name == files {
            return match field.file_name().map(str::to_owned) {
                // browsers send one nameless, empty file when none was chosen
                Some(file) if file.is_empty() => Err(Problem::bad(
                    "No file was chosen",
                    "Choose one or more files and send the form again",
                )),
                Some(file) => Ok(Some(Part::File(Box::new(FilePart {
                    name: file,
                    field,
                    limit,
                })))),
                None => Err(unknown(&name)),
            };
        }
        if !fields.contains(&name.as_str())
            || field.file_name().is_some()
            || self.seen.contains(&name)
        {
            return Err(unknown(&name));
        }
        self.seen.push(name.clone());
        let value = checked_length(&name, text(field, limit).await?, 0..=TEXT_LIMIT)?;
        Ok(Some(Part::Text { name, value }))
    }
}

fn unknown(name: &str) -> Problem {
    let what = format!(
        "The field “{}” is not part of this form, or came twice",
        visible(name)
    );
    Problem::bad(what, "Reload the page and send its form again")
}

async fn text(mut field: Field<'_>, limit: u64) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|why| broken(&why, limit))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > TEXT_LIMIT {
            return Err(Problem::bad(
                "A field of the form is too long",
                "Go back and shorten it",
            ));
        }
    }
    let readable = String::from_utf8(bytes)
        .ok()
        .filter(|text| !text.contains('\0'));
    readable.ok_or_else(|| {
        Problem::bad(
            "A field of the form is not text",
            "Reload the page and send its form again",
        )
    })
}

fn broken(why: &MultipartError, limit: u64) -> Problem {
    match why.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::TooLarge { limit },
        _ => Problem::bad(
            "The form broke off or is not written as forms are",
            "Check the connection and send the files again",
        ),
    }
}
