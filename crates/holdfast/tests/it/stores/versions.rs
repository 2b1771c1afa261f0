//! Hosts with programs of different versions on one database.

use super::{Kept, failure, run, tell};
use archive::{Archive, Why};
use testkit::add;

#[test]
fn an_older_program_writes_nothing_beside_a_newer_one_and_a_running_one_notices() {
    let Some(kept) = Kept::new() else { return };
    kept.host("other");
    let sql = |text: &str| kept.stores.database().sql(text).unwrap();
    run(async {
        let opened = || async {
            let archive = Archive::open(&kept.place.at("archive"), kept.opening())
                .await
                .unwrap();
            let who = archive.owner().await.unwrap();
            (archive, who)
        };
        let (running, who) = opened().await;
        add(&running, &who, "a.txt", b"before").await.unwrap();
        let entries = || sql("select seq from log_head");
        let before = entries();

        sql("update view_meta set version = version + 1");
        let newer = sql("select version from view_meta");
        for _ in 0..2 {
            let e = add(&running, &who, "b.txt", b"after").await.unwrap_err();
            tell(&format!(
                "| running server, newer views | {:?} | {e} | {:?} |",
                e.why, e.next
            ));
            assert_eq!(e.why, Why::ReadOnly);
            assert!(e.what.contains("would spoil them"), "{e}");
            assert!(e.next.unwrap().contains("newer program"));
        }
        assert_eq!(entries(), before);
        for words in [
            &["ls"][..],
            &["add", "keys", "--source", "x"],
            &["worker", "--once"],
        ] {
            failure(
                &format!("{}, newer views", words[0]),
                kept.on("archive", words),
                1,
            )
            .says("would spoil them", "newer program on this host");
        }
        failure("rebuild, newer views", kept.on("other", &["rebuild"]), 1)
            .says("would spoil them", "newer program");
        assert_eq!(
            sql("select version from view_meta"),
            newer,
            "nothing was made again"
        );
        sql("update view_meta set version = version - 1");

        let (running, who) = opened().await;
        sql("update work_meta set version = version + 1");
        let e = add(&running, &who, "b.txt", b"after").await.unwrap_err();
        tell(&format!(
            "| running server, newer work tables | {:?} | {e} | {:?} |",
            e.why, e.next
        ));
        assert!(
            e.what.contains("work tables of version") && e.next.unwrap().contains("newer program")
        );
        failure(
            "add, newer work tables",
            kept.on("archive", &["add", "keys", "--source", "x"]),
            1,
        )
        .says("work tables of version", "newer program");
        assert_eq!(entries(), before);
        sql("update work_meta set version = version - 1");
        let (running, who) = opened().await;
        add(&running, &who, "b.txt", b"after").await.unwrap();
    });
    kept.is_whole();
}

#[test]
fn a_newer_program_says_rebuild_and_after_it_every_host_works() {
    let Some(kept) = Kept::new() else { return };
    kept.place.put("in/a.txt", "river bridge");
    kept.on("archive", &["add", "in", "--source", "test"])
        .ends(0);
    kept.host("other");
    kept.stores
        .database()
        .sql("update view_meta set version = version - 1")
        .unwrap();
    for words in [&["ls"][..], &["add", "in", "--source", "again"]] {
        failure(
            &format!("{}, older views", words[0]),
            kept.on("archive", words),
            1,
        )
        .says(
            "this program works with version",
            "Run `holdfast rebuild` once",
        );
    }
    kept.on("other", &["rebuild"]).ends(0);
    kept.on("archive", &["add", "in", "--source", "again"])
        .ends(0);
    assert_eq!(kept.on("other", &["ls"]).ends(0).typed("item").len(), 2);
    kept.is_whole();
}
