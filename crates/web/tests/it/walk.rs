//! A day's work through the door a browser uses: every step a link or a form of the page before.

use std::net::TcpListener;

use sha2::{Digest as _, Sha256};
use web::Reach;

use crate::browser::{Browser, Page};
use crate::fixture::{Fixture, fixture};

const PASSPHRASE: &str = "five words that nobody knows";
const MIB: usize = 1 << 20;

struct House {
    fixture: Fixture,
    browser: Browser,
    end: tokio::sync::oneshot::Sender<()>,
    served: tokio::task::JoinHandle<std::io::Result<()>>,
}

/// A server that listens, and somebody at its door.
async fn house() -> House {
    let fixture = fixture().await;
    let person = fixture.person();
    let set = fixture.archive.set_passphrase(&person, PASSPHRASE).await;
    set.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (end, ended) = tokio::sync::oneshot::channel();
    let serve = web::serve(fixture.archive.clone(), listener, Reach::Here, async {
        drop(ended.await);
    });
    House {
        served: tokio::spawn(serve),
        browser: Browser::new(port),
        fixture,
        end,
    }
}

impl House {
    async fn signed_in(&mut self) -> Page {
        let door = self.browser.open("/").await;
        let typed = [("name", "rev1"), ("passphrase", PASSPHRASE)];
        self.browser.submit(&door, "/sign-in", &typed).await
    }
}

fn noise(length: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let next = || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(11);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

/// A digest as the page writes it, without its gaps.
fn assert_digest(page: &Page, bytes: &[u8]) {
    let text = page.text().replace("</i><i>", "");
    assert!(text.contains(&hex(bytes)), "{} lacks a digest", page.url);
}

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "one day is one story, told in its order"
)]
async fn files_go_in_are_found_and_come_out_as_they_were() {
    let mut house = house().await;
    let browser = &mut house.browser;
    let door = browser.open("/log").await;
    assert_eq!(door.url, "/sign-in?next=%2Flog");
    for (name, passphrase) in [
        ("rev1", "six words that are all wrong"),
        ("nobody", PASSPHRASE),
    ] {
        let typed = [("name", name), ("passphrase", passphrase)];
        let refused = browser.submit(&door, "/sign-in", &typed).await;
        refused.says("This name and passphrase do not belong together");
        assert!(!browser.cookies().contains_key("hf"), "{name}");
    }
    let typed = [("name", "rev1"), ("passphrase", PASSPHRASE)];
    let log = browser.submit(&door, "/sign-in", &typed).await;
    assert_eq!(log.url, "/log", "back to what was asked for");
    let inbox = browser.follow(&log, "/inbox").await;
    inbox.says("Nothing waits here");

    let large = noise(3 * MIB + 17);
    let files: [(&str, &[u8]); 6] = [
        ("harbour wall.mov", &large),
        ("photo\u{202e}gpj.exe", b"one"),
        ("photo\u{202e}gpj.exe", b"two"),
        ("../../escape.txt", b"three"),
        ("شارع المدرسة.txt", b"four"),
        ("empty.txt", b""),
    ];
    let typed = [("source", "Eastbridge channel")];
    let added = browser.upload(&inbox, "/inbox/files", &typed, &files).await;
    added.says("5 preserved, 0 known already, 1 not taken");
    added.says("its name has a character that no file name can have");
    for bytes in [&large[..], b"one", b"two", b"four", b""] {
        assert_digest(&added, bytes);
    }
    let again = browser
        .upload(&inbox, "/inbox/files", &typed, &files[..1])
        .await;
    again.says("0 preserved, 1 known already");

    let search = browser.follow(&added, "/search").await;
    browser
        .submit(&search, "/search", &[("query", "\"open")])
        .await
        .says("quotation mark");
    let found = browser
        .submit(&search, "/search", &[("query", "harbour")])
        .await;
    found.says("1 result<");
    let item = browser.follow(&found, "/items/").await;
    item.says("not yet checked since it was stored");
    item.says("<bdi dir=\"auto\">main</bdi>");
    assert_digest(&item, &large);

    let action = format!("{}/original", item.url);
    let purpose = [("purpose", "Request 7")];
    let original = browser.submit(&item, &action, &purpose).await;
    assert!(
        original.whole && original.status == 200,
        "{}",
        original.head
    );
    assert!(original.body == large, "every byte is as it was");
    let item = browser.open(&item.url).await;
    item.says("from this page: Request 7");
    let found = browser
        .submit(&search, "/search", &[("query", "empty")])
        .await;
    let empty = browser.follow(&found, "/items/").await;
    let action = format!("{}/original", empty.url);
    let nothing = browser.submit(&empty, &action, &[]).await;
    assert!(nothing.whole && nothing.status == 200 && nothing.body.is_empty());
    let health = browser.follow(&item, "/health").await;
    health.says("Nothing has been checked yet");
    let health = browser
        .submit(&health, "/health/check", &[("depth", "quick")])
        .await;
    health.says("No damage found by the last check: quick");
    let item = browser.open(&item.url).await;
    item.says("there in full length");
    let action = format!("{}/check", item.url);
    browser
        .submit(&item, &action, &[])
        .await
        .says("intact, checked");

    let log = browser.follow(&item, "/log").await;
    let log = browser.submit(&log, "/log/verify", &[]).await;
    log.says("Chain intact over");
    let checkpoint = browser.follow(&log, "/log/checkpoint").await;
    assert!(checkpoint.text().starts_with("estuary.example/holdfast/"));

    let cookies = browser.cookies();
    let door = browser.submit(&log, "/sign-out", &[]).await;
    assert_eq!(door.url, "/sign-in");
    browser.keep(cookies);
    let dead = browser.open("/inbox").await;
    assert_eq!(dead.url, "/sign-in?next=%2Finbox", "the old cookie is dead");

    house.end.send(()).unwrap();
    house.served.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_original_is_in_the_log_before_its_first_byte_leaves() {
    let mut house = house().await;
    let id = house.fixture.add("large.bin", &noise(8 * MIB)).await;
    house.signed_in().await;
    let item = house.browser.open(&format!("/items/{id}")).await;
    let action = format!("{}/original", item.url);
    let (stream, got) = house.browser.begin(&item, &action).await;
    assert!(got.len() < MIB, "nearly all of it is still to come");
    let log = house.browser.open("/log").await;
    log.says("<td data-h=\"Act\">original taken out</td>");
    drop(stream);
    let log = house.browser.submit(&log, "/log/verify", &[]).await;
    log.says("Chain intact");
}

#[tokio::test]
async fn a_damaged_original_never_looks_whole() {
    let mut house = house().await;
    let small = house.fixture.add("small.bin", &noise(1_000)).await;
    let large = house.fixture.add("large.bin", &noise(3 * MIB)).await;
    house.fixture.harm_original(&small, 500).await;
    house.fixture.harm_original(&large, 2 * MIB + 9).await;
    house.signed_in().await;
    let browser = &mut house.browser;

    let item = browser.open(&format!("/items/{small}")).await;
    let action = format!("{}/original", item.url);
    let refused = browser.submit(&item, &action, &[]).await;
    assert_eq!(refused.status, 500);
    refused.says("Something stored is damaged");

    let item = browser.open(&format!("/items/{large}")).await;
    let action = format!("{}/original", item.url);
    let cut = browser.submit(&item, &action, &[]).await;
    assert!(!cut.whole, "the connection is cut before the announced end");
    assert_eq!(cut.body.len(), 2 * MIB, "and before the damaged piece");

    let action = format!("{}/check", item.url);
    let item = browser.submit(&item, &action, &[]).await;
    item.says("The stored copy is damaged: do not use it");
    let health = browser.follow(&item, "/health").await;
    health.says("Damage found: 1");
}

#[tokio::test]
async fn a_damaged_log_is_named_and_nothing_is_signed_over_it() {
    let mut house = house().await;
    house.fixture.add("note.txt", b"one").await;
    house.signed_in().await;
    let before = house.fixture.archive.truth().covered().await.unwrap();
    house.fixture.harm_log(40).await;
    let page = house.browser.open("/log").await;
    let broken = house.browser.submit(&page, "/log/verify", &[]).await;
    broken.says("The log is damaged");
    let health = house.browser.follow(&page, "/health").await;
    let health = house.browser.submit(&health, "/health/check", &[]).await;
    health.says("nothing is signed over a log that is damaged");
    assert_eq!(
        house.fixture.archive.truth().covered().await.unwrap(),
        before
    );
}

#[tokio::test]
async fn a_dossier_is_opened_filled_sealed_and_verified() {
    let mut house = house().await;
    for (name, bytes) in crate::fixture::FILES {
        house.fixture.add(name, bytes).await;
    }
    house.signed_in().await;
    let browser = &mut house.browser;
    let share = browser.open("/share").await;
    share.says("No dossiers");
    let typed = [
        ("recipient", "Eastbridge inquiry"),
        ("purpose", "Request 7"),
    ];
    let dossier = browser.submit(&share, "/share", &typed).await;
    dossier.says("Dossier D-1");
    let add = format!("{}/items", dossier.url);
    let slip = browser.submit(&dossier, &add, &[("items", "1, 99")]).await;
    assert_eq!(slip.status, 400);
    slip.says("names no item that you can see; nothing was added");
    let filled = browser
        .submit(&dossier, &add, &[("items", "1\n2, 2")])
        .await;
    filled.says("2 items, in the order added");
    let item = browser.open("/items/3").await;
    let id = dossier.url.strip_prefix("/share/").unwrap();
    let action = tags_action(&item, "/dossier");
    let filled = browser.submit(&item, &action, &[("dossier", id)]).await;
    filled.says("3 items, in the order added");
    browser.open("/items/3").await.says("D-1</a> for");

    let seal = format!("{}/seal", dossier.url);
    let wrong = browser.submit(&filled, &seal, &[("confirm", "D-2")]).await;
    wrong.says("it was not sealed");
    let sealed = browser.submit(&filled, &seal, &[("confirm", "D-1")]).await;
    assert!(sealed.whole && sealed.status == 200, "{}", sealed.head);
    assert!(sealed.head.contains("filename=\"D-1.tar\""));
    verify(&sealed.body);
    let page = browser.open(&dossier.url).await;
    page.says("<strong>Sealed</strong>");
    assert!(!page.text().contains(&add), "nothing can be added any more");
    let again = browser.submit(&page, &seal, &[]).await;
    verify(&again.body);
    let late = browser.submit(&filled, &add, &[("items", "4")]).await;
    assert_eq!(late.status, 409);
}

/// What a stranger's check says of the file.
fn verify(bytes: &[u8]) {
    use std::io::Write as _;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let trust = format::verify::Trust {
        policy: None,
        roots: Vec::new(),
    };
    let limits = format::verify::Limits::default();
    let report = share::verify_file(file.path(), trust, limits, &|_| {}).unwrap();
    assert!(report.damage.is_empty(), "{:?}", report.damage);
}

fn tags_action(page: &Page, end: &str) -> String {
    let found = crate::markup::tags(page.text()).unwrap();
    let mut actions = found.iter().filter_map(|tag| tag.value("action"));
    actions
        .rfind(|action| action.ends_with(end))
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn an_address_that_others_can_reach_is_not_served() {
    let fixture = fixture().await;
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let served = web::serve(
        fixture.archive.clone(),
        listener,
        Reach::Here,
        std::future::pending(),
    )
    .await;
    assert_eq!(served.unwrap_err().kind(), std::io::ErrorKind::InvalidInput);
}
