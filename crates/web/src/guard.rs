//! What every request passes, outermost first: headers, compression, the visit and the error page,
//! panics, then per route who may and the form token.

pub mod cookies;
pub mod form;
pub mod gate;
pub mod headers;
pub mod origin;
pub mod sessions;
pub mod token;
pub mod tries;
pub mod upload;
pub mod visit;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};

use crate::app::App;
use crate::problem::Problem;

/// Puts the guards that every response needs around the routes; nothing can be answered outside them.
pub(crate) fn around(routes: Router, app: &App) -> Router {
    let on_broken = Arc::clone(&app.on_broken);
    let broken = move |_what: Box<dyn std::any::Any + Send>| -> Response {
        // the panic's text may hold content, so only a number leaves; the hook has already named the line
        let id = token::report_number();
        on_broken(&id);
        Problem::Broken { id }.into_response()
    };
    // originals are not text, and a compressed one would cost time for nothing
    let worth =
        DefaultPredicate::new().and(NotForContentType::const_new("application/octet-stream"));
    routes
        .fallback(|_: Request| async { Problem::NotFound })
        .layer(CatchPanicLayer::custom(broken))
        .layer(from_fn_with_state(app.clone(), visit::enter))
        .layer(CompressionLayer::new().gzip(true).compress_when(worth))
        .layer(from_fn_with_state(app.clone(), headers::add))
}
