//! Two servers, one truth: what one acknowledged, the other's very next page shows.

use super::browser::{Answer, Browser};
use super::site::{Server, usual};

#[test]
fn what_one_server_acknowledged_the_others_next_page_shows() {
    let Some(usual) = usual() else { return };
    let (one, two) = (usual.site.host(), usual.site.host());
    let servers = [Server::start(&one), Server::start(&two)];
    let mut at_one = servers[0].browser();
    at_one.sign_in(&usual.site.passphrase);
    // A sign-in at one server is one at the other.
    let mut at_two = at_one.moved_to(servers[1].listen());
    at_two.get("/inbox").unwrap().is(200);
    for n in 0..6 {
        let (here, there) = if n % 2 == 0 {
            (&mut at_one, &mut at_two)
        } else {
            (&mut at_two, &mut at_one)
        };
        // A form made by one server is accepted by the other.
        let page = there.get("/inbox").unwrap().is(200);
        let name = format!("note-{n}.txt");
        let added = here.upload(page.token(), &name, format!("invented {n}").as_bytes());
        let added = added.unwrap().is(200);
        assert!(added.body.contains("1 preserved"), "{}", added.body);
        let seen = there.get("/inbox").unwrap().is(200);
        assert!(seen.body.contains(&name), "{n}: {}", seen.body);
        let purpose = format!("Inquiry {n}");
        let fields = [
            ("token", page.token()),
            ("recipient", "Court of Examples"),
            ("purpose", &purpose),
        ];
        let opened = here.post("/share", &fields).unwrap().is(303);
        let shown = there.get(opened.location()).unwrap().is(200);
        assert!(shown.body.contains(&purpose), "{n}: {}", shown.body);
    }
    // A sign-out at one server is one at the other.
    let page = at_one.get("/inbox").unwrap().is(200);
    at_one
        .post("/sign-out", &[("token", page.token())])
        .unwrap()
        .is(303);
    let refused = at_two.get("/inbox").unwrap();
    assert_ne!(
        refused.status, 200,
        "a sign-in outlived its end: {refused:?}"
    );
    let [a, b] = servers;
    a.end();
    b.end();
    one.is_whole();
    let rebuilt = two.json(&["rebuild"]).ends(0);
    assert_eq!(rebuilt.summary()["equal"], true, "rebuilt is live");
}

/// Adds an item to a dossier from a page that was shown.
fn chooses(by: &mut Browser, dossier: &str, page: &Answer, item: &str) -> Answer {
    let after = page.field("after").unwrap();
    let fields = [("token", page.token()), ("after", after), ("items", item)];
    by.post(&format!("{dossier}/items"), &fields).unwrap()
}

/// Which of the two files the dossier's page shows.
fn shows(by: &mut Browser, dossier: &str) -> (bool, bool) {
    let page = by.get(dossier).unwrap().is(200).body;
    (page.contains("a.txt"), page.contains("b.txt"))
}

#[test]
fn a_stale_edit_is_refused_with_both_versions_shown() {
    let Some(usual) = usual() else { return };
    let (one, two) = (usual.site.host(), usual.site.host());
    for name in ["a.txt", "b.txt"] {
        one.put(name, name);
    }
    one.add(&["a.txt"]).ends(0);
    one.add(&["b.txt"]).ends(0);
    let servers = [Server::start(&one), Server::start(&two)];
    let mut at_one = servers[0].browser();
    at_one.sign_in(&usual.site.passphrase);
    let mut at_two = at_one.moved_to(servers[1].listen());
    let page = at_one.get("/share").unwrap().is(200);
    let fields = [
        ("token", page.token()),
        ("recipient", "Court of Examples"),
        ("purpose", "Inquiry 7"),
    ];
    let opened = at_one.post("/share", &fields).unwrap().is(303);
    let dossier = opened.location();
    let stale = at_one.get(dossier).unwrap().is(200);
    let fresh = at_two.get(dossier).unwrap().is(200);
    chooses(&mut at_two, dossier, &fresh, "1").is(303);

    let before = two.log_size();
    let refused = chooses(&mut at_one, dossier, &stale, "2").is(409);
    let both = &refused.body;
    assert!(both.contains("changed after you opened it"), "{both}");
    assert!(both.contains("item 1 added"), "theirs: {both}");
    assert!(both.contains(">\n2</textarea>"), "mine: {both}");
    assert_eq!(two.log_size(), before, "a refused edit left an entry");
    assert_eq!(shows(&mut at_two, dossier), (true, false));
    // Sent all the same, from the page that shows both.
    chooses(&mut at_one, dossier, &refused, "2").is(303);
    assert_eq!(shows(&mut at_two, dossier), (true, true));
}
