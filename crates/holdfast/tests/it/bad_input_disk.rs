//! Disks that are full or take no writes, and two programs at once.

use crate::support::{Place, Said, does, ended, noise, skipped};
use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

/// A mount, taken away when dropped.
pub(crate) struct Mount(PathBuf);

impl Mount {
    /// Mounts, or says that it cannot be done here: only the administrator of a machine may.
    pub(crate) fn new(args: &[&OsStr], at: &Path) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let words: Vec<&OsStr> = args.iter().copied().chain([at.as_os_str()]).collect();
        if does("mount", &words) {
            return Some(Self(at.to_owned()));
        }
        // A container may refuse to mount whoever asks; then no test command can bring it.
        let probe = ["-t", "tmpfs", "none"].map(OsStr::new);
        if does("mount", &[&probe[..], &[at.as_os_str()]].concat()) {
            drop(Self(at.to_owned()));
            panic!("this machine mounts, and not this: {args:?}");
        }
        skipped("no right to mount a file system here");
        None
    }
}

impl Mount {
    /// A file system in memory of this size, such as `8m`.
    pub(crate) fn small(size: &str, at: &Path) -> Option<Self> {
        let size = format!("size={size}");
        Self::new(&["-t", "tmpfs", "-o", &size, "none"].map(OsStr::new), at)
    }

    /// Gives it another size.
    pub(crate) fn resize(&self, size: &str) {
        let size = format!("remount,size={size}");
        assert!(does(
            "mount",
            &["-o".as_ref(), size.as_ref(), self.0.as_os_str()]
        ));
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Also while a test fails: what stays mounted keeps the folder from being taken away.
        if !does("umount", &[self.0.as_os_str()]) {
            does("umount", &["-l".as_ref(), self.0.as_os_str()]);
        }
    }
}

fn acknowledged(said: &Said) -> usize {
    said.typed("item")
        .iter()
        .filter(|l| l["outcome"] == "preserved")
        .count()
}

#[test]
fn a_full_disk_is_named_and_what_was_acknowledged_is_there_after_it_has_room_again() {
    let place = Place::bare();
    let args = ["-t", "tmpfs", "-o", "size=6m", "none"].map(OsStr::new);
    let Some(small) = Mount::new(&args, &place.at("small")) else {
        return;
    };
    place.run(&["init", "small/archive"]).ends(0);
    for i in 0..24 {
        place.put(format!("in/{i:02}.bin"), noise(i, 400 << 10));
    }
    let run = |args: &[&str]| place.json(&[&["--archive", "small/archive"], args].concat());
    let mut kept = 0;
    // One file at a time, so that some are acknowledged before the end.
    let full = (0..24).find_map(|i| {
        let said = run(&["add", &format!("in/{i:02}.bin"), "--source", "test"]);
        kept += acknowledged(&said);
        (said.code != 0).then_some(said)
    });
    let full = full.unwrap_or_else(|| panic!("the disk never got full"));
    let error = &full.ends(1).typed("error")[0];
    let text = error.to_string();
    assert!(
        text.contains("full") && text.contains("Free some space"),
        "{text}"
    );
    assert!(kept > 0);
    assert!(does(
        "mount",
        &[
            "-o".as_ref(),
            "remount,size=64m".as_ref(),
            small.0.as_os_str()
        ]
    ));
    let there = run(&["ls"]).ends(0).summary();
    assert!(there["total"].as_u64().unwrap() >= kept as u64, "{there}");
    run(&["check", "--full"]).ends(0);
    let again = run(&["add", "in", "--source", "test"]).ends(0).summary();
    assert_eq!(again["refused"], 0);
    run(&["check", "--full"]).ends(0);
    assert_eq!(run(&["rebuild"]).ends(0).summary()["equal"], true);
}

#[test]
fn a_full_standard_output_is_a_failure_and_a_closed_one_is_not() {
    let place = Place::new();
    for i in 0..300 {
        place.put(format!("in/{i}.txt"), format!("file {i}"));
    }
    // A reader that leaves after one line, as `| head -1` does.
    let mut child = place
        .command(&["add", "in", "--source", "test"])
        .spawn()
        .unwrap();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut out, &mut line).unwrap();
    drop(out);
    let said = ended(child).ends(0);
    assert!(line.starts_with("preserved "), "{line}");
    assert!(!said.stderr.contains("panicked"), "{}", said.stderr);
    assert_eq!(place.json(&["ls"]).summary()["total"], 300);
    for args in [
        &["completions", "bash"][..],
        &["help"],
        &["ls"],
        &["--help"],
        &["--version"],
    ] {
        let mut child = place.command(args).spawn().unwrap();
        drop(child.stdout.take());
        let said = ended(child).ends(0);
        assert!(
            !said.stderr.contains("panicked"),
            "{args:?}: {}",
            said.stderr
        );
    }
    // Data that did not arrive is not done.
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let child = place.command(&["ls"]).stdout(full).spawn().unwrap();
    let said = ended(child).ends(1);
    assert!(said.stderr.contains("Standard output"), "{}", said.stderr);
}

#[test]
fn an_archive_that_takes_no_writes_is_read_and_never_changed() {
    let place = Place::new();
    place.put("in/a.txt", "river bridge");
    place.add(&["in"]).ends(0);
    let before = place.truth();
    let said = place.json(&["--read-only", "add", "in", "--source", "other"]);
    let error = said.ends(1).typed("error")[0].to_string();
    assert!(error.contains("open to read only"), "{error}");
    // Looking at what would be added needs no writing.
    let dry = ["--read-only", "add", "in", "--source", "other", "--dry-run"];
    assert_eq!(place.json(&dry).ends(0).summary()["would_add"], 1);
    let (archive, frozen) = (place.at("archive"), place.at("frozen"));
    let Some(mount) = Mount::new(&["--bind".as_ref(), archive.as_os_str()], &frozen) else {
        return;
    };
    let options = ["-o", "remount,ro,bind"].map(OsStr::new);
    assert!(does(
        "mount",
        &[&options[..], &[mount.0.as_os_str()]].concat()
    ));
    let on = ["--archive", "frozen"];
    let read = |args: &[&str]| place.json(&[&on[..], &["--read-only"], args].concat());
    assert_eq!(read(&["ls"]).ends(0).summary()["total"], 1);
    for words in [
        &["show", "1"][..],
        &["log", "head"],
        &["log", "verify"],
        &["check", "--full"],
    ] {
        read(words).ends(0);
    }
    for words in [
        &["add", "in", "--source", "other"][..],
        &["session", "start", "--purpose", "p"],
    ] {
        let said = place.json(&[&on[..], words].concat()).ends(1);
        let error = said.typed("error")[0].to_string().replace('-', " ");
        assert!(error.contains("read only"), "{words:?}: {error}");
    }
    assert_eq!(place.truth(), before);
}

#[test]
fn two_programs_that_add_the_same_at_once_make_every_file_one_item() {
    let place = Place::new();
    for i in 0..600 {
        place.put(format!("in/{i}.txt"), format!("file {i}"));
    }
    let start = || {
        place
            .command(&["--json", "add", "in", "--source", "test"])
            .spawn()
            .unwrap()
    };
    let (a, b) = (start(), start());
    let (a, b) = (ended(a).ends(0), ended(b).ends(0));
    let sum = |key: &str| a.summary()[key].as_u64().unwrap() + b.summary()[key].as_u64().unwrap();
    assert_eq!((sum("preserved"), sum("known")), (600, 600));
    assert_eq!(place.json(&["ls"]).summary()["total"], 600);
    place.is_whole();
    assert_eq!(place.json(&["rebuild"]).ends(0).summary()["equal"], true);
}
