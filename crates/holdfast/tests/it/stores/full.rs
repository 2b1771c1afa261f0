//! A host whose own disk is full, and a database server whose disk is.

use super::{Kept, failure};
use crate::bad_input_disk::Mount;
use crate::support::noise;
use std::os::unix::fs::{MetadataExt as _, chown};
use testkit::services::Postgres;
use testkit::tools;

#[test]
fn a_full_disk_of_one_host_is_named_and_the_other_hosts_go_on() {
    let Some(kept) = Kept::new() else { return };
    let Some(small) = Mount::small("6m", &kept.place.at("small")) else {
        return;
    };
    kept.host("small/far");
    kept.place.put("in/a.txt", "the school at the bridge");
    kept.place.put("in/large.bin", noise(7, 24 << 20));
    // What is too large for memory waits in the folder of the host.
    let words = ["add", "in/large.bin", "--source", "test"];
    let failed = failure("add, spool full", kept.on("small/far", &words), 1);
    failed.says("The disk is full at The spool folder", "Free some space");
    assert!(
        failed.what.contains("small/far/incoming"),
        "{}",
        failed.what
    );
    kept.on("archive", &["add", "in/a.txt", "--source", "other host"])
        .ends(0);
    small.resize("64m");
    kept.on("small/far", &words).ends(0);
    assert_eq!(kept.items().len(), 2);

    // The search index of the host.
    kept.host("small/search");
    let filler = fill(&kept, "small");
    let failed = failure(
        "find, no room for the index",
        kept.on("small/search", &["find", "school"]),
        1,
    );
    failed.says("small/search/search", "pace");
    assert_eq!(
        kept.on("archive", &["find", "school"])
            .ends(0)
            .typed("item")
            .len(),
        1
    );
    std::fs::remove_file(&filler).unwrap();
    assert_eq!(
        kept.on("small/search", &["find", "school"])
            .ends(0)
            .typed("item")
            .len(),
        1
    );

    // A dossier on its way to a file.
    kept.on(
        "archive",
        &["dossier", "new", "--for", "a court", "--purpose", "a case"],
    )
    .ends(0);
    kept.on("archive", &["dossier", "add", "D-1", "--all"])
        .ends(0);
    let filler = fill(&kept, "small");
    let seal = ["dossier", "seal", "D-1", "-o", "small/d.tar"];
    let failed = failure("seal, no room for the file", kept.on("small/far", &seal), 1);
    failed.says("small/", "pace");
    assert!(!kept.place.at("small/d.tar").exists(), "a half dossier");
    std::fs::remove_file(&filler).unwrap();
    kept.on("small/far", &seal).ends(0);
    kept.is_whole();
}

/// Takes all the room there is.
fn fill(kept: &Kept, folder: &str) -> std::path::PathBuf {
    use std::io::Write as _;
    let path = kept.place.at(folder).join("filler");
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .unwrap();
    let mut step = 1 << 20;
    while step > 0 {
        if file.write_all(&vec![7; step]).is_err() {
            step /= 2;
        }
    }
    path
}

#[test]
fn a_full_disk_of_the_database_is_said_and_the_same_command_goes_on_after_there_is_room() {
    let (Some(mut kept), Some(_)) = (Kept::bare(), tools::need("postgres")) else {
        return;
    };
    let Some(small) = Mount::small("80m", &kept.place.at("small")) else {
        return;
    };
    let server = Postgres::start(false);
    let space = kept.place.at("small/space");
    std::fs::create_dir(&space).unwrap();
    let owner = std::fs::metadata(server.folder()).unwrap();
    chown(&space, Some(owner.uid()), Some(owner.gid())).unwrap();
    super::private(&space, 0o700);
    // Only the data of this one database lies on the small disk, and the way there is open.
    for folder in space.ancestors().skip(1).take(2) {
        super::private(folder, 0o755);
    }
    server
        .sql(&format!(
            "create tablespace small location '{}'",
            space.display()
        ))
        .unwrap();
    server.sql("create database a tablespace small").unwrap();
    kept.shared.rows = server.url("a");
    kept.init(&[]).ends(0);
    for n in 0..150 {
        kept.place
            .put(format!("in/{n:04}.txt"), format!("file {n}"));
    }
    let filler = fill(&kept, "small");
    let failed = failure(
        "add, database full",
        kept.on("archive", &["add", "in", "--source", "test"]),
        1,
    );
    failed.says("The disk is full at postgres://", "Free some space");
    kept.on("archive", &["ls"]).ends(0);
    std::fs::remove_file(&filler).unwrap();
    small.resize("200m");
    kept.on("archive", &["add", "in", "--source", "test"])
        .ends(0);
    let said = kept.on("archive", &["ls"]).ends(0).summary();
    assert_eq!(said["total"], 150);
    kept.is_whole();
}
