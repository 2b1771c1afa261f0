//! The gate of one route: who may, and for forms the three locks.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::app::App;
use crate::guard::form::Fields;
use crate::guard::visit::Visit;
use crate::paths;
use crate::problem::{Problem, Typed, see_other};
use crate::routes::{Access, Takes};

/// The most bytes a form without files may hold.
pub const FORM_LIMIT: usize = 256 * 1024;

/// What one route asks of a request.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) app: App,
    pub(crate) access: Access,
    pub(crate) takes: Takes,
}

/// Lets a request through to its handler, or answers in its place.
pub(crate) async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let Some(visit) = request.extensions().get::<Visit>().cloned() else {
        return Problem::Refused.into_response();
    };
    match gate.decide(&visit, request).await {
        Ok((request, form)) => {
            let mut response = next.run(request).await;
            response.extensions_mut().insert(InHand);
            let problem = response.extensions().get::<Problem>();
            if problem.is_some_and(Problem::keeps_typed) {
                let typed = Typed::of(&form);
                response.extensions_mut().insert(typed);
            }
            response
        }
        Err(answer) => *answer,
    }
}

/// Marks an answer that a handler gave: what was sent was not turned away before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InHand;

impl Gate {
    /// Gives the request on with the bytes of its form, if it is one that is held whole.
    async fn decide(
        &self,
        visit: &Visit,
        request: Request,
    ) -> Result<(Request, Bytes), Box<Response>> {
        let refuse = |problem: Problem| Err(Box::new(problem.into_response()));
        if self.takes != Takes::Nothing && !self.app.origins.accept(request.headers()) {
            return refuse(Problem::NotOurForm);
        }
        match (self.access, visit.who()) {
            (Access::Public, _) | (Access::SignedIn, Some(_)) => {}
            // the doors of the archive ask again; here a refusal comes before a body is read
            (Access::May(act), Some(who)) => {
                if let Err(e) = archive::access::may(who.access(), act) {
                    return refuse(e.into());
                }
            }
            (Access::SignedIn | Access::May(_), None) => {
                // not knowing who asks is another answer than knowing that nobody is signed in
                if let Some(problem) = visit.trouble() {
                    return refuse(problem.clone());
                }
                return match self.takes {
                    Takes::Nothing => Err(Box::new(see_other(&paths::sign_in(visit.back())))),
                    Takes::Form | Takes::Files => refuse(Problem::Refused),
                };
            }
        }
        match self.takes {
            Takes::Nothing => Ok((request, Bytes::new())),
            Takes::Form => checked_form(visit, request)
                .await
                .map_err(|problem| Box::new(problem.into_response())),
            // the token is the first part of the stream; `Upload` reads it before it gives anything else
            Takes::Files if is_kind(request.headers().get(CONTENT_TYPE), "multipart/form-data") => {
                Ok((request, Bytes::new()))
            }
            Takes::Files => refuse(Problem::WrongKind),
        }
    }
}

/// Reads the whole form, checks its token, and hands the bytes on.
async fn checked_form(visit: &Visit, request: Request) -> Result<(Request, Bytes), Problem> {
    if !is_kind(
        request.headers().get(CONTENT_TYPE),
        "application/x-www-form-urlencoded",
    ) {
        return Err(Problem::WrongKind);
    }
    let (parts, body) = request.into_parts();
    let limit = u64::try_from(FORM_LIMIT).unwrap_or(u64::MAX);
    let bytes = to_bytes(body, FORM_LIMIT)
        .await
        .map_err(|_too_long| Problem::TooLarge { limit })?;
    let mut fields = Fields::from_form(&bytes)?;
    let token = fields.text("token", 0..=200)?;
    if !visit.accepts(&token) {
        return Err(Problem::NotOurForm);
    }
    Ok((Request::from_parts(parts, Body::from(bytes.clone())), bytes))
}

fn is_kind(sent: Option<&HeaderValue>, wanted: &str) -> bool {
    let sent = sent
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = sent.split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case(wanted)
}
