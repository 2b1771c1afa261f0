//! The headers of W3, on every response without exception.

use axum::extract::{Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, SERVER};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::app::App;

/// What a page may do: load our own style, script and pictures, send forms to us, nothing else.
pub const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/// What a downloaded original may do if a browser opens it all the same: nothing.
pub const ORIGINAL_POLICY: &str = "sandbox; default-src 'none'";

/// Every other header, the same on every response.
pub const ALWAYS: [(&str, &str); 7] = [
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("cache-control", "no-store"),
    // `no-referrer` would make browsers send `Origin: null` with our own forms
    ("referrer-policy", "same-origin"),
    (
        "permissions-policy",
        "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), clipboard-read=(), clipboard-write=(), display-capture=(), encrypted-media=(), fullscreen=(), gamepad=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), storage-access=(), usb=(), web-share=(), window-management=(), xr-spatial-tracking=()",
    ),
];

/// What browsers keep for two years: this name, and those below it, are only ever reached by https.
pub const HTTPS_ONLY: &str = "max-age=63072000; includeSubDomains";

/// Marks a response as an original from outside, which gets the stricter policy.
#[derive(Clone, Copy, Debug)]
struct FromOutside;

/// Sets the headers, replacing whatever a handler set by the same name.
pub(crate) async fn add(State(app): State<App>, request: Request, next: Next) -> Response {
    // an onion address has no https to insist on, and this machine itself must stay reachable without
    let by_https = app.origins.is_https(request.headers());
    let mut response = next.run(request).await;
    let policy = match response.extensions().get::<FromOutside>() {
        Some(FromOutside) => ORIGINAL_POLICY,
        None => PAGE_POLICY,
    };
    let headers = response.headers_mut();
    set(headers, "content-security-policy", policy);
    for (name, value) in ALWAYS {
        set(headers, name, value);
    }
    if by_https {
        set(headers, "strict-transport-security", HTTPS_ONLY);
    }
    headers.remove(SERVER);
    response
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &'static str) {
    headers.insert(
        HeaderName::from_static(name),
        HeaderValue::from_static(value),
    );
}

/// Sends bytes from outside as a file, never inline, under a name that says nothing.
pub fn attachment(name: &NeutralName, body: axum::body::Body) -> Response {
    let mut response = body.into_response();
    response.extensions_mut().insert(FromOutside);
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    headers.insert(CONTENT_DISPOSITION, name.0.clone());
    response
}

/// A file name of our own making: `item-4812.bin` and the like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeutralName(HeaderValue);

impl NeutralName {
    /// Accepts ASCII letters, digits, `-`, `_` and single dots; nothing that a header or a file system reads.
    pub fn from_text(name: &str) -> Option<Self> {
        let plain = name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        let fits = plain
            && !name.is_empty()
            && name.len() <= 100
            && !name.starts_with('.')
            && !name.contains("..");
        let value =
            fits.then(|| HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")))?;
        value.ok().map(Self)
    }
}
