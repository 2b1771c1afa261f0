//! A long log: what appending, opening, rebuilding, finding and listing cost at a million items.
//!
//! Items are made through the append door with digests of nothing: there are no originals, so `check` of the log alone is timed.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops at the first surprise"
)]

use archive::views::Listing;
use archive::{Archive, Draft, Founding, MAIN, Opening, Who};
use format::id::{Blake3, Digests, ItemId, Sha256, Subject};
use format::kind::{Collected, FileFacts, Kind, Level};
use format::name::BytesName;
use std::time::{Duration, Instant};

const GROUP: u64 = 4_096;
const WORDS: &[&str] = &[
    "bridge",
    "school",
    "market",
    "міст",
    "школа",
    "ринок",
    "clinic",
    "north",
    "river",
    "вулиця",
];

fn main() {
    let wanted = std::env::args()
        .filter_map(|a| a.parse().ok())
        .next()
        .unwrap_or(100_000);
    let dir = tempfile::Builder::new()
        .prefix("scale-")
        .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
        .unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run(&dir.path().join("archive"), wanted));
}

async fn run(root: &std::path::Path, wanted: u64) {
    let founding = Founding {
        name: "Bench".into(),
        domain: "bench.invalid".into(),
        owner: "owner".into(),
        tool: "bench".into(),
    };
    let archive = Archive::found(root, &founding, Opening::default())
        .await
        .unwrap();
    let who = archive.owner().await.unwrap();
    let took = fill(&archive, &who, wanted).await;
    say("append and cover", took, wanted);
    drop(archive);

    let start = Instant::now();
    let archive = Archive::open(root, Opening::default()).await.unwrap();
    say("start-up", start.elapsed(), 1);
    let start = Instant::now();
    let report = preserve::check_log(&archive, &who).await.unwrap();
    assert!(report.damage.is_empty(), "{:?}", report.damage.first());
    say("check of the log", start.elapsed(), report.entries);
    let start = Instant::now();
    archive.seen_by(&who).find("bridge", 20, 0).await.unwrap();
    say("first find (indexes everything)", start.elapsed(), wanted);
    let mut times = Vec::new();
    for i in 0..50 {
        let query = format!(
            "{} {}",
            WORDS[i % WORDS.len()],
            WORDS[(i + 3) % WORDS.len()]
        );
        let start = Instant::now();
        archive.seen_by(&who).find(&query, 20, 0).await.unwrap();
        times.push(start.elapsed());
    }
    spread("find, two words", times);
    pages(&archive, &who, wanted).await;
    drop(archive);

    let archive = Archive::open(
        root,
        Opening {
            alone: true,
            ..Opening::default()
        },
    )
    .await
    .unwrap();
    let start = Instant::now();
    let rebuilt = archive.rebuild(&who).await.unwrap();
    assert!(rebuilt.equal);
    say(
        "rebuild, with two dumps to compare",
        start.elapsed(),
        rebuilt.entries,
    );
    println!("peak memory {} MB", peak_mb());
}

async fn fill(archive: &Archive, who: &Who, wanted: u64) -> Duration {
    let start = Instant::now();
    let mut made = 0;
    while made < wanted {
        let count = GROUP.min(wanted - made);
        let drafts = (made..made + count).map(|n| draft(archive, n)).collect();
        archive
            .begin(who)
            .await
            .unwrap()
            .record(drafts)
            .await
            .unwrap();
        archive.cover().await.unwrap();
        made += count;
    }
    start.elapsed()
}

fn draft(archive: &Archive, n: u64) -> Draft {
    let word = |k: u64| WORDS[usize::try_from((n / k) % WORDS.len() as u64).unwrap_or(0)];
    let name = format!("{}_{}_{n:07}.jpg", word(1), word(10));
    let digest: [u8; 32] = archive.draw();
    let digests = Digests {
        sha256: Sha256(digest),
        blake3: Blake3(digest),
        bytes: n,
    };
    let collected = Collected::new(
        digests,
        BytesName(name.clone().into_bytes()),
        BytesName(format!("corpus/{}/{name}", n / 1000).into_bytes()),
        format!("Bench source {}", n % 97),
        FileFacts { modified: None },
        MAIN.to_owned(),
        Level::Internal,
    );
    Draft::first(
        Subject::Item(ItemId::from_random(archive.draw())),
        Kind::Collected(collected),
    )
}

async fn pages(archive: &Archive, who: &Who, items: u64) {
    let (mut list, mut one) = (Vec::new(), Vec::new());
    for i in 0..50 {
        let before = i64::try_from(items).unwrap_or(i64::MAX) * (50 - i) / 50 + 1;
        let start = Instant::now();
        let rows = archive
            .seen_by(who)
            .items(&Listing {
                compartment: MAIN.into(),
                before,
                limit: 50,
            })
            .await
            .unwrap();
        list.push(start.elapsed());
        let start = Instant::now();
        let item = rows[0].item().unwrap();
        archive.seen_by(who).item(&item).await.unwrap();
        let chain = archive
            .seen_by(who)
            .chain(&Subject::Item(item))
            .await
            .unwrap();
        archive
            .seen_by(who)
            .entry(chain[0].seq.cast_unsigned())
            .await
            .unwrap();
        one.push(start.elapsed());
    }
    spread("a page of 50 items", list);
    spread("an item with its entry", one);
}

fn say(what: &str, took: Duration, of: u64) {
    let seconds = took.as_secs_f64();
    println!(
        "{what:<36} {seconds:>9.3} s   {:>12.0} a second",
        of as f64 / seconds
    );
}

fn spread(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at =
        |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64() * 1e3;
    println!("{what:<36} {:>9.3} ms median, {:.3} ms p95", at(50), at(95));
}

fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|l| l.starts_with("VmHWM:"))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|kb| kb.parse::<u64>().ok())
        .unwrap_or(0)
        / 1024
}
