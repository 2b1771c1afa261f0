//! Every URL is built here; templates and handlers never write one.

use std::fmt;

/// The start, which leads to the inbox.
pub const HOME: &str = "/";
/// Signing in.
pub const SIGN_IN: &str = "/sign-in";
/// Signing out.
pub const SIGN_OUT: &str = "/sign-out";
/// Choosing light or dark.
pub const LOOK: &str = "/look";
/// New material.
pub const INBOX: &str = "/inbox";
/// Adding files.
pub const INBOX_FILES: &str = "/inbox/files";
/// Searching.
pub const SEARCH: &str = "/search";
/// Dossiers.
pub const SHARE: &str = "/share";
/// The log.
pub const LOG: &str = "/log";
/// Checking the log.
pub const LOG_VERIFY: &str = "/log/verify";
/// The signed head of the log, as a file.
pub const LOG_CHECKPOINT: &str = "/log/checkpoint";
/// The state of the archive.
pub const HEALTH: &str = "/health";
/// Starting a check.
pub const HEALTH_CHECK: &str = "/health/check";
/// Says whether this server runs, to a front.
pub const HEALTH_LIVE: &str = "/health/live";
/// Says whether this server can answer for the archive, to a front.
pub const HEALTH_READY: &str = "/health/ready";
/// Work that can wait.
pub const JOBS: &str = "/jobs";
/// Putting a job back.
pub const JOB_AGAIN: &str = "/jobs/{job}/again";
/// Cancelling a job.
pub const JOB_CANCEL: &str = "/jobs/{job}/cancel";
/// The one stylesheet.
pub const STYLE: &str = "/static/style.css";

/// One item's page.
pub const ITEM: &str = "/items/{item}";
/// Opening the original of an item.
pub const ITEM_ORIGINAL: &str = "/items/{item}/original";
/// Checking one item.
pub const ITEM_CHECK: &str = "/items/{item}/check";
/// Choosing an item for a dossier.
pub const ITEM_DOSSIER: &str = "/items/{item}/dossier";
/// One dossier's page.
pub const DOSSIER: &str = "/share/{dossier}";
/// Adding items to a dossier.
pub const DOSSIER_ITEMS: &str = "/share/{dossier}/items";
/// Sealing a dossier.
pub const DOSSIER_SEAL: &str = "/share/{dossier}/seal";

/// The page of an item.
pub fn item(id: &str) -> String {
    filled(ITEM, id)
}

/// The form that opens an item's original.
pub fn item_original(id: &str) -> String {
    filled(ITEM_ORIGINAL, id)
}

/// The form that checks an item.
pub fn item_check(id: &str) -> String {
    filled(ITEM_CHECK, id)
}

/// The form that chooses an item for a dossier.
pub fn item_dossier(id: &str) -> String {
    filled(ITEM_DOSSIER, id)
}

/// The page of a dossier.
pub fn dossier(id: &str) -> String {
    filled(DOSSIER, id)
}

/// The form that adds items to a dossier.
pub fn dossier_items(id: &str) -> String {
    filled(DOSSIER_ITEMS, id)
}

/// The form that seals a dossier.
pub fn dossier_seal(id: &str) -> String {
    filled(DOSSIER_SEAL, id)
}

/// The form that puts a job back.
pub fn job_again(id: &str) -> String {
    filled(JOB_AGAIN, id)
}

/// The form that cancels a job.
pub fn job_cancel(id: &str) -> String {
    filled(JOB_CANCEL, id)
}

/// The inbox from the item number before which older items are shown.
pub fn inbox_before(number: u64) -> String {
    format!("{INBOX}?before={number}")
}

/// The log, narrowed to a kind and a subject, from the entry before which older ones are shown.
pub fn log(kind: &str, subject: &str, before: Option<u64>) -> String {
    let mut url = format!("{LOG}?kind={}&subject={}", encoded(kind), encoded(subject));
    if let Some(entry) = before {
        url.push_str(&format!("&before={entry}"));
    }
    url
}

/// The sign-in page that returns to where somebody wanted to go.
pub fn sign_in(next: &Local) -> String {
    format!("{SIGN_IN}?next={}", encoded(&next.0))
}

fn filled(pattern: &str, id: &str) -> String {
    let (before, rest) = pattern.split_once('{').unwrap_or((pattern, ""));
    let after = rest.split_once('}').map_or("", |(_, after)| after);
    format!("{before}{}{after}", encoded(id))
}

fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// A place inside this archive; a redirect can never lead to another host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local(String);

impl Local {
    /// Accepts a path with an optional query, and nothing that a browser could read as another host.
    pub fn from_text(text: &str) -> Option<Self> {
        let plain = text
            .bytes()
            .all(|b| b.is_ascii_graphic() && b != b'\\' && b != b'#');
        (text.starts_with('/') && !text.starts_with("//") && plain && text.len() <= 2000)
            .then(|| Self(text.to_owned()))
    }

    /// The page that has the form which goes to this address: the address without its last word, if it has several.
    #[must_use]
    pub fn page_of_form(&self) -> Self {
        match self.0.rsplit_once('/') {
            Some((page, _)) if !page.is_empty() => Self(page.to_owned()),
            _ => self.clone(),
        }
    }

    /// The start of the archive.
    pub fn home() -> Self {
        Self(HOME.to_owned())
    }
}

impl fmt::Display for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_never_leaves_this_host() {
        for bad in [
            "",
            "inbox",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\nb",
            "/\t/x",
            "/a#b",
        ] {
            assert_eq!(Local::from_text(bad), None, "{bad:?}");
        }
        assert!(Local::from_text("/items/4812?view=1").is_some());
    }

    #[test]
    fn a_form_leads_back_to_its_page() {
        for (form, page) in [
            ("/share/d-1/items", "/share/d-1"),
            ("/inbox/files", "/inbox"),
            ("/share", "/share"),
            ("/", "/"),
        ] {
            let form = Local::from_text(form).unwrap();
            assert_eq!(form.page_of_form().to_string(), page);
        }
    }

    #[test]
    fn an_id_cannot_leave_its_segment() {
        assert_eq!(item("../log?x=1"), "/items/..%2Flog%3Fx%3D1");
        assert_eq!(dossier_seal("D-0091"), "/share/D-0091/seal");
        assert_eq!(
            log("a b", "ü", Some(7)),
            "/log?kind=a%20b&subject=%C3%BC&before=7"
        );
    }
}
