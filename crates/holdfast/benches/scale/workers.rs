//! How much faster more workers are, on work that only computes.
//!
//! The kind of job exists in these processes alone. A worker is a process of its own, as on hosts of their own.

use crate::options::Options;
use crate::pair::{self, Pair, Services};
use crate::say::{Meter, heading, median};
use archive::work::jobs::{self, Ask, Crew, Ended, Filter, Kinds, Until};
use archive::{Archive, Who};
use sha2::{Digest as _, Sha256};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

/// The word that makes this program a worker.
pub(crate) const WORD: &str = "as-worker";
const KIND: &str = "bench_hash";
/// Divides by 1, 2 and 4 workers.
const JOBS: u64 = 16;
const MEBIBYTES: usize = 400;
const WORKERS: [usize; 3] = [1, 2, 4];

/// The work of one job: hashing in memory, nothing read or written.
fn hash() {
    let piece = vec![7_u8; 1 << 20];
    let mut hasher = Sha256::new();
    for _ in 0..MEBIBYTES {
        hasher.update(&piece);
    }
    std::hint::black_box(hasher.finalize());
}

/// A worker: opens the archive, says so, and begins once told.
pub(crate) async fn work(root: &Path, name: &str) {
    let (archive, _who) = pair::open(root, false).await;
    let kinds = Kinds::default().with(KIND, |_archive, _held| async {
        tokio::task::spawn_blocking(hash).await.unwrap();
        Ok(Ended::Done(None))
    });
    println!("open");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    let crew = Crew {
        until: Until::Empty,
        ..Crew::new(name, name)
    };
    let stop = Arc::new(AtomicBool::new(false));
    let meter = Meter::begin();
    let tally = jobs::run(&archive, &kinds, &crew, &stop, &mut |_, _| {})
        .await
        .unwrap();
    let used = meter.end();
    println!("{} {} {}", tally.done, used.cpu, used.peak_mb);
}

/// What one crew of workers took.
struct Round {
    /// From the first job begun to the last one ended, by the clock of the rows.
    wall: f64,
    cpu: f64,
    peak_mb: f64,
    /// The same work by so many threads without any jobs.
    bare: f64,
}

pub(crate) async fn run(pair: Pair, services: Option<&Services>, options: &Options) {
    let (place, archive, who) = pair::found(services).await;
    heading(&format!(
        "workers on work that only computes, {}",
        pair.words()
    ));
    let mut rounds: Vec<Vec<Round>> = WORKERS.iter().map(|_| Vec::new()).collect();
    for run in 0..options.runs {
        for (workers, rounds) in WORKERS.into_iter().zip(&mut rounds) {
            let bare = threads(workers);
            let round = crew(&archive, &who, &place.root, workers, run).await;
            rounds.push(Round { bare, ..round });
        }
    }
    println!(
        "{JOBS} jobs of {MEBIBYTES} MiB hashed in memory; peer: the same by as many threads, no jobs; medians of {}",
        options.runs
    );
    println!(
        "{:>8}{:>9}{:>10}{:>9}{:>9}{:>10}{:>15}{:>15}",
        "workers",
        "wall s",
        "speed-up",
        "CPU s",
        "peak MB",
        "peer s",
        "peer speed-up",
        "of the peer's"
    );
    let of = |rounds: &[Round], figure: fn(&Round) -> f64| {
        median(&rounds.iter().map(figure).collect::<Vec<_>>())
    };
    let (one, bare_one) = (of(&rounds[0], |r| r.wall), of(&rounds[0], |r| r.bare));
    for (workers, rounds) in WORKERS.iter().zip(&rounds) {
        let (wall, bare) = (of(rounds, |r| r.wall), of(rounds, |r| r.bare));
        println!(
            "{workers:>8}{wall:>9.2}{:>10.2}{:>9.2}{:>9.0}{bare:>10.2}{:>15.2}{:>15.2}",
            one / wall,
            of(rounds, |r| r.cpu),
            of(rounds, |r| r.peak_mb),
            bare_one / bare,
            (one / wall) / (bare_one / bare),
        );
    }
}

fn threads(count: usize) -> f64 {
    let next = AtomicU64::new(0);
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..count {
            scope.spawn(|| {
                while next.fetch_add(1, Ordering::Relaxed) < JOBS {
                    hash();
                }
            });
        }
    });
    start.elapsed().as_secs_f64()
}

async fn crew(archive: &Archive, who: &Who, root: &Path, workers: usize, run: usize) -> Round {
    let mut crew: Vec<Child> = (0..workers)
        .map(|n| {
            Command::new(std::env::current_exe().unwrap())
                .args([WORD.as_ref(), root.as_os_str()])
                .arg(format!("worker-{run}-{workers}-{n}"))
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let mut said: Vec<_> = crew
        .iter_mut()
        .map(|child| BufReader::new(child.stdout.take().unwrap()).lines())
        .collect();
    for lines in &mut said {
        assert_eq!(lines.next().unwrap().unwrap(), "open");
    }
    for n in 0..JOBS {
        let about = format!("{run}-{workers}-{n}");
        jobs::ask(archive, who, Ask::new(KIND, about))
            .await
            .unwrap();
    }
    for child in &mut crew {
        writeln!(child.stdin.as_mut().unwrap(), "begin").unwrap();
    }
    let (mut done, mut cpu, mut peak_mb) = (0.0, 0.0, 0.0_f64);
    for (child, lines) in crew.iter_mut().zip(&mut said) {
        let line = lines.next().unwrap().unwrap();
        let figures: Vec<f64> = line.split(' ').map(|f| f.parse().unwrap()).collect();
        done += figures[0];
        cpu += figures[1];
        peak_mb = peak_mb.max(figures[2]);
        child.wait().unwrap();
    }
    assert_eq!(done as u64, JOBS);
    let newest = Filter {
        kind: KIND.into(),
        limit: JOBS as i64,
        ..Filter::default()
    };
    let ended = jobs::list(archive, who, &newest).await.unwrap();
    let begun = ended.iter().filter_map(|job| job.started_at).min();
    let over = ended.iter().filter_map(|job| job.ended_at).max();
    Round {
        wall: (over.unwrap() - begun.unwrap()) as f64 / 1e6,
        cpu,
        peak_mb,
        bare: f64::NAN,
    }
}
