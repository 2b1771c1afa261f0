//! The check on a database and a bucket: it names exactly the damaged objects, and a store that is away is no damage.

use crate::support::{Sample, checked, name, names};
use archive::{Archive, Opening};
use format::id::ItemId;
use preserve::{Event, Scope, check, check_log};
use std::sync::Arc;
use testkit::services::{Line, Mode};
use testkit::{Stores, TestArchive, Where};

/// A host that only reads: its checks add nothing to the log.
async fn reader(t: &TestArchive, seed: u64) -> Archive {
    let opening = Opening {
        read_only: true,
        ..t.opening(seed)
    };
    Archive::open(t.root(), opening).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_harm_to_an_object_is_named_and_nothing_else_is() {
    let Some(stores) = Stores::new() else { return };
    let s = Sample::at(Where::Shared(Arc::new(stores)), 301).await;
    // Open all the time: what it remembers of what it read must not speak for what is stored.
    let reader = reader(&s.t, 302).await;
    let log = [
        "log/tile/entries/000",
        "log/tile/entries/001.p/11",
        "disclosures/000",
        "disclosures/001.p/11",
        "log/tile/0/000",
        "log/tile/0/001.p/11",
        "log/tile/1/000.p/1",
    ];
    let mut places: Vec<_> = log.map(|path| (path.to_owned(), None)).into();
    places.push((s.original(&s.small[0]).await, Some(s.small[0])));
    places.push((s.original(&s.large[0]).await, Some(s.large[0])));
    places.push((s.tree(&s.large[0]).await, Some(s.large[0])));
    let found = |item: Option<ItemId>| {
        let (reader, who) = (reader.clone(), s.t.who.clone());
        async move {
            match item {
                Some(item) => checked(&reader, &who, Scope::Item(item)).await.damage,
                None => check_log(&reader, &who).await.unwrap().damage,
            }
        }
    };
    let objects = s.t.objects();
    for (place, item) in &places {
        assert!(found(*item).await.is_empty(), "before {place}");
        let at = name(place);
        let good = objects.get(&at).await.unwrap();
        for how in ["flipped", "cut", "gone"] {
            let mut harm = good.clone();
            match how {
                "flipped" => harm[good.len() * 3 / 4] ^= 0x10,
                _ => harm.truncate(good.len() * 2 / 3),
            }
            match how {
                "gone" => objects.discard(&at).await.unwrap(),
                _ => objects.replace(&at, &harm).await.unwrap(),
            }
            let found = found(*item).await;
            let named = std::slice::from_ref(place);
            assert_eq!(names(&found), named, "{how}: {found:#?}");
        }
        objects.replace(&at, &good).await.unwrap();
    }
    // All at once, and every byte of the rest.
    let gone = [&places[7].0, &places[9].0];
    for gone in gone {
        objects.discard(&name(gone)).await.unwrap();
    }
    let report = checked(&reader, &s.t.who, Scope::Full).await;
    let mut gone = gone.map(String::clone);
    gone.sort();
    assert_eq!(names(&report.damage), gone, "{report:#?}");
    assert_eq!((report.originals, report.strays), (4, 0));
}

/// One that nothing names, and one too few.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_object_that_no_entry_names_is_a_stray_and_no_damage() {
    let Some(stores) = Stores::new() else { return };
    let t = TestArchive::new(Where::Shared(Arc::new(stores)), 303).await;
    t.add("a.txt", b"words").await.unwrap();
    let stray = name(&format!("originals/00/{}", "0".repeat(62)));
    t.objects().replace(&stray, b"nobody's").await.unwrap();
    let report = checked(&t.archive, &t.who, Scope::Full).await;
    assert_eq!((report.strays, report.damage.len()), (1, 0), "{report:#?}");
}

/// Cuts a line at the start of a check or in the middle of it: the check ends with an error that passes.
async fn cut_off(t: &TestArchive, line: &Line, mode: Mode) {
    for late in [false, true] {
        let reader = reader(t, 305).await;
        if !late {
            line.switch(mode);
        }
        let mut tell = |event: Event| {
            if late && matches!(event, Event::Entries(..)) {
                line.switch(mode);
            }
        };
        let done = check(&reader, &t.who, &Scope::Full, &Arc::default(), &mut tell).await;
        line.switch(Mode::Pass);
        let e = done.expect_err("a check without its stores has no result");
        assert!(e.is_passing(), "{mode:?}, late: {late}: {e:?}");
    }
    let report = checked(&t.archive, &t.who, Scope::Full).await;
    assert!(report.damage.is_empty(), "{report:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_does_not_answer_is_an_error_of_the_check_and_never_damage() {
    let Some(stores) = Stores::new() else { return };
    let line = Line::before(&stores.shared().objects_endpoint.unwrap());
    let stores = Arc::new(stores.with_objects_at(&line.url()));
    let t = TestArchive::new(Where::Shared(stores), 304).await;
    let large = testkit::SeededRandom::new(304).bytes(2_500_000);
    t.add("a.bin", &large).await.unwrap();
    cut_off(&t, &line, Mode::Cut).await;
    cut_off(&t, &line, Mode::Answer(503)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_does_not_answer_is_an_error_of_the_check_and_never_damage() {
    let Some(stores) = Stores::new() else { return };
    let server = stores.shared().rows;
    let (_, place) = server.split_once('@').unwrap();
    let line = Line::before(place.split('/').next().unwrap());
    let stores = Arc::new(stores.with_rows_at(&line.address().to_string()));
    let t = TestArchive::new(Where::Shared(stores), 306).await;
    t.add("a.txt", b"words").await.unwrap();
    cut_off(&t, &line, Mode::Cut).await;
}
