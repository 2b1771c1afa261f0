//! The shelf: dossiers, the log, the state of the archive.

use super::*;

pub(super) fn log(dress: Dress, out: &Outside<'_>, long: usize, checked: log::LogCheck) -> String {
    let acts = [
        "original opened",
        "item added",
        "dossier sealed",
        "check finished",
    ];
    let row = |at: usize| log::Row {
        number: Count(1_204_551 - at as u64),
        when: Moment::new("2026-03-06 15:28:02Z"),
        who: Evidence::new("rev2"),
        act: acts[at % 4].into(),
        subject: if at.is_multiple_of(3) {
            out.text()
        } else {
            Evidence::new("item 4812")
        },
        url: (at % 3 == 1).then(|| paths::item("4812")),
        leaf: digest(at as u64 + 200),
    };
    let kind = |word: &str, label: &str, chosen| log::Kind {
        word: word.into(),
        label: label.into(),
        chosen,
    };
    log::LogPage {
        frame: frame(dress, Place::Log, out),
        head: log::Head {
            origin: Code::new("holdfast.example/estuary"),
            size: Count(1_204_551),
            tail: Count(3),
            root: Code::new("S+E9fzPxhvQy7jm0wXqH7vQm1UuC8PLhX5yT1Qm2cBk="),
            key: Code::new(
                "holdfast.example/estuary+5c1f90ab+AVqS8yTIyKp7Xv4kqH2uL9p3mF0cVw5lR6oBzJtN1dYx",
            ),
            until: Some(Moment::new("2026-03-06 15:29:11Z")),
            witnesses: vec![out.code()],
        },
        checked,
        kinds: vec![
            kind("original.open", "original opened", false),
            kind("item.add", "item added", true),
        ],
        subject: out.text(),
        rows: (0..long).map(row).collect(),
        pages: Paging {
            newer: None,
            older: Some(paths::log("item.add", &out.raw(), Some(1_204_501))),
        },
    }
    .render()
    .expect("the template renders")
}

pub(super) fn share(dress: Dress, out: &Outside<'_>, long: usize) -> String {
    let row = |at: usize| share::Row {
        url: paths::dossier(&format!("D-00{}", 91 - at)),
        number: format!("D-{}", 91 - at),
        recipient: out.text(),
        purpose: out.text(),
        state: if at == 0 { "open" } else { "sealed" },
        items: Count(214),
        opened: Moment::new("2026-03-06 15:29Z"),
    };
    share::SharePage {
        frame: frame(dress, Place::Share, out),
        rows: (0..long.min(12)).map(row).collect(),
    }
    .render()
    .expect("the template renders")
}

pub(super) fn dossier(dress: Dress, out: &Outside<'_>, sealed: bool) -> String {
    let row = |at: u64| dossier::Row {
        url: paths::item("4812"),
        number: format!("{}", 4812 + at),
        name: out.text(),
        kind: "Video, 1:42".into(),
        bytes: Count(18_402_113),
        digest: (at > 0).then(|| digest(at + 300)),
    };
    let id = "d-dt6zgrhkvexj";
    let sealed_state = dossier::Stage::Sealed {
        at: Moment::new("2026-03-07 10:00Z"),
        entry: Count(1_204_551),
    };
    dossier::DossierPage {
        frame: frame(dress, Place::Share, out),
        number: "D-91".into(),
        id: Code::new(id),
        recipient: out.text(),
        purpose: Evidence::new(
            "Request for the originals behind incident 77, with records and proofs.",
        ),
        state: if sealed {
            sealed_state
        } else {
            dossier::Stage::Open
        },
        opened: Moment::new("2026-03-05 09:00Z"),
        rows: (0..4).map(row).collect(),
        unseen: 2,
        after: Some(7),
        add: paths::dossier_items(id),
        seal: paths::dossier_seal(id),
        key: Code::new(
            "holdfast.example/estuary+5c1f90ab+AVqS8yTIyKp7Xv4kqH2uL9p3mF0cVw5lR6oBzJtN1dYx",
        ),
        checks: vec![
            dossier::Check {
                words: "Check everything at once, offline:",
                command: Code::new("holdfast verify D-0091.dossier"),
            },
            dossier::Check {
                words: "Or check the files alone with any tool:",
                command: Code::new("sha256sum -c manifest-sha256.txt"),
            },
        ],
    }
    .render()
    .expect("the template renders")
}

pub(super) fn health(dress: Dress, out: &Outside<'_>, damaged: bool) -> String {
    health_page(out, damaged, frame(dress, Place::Health, out))
}

pub(super) fn health_page(out: &Outside<'_>, damaged: bool, frame: Frame) -> String {
    let damage = |item| health::Damage {
        place: out.text(),
        what: out.text(),
        item,
    };
    let program = |name, found, without| health::Program {
        name,
        found,
        without,
    };
    let check = health::LastCheck {
        scope: "full (every byte)".into(),
        when: Moment::new("2026-03-06 03:00Z"),
        originals: Count(9_310),
        bytes: Count(1_882_402_113_221),
        recorded: !damaged,
        damage: if damaged {
            vec![damage(Some(paths::item("4812"))), damage(None)]
        } else {
            Vec::new()
        },
    };
    health::HealthPage {
        frame,
        archive: Code::new("holdfast.example/estuary"),
        items: Count(9_410),
        originals: Count(9_310),
        bytes: Count(1_882_402_113_221),
        refused: Count(3),
        free: Some(Count(if damaged { 10_000_000 } else { 890_000_000_000 })),
        checks: vec![check.clone(), check.clone()],
        last_check: Some(check),
        head: (!damaged).then(|| health::SignedHead {
            size: Count(1_204_551),
            root: Code::new("S+E9fzPxhvQy7jm0wXqH7vQm1UuC8PLhX5yT1Qm2cBk="),
        }),
        views: Count(1_204_554),
        clock: Moment::new("2026-03-06 15:29:11Z"),
        apart: None,
        programs: vec![
            program(
                "ffmpeg",
                true,
                "no frames, sound levels or previews of video",
            ),
            program("Tesseract", false, "no text from pictures"),
            program("Chromium", false, "no captures of web pages"),
        ],
    }
    .render()
    .expect("the template renders")
}

pub(super) fn jobs(dress: Dress, out: &Outside<'_>, long: usize) -> String {
    let row = |at: usize| jobs::Row {
        number: Count(91 + at as u64),
        kind: "sweep".into(),
        about: out.text(),
        state: "set aside",
        made: Moment::new("2026-03-06 15:29Z"),
        worker: at.is_multiple_of(2).then(|| out.text()),
        reason: (!at.is_multiple_of(2)).then(|| out.text()),
        done: Count(40),
        all: (!at.is_multiple_of(3)).then_some(Count(100)),
        again: Some(paths::job_again("j-dt6zgrhkvexj")),
        cancel: Some(paths::job_cancel("j-dt6zgrhkvexj")),
    };
    let kind = |eta: Option<&str>| jobs::Kind {
        kind: "sweep".into(),
        waiting: Count(100),
        running: Count(4),
        set_aside: Count(1),
        done: Count(151),
        cancelled: Count(0),
        eta: eta.map(str::to_owned),
        open: true,
    };
    let rows = |many: usize| (0..many.min(4)).map(row).collect();
    jobs::JobsPage {
        frame: frame(dress, Place::Jobs, out),
        kinds: if long == 0 {
            Vec::new()
        } else {
            vec![kind(Some("about 3 min 20 s")), kind(None)]
        },
        running: rows(long),
        aside: rows(long),
        waiting: rows(long),
        ended: rows(long),
    }
    .render()
    .expect("the template renders")
}
