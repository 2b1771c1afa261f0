//! What must be true of a log that several hosts wrote.

use crate::support::{Place, Said};
use std::collections::BTreeSet;
use testkit::tools;

/// Every checkpoint that anybody ever fetched, as it came.
#[derive(Debug, Default)]
pub(crate) struct Checkpoints(BTreeSet<Vec<u8>>);

impl Checkpoints {
    pub(crate) fn saw(&mut self, note: &str) {
        self.0.insert(note.as_bytes().to_vec());
    }

    pub(crate) fn join(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// The one that signs the least.
    pub(crate) fn oldest(&self) -> &[u8] {
        let sized = |note: &&Vec<u8>| size(&String::from_utf8_lossy(note));
        self.0.iter().min_by_key(sized).unwrap()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// The size that a checkpoint signs.
pub(crate) fn size(note: &str) -> u64 {
    note.lines().nth(1).unwrap().parse().unwrap()
}

/// The log has no gap, Go's own code finds the signed root in it, and it continues every checkpoint that was ever
/// seen: there was never a second log.
pub(crate) fn is_one_log(place: &Place, seen: &Checkpoints) {
    let head = place.json(&["log", "head"]).ends(0).typed("head")[0].clone();
    place.put("key", head["log_key"].as_str().unwrap());
    place.put("last", head["checkpoint"].as_str().unwrap());
    let (key, out) = (place.at("key"), place.at("exported"));
    place
        .json(&["log", "export", out.to_str().unwrap()])
        .ends(0);
    let listed = place.json(&["log", "ls", "--limit", "100000"]).ends(0);
    let numbers: Vec<u64> = listed
        .typed("entry")
        .iter()
        .map(|e| e["index"].as_u64().unwrap())
        .collect();
    let whole: Vec<u64> = (0..head["recorded"].as_u64().unwrap()).rev().collect();
    assert_eq!(numbers, whole, "numbers without gaps");
    if tools::need("go").is_none() {
        return;
    }
    tools::go_log(&out, &key).unwrap();
    for note in &seen.0 {
        let old = place.put("old", note);
        let text = String::from_utf8_lossy(note);
        tools::go_consistency(&key, &old, &out).unwrap_or_else(|why| panic!("{why}\n{text}"));
    }
    std::fs::remove_dir_all(out).unwrap();
}

/// The views are what the log gives.
pub(crate) fn rebuilt_is_live(place: &Place) {
    let rebuilt = place.json(&["rebuild"]).ends(0);
    assert_eq!(rebuilt.summary()["equal"], true, "rebuilt is live");
}

/// The ids that the archive lists.
pub(crate) fn items(place: &Place) -> BTreeSet<String> {
    ids(&place.json(&["ls", "--limit", "100000"]).ends(0), |_| true)
}

/// The ids of a run that said they are preserved, also of one that was killed.
pub(crate) fn preserved(stdout: &str) -> BTreeSet<String> {
    let lines = stdout.lines().filter_map(|l| serde_json::from_str(l).ok());
    let lines = lines.filter(|l: &serde_json::Value| l["outcome"] == "preserved");
    lines
        .map(|l| l["id"].as_str().unwrap().to_owned())
        .collect()
}

fn ids(said: &Said, which: impl Fn(&serde_json::Value) -> bool) -> BTreeSet<String> {
    let lines = said.typed("item").into_iter().filter(|l| which(l));
    lines
        .map(|l| l["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Everything acknowledged is there.
#[track_caller]
pub(crate) fn holds(place: &Place, acknowledged: &BTreeSet<String>) {
    let there = items(place);
    let lost: Vec<&String> = acknowledged.difference(&there).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
}
