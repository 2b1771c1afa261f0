//! A node of the object store is killed while material is added.

use super::log::{Checkpoints, holds, is_one_log, preserved};
use super::site::Site;
use crate::support::{Place, Said, ended, noise};
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _};
use testkit::services::{Garage, fresh_database};
use testkit::tools;

const FILES: u64 = 300;

/// A few hundred files, and one that goes up in parts.
fn material(host: &Place, folder: &str, seed: u64) {
    for n in 0..FILES {
        host.put(format!("{folder}/{n:04}.bin"), noise(seed + n, 900));
    }
    let part = noise(seed, 1 << 20);
    let mut large = Vec::with_capacity(66 << 20);
    for n in 0..66_u64 {
        large.extend_from_slice(&(seed + n).to_le_bytes());
        large.extend_from_slice(&part);
    }
    host.put(format!("{folder}/large.bin"), large);
}

/// Adds a folder and kills a node once some of it is acknowledged.
fn adds_while(host: &Place, folder: &str, then: impl FnOnce()) -> Said {
    let words = ["--json", "add", "--source=test", folder];
    let mut child = host.command(&words).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    while !text.contains("\"preserved\"") {
        assert_ne!(
            out.read_line(&mut text).unwrap(),
            0,
            "it ended early: {text}"
        );
    }
    then();
    let rest = std::thread::spawn(move || {
        let mut more = String::new();
        out.read_to_string(&mut more).unwrap();
        more
    });
    let mut said = ended(child);
    said.stdout = text + &rest.join().unwrap();
    said
}

#[test]
fn a_lost_node_of_the_object_store_costs_nothing_acknowledged() {
    let (Some(database), Some(_)) = (fresh_database(), tools::need("garage")) else {
        return;
    };
    let garage = Garage::start(3);
    let ends = garage.endpoints();
    let site = Site::found(&database.url(), &garage.s3());
    let (one, two) = (site.host(), site.host_at(&ends[1]));
    let mut seen = Checkpoints::default();

    // The node that this host talks to.
    material(&one, "in", 1);
    let broke = adds_while(&one, "in", || garage.kill(1));
    let mut acknowledged: BTreeSet<String> = preserved(&broke.stdout);
    assert!(!acknowledged.is_empty());
    let error = broke.ends(13).typed("error")[0].to_string();
    assert!(error.contains(&ends[0]), "it names what is away: {error}");
    assert!(error.contains("is safe"), "{error}");
    assert!(error.contains("run the same command again"), "{error}");
    // Another host, at another node, reads on and adds.
    holds(&two, &acknowledged);
    let some = acknowledged.first().unwrap().clone();
    two.json(&["get", &some, "-o", "read.bin"]).ends(0);
    seen.saw(&head(&two));
    garage.start_again(1);
    garage.wait_healthy();
    let again = one.json(&["add", "--source=test", "in"]).ends(0);
    let (new, known) = (preserved(&again.stdout), acknowledged.len());
    assert_eq!(new.len() + known, usize::try_from(FILES).unwrap() + 1);
    assert!(new.is_disjoint(&acknowledged), "an item is there twice");
    acknowledged.extend(new);

    // Any other node: nobody notices.
    material(&one, "more", 5_000);
    let noticed = adds_while(&one, "more", || garage.kill(3));
    let more = preserved(&noticed.ends(0).stdout);
    assert_eq!(more.len(), usize::try_from(FILES).unwrap() + 1);
    acknowledged.extend(more);
    seen.saw(&head(&one));
    two.json(&["get", &some, "-o", "again.bin"]).ends(0);
    garage.start_again(3);
    garage.wait_healthy();
    holds(&two, &acknowledged);
    is_one_log(&two, &seen);
    two.is_whole();
}

fn head(host: &Place) -> String {
    let head = host.json(&["log", "head"]).ends(0).typed("head")[0].clone();
    head["checkpoint"].as_str().unwrap().to_owned()
}
