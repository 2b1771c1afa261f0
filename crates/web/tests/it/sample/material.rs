//! Material: what came in and how it is found.

use super::*;

pub(super) fn inbox(dress: Dress, out: &Outside<'_>, long: usize) -> String {
    let kinds = [
        "Video, 1:42",
        "Photo (JPEG)",
        "Web page capture",
        "Document, 3 pages",
        "Audio, 0:37",
    ];
    let senses = [
        Sensitivity::Unknown,
        Sensitivity::Distressing,
        Sensitivity::Graphic,
        Sensitivity::None,
    ];
    let row = |at: usize| inbox::Row {
        url: paths::item(&format!("{}", 4812 + at)),
        number: format!("{}", 4812 + at),
        name: out.text(),
        source: out.text(),
        kind: kinds[at % 5].into(),
        bytes: Count(18_402_113 / (at as u64 + 1)),
        sensitivity: senses[at % 4],
        added: Moment::new("2026-03-04 18:22:07Z"),
        by: Evidence::new("rev1"),
    };
    inbox::InboxPage {
        frame: frame(dress, Place::Inbox, out),
        total: Count(9310),
        last: Some(Moment::new("2026-03-06 14:02Z")),
        rows: (0..long).map(row).collect(),
        pages: Paging {
            newer: Some(paths::INBOX.into()),
            older: Some(paths::inbox_before(4712)),
        },
        sessions: vec![inbox::Choice {
            id: "S-12".into(),
            label: out.text(),
        }],
        limit: "2 GiB".into(),
    }
    .render()
    .expect("the template renders")
}

pub(super) fn added(dress: Dress, out: &Outside<'_>) -> String {
    let (url, number) = (paths::item("4813"), "4813".to_owned());
    let outcomes = [
        inbox::Outcome::Preserved {
            url: url.clone(),
            number: number.clone(),
            digest: digest(3),
        },
        inbox::Outcome::Known {
            url,
            number,
            digest: digest(4),
        },
        inbox::Outcome::Refused { why: out.text() },
    ];
    let rows = outcomes
        .into_iter()
        .map(|outcome| inbox::Added {
            name: out.text(),
            outcome,
        })
        .collect();
    inbox::AddedPage {
        frame: frame(dress, Place::Inbox, out),
        rows,
    }
    .render()
    .expect("the template renders")
}

pub(super) fn item(dress: Dress, out: &Outside<'_>, fixity: Fixity) -> String {
    let acts = ["item collected", "original taken out", "original taken out"];
    let act = |at: usize| item::Act {
        n: at as u64,
        when: Moment::new(format!("2026-03-04 18:2{at}:07Z")),
        who: Evidence::new("rev1"),
        act: acts[at].into(),
        details: (at > 0).then(|| out.text()),
        entry: Count(1_204_549 + at as u64),
        leaf: digest(40 + at as u64),
        covered: at < 2,
    };
    let dossier = |at: u64| item::DossierLink {
        url: paths::dossier("d-1"),
        id: "d-1".into(),
        number: format!("D-{at}"),
        recipient: out.text(),
    };
    item::ItemPage {
        frame: frame(dress, Place::Inbox, out),
        number: "4812".into(),
        id: Code::new("i-dt6zgrhkvexj"),
        name: out.text(),
        kind: "Video (video/mp4)".into(),
        bytes: Count(18_402_113),
        sensitivity: Sensitivity::Unknown,
        original: paths::item_original("4812"),
        check: paths::item_check("4812"),
        choose: paths::item_dossier("4812"),
        seal: item::Seal {
            digest: digest(1),
            fixity,
            added: Moment::new("2026-03-04 18:22Z"),
            by: Evidence::new("rev1"),
        },
        collected: collected(out),
        custody: (0..3).map(act).collect(),
        covered: Count(1_204_551),
        copies: vec![item::Twin {
            url: paths::item("4901"),
            number: "4901".into(),
            name: out.text(),
            added: Moment::new("2026-03-06 09:10Z"),
            by: Evidence::new("rev2"),
        }],
        dossiers: vec![dossier(1)],
        open_dossiers: vec![dossier(2), dossier(3)],
    }
    .render()
    .expect("the template renders")
}

fn collected(out: &Outside<'_>) -> Vec<item::Fact> {
    let fact = |label, value| item::Fact { label, value };
    vec![
        fact("source", item::Value::Text(out.text())),
        fact("address", item::Value::Exact(out.code())),
        fact(
            "captured",
            item::Value::Time(Moment::new("2026-03-04 18:22:07Z")),
        ),
        fact("file name", item::Value::Text(out.text())),
        fact(
            "kind by content",
            item::Value::Exact(Code::new("video/mp4")),
        ),
        fact("size", item::Value::Exact(Code::new("18402113"))),
        fact("BLAKE3", item::Value::Digest(digest(5))),
        fact("camera", item::Value::NotRecorded),
        fact("session", item::Value::Text(out.text())),
    ]
}

pub(super) fn search(dress: Dress, out: &Outside<'_>, long: usize) -> String {
    let hit = |at: usize| search::Hit {
        url: paths::item(&format!("{}", 4812 + at)),
        number: format!("{}", 4812 + at),
        name: out.text(),
        kind: "Video, 1:42".into(),
        sensitivity: Sensitivity::Graphic,
        added: Moment::new("2026-03-04 18:22Z"),
        snippet: Snippet::new()
            .text("…прилетіло просто в ")
            .hit("школу")
            .text(" о пів на четверту, ")
            .text(out.raw())
            .hit(out.raw())
            .text("…"),
    };
    let found = search::Found {
        total: Count(long as u64 * 11),
        first: Count(1),
        took: "0.18 s".into(),
        hits: (0..long.min(20)).map(hit).collect(),
        more_from: (long > 0).then_some(21),
    };
    search::SearchPage {
        frame: frame(dress, Place::Search, out),
        query: out.text(),
        trouble: (long == 0).then(|| out.text()),
        found: Some(found),
    }
    .render()
    .expect("the template renders")
}
