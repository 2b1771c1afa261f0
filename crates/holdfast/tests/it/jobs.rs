//! Jobs through the program: asked for, done by workers that are killed, seen, put back and cancelled.

use crate::support::{Place, Said, ended, noise, signal};
use serde_json::Value;
use std::time::Duration;
use testkit::SeededRandom;

fn filled(files: u64) -> Place {
    let place = Place::new();
    for n in 0..files {
        let len = 20_000 + usize::try_from(n).unwrap() % 37 * 10_000;
        place.put(format!("in/{n:04}.bin"), noise(n, len));
    }
    place.add(&["in"]).ends(0);
    place
}

fn checks(place: &Place) -> usize {
    let said = place.json(&["log", "ls", "--kind", "checked"]).ends(0);
    said.typed("entry").len()
}

/// How many jobs of this kind stand how.
fn many(place: &Place, kind: &str, state: &str) -> u64 {
    let said = place.json(&["job", "ls"]).ends(0);
    let counted: Vec<Value> = said.typed("kind");
    let one = counted.iter().find(|c| c["kind"] == kind);
    one.map_or(0, |c| c[state].as_u64().unwrap())
}

fn worked(place: &Place) -> Said {
    place.json(&["worker", "--until-empty"])
}

/// Lets the minute pass after which a dead worker's jobs go to others, and puts back what too many died at.
fn later(place: &Place) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let path = place.at("archive/rows.sqlite");
        let rows = store::Rows::sqlite(&path, store::Mode::ReadWrite)
            .await
            .unwrap();
        let sql = "update work_job set lease_until = 0 where state = 'running'";
        rows.run(sql, vec![]).await.unwrap();
        rows.close().await;
    });
    let aside = place.json(&["job", "ls", "--state", "set_aside"]).ends(0);
    for job in aside.typed("job") {
        let reason = job["reason"].as_str().unwrap();
        assert!(reason.contains("died"), "{reason}");
        place
            .json(&["job", "again", &job["number"].to_string()])
            .ends(0);
    }
}

#[test]
fn sweeps_by_workers_that_are_killed_are_each_recorded_once() {
    const SWEEPS: usize = 5;
    let place = filled(300);
    let random = SeededRandom::new(71);
    let mut kills = 0;
    for sweep in 1..=SWEEPS {
        let asked = place.json(&["check", "--full", "--later"]).ends(0);
        let number = asked.typed("job")[0]["number"].to_string();
        for round in 0..8 {
            let words = ["--json", "worker", "--until-empty", "--jobs", "2"];
            let crew: Vec<_> = (0..2)
                .map(|_| place.command(&words).spawn().unwrap())
                .collect();
            // Later rounds live longer, so that some die at the very end.
            let micros = random.next() % (80_000 * (round + 1));
            std::thread::sleep(Duration::from_micros(micros));
            for mut child in crew {
                if child.try_wait().unwrap().is_none() {
                    child.kill().unwrap();
                    kills += 1;
                }
                child.wait().unwrap();
            }
            later(&place);
        }
        // What too many workers died at is put back by a person, and then it is done.
        while many(&place, "sweep_end", "done") < sweep as u64 {
            let said = worked(&place);
            assert!([0, 3].contains(&said.code), "{said:?}");
            later(&place);
        }
        let ends = place.run(&["job", "ls", "--kind", "sweep_end"]).stdout;
        let shown = place.run(&["job", "show", &number]).stdout;
        assert_eq!(
            checks(&place),
            sweep,
            "one entry for each sweep\n{ends}\n{shown}"
        );
        assert_eq!(many(&place, "sweep", "done"), 256 * sweep as u64);
        assert_eq!(many(&place, "sweep_end", "done"), sweep as u64);
    }
    println!("{kills} workers killed in {SWEEPS} sweeps");
    assert!(kills > SWEEPS * 4, "{kills} kills say nothing");
    place.is_whole();
    let rebuilt = place.json(&["rebuild"]).ends(0);
    assert_eq!(rebuilt.summary()["equal"], true);
    assert_eq!(
        many(&place, "sweep_end", "done"),
        SWEEPS as u64,
        "jobs are not views"
    );
}

#[test]
fn a_worker_that_is_stopped_gives_back_what_it_holds() {
    for name in ["INT", "TERM"] {
        let place = filled(60);
        place.json(&["job", "add", "sweep"]).ends(0);
        let child = place
            .command(&["--json", "worker", "--jobs", "1"])
            .spawn()
            .unwrap();
        while many(&place, "sweep", "done") < 3 {
            std::thread::sleep(Duration::from_millis(5));
        }
        signal(&child, name);
        let said = ended(child).ends(0);
        assert!(
            said.stderr.contains("finishing what is under way"),
            "{}",
            said.stderr
        );
        assert_eq!(
            many(&place, "sweep", "running"),
            0,
            "nothing is left to run out"
        );
        worked(&place).ends(0);
        assert_eq!(checks(&place), 1);
    }
}

#[test]
fn jobs_are_seen_cancelled_and_put_back() {
    let place = filled(5);
    let asked = place.json(&["job", "add", "sweep"]).ends(0);
    assert_eq!(asked.summary()["fresh"], true);
    let again = place.json(&["check", "--full", "--later"]).ends(0);
    assert_eq!(again.summary()["fresh"], false);
    assert_eq!(
        asked.typed("job")[0]["number"],
        again.typed("job")[0]["number"]
    );
    let shown = place.json(&["job", "show", "1"]).ends(0).typed("job")[0].clone();
    assert_eq!(
        (&shown["kind"], &shown["state"]),
        (&"sweep_end".into(), &"waiting".into())
    );
    let listed = place
        .json(&["job", "ls", "--kind", "sweep", "--limit", "7"])
        .ends(0);
    assert_eq!(listed.typed("job").len(), 7);
    let text = place.run(&["job", "ls"]).ends(0).stdout;
    assert!(text.contains("256 waiting; time left unknown"), "{text}");
    place.json(&["job", "cancel", "1"]).ends(0);
    assert_eq!(many(&place, "sweep", "cancelled"), 256);
    place.json(&["job", "cancel", "1"]).ends(1);
    worked(&place).ends(0);
    assert_eq!(checks(&place), 0);
    place.json(&["job", "again", "1"]).ends(0);
    worked(&place).ends(0);
    assert_eq!(checks(&place), 1);
    let unknown = place.json(&["job", "show", "999"]).ends(1);
    let message = unknown.typed("error")[0]["message"].clone();
    assert!(message.as_str().unwrap().contains("job 999"), "{message}");
    let shown = place.json(&["job", "show", "1"]).ends(0).typed("job")[0].clone();
    assert_eq!(shown["result"]["report"]["originals"], 5, "{shown}");
}

#[test]
fn damage_that_workers_find_is_in_the_log_and_on_the_job() {
    let place = filled(5);
    let item = place.json(&["ls"]).typed("item")[0].clone();
    let (shard, rest) = item["sha256"].as_str().unwrap().split_at(2);
    std::fs::remove_file(place.at(format!("archive/originals/{shard}/{rest}"))).unwrap();
    place.json(&["check", "--full", "--later"]).ends(0);
    worked(&place).ends(0);
    let shown = place.json(&["job", "show", "1"]).ends(0).typed("job")[0].clone();
    assert_eq!(
        shown["result"]["report"]["damage"][0]["items"][0], item["id"],
        "{shown}"
    );
    assert_eq!(checks(&place), 1);
}

#[test]
fn a_host_indexes_for_itself() {
    let place = filled(3);
    place
        .json(&["job", "add", "index", "--host", "elsewhere"])
        .ends(0);
    let mine = place.json(&["job", "add", "index"]).ends(0);
    let number = mine.typed("job")[0]["number"].to_string();
    worked(&place).ends(0);
    let shown = place.json(&["job", "show", &number]).typed("job")[0].clone();
    assert_eq!(
        (&shown["state"], &shown["result"]["entries"]),
        (&"done".into(), &5.into())
    );
    assert_eq!(
        many(&place, "index", "waiting"),
        1,
        "the other host's waits for it"
    );
    let there = ["worker", "--once", "--host", "elsewhere"];
    place.json(&there).ends(0);
    assert_eq!(many(&place, "index", "done"), 2);
}

/// A dossier with one item, ready to be sealed.
fn chosen() -> Place {
    let place = filled(2);
    let words = ["dossier", "new", "--for", "Example", "--purpose", "p"];
    place.json(&words).ends(0);
    place.json(&["dossier", "add", "D-1", "1"]).ends(0);
    place
}

fn seals(place: &Place) -> usize {
    let said = place
        .json(&["log", "ls", "--kind", "dossier_sealed"])
        .ends(0);
    said.typed("entry").len()
}

#[test]
fn a_dossier_is_sealed_later_once_whatever_was_left_by_a_try_that_died() {
    let place = chosen();
    let later = ["dossier", "seal", "D-1", "-o", "d.tar.gz", "--later"];
    place.json(&later).ends(0);
    assert_eq!(place.json(&later).ends(0).summary()["fresh"], false);
    let other = ["dossier", "seal", "D-1", "-o", "other.tar.gz", "--later"];
    place.json(&other).ends(1);
    assert!(!place.at("d.tar.gz").exists());
    // As if a worker had died between the file and the end of its job, and as if another had between entry and file.
    place
        .json(&["dossier", "seal", "D-1", "-o", "d.tar.gz"])
        .ends(0);
    worked(&place).ends(0);
    place.json(&["verify", "d.tar.gz"]).ends(0);
    place.json(&other).ends(0);
    worked(&place).ends(0);
    place.json(&["verify", "other.tar.gz"]).ends(0);
    assert_eq!(seals(&place), 1);
    let shown = place.json(&["job", "show", "2"]).typed("job")[0].clone();
    assert_eq!(
        shown["result"]["bytes"],
        std::fs::metadata(place.at("other.tar.gz")).unwrap().len()
    );
}

#[test]
fn a_file_in_the_way_is_not_overwritten_and_a_person_decides() {
    let place = chosen();
    let later = ["dossier", "seal", "D-1", "-o", "d.tar.gz", "--later"];
    place.json(&later).ends(0);
    place.put("d.tar.gz", "something else");
    worked(&place).ends(3);
    let shown = place.json(&["job", "show", "1"]).typed("job")[0].clone();
    assert_eq!(shown["state"], "set_aside");
    assert!(
        shown["reason"]
            .as_str()
            .unwrap()
            .contains("nothing is overwritten")
    );
    assert_eq!(
        std::fs::read(place.at("d.tar.gz")).unwrap(),
        b"something else"
    );
    assert_eq!(seals(&place), 0);
    place.rename("d.tar.gz", "elsewhere");
    place.json(&["job", "again", "1"]).ends(0);
    worked(&place).ends(0);
    assert_eq!(seals(&place), 1);
    place.json(&["verify", "d.tar.gz"]).ends(0);
}

#[test]
fn whoever_serves_the_pages_indexes_for_its_host() {
    let place = filled(3);
    let child = place
        .command(&["--json", "serve", "--listen", "127.0.0.1:0"])
        .spawn()
        .unwrap();
    place.json(&["job", "add", "index"]).ends(0);
    place.json(&["job", "add", "sweep"]).ends(0);
    let end = std::time::Instant::now() + Duration::from_secs(60);
    while many(&place, "index", "done") < 1 {
        assert!(std::time::Instant::now() < end, "nobody indexed");
        std::thread::sleep(Duration::from_millis(20));
    }
    signal(&child, "TERM");
    ended(child).ends(0);
    assert_eq!(
        many(&place, "sweep", "done"),
        0,
        "what any host can do is left to workers"
    );
}
