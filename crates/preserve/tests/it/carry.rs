//! Carrying an archive to another place: the same archive there, a copy to read here, and nothing in between.

use archive::{Archive, Opening, Secrets, Shared, Who, Why};
use format::id::{ItemId, SessionId, Subject};
use format::kind::SessionStarted;
use preserve::{Destination, Moved, Progress};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use testkit::{SeededRandom, Stores, TestArchive, TestClock, Where};

fn opening(secrets: Secrets, seed: u64) -> Opening {
    Opening {
        clock: Arc::new(TestClock::default()),
        random: Arc::new(SeededRandom::new(seed)),
        skew_limit: i64::MAX,
        secrets,
        ..Opening::default()
    }
}

fn to<'a>(root: &'a Path, stores: Option<&Stores>) -> (Destination<'a>, Secrets) {
    let destination = Destination {
        root,
        shared: stores.map(Stores::shared),
        keep_secrets: true,
        words: "another place".into(),
    };
    (destination, stores.map(Stores::secrets).unwrap_or_default())
}

async fn carried(from: &Archive, who: &Who, root: &Path, stores: Option<&Stores>) -> Moved {
    let (destination, secrets) = to(root, stores);
    let stop = Arc::new(AtomicBool::new(false));
    let opening = opening(secrets, 901);
    preserve::carry(from, who, destination, opening, &stop, &mut |_| {})
        .await
        .unwrap()
}

/// Small and large originals, one of them twice, and entries that no checkpoint covers yet.
async fn filled(seed: u64) -> (TestArchive, Vec<ItemId>) {
    let t = TestArchive::new(Where::Folder, seed).await;
    let random = SeededRandom::new(seed);
    let mut items = Vec::new();
    for n in 0..40_usize {
        let bytes = random.bytes(if n % 10 == 0 { 2_300_000 } else { 500 + n });
        items.push(t.add(&format!("{n}"), &bytes).await.unwrap());
        if n == 3 {
            items.push(t.add("again", &bytes).await.unwrap());
        }
    }
    noted(&t.archive, &t.who).await.unwrap();
    (t, items)
}

async fn noted(archive: &Archive, who: &Who) -> archive::Result<()> {
    let session = SessionId::from_random(archive.draw());
    let start = SessionStarted::new("a day at the harbour".into());
    let draft = archive::Draft::first(Subject::Session(session), start.into());
    archive.begin(who).await?.record(vec![draft]).await?;
    Ok(())
}

async fn opened(root: &Path, seed: u64) -> (Archive, Who) {
    // What opens the stores lies in the folder.
    let archive = Archive::open(root, opening(Secrets::default(), seed))
        .await
        .unwrap();
    let who = archive.owner().await.unwrap();
    (archive, who)
}

/// What must be the same in both places.
async fn facts(archive: &Archive) -> (String, Option<Vec<u8>>) {
    let checkpoint = archive.truth().checkpoint().await.unwrap();
    (
        archive.dump().await.unwrap(),
        checkpoint.map(|(_, bytes)| bytes),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_moved_archive_is_the_same_there_and_a_copy_to_read_here() {
    let (mut t, items) = filled(301).await;
    t.harmed();
    let passphrase = "five or six random words";
    let owner = *t.who.person().unwrap();
    t.archive.set_passphrase(&owner, passphrase).await.unwrap();
    let root = t.scratch().join("there");
    let moved = carried(&t.archive, &t.who, &root, None).await;
    assert!(moved.complete && moved.damage.is_empty(), "{moved:?}");
    assert_eq!(moved.originals, 40);
    let (there, who) = opened(&root, 902).await;
    assert_eq!(facts(&there).await, facts(&t.archive).await);
    assert_eq!(there.sign_in("owner", passphrase).await.unwrap(), owner);
    noted(&there, &who).await.unwrap();
    let refused = noted(&t.archive, &t.who).await.unwrap_err();
    assert_eq!(refused.why, Why::ReadOnly);
    assert!(refused.what.contains("moved to another place"), "{refused}");
    let (here, who) = opened(t.root(), 903).await;
    assert!(here.trouble().unwrap().contains("moved"));
    let original = here.seen_by(&who).original_within(&items[0]).await.unwrap();
    assert_eq!(original.read_verified(&mut |_| Ok(())).unwrap(), 2_300_000);
    // Rebuilt or not, it stays left: two archives of one name would be two truths.
    let refused = noted(&here, &who).await.unwrap_err();
    assert_eq!(refused.why, Why::ReadOnly);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_that_was_stopped_goes_on_with_the_same_call() {
    let (mut t, _) = filled(302).await;
    t.harmed();
    let root = t.scratch().join("there");
    for pass in 0..3 {
        let stop = Arc::new(AtomicBool::new(false));
        let (destination, secrets) = to(&root, None);
        let mut seen = 0;
        let flag = Arc::clone(&stop);
        // Once among the originals, once after the door was shut: then it must end.
        let mut tell = |progress| match (pass, progress) {
            (0, Progress::Originals(..)) => {
                seen += 1;
                flag.store(seen == 5, Ordering::Relaxed);
            }
            (1, Progress::Shut) => flag.store(true, Ordering::Relaxed),
            _ => {}
        };
        let moved = preserve::carry(
            &t.archive,
            &t.who,
            destination,
            opening(secrets, 904 + pass),
            &stop,
            &mut tell,
        )
        .await
        .unwrap();
        assert_eq!(
            (moved.stopped, moved.complete),
            (pass < 2, pass == 2),
            "{moved:?}"
        );
        match pass {
            0 => noted(&t.archive, &t.who).await.unwrap(),
            1 => {
                let e = Archive::open(&root, opening(Secrets::default(), 1)).await;
                assert_eq!(
                    e.unwrap_err().why,
                    Why::NoArchive,
                    "half a move is no archive"
                );
                let e = noted(&t.archive, &t.who).await.unwrap_err();
                assert!(e.what.contains("is being moved"), "{e}");
            }
            _ => assert_eq!(moved.there_before, 40),
        }
    }
    let (there, _) = opened(&root, 905).await;
    assert_eq!(facts(&there).await, facts(&t.archive).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damage_stops_a_move_by_name_and_giving_up_opens_the_door_again() {
    let (mut t, items) = filled(303).await;
    t.harmed();
    let row = t.archive.seen_by(&t.who).item(&items[5]).await.unwrap();
    let name = archive::truth::originals::path(&row.digest().unwrap());
    let path = t.root().join(&name);
    std::fs::remove_file(&path).unwrap();
    let root = t.scratch().join("there");
    let moved = carried(&t.archive, &t.who, &root, None).await;
    assert!(!moved.complete && !moved.stopped);
    let named: Vec<&str> = moved.damage.iter().map(|d| d.name.as_str()).collect();
    assert_eq!(named, [name]);
    noted(&t.archive, &t.who).await.unwrap();
    t.archive
        .close(&t.who, "This archive is being moved")
        .await
        .unwrap();
    assert!(noted(&t.archive, &t.who).await.is_err());
    t.archive.reopen(&t.who).await.unwrap();
    noted(&t.archive, &t.who).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_holds_something_is_not_moved_into() {
    let (t, _) = filled(304).await;
    let root = t.scratch().join("there");
    std::fs::create_dir(&root).unwrap();
    testkit::write_file(&*t.disk(), &root.join("letter.txt"), b"mine");
    let (destination, secrets) = to(&root, None);
    let stop = Arc::new(AtomicBool::new(false));
    let e = preserve::carry(
        &t.archive,
        &t.who,
        destination,
        opening(secrets, 906),
        &stop,
        &mut |_| {},
    )
    .await
    .unwrap_err();
    assert_eq!(e.why, Why::Invalid);
    noted(&t.archive, &t.who).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_archive_goes_to_a_database_and_a_bucket_and_back_entry_for_entry() {
    let Some(stores) = Stores::new() else { return };
    let (mut t, items) = filled(305).await;
    t.harmed();
    let (large, back) = (t.scratch().join("large"), t.scratch().join("back"));
    let moved = carried(&t.archive, &t.who, &large, Some(&stores)).await;
    assert!(moved.complete, "{moved:?}");
    let (shared, who) = opened(&large, 907).await;
    assert!(shared.is_shared());
    assert_eq!(facts(&shared).await, facts(&t.archive).await);
    noted(&shared, &who).await.unwrap();
    let moved = carried(&shared, &who, &back, None).await;
    assert!(moved.complete, "{moved:?}");
    let (home, who) = opened(&back, 908).await;
    assert_eq!(facts(&home).await, facts(&shared).await);
    assert_eq!(
        moved.entries,
        t.archive.truth().covered().await.unwrap() + 1
    );
    let original = home.seen_by(&who).original_within(&items[0]).await.unwrap();
    assert_eq!(original.read_verified(&mut |_| Ok(())).unwrap(), 2_300_000);
    let refused = noted(&shared, &who).await.unwrap_err();
    assert_eq!(refused.why, Why::ReadOnly);
    // Another host of the place that was left hears the same.
    let (other, who) = opened(&large, 909).await;
    assert_eq!(noted(&other, &who).await.unwrap_err().why, Why::ReadOnly);
    let taken: Shared = stores.shared();
    let again = t.scratch().join("again");
    let destination = Destination {
        root: &again,
        shared: Some(taken),
        keep_secrets: true,
        words: "a taken place".into(),
    };
    let stop = Arc::new(AtomicBool::new(false));
    let opening = opening(stores.secrets(), 910);
    let e = preserve::carry(&home, &who, destination, opening, &stop, &mut |_| {}).await;
    assert_eq!(
        e.unwrap_err().why,
        Why::Invalid,
        "an archive lies there already"
    );
}
