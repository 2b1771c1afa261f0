//! An object store that is sick, slow, or gives back other bytes than it was given.

use super::{Kept, failure, run, tell};
use crate::support::{ended, noise};
use std::time::{Duration, Instant};
use store::{Bucket, Objects};
use testkit::services::{Line, Mode};

/// A host whose bucket is behind a line, and its archive.
fn behind_a_line() -> Option<(Kept, Line)> {
    let kept = Kept::new()?;
    let line = Line::before(kept.shared.objects_endpoint.as_deref().unwrap());
    kept.host("far");
    let mut shared = kept.shared.clone();
    shared.objects_endpoint = Some(line.url());
    kept.point("far", &shared);
    kept.place.put("in/a.bin", noise(1, 60_000));
    kept.place.put("in/b.bin", noise(2, 9 << 20));
    Some((kept, line))
}

#[test]
fn an_object_store_that_is_sick_for_a_moment_is_asked_again() {
    for status in [500, 503] {
        let Some((kept, line)) = behind_a_line() else {
            return;
        };
        line.switch(Mode::Answer(status));
        let child = kept
            .place
            .command(&[
                "--json",
                "--archive",
                "far",
                "add",
                "in",
                "--source",
                "test",
            ])
            .spawn()
            .unwrap();
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(4) {
            std::thread::sleep(Duration::from_millis(50));
        }
        line.switch(Mode::Pass);
        let said = ended(child).ends(0);
        assert_eq!(said.summary()["preserved"], 2);
        kept.is_whole();
    }
}

#[test]
fn an_object_store_that_stays_sick_is_said_and_the_same_command_goes_on_later() {
    let Some((kept, line)) = behind_a_line() else {
        return;
    };
    for status in [500, 503] {
        line.switch(Mode::Answer(status));
        let start = Instant::now();
        let said = kept.on("far", &["add", "in", "--source", "test"]);
        tell(&format!(
            "{status} for ever: said after {:?}",
            start.elapsed()
        ));
        failure(&format!("add, store answers {status}"), said, 13).says("The object store at ", "");
        assert!(start.elapsed() < Duration::from_secs(60));
    }
    assert!(kept.items().is_empty());
    line.switch(Mode::Pass);
    assert_eq!(
        kept.on("far", &["add", "in", "--source", "test"])
            .ends(0)
            .summary()["preserved"],
        2
    );
    kept.is_whole();
}

#[test]
fn an_object_store_on_a_slow_line_is_waited_for() {
    let Some((kept, line)) = behind_a_line() else {
        return;
    };
    line.switch(Mode::Slow(1 << 20));
    let said = kept.on("far", &["add", "in", "--source", "test"]).ends(0);
    assert_eq!(said.summary()["preserved"], 2);
    line.switch(Mode::Pass);
    kept.is_whole();
}

#[test]
fn other_bytes_of_the_same_length_are_never_given_out() {
    let Some(kept) = Kept::new() else { return };
    let (small, large) = (noise(1, 60_000), noise(2, 9 << 20));
    kept.place.put("in/a.bin", &small);
    kept.place.put("in/b.bin", &large);
    kept.on("archive", &["add", "in", "--source", "test"])
        .ends(0);
    let lines = kept.on("archive", &["ls"]).ends(0).typed("item");
    let pages = super::pages::Pages::serve(&kept, "archive");
    for line in lines {
        let (id, sha) = (
            line["id"].as_str().unwrap(),
            line["sha256"].as_str().unwrap(),
        );
        let was = if line["bytes"] == 60_000 {
            &small
        } else {
            &large
        };
        let mut other = was.clone();
        let middle = other.len() / 2;
        other[middle] ^= 1;
        let object = replaced(&kept, sha, other);
        let file = format!("out-{id}.bin");
        let said = kept.on("archive", &["get", id, "-o", &file]);
        failure("get, other bytes", said, 5).says("", "");
        let there = std::fs::read(kept.place.at(&file)).unwrap_or_default();
        assert!(there.is_empty(), "{} bytes were given out", there.len());
        let (original, form) = pages.original(id);
        let answer = pages.post(&original, &form);
        tell(&format!(
            "original page, other bytes of {}: {}",
            was.len(),
            answer.status
        ));
        let body = answer
            .text
            .split_once("\r\n\r\n")
            .map_or("", |(_, body)| body)
            .len();
        assert!(
            answer.status == 500 || body < was.len(),
            "{} with {body} bytes",
            answer.status
        );
        let check = kept.on("archive", &["check", "--full"]).ends(5);
        let named = check
            .typed("damage")
            .iter()
            .any(|d| d.to_string().replace('/', "").contains(sha));
        assert!(named, "{} is not named: {}", object, check.stdout);
        replaced(&kept, sha, was.clone());
    }
    pages.end();
    kept.is_whole();
}

/// Puts other bytes in the place of an original, as somebody with the key could.
fn replaced(kept: &Kept, sha: &str, bytes: Vec<u8>) -> String {
    run(async {
        let (bucket, prefix) = Bucket::parse(&kept.shared.objects).unwrap();
        let secret = |s: &Option<store::Secret>| s.clone().unwrap();
        let objects = Objects::s3(&Bucket {
            endpoint: kept.shared.objects_endpoint.clone(),
            region: kept.shared.objects_region.clone(),
            bucket,
            prefix,
            access_key: secret(&kept.secrets.objects_access_key),
            secret_key: secret(&kept.secrets.objects_secret_key),
            spool: kept.place.at("spool"),
        })
        .unwrap();
        let all = objects.list("originals").await.unwrap();
        let name = all
            .iter()
            .find(|n| n.to_string().replace('/', "").contains(sha))
            .unwrap();
        objects.replace(name, &bytes).await.unwrap();
        name.to_string()
    })
}
