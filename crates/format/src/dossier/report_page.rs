//! `index.html`: what a recipient reads first. No script, nothing fetched, fit for paper.

mod check;
#[cfg(test)]
mod tests;

use super::rocrate::{DescribedItem, Description};
use super::visible;
use crate::kind::Reason;
use crate::verify::{entries_in_words, reason};

const STYLE: &str = include_str!("report_page.css");

/// An entry of which nothing is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithheldEntry {
    /// The item it is about.
    pub item: String,
    /// Its log index.
    pub index: u64,
    /// Why.
    pub reason: Reason,
}

/// Fields of an entry that are not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithheldFields {
    /// Log index of the entry.
    pub index: u64,
    /// Its kind, as in `collected`.
    pub kind: String,
    /// Names of the fields.
    pub fields: Vec<String>,
}

/// One time-stamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageStamp {
    /// The time it states.
    pub time: String,
    /// Whether certificates are beside it.
    pub certificates: bool,
}

/// What the page says beyond the description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<'a> {
    /// The description that also stands in the metadata.
    pub about: &'a Description,
    /// Log index of the sealing entry.
    pub sealed: u64,
    /// Number of records that the checkpoint covers.
    pub log_size: u64,
    /// Number of entries in the dossier.
    pub entries: u64,
    /// Names of the log witnesses who cosigned.
    pub witnesses: Vec<String>,
    /// Time-stamps over the checkpoint.
    pub stamps: Vec<PageStamp>,
    /// Entries of which nothing is shown.
    pub withheld: Vec<WithheldEntry>,
    /// Fields that are not shown.
    pub fields: Vec<WithheldFields>,
}

/// Writes the page; the same facts give the same bytes.
pub fn write(page: &Page<'_>) -> String {
    let about = page.about;
    let mut out = String::new();
    let title = format!("Dossier {}", safe(&about.dossier));
    out.push_str("<!doctype html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    // Even a mistake in escaping cannot run or fetch anything.
    out.push_str("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n");
    out.push_str("<meta name=\"referrer\" content=\"no-referrer\">\n");
    push(
        &mut out,
        &format!("<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>"),
    );
    push(&mut out, &format!("<h1>{title}</h1>"));
    head(page, &mut out);
    proven(page, &mut out);
    missing(page, &mut out);
    check::steps(page, &mut out);
    items(page, &mut out);
    push(&mut out, "</main>\n</body>\n</html>");
    out
}

fn head(page: &Page<'_>, out: &mut String) {
    let about = page.about;
    push(
        out,
        "<p>This folder is a dossier: a selection of preserved material, with the record of how each piece \
         was collected and handled, put together for one recipient. It can be checked without the sender and \
         without the sender’s programs.</p>",
    );
    push(out, "<dl>");
    row(out, "Sealed by", &person(about));
    row(out, "For", &safe(&about.recipient));
    row(out, "Stated purpose", &safe(&about.purpose));
    row(out, "Stated time of sealing", &safe(&about.sealed_at));
    row(out, "Terms of use", &safe(&about.terms));
    row(
        out,
        "Holds",
        &count(about.items.len() as u64, "item", "items"),
    );
    row(
        out,
        "Log",
        &format!("<span class=\"mono\">{}</span>", safe(&about.origin)),
    );
    let place = format!(
        "entry {} of a log of {}",
        page.sealed,
        count(page.log_size, "entry", "entries")
    );
    row(out, "Sealed as", &place);
    row(out, "Made with", &safe(&about.tool));
    push(out, "</dl>");
    push(
        out,
        "<p class=\"note\">Nobody can tell from this page alone whether the dossier is genuine: whoever could \
         alter the dossier could alter the page. Check it as described below, and believe the result of the \
         check where the two differ.</p>",
    );
}

fn person(about: &Description) -> String {
    let id = &about.sealed_by.id;
    let name = about.sealed_by.name.as_ref().unwrap_or(id);
    format!("{}, for {}", safe(name), safe(&about.archive))
}

fn proven(page: &Page<'_>, out: &mut String) {
    push(out, "<h2>What a good check proves</h2>\n<ul>");
    push(
        out,
        "<li>Every item and every entry that was sealed is here, and none was added.</li>",
    );
    let entries = count(page.entries, "entry", "entries");
    point(
        out,
        &format!(
            "The {entries} in this dossier stand at their stated places in the log. None of them, and nothing recorded \
         before them, can have been changed since without breaking the log’s signature. For this you need the \
         sender’s policy, which names the log’s key; get it by another way than this dossier."
        ),
    );
    push(
        out,
        "<li>The content of each item is, byte for byte, what was recorded when it was collected, unless its digests are listed as withheld below.</li>",
    );
    for name in &page.witnesses {
        point(
            out,
            &format!(
                "The log witness “{}” has cosigned this state of the log.",
                safe(name)
            ),
        );
    }
    for (k, stamp) in (1_u64..).zip(&page.stamps) {
        let time = safe(&stamp.time);
        point(
            out,
            &format!(
                "All of this existed before {time}: time-stamp {k} by an outside authority says so."
            ),
        );
    }
    push(out, "</ul>\n<h2>What the sender only asserts</h2>\n<ul>");
    push(
        out,
        "<li>Stated times, sources, file names and who acted. The log proves that they were recorded, not that they are true.</li>",
    );
    push(
        out,
        "<li>That nothing more had been recorded about these items when the dossier was sealed. This is a signed statement: an omission found later is a signed false statement.</li>",
    );
    push(
        out,
        "<li>Everything on this page and in <code>ro-crate-metadata.json</code>: they are written for reading, and whoever passed the dossier on could have rewritten them.</li>\n</ul>",
    );
}

fn missing(page: &Page<'_>, out: &mut String) {
    push(out, "<h2>What is missing</h2>\n<ul>");
    if page.stamps.is_empty() {
        push(
            out,
            "<li>There is no time-stamp by an outside authority. When all this was recorded rests on the sender’s clock.</li>",
        );
    }
    if page.witnesses.is_empty() {
        push(
            out,
            "<li>No log witness has cosigned. That the sender keeps one log only, and shows everybody the same, rests on the sender’s word.</li>",
        );
    }
    if page.withheld.is_empty() {
        push(
            out,
            "<li>No entry about these items is withheld as a whole.</li>",
        );
    }
    for (why, some) in gathered(page.withheld.iter().map(|w| (w.reason, w))) {
        let indexes: Vec<u64> = some.iter().map(|w| w.index).collect();
        let entries = entries_in_words(&indexes);
        let (about, is) = match some.as_slice() {
            [one] => (format!(" about item {}", safe(&one.item)), "is"),
            _ => (String::new(), "are"),
        };
        let why = reason(why);
        point(out, &format!("{entries}{about} {is} withheld: {why}."));
    }
    for ((kind, fields), some) in gathered(page.fields.iter().map(|f| ((&f.kind, &f.fields), f))) {
        let indexes: Vec<u64> = some.iter().map(|f| f.index).collect();
        let fields: Vec<String> = fields.iter().map(|name| safe(name)).collect();
        let does = if indexes.len() == 1 { "does" } else { "do" };
        let (entries, kind) = (entries_in_words(&indexes), safe(kind));
        let fields = fields.join(", ");
        point(
            out,
            &format!("{entries} ({kind}) {does} not show: {fields}."),
        );
    }
    push(
        out,
        "<li>Whatever the archive never recorded. No check can find that.</li>\n</ul>",
    );
}

/// Puts together what has the same key, in the order of the first of each.
fn gathered<K: PartialEq, V>(all: impl Iterator<Item = (K, V)>) -> Vec<(K, Vec<V>)> {
    let mut groups: Vec<(K, Vec<V>)> = Vec::new();
    for (key, value) in all {
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, some)) => some.push(value),
            None => groups.push((key, vec![value])),
        }
    }
    groups
}

fn items(page: &Page<'_>, out: &mut String) {
    push(out, "<h2>Items</h2>");
    push(
        out,
        "<p>Open material with care: it may be graphic, and it is exactly as it came in, harmful content included.</p>",
    );
    for (n, item) in (1_u64..).zip(&page.about.items) {
        one_item(n, item, out);
    }
}

fn one_item(n: u64, item: &DescribedItem, out: &mut String) {
    let name = item
        .name
        .as_deref()
        .map_or_else(|| "name not shown".to_owned(), safe);
    push(
        out,
        &format!("<section class=\"item\">\n<h3>{n}. <bdi>{name}</bdi></h3>\n<dl>"),
    );
    row(
        out,
        "Item",
        &format!("<span class=\"mono\">{}</span>", safe(&item.item)),
    );
    row(
        out,
        "In this bag",
        &format!("<code>data/evidence/{}/content</code>", safe(&item.folder)),
    );
    row(
        out,
        "SHA-256",
        &format!("<span class=\"mono\">{}</span>", fours(&item.sha256)),
    );
    row(out, "Size", &count(item.bytes, "byte", "bytes"));
    if let Some(media) = &item.media_type {
        row(out, "Taken for", &safe(media));
    }
    let how = &item.collection;
    let by = how
        .by
        .as_ref()
        .map(|agent| agent.name.as_ref().unwrap_or(&agent.id));
    for (label, value) in [
        ("Recorded at (stated)", how.at.as_ref()),
        ("Recorded by (stated)", by),
        ("Collected (stated)", how.stated_time.as_ref()),
        ("Source (stated)", how.source.as_ref()),
        ("Path (stated)", how.path.as_ref()),
    ] {
        let shown = value.map_or_else(|| "not shown or not stated".to_owned(), |text| safe(text));
        row(out, label, &format!("<bdi>{shown}</bdi>"));
    }
    push(out, "</dl>\n</section>");
}

/// Makes text from outside harmless: invisible characters visible, markup escaped.
fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// Groups a digest by four characters, as people read them aloud.
fn fours(hex: &str) -> String {
    let mut out = String::new();
    for (at, c) in safe(hex).chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

fn count(n: u64, one: &str, many: &str) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(c);
    }
    format!("{grouped} {}", if n == 1 { one } else { many })
}

fn push(out: &mut String, html: &str) {
    out.push_str(html);
    out.push('\n');
}

fn point(out: &mut String, html: &str) {
    push(out, &format!("<li>{html}</li>"));
}

fn row(out: &mut String, label: &str, html: &str) {
    push(out, &format!("<dt>{label}</dt><dd>{html}</dd>"));
}
