//! An `init` that is killed at any point leaves nothing that is taken for an archive, and what is left is no trap.

use super::{Kept, failure, tell};
use crate::support::ended;
use std::time::{Duration, Instant};
use testkit::services::{Line, Mode};

#[test]
fn an_init_that_was_killed_is_done_again_in_a_new_folder_or_says_what_is_left() {
    let Some(first) = Kept::bare() else { return };
    // The time of a whole one on this machine tells where to kill.
    let begun = Instant::now();
    first.init(&[]).ends(0);
    let whole = begun.elapsed();
    let (mut again, mut spoiled) = (0, 0);
    for eighth in 1..8_u32 {
        let Some(mut kept) = Kept::bare() else { return };
        // Everything a little later, so that the kill finds it at different steps.
        let rows = Line::before(&kept.shared.rows);
        rows.switch(Mode::Late(Duration::from_millis(4)));
        kept.shared.rows = rows.url();
        let mut child = kept
            .with_secrets(kept.place.command(&kept.init_words("archive")))
            .spawn()
            .unwrap();
        let start = Instant::now();
        while start.elapsed() < whole * eighth / 4 && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(2));
        }
        drop(child.kill());
        let said = ended(child);
        rows.switch(Mode::Pass);
        if kept.place.at("archive/HOLDFAST").exists() {
            // It was an archive already; only its passphrase may be missing.
            kept.is_whole();
            continue;
        }
        assert_ne!(said.code, 0, "acknowledged, and not there");
        let opened = kept.place.run(&["--json", "--archive", "archive", "ls"]);
        failure("ls after a killed init", opened, 10).says("There is no archive in", "");
        if kept.place.at("archive").exists() {
            failure("init again, same folder", kept.init(&[]), 2)
                .says("is not empty", "if an earlier `init` broke off here");
            std::fs::remove_dir_all(kept.place.at("archive")).unwrap();
        }
        let said = kept.init(&[]);
        if said.code == 0 {
            again += 1;
        } else {
            // Only a prefix or a database that the killed one had filled stands in the way, and it is said.
            let failure = failure("init again, same places", said, 2);
            assert!(
                failure.what.contains("bucket") || failure.what.contains("database"),
                "{}",
                failure.what
            );
            assert!(failure.next.contains("Name another"), "{}", failure.next);
            let Some(other) = Kept::bare() else { return };
            kept.shared = other.shared.clone();
            kept.init(&[]).ends(0);
            spoiled += 1;
            kept.is_whole();
            continue;
        }
        kept.is_whole();
    }
    tell(&format!(
        "{again} done again in the same places, {spoiled} in others"
    ));
    assert!(again > 0, "no kill came early enough");
}

#[test]
fn what_a_killed_init_left_in_the_database_never_gets_into_the_next_archive() {
    let Some(kept) = Kept::bare() else { return };
    kept.init(&[]).ends(0);
    // As if killed between the first entries and the first checkpoint: entries wait, nothing else was made.
    let sql =
        "delete from log_home; insert into log_tail (seq, entry) values (0, 'left'), (1, 'behind')";
    kept.stores.database().sql(sql).unwrap();
    std::fs::remove_dir_all(kept.place.at("archive")).unwrap();
    let mut kept = kept;
    kept.shared.objects.push_str("-again");
    kept.init(&[]).ends(0);
    assert_eq!(
        kept.stores
            .database()
            .sql("select count(*) from log_tail")
            .unwrap(),
        "0"
    );
    kept.is_whole();
}
