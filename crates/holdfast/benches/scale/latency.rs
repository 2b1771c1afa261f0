//! From acknowledged on one server to visible on another that has the same stores open.

use crate::corpus;
use crate::options::Options;
use crate::pair::{self, Pair, Services};
use crate::say::{Meter, heading, median, share};
use archive::views::Listing;
use archive::{Archive, MAIN, Who};
use format::id::ItemId;
use std::time::Instant;

const TIMES: u64 = 200;
/// A search makes the second server read what it has not read yet; fewer are enough.
const SEARCHES: u64 = 50;

pub(crate) async fn run(pair: Pair, services: Option<&Services>, options: &Options) {
    let (place, first, who) = pair::found(services).await;
    let (second, _) = pair::open(&place.second(), false).await;
    heading(&format!(
        "acknowledged here, visible there, {}",
        pair.words()
    ));
    let times = options.small.unwrap_or(TIMES);
    let meter = Meter::begin();
    let (mut page, mut again, mut list, mut entry) = (vec![], vec![], vec![], vec![]);
    for n in 0..times {
        let (id, index) = add(&first, &who, n, false).await;
        let start = Instant::now();
        while second.seen_by(&who).item(&id).await.is_err() {}
        page.push(ms(start));
        // The same read once more: what of that time is the reading.
        let start = Instant::now();
        second.seen_by(&who).item(&id).await.unwrap();
        again.push(ms(start));
        let (id, _) = add(&first, &who, n, false).await;
        let start = Instant::now();
        while !is_first(&second, &who, &id).await {}
        list.push(ms(start));
        let start = Instant::now();
        while second.seen_by(&who).entry(index).await.is_err() {}
        entry.push(ms(start));
    }
    let (mut receipt, mut found) = (vec![], vec![]);
    for n in 0..SEARCHES.min(times) {
        let (id, index) = add(&first, &who, n, true).await;
        let start = Instant::now();
        while second.truth().checkpoint().await.unwrap().unwrap().0.size <= index {}
        receipt.push(ms(start));
        let start = Instant::now();
        while !is_found(&second, &who, &id).await {}
        found.push(ms(start));
    }
    println!(
        "{:<52}{:>8}{:>11}{:>11}{:>11}",
        "ms", "times", "median", "p99", "worst"
    );
    row("recorded here, its page there", &page);
    row("  the same page read again: the peer", &again);
    row("recorded here, first in the list there", &list);
    row("recorded here, its signed entry read there", &entry);
    row("receipt here, the checkpoint over it there", &receipt);
    row("receipt here, found by a search there", &found);
    let used = meter.end();
    println!(
        "page against the same page again: {:.2}; {:.1} CPU s, peak {:.0} MB, both servers in one process",
        median(&page) / median(&again),
        used.cpu,
        used.peak_mb
    );
}

async fn add(archive: &Archive, who: &Who, n: u64, cover: bool) -> (ItemId, u64) {
    let digests = corpus::no_bytes(archive, n);
    let (id, draft) = corpus::item(archive, n, digests);
    let now = archive.begin(who).await.unwrap();
    let recorded = now.record(vec![draft]).await.unwrap();
    if cover {
        archive.cover().await.unwrap();
    }
    (id, recorded[0].index)
}

async fn is_first(archive: &Archive, who: &Who, id: &ItemId) -> bool {
    let newest = Listing {
        compartment: MAIN.into(),
        before: i64::MAX,
        limit: 50,
    };
    let rows = archive.seen_by(who).items(&newest).await.unwrap();
    rows.first().is_some_and(|row| row.id == id.to_string())
}

async fn is_found(archive: &Archive, who: &Who, id: &ItemId) -> bool {
    let row = archive.seen_by(who).item(id).await.unwrap();
    let digest = row.digest().unwrap().to_string();
    let found = archive.seen_by(who).find(&digest, 5, 0).await.unwrap();
    !found.hits.is_empty()
}

fn ms(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

fn row(what: &str, times: &[f64]) {
    println!(
        "{what:<52}{:>8}{:>11.3}{:>11.3}{:>11.3}",
        times.len(),
        median(times),
        share(times, 99),
        share(times, 100)
    );
}
