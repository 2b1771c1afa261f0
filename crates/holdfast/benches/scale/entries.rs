//! Entries and items a second: one client alone and many at once, through the door that everything uses.

use crate::corpus;
use crate::options::Options;
use crate::pair::{self, Pair, Services};
use crate::peer;
use crate::say::{Meter, Used, heading, median, share};
use archive::{Archive, Draft, Who};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const ITEM: usize = 50_000;
/// Entries to a group, as adding a folder makes them.
const GROUP: u64 = 2_048;

/// What a client does again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    /// One entry recorded: synced, no receipt yet.
    Recorded,
    /// One entry recorded and covered by a signed checkpoint.
    Entry,
    /// 50 KB placed, recorded and covered.
    Item,
    /// A group of entries recorded and covered.
    Group,
}

impl Act {
    fn words(self) -> &'static str {
        match self {
            Self::Recorded => "entries recorded",
            Self::Entry => "entries covered",
            Self::Item => "items of 50 KB covered",
            Self::Group => "entries covered, in groups",
        }
    }

    fn entries(self) -> f64 {
        if self == Self::Group {
            GROUP as f64
        } else {
            1.0
        }
    }
}

/// What many rounds gave.
#[derive(Default)]
struct Rates {
    ours: Vec<f64>,
    peer: Vec<f64>,
    waits: Vec<f64>,
    used: Vec<Used>,
}

pub(crate) async fn run(pair: Pair, services: Option<&Services>, options: &Options) {
    let (place, archive, who) = pair::found(services).await;
    heading(&format!("entries and items a second, {}", pair.words()));
    let peers = match pair {
        Pair::Embedded => {
            "peer: 1 KB appended and synced by each client; for items also a file of 50 KB, synced with its folder"
        }
        Pair::Shared => {
            "peer: 1 KB inserted and committed by pgbench; for items the bare upload of the bytes"
        }
    };
    println!("{peers}; medians of {} runs", options.runs);
    println!(
        "{:<28}{:>8}{:>11}{:>10}{:>10}{:>8}{:>9}{:>11}{:>8}",
        "", "clients", "a second", "p50 ms", "p99 ms", "CPU s", "peak MB", "peer", "ratio"
    );
    let cases = [
        (Act::Recorded, 1),
        (Act::Recorded, options.clients),
        (Act::Entry, 1),
        (Act::Entry, options.clients),
        (Act::Item, 1),
        (Act::Item, options.clients),
        (Act::Group, 1),
    ];
    for (act, clients) in cases {
        let mut rates = Rates::default();
        for _ in 0..options.runs {
            measure(&archive, &who, act, clients, options.seconds, &mut rates).await;
            let peer = peer_of(act, services, clients, options.seconds);
            rates.peer.push(peer);
        }
        row(act, clients, &rates);
    }
    drop(place);
}

async fn measure(
    archive: &Archive,
    who: &Who,
    act: Act,
    clients: usize,
    seconds: u64,
    rates: &mut Rates,
) {
    let meter = Meter::begin();
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..clients {
        let (archive, who) = (archive.clone(), who.clone());
        running.spawn(async move {
            let mut waits = Vec::new();
            while Instant::now() < until {
                let start = Instant::now();
                once(&archive, &who, act).await;
                waits.push(start.elapsed().as_secs_f64() * 1e3);
            }
            waits
        });
    }
    let waits = running.join_all().await.concat();
    let used = meter.end();
    rates
        .ours
        .push(waits.len() as f64 * act.entries() / used.wall);
    rates.waits.extend(waits);
    rates.used.push(used);
}

async fn once(archive: &Archive, who: &Who, act: Act) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let group = if act == Act::Group { GROUP } else { 1 };
    let first = NEXT.fetch_add(group, Ordering::Relaxed);
    let drafts: Vec<Draft> = if act == Act::Item {
        let digests = placed(archive, corpus::bytes(first, ITEM)).await;
        vec![corpus::item(archive, first, digests).1]
    } else {
        let numbers = first..first + group;
        let draft = |n| corpus::item(archive, n, corpus::no_bytes(archive, n)).1;
        numbers.map(draft).collect()
    };
    let now = archive.begin(who).await.unwrap();
    now.record(drafts).await.unwrap();
    if act != Act::Recorded {
        archive.cover().await.unwrap();
    }
}

/// Keeps bytes under the name of their digest, durably.
async fn placed(archive: &Archive, bytes: Vec<u8>) -> format::id::Digests {
    let batch = archive.originals().batch();
    let placing = batch.clone();
    let digests = tokio::task::spawn_blocking(move || corpus::place(&placing, &bytes));
    let digests = digests.await.unwrap();
    batch.settle().await.unwrap();
    digests
}

fn peer_of(act: Act, services: Option<&Services>, clients: usize, seconds: u64) -> f64 {
    match (act, services) {
        (Act::Item, None) => peer::files(clients, seconds, ITEM),
        (_, None) => peer::appends(clients, seconds),
        (Act::Item, Some(services)) => {
            let (dir, count) = (pair::folder(), 60 + 20 * clients as u64);
            corpus::files(&dir.path().join("files"), count, ITEM);
            let files = dir.path().join("files");
            let ran = peer::run(&peer::bare_upload(services, "peer", clients, &files));
            count as f64 / ran.wall
        }
        (_, Some(services)) => peer::inserts(services, clients, seconds),
    }
}

fn row(act: Act, clients: usize, rates: &Rates) {
    let (ours, peer) = (median(&rates.ours), median(&rates.peer));
    let of = |figure: fn(&Used) -> f64| median(&rates.used.iter().map(figure).collect::<Vec<_>>());
    println!(
        "{:<28}{clients:>8}{ours:>11.1}{:>10.2}{:>10.2}{:>8.2}{:>9.0}{peer:>11.1}{:>8.3}",
        act.words(),
        median(&rates.waits),
        share(&rates.waits, 99),
        of(|u| u.cpu),
        of(|u| u.peak_mb),
        ours / peer
    );
}
