//! Two of the three locks against forged forms: the headers by which a browser says where a request comes from.

use axum::http::header::{HOST, HeaderMap, ORIGIN};

/// The addresses people reach us at, such as `http://127.0.0.1:8080`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origins(Vec<String>);

impl Origins {
    /// Takes scheme, host and port each, in the form browsers send, without a path.
    pub fn new(origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self(origins.into_iter().map(Into::into).collect())
    }

    /// Says whether the browser's own account of the request fits a form of ours.
    ///
    /// A header that is absent or `null` says nothing here: the form token decides.
    pub(crate) fn accept(&self, headers: &HeaderMap) -> bool {
        self.origin_fits(headers) && site_fits(headers)
    }

    fn origin_fits(&self, headers: &HeaderMap) -> bool {
        let mut sent = headers.get_all(ORIGIN).into_iter();
        match (sent.next(), sent.next()) {
            (None, _) => true,
            (Some(origin), None) => {
                origin.as_bytes() == b"null"
                    || self
                        .0
                        .iter()
                        .any(|ours| ours.as_bytes() == origin.as_bytes())
            }
            (Some(_), Some(_)) => false,
        }
    }

    /// Says whether the request was meant for us: a foreign name that resolves to this machine is refused.
    pub(crate) fn is_our_host(&self, headers: &HeaderMap) -> bool {
        let mut sent = headers.get_all(HOST).into_iter();
        let (Some(host), None) = (sent.next(), sent.next()) else {
            return false;
        };
        let authority = |origin: &String| {
            origin
                .split_once("://")
                .is_some_and(|(_, ours)| ours.as_bytes() == host.as_bytes())
        };
        self.0.iter().any(authority)
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
