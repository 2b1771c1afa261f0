//! Two of the three locks against forged forms: the headers by which a browser says where a request comes from.
//!
//! Only `Host`, `Origin` and `Sec-Fetch-Site` are read. What a front adds (`Forwarded`, `X-Forwarded-…`) is not:
//! anybody can write it, and nothing here depends on it.

mod site;

use axum::http::header::{HOST, HeaderMap, ORIGIN};

/// The addresses people reach us at, such as `http://127.0.0.1:8080`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origins(Vec<String>);

impl Origins {
    /// Takes scheme, host and port each, in the form browsers send, without a path.
    pub fn new(origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self(origins.into_iter().map(Into::into).collect())
    }

    /// The addresses in the order given.
    pub fn all(&self) -> &[String] {
        &self.0
    }

    /// Says whether the browser's own account of the request fits a form of ours.
    ///
    /// A header that is absent or `null` says nothing here: the form token decides.
    pub(crate) fn accept(&self, headers: &HeaderMap) -> bool {
        self.origin_fits(headers) && site_fits(headers)
    }

    /// A page of one of our addresses may not send its form to another: each has its own cookies and its own visitors.
    fn origin_fits(&self, headers: &HeaderMap) -> bool {
        let mut sent = headers.get_all(ORIGIN).into_iter();
        match (sent.next(), sent.next()) {
            (None, _) => true,
            (Some(origin), None) => {
                let origin = origin.as_bytes();
                origin == b"null" || self.asked(headers).any(|ours| ours.as_bytes() == origin)
            }
            (Some(_), Some(_)) => false,
        }
    }

    /// Says whether the request was meant for us: a foreign name that resolves to this machine is refused.
    pub(crate) fn is_our_host(&self, headers: &HeaderMap) -> bool {
        self.asked(headers).next().is_some()
    }

    /// Says whether the request was meant for an address of ours that browsers reach by https.
    pub(crate) fn is_https(&self, headers: &HeaderMap) -> bool {
        self.asked(headers).any(|ours| ours.starts_with("https://"))
    }

    /// Those of our addresses that the request was meant for, by its `Host`.
    fn asked<'a>(&'a self, headers: &'a HeaderMap) -> impl Iterator<Item = &'a String> {
        let mut sent = headers.get_all(HOST).into_iter();
        let host = match (sent.next(), sent.next()) {
            (Some(host), None) => Some(host.as_bytes()),
            _ => None,
        };
        self.0.iter().filter(move |origin| {
            let authority = origin.split_once("://").map(|(_, ours)| ours.as_bytes());
            authority.is_some() && authority == host
        })
    }
}

fn site_fits(headers: &HeaderMap) -> bool {
    let mut sent = headers.get_all("sec-fetch-site").into_iter();
    match (sent.next(), sent.next()) {
        (None, _) => true,
        (Some(site), None) => matches!(site.as_bytes(), b"same-origin" | b"none"),
        (Some(_), Some(_)) => false,
    }
}
