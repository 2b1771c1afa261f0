//! Ctrl-C at any time: the state is safe, the summary says so, the same command goes on.

use crate::support::{Place, Said, ended, noise, signal};
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Child;

/// More files than one group and all that may be read ahead of it: while nobody reads what the
/// program says, it waits on its full pipe, and cannot have come to the end.
const FILES: u64 = 7_000;

fn much(place: &Place) {
    for i in 0..FILES {
        place.put(format!("in/{:02}/{i:04}.bin", i % 20), noise(i, 100));
    }
}

/// Starts to add and waits for the first receipt, so that the run is in its middle.
fn adding(place: &Place) -> (Child, String, BufReader<std::process::ChildStdout>) {
    let mut child = place
        .command(&["--json", "add", "in", "--source", "test", "--workers", "1"])
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    out.read_line(&mut first).unwrap();
    (child, first, out)
}

fn rest(child: Child, first: String, mut out: BufReader<std::process::ChildStdout>) -> Said {
    // The signal has arrived before the program can go on.
    std::thread::sleep(std::time::Duration::from_millis(300));
    let mut stdout = first;
    out.read_to_string(&mut stdout).unwrap();
    Said {
        stdout,
        ..ended(child)
    }
}

fn goes_on(place: &Place, stopped: &Said) {
    let preserved = stopped
        .outcomes()
        .values()
        .filter(|o| *o == "preserved")
        .count();
    assert!(
        (preserved as u64) < FILES,
        "the run was over before it could be stopped"
    );
    let total = place.json(&["ls"]).ends(0).summary()["total"]
        .as_u64()
        .unwrap();
    assert!(
        total >= preserved as u64,
        "{total} of {preserved} acknowledged are there"
    );
    let again = place.add(&["in"]).ends(0).summary();
    assert_eq!(again["known"].as_u64().unwrap(), total);
    assert_eq!(again["preserved"].as_u64().unwrap(), FILES - total);
    place.is_whole();
}

#[test]
fn ctrl_c_ends_with_130_and_the_same_command_goes_on() {
    for name in ["INT", "TERM"] {
        let place = Place::new();
        much(&place);
        let (child, first, out) = adding(&place);
        signal(&child, name);
        let said = rest(child, first, out).ends(130);
        assert_eq!(said.summary()["stopped"], true);
        assert!(
            said.stderr.contains("finishing what is under way"),
            "{}",
            said.stderr
        );
        goes_on(&place, &said);
    }
}

#[test]
fn a_second_ctrl_c_stops_at_once_and_loses_nothing_acknowledged() {
    let place = Place::new();
    much(&place);
    let (child, first, out) = adding(&place);
    signal(&child, "INT");
    // Two signals in one moment are one to the system.
    std::thread::sleep(std::time::Duration::from_millis(30));
    signal(&child, "INT");
    let said = rest(child, first, out).ends(130);
    assert_eq!(said.summary()["stopped"], true);
    goes_on(&place, &said);
}

#[test]
fn a_second_ctrl_c_ends_even_a_program_whose_reader_reads_no_more() {
    let place = Place::new();
    much(&place);
    let (mut child, _first, out) = adding(&place);
    // Nobody reads from here on: the pipe fills up and the program waits on it.
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    for _ in 0..2 {
        signal(&child, "INT");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let start = std::time::Instant::now();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130));
    assert!(start.elapsed().as_secs() < 10);
    drop(out);
    place.is_whole();
}
