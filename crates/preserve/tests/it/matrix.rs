//! Place by place, harm by harm: the report names exactly the damage, and everything else still opens.

use crate::support::{Sample, checked, names, real, write};
use archive::{Archive, Why};
use format::id::ItemId;
use preserve::{Damage, Place, Report, Scope};
use std::path::Path;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Harm {
    Delete,
    Truncate,
    Extend,
    FlipBit,
    SwapWithOther,
    OlderVersion,
}

/// A file, what kind of thing it is, and another of the same kind.
#[derive(Debug)]
struct Spot {
    place: Place,
    file: String,
    other: Option<String>,
    item: Option<ItemId>,
}

async fn spots(s: &Sample) -> Vec<Spot> {
    let spot = |place, file: &str, other: Option<&str>| Spot {
        place,
        file: file.into(),
        other: other.map(Into::into),
        item: None,
    };
    // 257 + 7 entries were there before the last cover, 3 more under it, 2 in the tail.
    let mut all = vec![
        spot(
            Place::Bundle,
            "log/tile/entries/000",
            Some("log/tile/entries/001.p/11"),
        ),
        spot(
            Place::Bundle,
            "log/tile/entries/001.p/11",
            Some("log/tile/entries/000"),
        ),
        spot(
            Place::Disclosures,
            "disclosures/000",
            Some("disclosures/001.p/11"),
        ),
        spot(
            Place::Disclosures,
            "disclosures/001.p/11",
            Some("disclosures/000"),
        ),
        spot(Place::Tile, "log/tile/0/000", Some("log/tile/0/001.p/11")),
        spot(
            Place::Tile,
            "log/tile/0/001.p/11",
            Some("log/tile/1/000.p/1"),
        ),
        spot(Place::Tile, "log/tile/1/000.p/1", None),
        spot(Place::Checkpoint, "log/checkpoint", None),
        spot(Place::Tail, "log/tail", None),
        spot(Place::Home, "HOLDFAST", None),
        spot(Place::Key, "keys/entry.pem", Some("keys/log.pem")),
        spot(Place::Key, "keys/log.pem", Some("keys/entry.pem")),
    ];
    for [item, other] in [s.small, s.large] {
        all.push(Spot {
            place: Place::Original,
            file: s.original(&item).await,
            other: Some(s.original(&other).await),
            item: Some(item),
        });
    }
    all.push(Spot {
        place: Place::Tree,
        file: s.tree(&s.large[0]).await,
        other: Some(s.tree(&s.large[1]).await),
        item: Some(s.large[0]),
    });
    all
}

/// Does the harm; says which files it touched, none where it does not apply.
fn do_harm(at: &Path, older: &Path, spot: &Spot, harm: Harm) -> Vec<String> {
    let path = at.join(&spot.file);
    let good = std::fs::read(&path).unwrap();
    let mut bytes = good.clone();
    match harm {
        Harm::Delete => std::fs::remove_file(&path).unwrap(),
        Harm::Truncate => write(&path, &good[..good.len() * 2 / 3]),
        Harm::Extend => {
            bytes.extend_from_slice(b"more");
            write(&path, &bytes);
        }
        Harm::FlipBit => {
            let middle = good.len() * 3 / 4;
            bytes[middle] ^= 0x10;
            write(&path, &bytes);
        }
        Harm::SwapWithOther => {
            let Some(other) = &spot.other else {
                return Vec::new();
            };
            write(&path, &std::fs::read(at.join(other)).unwrap());
            write(&at.join(other), &good);
            let mut both = vec![spot.file.clone(), other.clone()];
            both.sort();
            return both;
        }
        Harm::OlderVersion => {
            // What stood there, or in the same place of the smaller log, before the last cover.
            let was = older.join(spot.file.replace("001.p/11", "001.p/8"));
            let was = std::fs::read(was).unwrap();
            if was == good {
                return Vec::new();
            }
            write(&path, &was);
        }
    }
    vec![spot.file.clone()]
}

fn named(report: &Report, touched: &[String], spot: &Spot, harm: Harm, what: &str) {
    assert_eq!(
        names(&report.damage),
        touched,
        "{what}: {:#?}",
        report.damage
    );
    let d = report.damage.iter().find(|d| d.name == spot.file).unwrap();
    assert_eq!(d.place, spot.place, "{what}");
    if let Some(item) = spot.item {
        assert_eq!(d.items, [item.to_string()], "{what}");
    }
    if spot.place == Place::Original && harm == Harm::FlipBit {
        let middle = if d.dossiers.is_empty() {
            0
        } else {
            (3_400_000 * 3 / 4) >> 20
        };
        assert_eq!(d.chunks, [middle], "{what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_harm_in_every_place_is_named_exactly_and_the_rest_still_opens() {
    let s = Sample::in_folder(51).await;
    let none = checked(&s.t.archive, &s.t.who, Scope::Full).await;
    assert!(none.damage.is_empty() && none.strays == 0, "{none:#?}");
    // The check itself is an entry: the sample is made anew without it.
    let s = Sample::in_folder(52).await;
    let mut done = 0;
    for spot in &spots(&s).await {
        for harm in [
            Harm::Delete,
            Harm::Truncate,
            Harm::Extend,
            Harm::FlipBit,
            Harm::SwapWithOther,
            Harm::OlderVersion,
        ] {
            done += usize::from(one(&s, spot, harm).await);
        }
    }
    assert!(done >= 75, "only {done} cells of the matrix say anything");
}

async fn one(s: &Sample, spot: &Spot, harm: Harm) -> bool {
    let what = format!("{harm:?} of {}", spot.file);
    let at = s.copy("harmed");
    let before = Archive::open(&at, real(61, true)).await.unwrap();
    let touched = do_harm(&at, &s.older, spot, harm);
    if touched.is_empty() {
        return false;
    }
    // An archive to read only may be without its keys.
    if !(spot.place == Place::Key && harm == Harm::Delete) {
        let report = checked(&before, &s.t.who, Scope::Full).await;
        let what = format!("{what}, while open");
        named(&report, &touched, spot, harm, &what);
    }
    drop(before);
    match Archive::open(&at, real(62, false)).await {
        Ok(after) => {
            let report = checked(&after, &s.t.who, Scope::Full).await;
            named(&report, &touched, spot, harm, &what);
            the_rest_opens(s, &after, &report, &what).await;
        }
        Err(e) => {
            let said = format!("{} {}", e.what, e.next.unwrap_or_default());
            let why = matches!(e.why, Why::Damaged | Why::WrongKey | Why::NoArchive);
            assert!(why, "{what}: {said}");
            let place = matches!(spot.place, Place::Home | Place::Key);
            assert!(place, "{what}: {said}");
            // A folder without HOLDFAST is no archive: only what was opened before can name the file.
            let names_it = touched.iter().any(|t| said.contains(t.as_str()));
            assert!(names_it || harm == Harm::Delete, "{what}: {said}");
        }
    }
    if spot.item == Some(s.large[0]) {
        let after = Archive::open(&at, real(63, true)).await.unwrap();
        let report = checked(&after, &s.t.who, Scope::Item(s.large[0])).await;
        let mut chosen = report.damage.iter().map(|d| &d.dossiers);
        assert!(chosen.any(|d| *d == [s.dossier.to_string()]), "{what}");
    }
    true
}

/// Every item reads as it came, but the ones whose original is damaged.
async fn the_rest_opens(s: &Sample, archive: &Archive, report: &Report, what: &str) {
    for item in s.small.iter().chain(&s.large) {
        let original = archive.seen_by(&s.t.who).original_within(item).await;
        let named = |d: &Damage| d.items.contains(&item.to_string());
        let harmed = |d: &Damage| d.place == Place::Original && named(d);
        let harmed = report.damage.iter().any(harmed);
        // What is taken out is what the signed entry says: where that cannot be read, nothing is given out.
        let silent = |d: &Damage| matches!(d.place, Place::Bundle | Place::Disclosures);
        let read = original.and_then(|o| o.read_verified(&mut |_| Ok(())));
        if read.is_ok() || !report.damage.iter().any(silent) {
            assert_eq!(read.is_err(), harmed, "{what}: item {item}");
        }
    }
}
