//! The database comes back older than it was: nothing is signed over, and a rebuild recovers everything.

use super::log::{Checkpoints, holds, is_one_log, preserved, size};
use super::site::{Server, edit, usual};
use crate::support::Place;
use std::collections::BTreeSet;
use std::path::PathBuf;

fn adds(host: &Place, names: &[&str]) -> BTreeSet<String> {
    for name in names {
        host.put(name, format!("invented {name}"));
    }
    preserved(&host.add(names).ends(0).stdout)
}

fn head(host: &Place) -> String {
    let head = host.json(&["log", "head"]).ends(0).typed("head")[0].clone();
    head["checkpoint"].as_str().unwrap().to_owned()
}

/// The files in an archive's folder that keep what a rebuild displaced.
fn kept(host: &Place) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(host.at("archive")).unwrap();
    let paths = listed.map(|e| e.unwrap().path());
    let is_kept = |p: &PathBuf| p.extension().is_some_and(|e| e == "tail");
    paths.filter(is_kept).collect()
}

#[test]
fn an_older_copy_of_the_database_is_read_and_never_signed_over() {
    let Some(usual) = usual() else { return };
    let (one, two, three) = (usual.site.host(), usual.site.host(), usual.site.host());
    let mut acknowledged = adds(&one, &["a.txt", "b.txt"]);
    let old = usual.database.copied();
    // One host's database is the older copy already, while nobody can tell: it is as new as the log.
    edit(&two, "rows", &old.url());
    let server = Server::start(&two);
    let mut browser = server.browser();
    browser.sign_in(&usual.site.passphrase);
    let page = browser.get("/share").unwrap().is(200);
    acknowledged.extend(adds(&one, &["c.txt", "d.txt", "e.txt"]));
    let mut seen = Checkpoints::default();
    let note = head(&one);
    seen.saw(&note);

    // The log went on without it. What it now takes is never signed, and so never acknowledged.
    let fields = [
        ("token", page.token()),
        ("recipient", "Court of Examples"),
        ("purpose", "Inquiry 7"),
    ];
    for _ in 0..2 {
        let refused = browser.post("/share", &fields).unwrap();
        assert!(refused.status >= 500, "{refused:?}");
        let shown = browser.get("/log/checkpoint").unwrap().is(200);
        assert!(size(&shown.body) < size(&note), "{}", shown.body);
        seen.saw(&shown.body);
    }
    server.end();

    // A host that opens it is told what happened, reads, and changes nothing.
    edit(&three, "rows", &old.url());
    let read = three.json(&["ls"]).ends(0);
    assert_eq!(read.typed("item").len(), 2, "the older copy is read");
    let warning = read.typed("warning")[0]["message"].to_string();
    assert!(warning.contains("older copy of itself"), "{warning}");
    three.put("f.txt", "invented f");
    let refused = three.add(&["f.txt"]).ends(5);
    let error = refused.typed("error")[0].to_string();
    assert!(error.contains("older copy of itself"), "{error}");
    assert!(error.contains("holdfast rebuild"), "{error}");

    let rebuilt = three.json(&["rebuild"]);
    let files = kept(&three);
    assert_eq!(files.len(), 1, "{rebuilt:?}");
    let name = files[0].file_name().unwrap().to_str().unwrap();
    assert!(
        rebuilt.stdout.contains(name),
        "it says where: {}",
        rebuilt.stdout
    );
    let bytes = std::fs::read(&files[0]).unwrap();
    assert!(bytes.len() > 100, "the entry that the older copy alone had");
    acknowledged.extend(adds(&two, &["g.txt"]));
    seen.saw(&head(&three));
    holds(&three, &acknowledged);
    is_one_log(&three, &seen);
    three.is_whole();
}
