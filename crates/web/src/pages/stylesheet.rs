//! The one stylesheet.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};

/// The stylesheet as shipped.
pub const STYLE: &str = include_str!("../../static/style.css");

/// Sends the stylesheet.
pub async fn get() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}
