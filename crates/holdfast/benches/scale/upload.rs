//! Adding to a bucket against sending the same bytes there without any of our work.

use crate::corpus;
use crate::options::Options;
use crate::pair::{self, Services, folder};
use crate::peer::{self, Ran};
use crate::say::{heading, median};
use std::path::Path;
use std::process::Command;

const SMALL: (u64, usize) = (2_000, 50_000);
const LARGE: usize = 100_000_000;
/// As many small files, and large ones, as the archive sends at once.
const AT_ONCE: [usize; 2] = [32, 4];
const GOAL: f64 = 0.8;

pub(crate) async fn run(options: &Options) {
    let dir = folder();
    let small = options.small.unwrap_or(SMALL.0);
    let kinds = [
        ("small", small, SMALL.1, AT_ONCE[0]),
        ("large", options.large as u64, LARGE, AT_ONCE[1]),
    ];
    for (word, count, len, at_once) in kinds {
        if count == 0 {
            continue;
        }
        let files = dir.path().join(word);
        corpus::files(&files, count, len);
        heading(&format!(
            "adding {count} files of {} KB to three nodes of Garage, {at_once} at once",
            len / 1_000
        ));
        measure(&files, at_once, (count as f64, len as f64), options).await;
        std::fs::remove_dir_all(&files).unwrap();
    }
}

async fn measure(files: &Path, at_once: usize, (count, len): (f64, f64), options: &Options) {
    let names = ["holdfast add", "bare upload", "rclone copy"];
    let mut rows: Vec<Vec<Ran>> = names.iter().map(|_| Vec::new()).collect();
    for run in 0..options.runs {
        // A cluster of its own for each round: what was sent takes its place on the disk three times.
        let services = Services::start();
        let (place, archive, _who) = pair::found(Some(&services)).await;
        drop(archive);
        // Each round begins with another.
        for turn in 0..names.len() {
            let which = (turn + run) % names.len();
            let command = match which {
                0 => Some(add(files, &place.root)),
                1 => Some(peer::bare_upload(&services, "bare", at_once, files)),
                _ => peer::rclone(&services, "rclone", at_once, files),
            };
            if let Some(command) = command {
                rows[which].push(peer::run(&command));
            }
        }
    }
    println!(
        "{:<16}{:>9}{:>10}{:>9}{:>9}{:>9}{:>16}   medians of {}",
        "", "wall s", "files/s", "MB/s", "CPU s", "peak MB", "of bare upload", options.runs
    );
    let of = |runs: &[Ran], figure: fn(&Ran) -> f64| {
        median(&runs.iter().map(figure).collect::<Vec<_>>())
    };
    let bare = of(&rows[1], |r| r.wall);
    for (name, runs) in names.iter().zip(&rows).filter(|(_, runs)| !runs.is_empty()) {
        let wall = of(runs, |r| r.wall);
        println!(
            "{name:<16}{wall:>9.2}{:>10.1}{:>9.1}{:>9.2}{:>9.0}{:>15.0}%",
            count / wall,
            count * len / wall / 1e6,
            of(runs, |r| r.cpu),
            of(runs, |r| r.peak_mb),
            100.0 * bare / wall
        );
    }
    let share = bare / of(&rows[0], |r| r.wall);
    let verdict = if share >= GOAL { "met" } else { "MISSED" };
    println!(
        "goal: at least {:.0} % of the bare upload: {:.0} %, {verdict}",
        GOAL * 100.0,
        share * 100.0
    );
}

fn add(files: &Path, root: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    command.arg("add").arg(files).arg("--archive").arg(root);
    command.args(["--source", "bench", "--json"]);
    command
}
