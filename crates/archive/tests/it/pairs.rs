//! The two pairs are one product: the same acts give the same log, byte for byte, and the same rows.

use crate::support::{noted, record};
use crate::views::every_kind;
use archive::Draft;
use format::entry::Entry;
use format::id::{DossierId, ItemId, PersonId, SessionId, Subject};
use format::kind::{
    DossierOpened, Exported, Kind, NotCollected, PersonAdded, SessionEnded, SessionStarted,
};
use format::name::BytesName;
use std::collections::BTreeMap;
use std::sync::Arc;
use testkit::{Stores, TestArchive, Where};

/// One archive on each pair, from the same seed; none where there are no services.
async fn both(seed: u64) -> Option<[TestArchive; 2]> {
    let stores = Arc::new(Stores::new()?);
    Some([
        TestArchive::at_one_moment(Where::Folder, seed).await,
        TestArchive::at_one_moment(Where::Shared(stores), seed).await,
    ])
}

/// Everything of the log that others see. How the last signature is kept is the pair's own affair.
async fn log(t: &TestArchive) -> BTreeMap<String, Vec<u8>> {
    let objects = t.objects();
    let mut found = BTreeMap::new();
    for folder in ["log/", "disclosures/"] {
        for name in objects.list(folder).await.unwrap() {
            let own = name.as_str() == "log/tail" || name.as_str().starts_with("log/checkpoints/");
            if !own {
                found.insert(name.as_str().to_owned(), objects.get(&name).await.unwrap());
            }
        }
    }
    found
}

async fn must_be_alike([folder, shared]: &[TestArchive; 2]) {
    let (theirs, ours) = (log(shared).await, log(folder).await);
    let names = |log: &BTreeMap<String, Vec<u8>>| log.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&theirs), names(&ours));
    assert!(ours.contains_key("log/checkpoint"), "{:?}", names(&ours));
    for (name, bytes) in &ours {
        assert!(theirs[name] == *bytes, "{name} differs");
    }
    assert_eq!(
        shared.archive.dump().await.unwrap(),
        folder.archive.dump().await.unwrap()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_acts_give_the_same_log_and_the_same_rows_on_both_pairs() {
    let Some(both) = both(61).await else { return };
    for t in &both {
        let item = every_kind(t).await;
        let (session, begin) = crate::support::begun(&t.archive);
        // More than one bundle, so that a whole tile is among what is compared.
        let mut drafts = vec![begin];
        drafts.extend((0..270).map(|n| noted(session, &format!("note {n}"))));
        record(&t.archive, &t.who, drafts).await.unwrap();
        t.archive.cover().await.unwrap();
        let seen = t.archive.seen_by(&t.who);
        drop(seen.original(&item, "get", None).await.unwrap());
    }
    must_be_alike(&both).await;
}

/// A text in every place that takes one.
fn texts(t: &TestArchive, item: ItemId, text: &str) -> (SessionId, Vec<Draft>) {
    let session = SessionId::from_random(t.archive.draw());
    let text = || text.to_owned();
    let start = SessionStarted {
        authority: Some(text()),
        ..SessionStarted::new(text())
    };
    let ended = SessionEnded { note: Some(text()) };
    let refused = NotCollected::new(BytesName(text().into_bytes()), text());
    let taken = Exported {
        purpose: Some(text()),
        ..Exported::new(text())
    };
    let first = |subject, kind: Kind| Draft::first(subject, kind);
    let drafts = vec![
        first(Subject::Session(session), start.into()),
        noted(session, &text()),
        Draft::about(Subject::Session(session), refused.into()),
        Draft::about(Subject::Session(session), ended.into()),
        Draft::about(Subject::Item(item), taken.into()),
        first(
            Subject::Person(PersonId::from_random(t.archive.draw())),
            PersonAdded::new(text(), vec!["suspended".into(), text()]).into(),
        ),
        first(
            Subject::Dossier(DossierId::from_random(t.archive.draw())),
            DossierOpened::new(text(), text()).into(),
        ),
    ];
    (session, drafts)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn u0000_in_a_text_stands_in_the_log_and_makes_the_same_rows_on_both_pairs() {
    let Some(both) = both(62).await else { return };
    for t in &both {
        let item = t.add("a.txt", b"words").await.unwrap();
        let (session, drafts) = texts(t, item, "before\0after");
        record(&t.archive, &t.who, drafts).await.unwrap();
        let size = t.archive.cover().await.unwrap();
        let seen = t.archive.seen_by(&t.who);
        let notes = seen.session_notes(&session.to_string()).await.unwrap();
        let notes: Vec<_> = notes.into_iter().filter_map(|n| n.note).collect();
        assert_eq!(notes[0], "before\u{2400}after");
        let mut said = 0;
        for index in 0..size {
            let text = t.archive.truth().entry(index).await.unwrap().unwrap();
            let entry = Entry::open(&text, Some(&t.archive.home().entry_key)).unwrap();
            said += usize::from(format!("{:?}", entry.fields).contains("before\\0after"));
        }
        assert!(said >= 7, "only {said} entries keep what was said");
        t.prove().await;
    }
    must_be_alike(&both).await;
}
