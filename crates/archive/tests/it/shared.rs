//! On a bucket as in a folder: what is read is what was preserved, and nothing damaged is signed over.

use crate::support::{begun, noted, record};
use archive::truth::originals;
use archive::{Archive, Original, Result, Why};
use std::sync::Arc;
use store::{Name, Objects};
use testkit::services::{Line, Mode};
use testkit::{SeededRandom, Stores, TestArchive, Where};

fn name(path: &str) -> Name {
    Name::new(path).unwrap()
}

async fn on_services(seed: u64) -> Option<TestArchive> {
    let stores = Arc::new(Stores::new()?);
    Some(TestArchive::new(Where::Shared(stores), seed).await)
}

/// What was given out, and how it ended.
async fn read(original: Original) -> (Vec<u8>, Result<u64>) {
    let reading = move || {
        let mut given = Vec::new();
        let read = original.read_verified(&mut |part| {
            given.extend_from_slice(part);
            Ok(())
        });
        (given, read)
    };
    tokio::task::spawn_blocking(reading).await.unwrap()
}

/// Harms one original in the bucket in several ways, and reads it each time.
async fn harmed(t: &TestArchive, objects: &Objects, bytes: &[u8], with_tree: bool) {
    let id = t.add("file.bin", bytes).await.unwrap();
    let seen = t.archive.seen_by(&t.who);
    let digest = seen.item(&id).await.unwrap().digest().unwrap();
    let at = name(&originals::path(&digest));
    if !with_tree {
        let tree = name(&originals::tree_path(&digest));
        objects.discard(&tree).await.unwrap();
    }
    let random = SeededRandom::new(51);
    for n in 0..4 {
        let mut harm = bytes.to_vec();
        match n {
            0 => harm.truncate(bytes.len() * 2 / 3),
            1 => harm.extend_from_slice(b"more"),
            _ => harm[random.below(bytes.len())] ^= 1 << n,
        }
        objects.replace(&at, &harm).await.unwrap();
        let (given, outcome) = match seen.original_within(&id).await {
            Ok(original) => read(original).await,
            Err(e) => (Vec::new(), Err(e)),
        };
        let e = outcome.expect_err("harmed bytes were given out");
        assert_eq!(e.why, Why::Damaged, "harm {n}: {e}");
        assert!(bytes.starts_with(&given), "harm {n}: wrong bytes");
        // Without a tree all is checked before anything is given.
        assert!(with_tree || given.is_empty(), "harm {n}");
    }
    objects.discard(&at).await.unwrap();
    let e = match seen.original_within(&id).await {
        Ok(original) => read(original).await.1.unwrap_err(),
        Err(e) => e,
    };
    assert_eq!(e.why, Why::Damaged, "missing: {e}");
    objects.replace(&at, bytes).await.unwrap();
    let (given, outcome) = read(seen.original_within(&id).await.unwrap()).await;
    assert_eq!(outcome.unwrap(), bytes.len() as u64);
    assert!(given == bytes, "an intact original reads as it came");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_wrong_byte_of_an_original_is_ever_given_out_of_a_bucket() {
    let Some(t) = on_services(41).await else {
        return;
    };
    let (objects, random) = (t.objects(), SeededRandom::new(41));
    let lengths = [70_000, 1 << 20, 3_500_000, 2_200_000];
    for (len, with_tree) in lengths.into_iter().zip([true, true, true, false]) {
        harmed(&t, &objects, &random.bytes(len), with_tree).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_tile_or_bundle_in_a_bucket_is_not_signed_over() {
    let Some(t) = on_services(42).await else {
        return;
    };
    let (session, draft) = begun(&t.archive);
    let mut drafts = vec![draft];
    drafts.extend((0..299).map(|n| noted(session, &format!("note {n}"))));
    record(&t.archive, &t.who, drafts).await.unwrap();
    t.archive.cover().await.unwrap();
    let (objects, size) = (t.objects(), t.archive.truth().covered().await.unwrap());
    let width = size - 256;
    for path in [
        format!("log/tile/0/001.p/{width}"),
        "log/tile/1/000.p/1".to_owned(),
        format!("log/tile/entries/001.p/{width}"),
        format!("disclosures/001.p/{width}"),
    ] {
        let at = name(&path);
        let good = objects.get(&at).await.unwrap();
        let mut bad = good.clone();
        bad[good.len() / 2] ^= 4;
        for harm in [Some(bad), None] {
            let what = format!(
                "{path} {}",
                if harm.is_some() { "harmed" } else { "missing" }
            );
            match harm {
                Some(bad) => objects.replace(&at, &bad).await.unwrap(),
                None => objects.discard(&at).await.unwrap(),
            }
            // A host that comes new remembers nothing of what it was.
            let other = Archive::open(t.root(), t.opening(43)).await.unwrap();
            record(&other, &t.who, vec![noted(session, &what)])
                .await
                .unwrap();
            let e = other.cover().await.unwrap_err();
            assert_eq!(e.why, Why::Damaged, "{what}: {e}");
            assert_eq!(other.truth().covered().await.unwrap(), size, "{what}");
            objects.replace(&at, &good).await.unwrap();
        }
    }
    let other = Archive::open(t.root(), t.opening(44)).await.unwrap();
    assert_eq!(other.cover().await.unwrap(), size + 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_original_in_a_store_that_does_not_answer_is_not_called_damaged() {
    let Some(stores) = Stores::new() else { return };
    let endpoint = stores.shared().objects_endpoint.unwrap();
    let line = Line::before(&endpoint);
    let stores = Arc::new(stores.with_objects_at(&line.url()));
    let t = TestArchive::new(Where::Shared(stores), 45).await;
    let id = t.add("a.txt", b"words").await.unwrap();
    let seen = t.archive.seen_by(&t.who);
    for mode in [Mode::Cut, Mode::Answer(503)] {
        line.switch(mode);
        let outcome = match seen.original_within(&id).await {
            Ok(original) => read(original).await,
            Err(e) => (Vec::new(), Err(e)),
        };
        line.switch(Mode::Pass);
        let e = outcome.1.unwrap_err();
        assert!(e.is_passing() && outcome.0.is_empty(), "{mode:?}: {e:?}");
    }
    let (given, outcome) = read(seen.original_within(&id).await.unwrap()).await;
    assert_eq!((outcome.unwrap(), given), (5, b"words".to_vec()));
}
