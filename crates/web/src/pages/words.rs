//! What rows of the archive are called on a page: times, digests, kinds, acts, names of people.

use std::collections::HashMap;

use archive::views::ItemRow;
use archive::{Archive, Seen};

use crate::frame::Standing;
use crate::guard::sessions::Who;
use crate::text::{Count, Digest, Evidence, Moment};

/// Microseconds since 1970 as people read them, in UTC and without fractions.
pub(crate) fn moment(micros: i64) -> Moment {
    let exact = format::time::Instant::from_micros(micros);
    let text = exact.map_or_else(|_| micros.to_string(), |time| time.to_string());
    let whole = text.split('.').next().unwrap_or_default();
    Moment::new(format!(
        "{}Z",
        whole.trim_end_matches('Z').replace('T', " ")
    ))
}

/// The time by the archive's clock.
pub(crate) fn now(archive: &Archive) -> Moment {
    moment(archive.now().micros())
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| DIGITS[usize::from(digit)]).collect()
}

/// A digest out of a row; none when it is withheld.
pub(crate) fn digest(bytes: Option<&[u8]>) -> Option<Digest> {
    Digest::from_hex(&hex(bytes?))
}

/// A count out of a row, where less than nothing does not exist.
pub(crate) fn count(number: i64) -> Count {
    Count(u64::try_from(number).unwrap_or(0))
}

/// A field of a row as text from outside; a withheld one says so.
pub(crate) fn told(text: Option<&str>) -> Evidence {
    Evidence::new(text.unwrap_or("(withheld)"))
}

/// A media type in words, which a signature suggests and nobody has confirmed.
pub(crate) fn kind(media: Option<&str>) -> String {
    let Some(media) = media else {
        return "Kind not recognised".to_owned();
    };
    let word = match media.split('/').next() {
        Some("image") => "Picture",
        Some("video") => "Video",
        Some("audio") => "Audio",
        Some("text") => "Text",
        Some("message") => "Message",
        Some("font") => "Font",
        _ if media == "application/pdf" => "Document",
        _ if media == "application/mp4" => "Video",
        _ => "File",
    };
    format!("{word} ({media})")
}

/// A level in words.
pub(crate) fn level(level: i64) -> &'static str {
    match level {
        0 => "Open",
        1 => "Internal",
        2 => "Restricted",
        _ => "Sealed",
    }
}

/// The kinds of entries and what was done, in the order of a life.
pub(crate) const ACTS: [(&str, &str); 12] = [
    ("founded", "archive founded"),
    ("person_added", "person added"),
    ("session_started", "session started"),
    ("session_noted", "session noted"),
    ("session_ended", "session ended"),
    ("collected", "item collected"),
    ("not_collected", "not collected"),
    ("exported", "original taken out"),
    ("checked", "archive checked"),
    ("dossier_opened", "dossier opened"),
    ("dossier_item_added", "item added to dossier"),
    ("dossier_sealed", "dossier sealed"),
];

/// What an entry of this kind did, in our words.
pub(crate) fn act(kind: &str) -> String {
    let known = ACTS.iter().find(|(word, _)| *word == kind);
    known.map_or(kind, |(_, words)| words).to_owned()
}

/// The names of accounts by their ids.
pub(crate) struct People(HashMap<String, String>);

impl People {
    /// Reads them as this account may see them.
    pub(crate) async fn of(seen: &Seen<'_>) -> archive::Result<Self> {
        let rows = seen.people().await?;
        Ok(Self(
            rows.into_iter()
                .map(|person| (person.id, person.handle))
                .collect(),
        ))
    }

    /// The name of an account; an unknown one by its id.
    pub(crate) fn name(&self, id: Option<&str>) -> Evidence {
        let name = id.map(|id| self.0.get(id).map_or(id, String::as_str));
        told(name)
    }
}

/// The compartment line of a page that shows these items: the highest level among them counts.
pub(crate) fn standing<'a>(rows: impl IntoIterator<Item = &'a ItemRow>) -> Standing {
    let highest = rows.into_iter().map(|row| row.level).max();
    Standing {
        compartment: Evidence::new(archive::MAIN),
        classification: Evidence::new(highest.map_or("no items shown", level)),
    }
}

/// The item an address names, and only if this person may see it.
pub(crate) async fn item(archive: &Archive, who: &Who, text: &str) -> archive::Result<ItemRow> {
    let found = archive.seen_by(who.access()).item_named(text).await;
    // in an address a name that fits nothing or too much is simply not there
    found.map_err(|e| match e.why {
        archive::Why::Invalid => archive::Error::not_found("item"),
        _ => e,
    })
}
