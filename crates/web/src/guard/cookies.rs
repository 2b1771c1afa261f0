//! The cookies: sign-in, visitor (before sign-in), browser that signed in, and the look of the pages.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};

use crate::app::Listener;
use crate::frame::Theme;
use crate::guard::token::Secret;

const LOOK: &str = "hf-look";

/// Which secret a cookie carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody who signed in.
    Session,
    /// Somebody who has not, so that the sign-in form too has a token.
    Visitor,
}

/// The cookie's name; `__Host-` makes browsers refuse it without Secure, from a parent domain or for a path.
pub const fn name(kind: Kind, listener: Listener) -> &'static str {
    match (kind, listener) {
        (Kind::Session, Listener::Secure) => "__Host-hf",
        (Kind::Visitor, Listener::Secure) => "__Host-hf-visitor",
        // not every browser accepts Secure on plain http, even from this machine itself, so the
        // prefix that demands it is not possible there
        (Kind::Session, Listener::Loopback) => "hf",
        (Kind::Visitor, Listener::Loopback) => "hf-visitor",
    }
}

const fn browser(listener: Listener) -> &'static str {
    match listener {
        Listener::Secure => "__Host-hf-browser",
        Listener::Loopback => "hf-browser",
    }
}

/// Reads the mark of a browser that signed in before.
pub fn mark(headers: &HeaderMap, listener: Listener) -> Option<&str> {
    only(headers, browser(listener))
}

/// Gives the mark to the browser, for as long as it stays open: what outlives that would tell whoever takes the machine.
pub fn give_mark(headers: &mut HeaderMap, listener: Listener, mark: &str) {
    let line = format!("{}={mark}; {}", browser(listener), attributes(listener));
    append(headers, &line);
}

const fn attributes(listener: Listener) -> &'static str {
    match listener {
        Listener::Secure => "Secure; HttpOnly; SameSite=Strict; Path=/",
        Listener::Loopback => "HttpOnly; SameSite=Strict; Path=/",
    }
}

/// Reads a secret; a cookie sent twice counts as none, because nobody knows which one is ours.
pub fn secret(headers: &HeaderMap, kind: Kind, listener: Listener) -> Option<Secret> {
    Secret::from_text(only(headers, name(kind, listener))?)
}

/// Reads the look; anything unknown is the default.
pub fn theme(headers: &HeaderMap) -> Theme {
    only(headers, LOOK)
        .and_then(Theme::from_word)
        .unwrap_or_default()
}

fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers
        .get_all(COOKIE)
        .into_iter()
        .filter_map(|line| line.to_str().ok());
    let mut found = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter_map(|(key, value)| (key == name).then_some(value));
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// Gives a secret to the browser, for as long as it stays open.
pub fn give(headers: &mut HeaderMap, kind: Kind, listener: Listener, secret: &Secret) {
    append(
        headers,
        &format!(
            "{}={}; {}",
            name(kind, listener),
            secret.text(),
            attributes(listener)
        ),
    );
}

/// Makes the browser forget the sign-in.
pub fn forget_session(headers: &mut HeaderMap, listener: Listener) {
    append(
        headers,
        &format!(
            "{}=; Max-Age=0; {}",
            name(Kind::Session, listener),
            attributes(listener)
        ),
    );
}

/// Keeps the look for a year.
pub fn keep_theme(headers: &mut HeaderMap, listener: Listener, theme: Theme) {
    append(
        headers,
        &format!(
            "{LOOK}={}; Max-Age=31536000; {}",
            theme.word(),
            attributes(listener)
        ),
    );
}

fn append(headers: &mut HeaderMap, line: &str) {
    let value = HeaderValue::from_str(line).expect("names, base64url and words are ASCII");
    headers.append(SET_COOKIE, value);
}
