//! What things cost as an archive grows: one log filled step by step, everything measured at each step.

use crate::corpus;
use crate::options::{Options, Part};
use crate::pair::{self, Pair, Place, Services};
use crate::peer;
use crate::say::{Meter, exponent, heading, median, peak_mb};
use crate::sizes::Sizes;
use archive::views::Listing;
use archive::{Archive, MAIN, Who};
use format::id::{Digests, Subject};
use std::process::Command;
use std::time::Instant;

const GROUP: u64 = 2_048;
/// Originals are small: what is measured is what each one costs, not its bytes.
const ORIGINAL: usize = 48;
/// Different originals in a bucket; more items share them, or making them would take the whole time.
const IN_BUCKET: u64 = 1_000;
const QUESTIONS: u64 = 50;
const GOAL: f64 = 1.05;

/// One figure at every size.
struct Line {
    what: &'static str,
    unit: &'static str,
    /// Whether the figure is for each item: then the cost of all has one exponent more.
    each: bool,
    figures: Vec<f64>,
}

struct Growing<'a> {
    place: &'a Place,
    pair: Pair,
    /// Digests of the originals that many items share.
    common: Vec<Digests>,
    made: u64,
    lines: Vec<Line>,
}

pub(crate) async fn run(pair: Pair, services: Option<&Services>, part: Part, options: &Options) {
    let sizes = match (part, pair) {
        (Part::Log, _) => vec![options.small.unwrap_or(1_000_000)],
        (_, Pair::Embedded) => vec![10_000, 100_000, 1_000_000],
        (_, Pair::Shared) if options.long => vec![10_000, 100_000, 1_000_000],
        (_, Pair::Shared) => vec![10_000, 100_000],
    };
    let most = options.small.filter(|_| part == Part::Growth);
    let sizes: Vec<u64> = sizes
        .into_iter()
        .filter(|size| most.is_none_or(|most| *size <= most))
        .collect();
    heading(&format!("what a growing archive costs, {}", pair.words()));
    if pair == Pair::Shared {
        println!("items share {IN_BUCKET} originals: a bucket takes each new one only so fast");
    }
    let (place, archive, _) = pair::found(services).await;
    drop(archive);
    let mut growing = Growing {
        place: &place,
        pair,
        common: Vec::new(),
        made: 0,
        lines: Vec::new(),
    };
    for size in &sizes {
        let start = Instant::now();
        growing.step(services, *size).await;
        println!(
            "{size} items: measured after {:.0} s, peak {:.0} MB",
            start.elapsed().as_secs_f64(),
            peak_mb()
        );
    }
    print(&sizes, &growing.lines);
}

impl Growing<'_> {
    async fn step(&mut self, services: Option<&Services>, size: u64) {
        let (archive, who) = pair::open(&self.place.root, false).await;
        self.fill(&archive, &who, size).await;
        drop(archive);
        let start = Instant::now();
        let (archive, who) = pair::open(&self.place.root, false).await;
        self.say("start-up", "ms", false, ms(start));
        self.check(&archive, &who, size).await;
        self.search(&archive, &who, size).await;
        self.pages(&archive, &who, size).await;
        drop(archive);
        self.sizes(services, size);
        self.program("rebuild", size);
    }

    /// Does what the program does under that word, in a process of its own: its time, CPU and memory are its alone.
    fn program(&mut self, word: &'static str, size: u64) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
        command.arg(word).arg("--archive").arg(&self.place.root);
        let ran = peer::run(&command);
        let names = match word {
            "check" => ["check, quick", "check, quick: CPU", "check, quick: peak"],
            _ => ["rebuild, with two dumps", "rebuild: CPU", "rebuild: peak"],
        };
        self.say(names[0], "ms/item", true, ran.wall * 1e3 / size as f64);
        self.say(names[1], "ms/item", true, ran.cpu * 1e3 / size as f64);
        self.say(names[2], "MB", false, ran.peak_mb);
    }

    fn say(&mut self, what: &'static str, unit: &'static str, each: bool, figure: f64) {
        match self.lines.iter_mut().find(|line| line.what == what) {
            Some(line) => line.figures.push(figure),
            None => self.lines.push(Line {
                what,
                unit,
                each,
                figures: vec![figure],
            }),
        }
    }

    /// Bytes, in the unit of the table.
    fn sizes(&mut self, services: Option<&Services>, size: u64) {
        let sizes = Sizes::of(self.place);
        let rows = services.map_or(sizes.rows, |services| services.rows_bytes());
        let each = |bytes: u64| bytes as f64 / size as f64;
        self.say("rows", "B/item", true, each(rows));
        if services.is_none() {
            self.say("log", "B/item", true, each(sizes.log));
            let disclosures = each(sizes.disclosures);
            self.say("disclosures", "B/item", true, disclosures);
        }
        self.say("index", "B/item", true, each(sizes.index));
    }

    /// Adds items up to this many; the last tenth of them is timed.
    async fn fill(&mut self, archive: &Archive, who: &Who, size: u64) {
        let last = size - size / 10;
        while self.made < last {
            self.group(archive, who, last).await;
        }
        let (start, meter, from) = (Instant::now(), Meter::begin(), self.made);
        while self.made < size {
            self.group(archive, who, size).await;
        }
        let (took, count, used) = (ms(start), (self.made - from) as f64, meter.end());
        self.say(
            "add: placed, recorded, covered",
            "ms/item",
            true,
            took / count,
        );
        let cpu = used.cpu * 1e3 / count;
        self.say("add: CPU", "ms/item", true, cpu);
        self.say("add: peak", "MB", false, used.peak_mb);
    }

    async fn group(&mut self, archive: &Archive, who: &Who, to: u64) {
        let numbers = self.made..to.min(self.made + GROUP);
        self.made = numbers.end;
        let digests = self.placed(archive, numbers.clone()).await;
        let drafts = numbers
            .zip(digests)
            .map(|(n, digests)| corpus::item(archive, n, digests).1)
            .collect();
        let now = archive.begin(who).await.unwrap();
        now.record(drafts).await.unwrap();
        archive.cover().await.unwrap();
    }

    async fn placed(&mut self, archive: &Archive, numbers: std::ops::Range<u64>) -> Vec<Digests> {
        let count = numbers.end - numbers.start;
        if self.pair == Pair::Embedded {
            return place(archive, numbers).await;
        }
        if self.common.is_empty() {
            self.common = place(archive, 0..IN_BUCKET).await;
        }
        let common = self.common.iter().cycle();
        common.take(count as usize).copied().collect()
    }

    async fn check(&mut self, archive: &Archive, who: &Who, size: u64) {
        let start = Instant::now();
        let report = preserve::check_log(archive, who).await.unwrap();
        assert!(report.damage.is_empty(), "{:?}", report.damage.first());
        let each = ms(start) / size as f64;
        self.say("check of the log alone", "ms/item", true, each);
        self.program("check", size);
    }

    async fn search(&mut self, archive: &Archive, who: &Who, size: u64) {
        let (seen, start) = (archive.seen_by(who), Instant::now());
        seen.find("bridge", 20, 0).await.unwrap();
        self.say("first find after the last step", "ms", false, ms(start));
        let (mut common, mut rare) = (Vec::new(), Vec::new());
        for n in 0..QUESTIONS {
            let word = |k: u64| corpus::WORDS[((n + k) % corpus::WORDS.len() as u64) as usize];
            let two = format!("{} {}", word(0), word(3));
            let start = Instant::now();
            seen.find(&two, 20, 0).await.unwrap();
            common.push(ms(start));
            let folder = n * 7 % (size / corpus::FOLDER);
            let start = Instant::now();
            let found = seen.find(&format!("folder{folder}"), 20, 0).await.unwrap();
            assert!(found.total > 0, "a folder is found by its name");
            rare.push(ms(start));
        }
        self.say(
            "find, two words, hits grow along",
            "ms",
            false,
            median(&common),
        );
        self.say("find, 1,000 hits at every size", "ms", false, median(&rare));
    }

    async fn pages(&mut self, archive: &Archive, who: &Who, size: u64) {
        let (mut list, mut one) = (Vec::new(), Vec::new());
        for n in 0..QUESTIONS {
            let listing = Listing {
                compartment: MAIN.into(),
                before: (size * (QUESTIONS - n) / QUESTIONS + 1).cast_signed(),
                limit: 50,
            };
            let start = Instant::now();
            let rows = archive.seen_by(who).items(&listing).await.unwrap();
            list.push(ms(start));
            let start = Instant::now();
            let item = rows[0].item().unwrap();
            archive.seen_by(who).item(&item).await.unwrap();
            let about = Subject::Item(item);
            let chain = archive.seen_by(who).chain(&about).await.unwrap();
            let first = chain[0].seq.cast_unsigned();
            archive.seen_by(who).entry(first).await.unwrap();
            one.push(ms(start));
        }
        self.say("a page of 50 items", "ms", false, median(&list));
        self.say("an item with its signed entry", "ms", false, median(&one));
    }
}

/// Places originals of their own for these items, on as many threads as adding a folder has; durable when it returns.
async fn place(archive: &Archive, numbers: std::ops::Range<u64>) -> Vec<Digests> {
    let batch = archive.originals().batch();
    let numbers: Vec<u64> = numbers.collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut placing = Vec::new();
    for part in numbers.chunks(numbers.len().div_ceil(threads).max(1)) {
        let (batch, part) = (batch.clone(), part.to_vec());
        placing.push(tokio::task::spawn_blocking(move || {
            let one = |n: u64| corpus::place(&batch, &corpus::bytes(n, ORIGINAL));
            part.into_iter().map(one).collect::<Vec<_>>()
        }));
    }
    let mut digests = Vec::new();
    for part in placing {
        digests.extend(part.await.unwrap());
    }
    batch.settle().await.unwrap();
    digests
}

fn ms(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

fn print(sizes: &[u64], lines: &[Line]) {
    let mut head = format!("\n{:<36}{:>9}", "items", "");
    for size in sizes {
        head.push_str(&format!("{size:>12}"));
    }
    println!("{head}{:>10}", "exponent");
    for line in lines {
        let mut text = format!("{:<36}{:>9}", line.what, line.unit);
        for figure in &line.figures {
            text.push_str(&format!("{figure:>12.3}"));
        }
        if sizes.len() < 2 {
            println!("{text}");
            continue;
        }
        let points: Vec<(f64, f64)> = sizes
            .iter()
            .zip(&line.figures)
            .map(|(size, figure)| (*size as f64, *figure))
            .collect();
        let grown = exponent(&points) + f64::from(u8::from(line.each));
        let verdict = match (line.unit, grown <= GOAL) {
            ("MB", _) => "",
            (_, true) => "met",
            (_, false) => "MISSED",
        };
        println!("{text}{grown:>10.2} {verdict}");
    }
    if sizes.len() > 1 {
        println!(
            "exponent: cost = c · items^k, for all items together where the figure is for one, for one question elsewhere; goal at most {GOAL}"
        );
    }
}
