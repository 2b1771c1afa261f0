//! Files and folders that are not what one would wish: each is named with a reason and a next step, and nothing is lost.

use crate::support::{Place, Said, does, ended, noise, skipped};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn an_empty_file_is_preserved_and_an_empty_folder_is_said_to_hold_nothing() {
    let place = Place::new();
    place.put("in/empty", "");
    let said = place.add(&["in"]).ends(0);
    assert_eq!(said.outcomes()["in/empty"], "preserved");
    assert_eq!(said.typed("item")[0]["bytes"], 0);
    fs::create_dir(place.at("bare")).unwrap();
    let said = place.run(&["add", "bare", "--source", "test"]).ends(0);
    assert!(said.stderr.contains("No file was found"), "{}", said.stderr);
    place.is_whole();
}

#[test]
fn a_path_that_does_not_exist_is_named_and_the_others_are_taken() {
    let place = Place::new();
    place.put("good.txt", "good");
    let said = place.add(&["nowhere.txt", "good.txt"]).ends(3);
    assert!(
        said.reason("nowhere.txt")
            .contains("check how it is spelled")
    );
    assert_eq!(said.outcomes()["good.txt"], "preserved");
    assert_eq!(said.summary()["refused"], 1);
}

#[test]
fn pipes_sockets_devices_and_links_are_refused_without_being_touched() {
    let place = Place::new();
    place.put("in/good.txt", "good");
    assert!(does("mkfifo", &[place.at("in/pipe").as_os_str()]));
    let socket = UnixListener::bind(place.at("in/socket")).unwrap();
    symlink("round", place.at("in/round")).unwrap();
    symlink("..", place.at("in/up")).unwrap();
    symlink("good.txt", place.at("in/link")).unwrap();
    let said = place.add(&["in", "/dev/null"]).ends(3);
    assert!(
        said.reason("in/pipe")
            .contains("copy its content into a file")
    );
    assert!(said.reason("in/socket").contains("a socket"));
    assert!(said.reason("null").contains("a device"));
    for link in ["in/round", "in/up", "in/link"] {
        assert!(
            said.reason(link).contains("name its target to add it"),
            "{link}"
        );
    }
    assert_eq!(said.outcomes()["in/good.txt"], "preserved");
    assert_eq!(said.typed("item").len(), 7);
    drop(socket);
    place.is_whole();
}

#[test]
fn a_file_that_the_medium_does_not_give_is_named_with_the_next_step() {
    let place = Place::new();
    place.put("good.txt", "good");
    // Reading the first byte of this one is an input/output error for everybody, root included.
    let said = place.add(&["/proc/self/mem", "good.txt"]).ends(3);
    let reason = said.reason("mem");
    assert!(
        reason.contains("byte 0") && reason.contains("rescue tool"),
        "{reason}"
    );
    assert!(!reason.contains("os error"), "{reason}");
    assert_eq!(said.outcomes()["good.txt"], "preserved");
}

#[test]
fn a_file_that_gives_more_than_it_claims_is_refused() {
    let place = Place::new();
    let said = place.add(&["/proc/version"]).ends(3);
    assert!(
        said.reason("version").contains("copy its content"),
        "{}",
        said.stdout
    );
    assert_eq!(place.json(&["ls"]).ends(0).summary()["total"], 0);
}

#[test]
fn what_may_not_be_read_is_named_with_whom_to_ask() {
    let place = Place::new();
    place.put("in/closed/inside.txt", "secret");
    place.put("in/locked.txt", "secret");
    place.put("in/open.txt", "open");
    let mode = |path: &str, mode| {
        fs::set_permissions(place.at(path), PermissionsExt::from_mode(mode)).unwrap();
    };
    mode("in/closed", 0o000);
    mode("in/locked.txt", 0o000);
    let is_root = File::open(place.at("in/locked.txt")).is_ok();
    let args = ["--json", "add", "in", "--source", "test"];
    let said = if is_root {
        // Root reads everything, so somebody else runs a copy of the program on an archive of their own.
        let (program, archive) = (place.at("holdfast"), place.at("archive"));
        fs::copy(env!("CARGO_BIN_EXE_holdfast"), &program).unwrap();
        for path in ["", "holdfast"] {
            mode(path, 0o755);
        }
        assert!(does(
            "chown",
            &["-R".as_ref(), "65534:65534".as_ref(), archive.as_os_str()]
        ));
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(&program)
            .args(args)
            .current_dir(place.at(""))
            .env("HOLDFAST_ARCHIVE", &archive)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        ended(command.spawn().unwrap())
    } else {
        place.run(&args)
    };
    mode("in/closed", 0o755);
    let said = said.ends(3);
    assert!(
        said.reason("in/closed")
            .contains("permission denied: ask its owner")
    );
    assert!(
        said.reason("in/locked.txt")
            .contains("permission denied: ask its owner")
    );
    assert_eq!(said.outcomes()["in/open.txt"], "preserved");
}

#[test]
fn a_sparse_giant_is_refused_with_what_to_do_instead() {
    let place = Place::new();
    let path = place.put("giant.img", "head");
    let Ok(()) = OpenOptions::new()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(1 << 40)
    else {
        return skipped("no file system with files of 1 TiB");
    };
    let said = place.add(&["giant.img"]).ends(3);
    assert!(said.reason("giant.img").contains("tar --sparse"));
}

/// Adds a file that somebody keeps writing to; the writer may stand still just then, so it is tried with several.
fn added_while_it_grows(place: &Place) -> Option<(String, Said)> {
    for n in 0..20 {
        let name = format!("growing-{n}.log");
        let path = place.put(&name, noise(1, 6 << 20));
        let (stop, begun) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicBool::new(false)),
        );
        let writer = {
            let (stop, begun) = (Arc::clone(&stop), Arc::clone(&begun));
            std::thread::spawn(move || {
                let mut file = OpenOptions::new().append(true).open(path).unwrap();
                while !stop.load(Ordering::Relaxed) {
                    file.write_all(&noise(2, 1 << 10)).unwrap();
                    begun.store(true, Ordering::Relaxed);
                }
            })
        };
        while !begun.load(Ordering::Relaxed) {
            std::thread::yield_now();
        }
        let said = place.add(&[&name]);
        stop.store(true, Ordering::Relaxed);
        writer.join().unwrap();
        if said.code == 3 {
            return Some((name, said));
        }
    }
    None
}

#[test]
fn a_file_that_grows_while_it_is_read_is_never_kept_half() {
    let place = Place::new();
    let refused = added_while_it_grows(&place);
    let (name, said) = refused.expect("of twenty files that grew not one was refused");
    let reason = said.ends(3).reason(&name);
    assert!(reason.contains("wait until it is finished"), "{reason}");
    // Finished, it is taken whole, and nothing of the first attempt is left over.
    let said = place.add(&[&name]).ends(0);
    assert_eq!(
        said.typed("item")[0]["bytes"],
        fs::metadata(place.at(&name)).unwrap().len()
    );
    assert_eq!(
        place.json(&["check", "--full"]).ends(0).summary()["strays"],
        0
    );
}

#[test]
fn a_file_that_is_cut_while_it_is_read_is_never_kept_half() {
    let place = Place::new();
    let path = place.put("cut.bin", noise(3, 48 << 20));
    let stop = Arc::new(AtomicBool::new(false));
    let cutter = {
        let stop = Arc::clone(&stop);
        std::thread::spawn(move || {
            let file = OpenOptions::new().write(true).open(path).unwrap();
            let mut len: u64 = 48 << 20;
            while !stop.load(Ordering::Relaxed) && len > 5 << 20 {
                len -= 4096;
                file.set_len(len).unwrap();
            }
        })
    };
    let said = place.add(&["cut.bin"]);
    stop.store(true, Ordering::Relaxed);
    cutter.join().unwrap();
    // Whichever came first: whole at one moment, or refused; never a part.
    if said.code == 3 {
        assert!(
            said.reason("cut.bin").contains("add it again"),
            "{}",
            said.stdout
        );
    } else {
        assert_eq!(said.ends(0).outcomes()["cut.bin"], "preserved");
    }
    place.is_whole();
}

#[test]
fn a_folder_that_vanishes_under_the_walk_loses_nothing_acknowledged() {
    let place = Place::new();
    for i in 0..3_000 {
        place.put(format!("in/{:02}/{i}.txt", i % 40), format!("file {i}"));
    }
    let gone = place.at("in");
    let child = place
        .command(&["--json", "add", "in", "--source", "test"])
        .spawn()
        .unwrap();
    let remover = std::thread::spawn(move || {
        for folder in (0..40).rev() {
            fs::remove_dir_all(gone.join(format!("{folder:02}"))).unwrap();
        }
    });
    let said = ended(child);
    remover.join().unwrap();
    assert!(
        [0, 3].contains(&said.code),
        "{}\n{}",
        said.code,
        said.stderr
    );
    assert!(
        said.outcomes()
            .values()
            .all(|o| o == "preserved" || o == "refused")
    );
    assert_eq!(
        place.json(&["ls"]).summary()["total"],
        said.summary()["preserved"]
    );
    place.is_whole();
}

fn unhex(hex: &str) -> Vec<u8> {
    let digit = |c: u8| u8::try_from(char::from(c).to_digit(16).unwrap()).unwrap();
    let pairs = hex.as_bytes().chunks(2);
    pairs.map(|p| digit(p[0]) << 4 | digit(p[1])).collect()
}

#[test]
fn names_of_any_bytes_come_back_byte_for_byte() {
    let place = Place::new();
    let long = "n".repeat(255);
    let names: Vec<OsString> = vec![
        "two\nlines".into(),
        "photo\u{202e}gpj.exe".into(),
        OsString::from_vec(b"not \xff\xfe text".to_vec()),
        long.clone().into(),
        "-rf".into(),
        "--source".into(),
        " ".into(),
        "\u{1b}[2J".into(),
    ];
    for (i, name) in names.iter().enumerate() {
        place.put(
            OsStr::new("in").to_owned().into_string().unwrap() + "/x",
            "x",
        );
        place.put(
            std::path::Path::new("in").join(name),
            format!("content {i}"),
        );
    }
    let said = place.add(&["in"]).ends(0);
    let mut found: Vec<Vec<u8>> = place
        .json(&["ls"])
        .ends(0)
        .typed("item")
        .iter()
        .map(|l| match l["path_hex"].as_str() {
            Some(hex) => unhex(hex),
            None => l["path"].as_str().unwrap().as_bytes().to_vec(),
        })
        .collect();
    let mut wanted: Vec<Vec<u8>> = names
        .iter()
        .map(|n| [b"in/", n.as_encoded_bytes()].concat())
        .collect();
    wanted.push(b"in/x".to_vec());
    found.sort();
    wanted.sort();
    assert_eq!(found, wanted);
    assert_eq!(said.summary()["preserved"], 9);
    // Again: all known, by their own bytes.
    assert_eq!(place.add(&["in"]).ends(0).summary()["known"], 9);
    place.is_whole();
}

#[test]
fn deep_folders_and_long_paths_are_refused_with_a_way_out() {
    let place = Place::new();
    place.put("in/top.txt", "top");
    let mut deep = place.at("in");
    for _ in 0..205 {
        deep.push("d");
    }
    fs::create_dir_all(&deep).unwrap();
    place.put(deep.join("bottom.txt"), "bottom");
    let said = place.add(&["in"]).ends(3);
    assert_eq!(said.outcomes()["in/top.txt"], "preserved");
    let refused = said
        .typed("item")
        .into_iter()
        .find(|l| l["outcome"] == "refused")
        .unwrap();
    assert!(
        refused["reason"]
            .as_str()
            .unwrap()
            .contains("name this folder by itself")
    );
    // And that way out works.
    let inner = place.at("in").join(["d"; 150].join("/"));
    let said = place.add(&[inner]).ends(0);
    assert_eq!(said.summary()["preserved"], 1);
}

#[test]
fn the_archive_is_never_added_to_itself() {
    let place = Place::new();
    place.put("in/a.txt", "a");
    let said = place.add(&["."]).ends(3);
    let own = said
        .typed("item")
        .into_iter()
        .find(|l| l["outcome"] == "refused")
        .unwrap();
    assert!(own["path"].as_str().unwrap().ends_with("/archive"));
    assert_eq!(own["reason"], "this is the archive itself");
    assert_eq!(said.summary()["preserved"], 1);
    for inside in [
        "archive/log",
        "archive/HOLDFAST",
        "archive/originals/../log",
    ] {
        let said = place.add(&[inside]).ends(3);
        assert!(
            said.typed("item")[0]["reason"]
                .as_str()
                .unwrap()
                .contains("archive itself"),
            "{inside}"
        );
    }
    place.is_whole();
}

#[test]
fn a_file_named_twice_is_one_item() {
    let place = Place::new();
    place.put("in/a.txt", "a");
    let said = place.add(&["in/a.txt", "in/a.txt", "./in/a.txt"]).ends(0);
    assert_eq!(
        (
            said.summary()["preserved"].clone(),
            said.summary()["known"].clone()
        ),
        (1.into(), 2.into())
    );
    let said = place
        .json(&[
            "add",
            "in/a.txt",
            "in/a.txt",
            "--source",
            "other",
            "--dry-run",
        ])
        .ends(0);
    assert_eq!(said.summary()["would_add"], 1);
}

#[test]
fn the_folder_above_is_known_by_its_name() {
    let place = Place::new();
    place.put("case/in/a.txt", "a");
    let mut command = place.command(&["--json", "add", "..", "--source", "test"]);
    let said = ended(command.current_dir(place.at("case/in")).spawn().unwrap()).ends(0);
    assert_eq!(said.outcomes()["case/in/a.txt"], "preserved");
}
