//! Views are pure functions of entries: lost, old or damaged, they are made again (design §4).

use crate::support::{begun, noted, record};
use archive::{Archive, Draft, Opening, Why};
use format::id::{DossierId, ItemId, PersonId, Sha256, Subject};
use format::kind::{
    Checked, Collected, Content, Damage, DossierItemAdded, DossierOpened, DossierSealed, Exported,
    Head, NAMES, NotCollected, PersonAdded, SessionEnded,
};
use format::name::BytesName;
use std::path::PathBuf;
use std::sync::Arc;
use store::{Mode, RealDisk, Rows, args};
use testkit::{FaultDisk, TestArchive, Where, collected, place};

/// One entry of every kind there is, in an order that makes sense; names without UTF-8 included.
pub(crate) async fn every_kind(t: &TestArchive) -> ItemId {
    let a = &t.archive;
    let (session, begin) = begun(a);
    let batch = a.originals().batch();
    let item = t.add("folder/a.txt", b"words").await.unwrap();
    let second = ItemId::from_random(a.draw());
    let strange = Collected {
        name: Some(BytesName(b"\xff\xfe\x00".to_vec())),
        path: Some(BytesName(b"dir/\xff\xfe\x00".to_vec())),
        session: Some(session),
        collected_at: Some("in the morning".into()),
        ..collected("x", place(&batch, b"other words").unwrap())
    };
    batch.settle().await.unwrap();
    let person = PersonId::from_random(a.draw());
    let not = |path: &[u8]| NotCollected::new(BytesName(path.to_vec()), "a pipe".into());
    let damage = Damage {
        what: "original".into(),
        name: "originals/aa".into(),
        item: Some(item),
        chunk: Some(0),
        detail: "invented".into(),
    };
    let second_person = PersonAdded::new("second".into(), vec!["suspended".into()]);
    let ended = SessionEnded {
        note: Some("last".into()),
    };
    let mut drafts = vec![
        begin,
        noted(session, "first"),
        Draft::first(Subject::Item(second), strange.into()),
        Draft::about(Subject::Session(session), not(b"p\xff").into()),
        Draft::about(Subject::Archive, not(b"q").into()),
        Draft::about(Subject::Item(item), Exported::new("get".into()).into()),
        Draft::about(
            Subject::Archive,
            Checked::new("full".into(), 1, 5, vec![damage]).into(),
        ),
        Draft::first(Subject::Person(person), second_person.into()),
        Draft::about(Subject::Session(session), ended.into()),
    ];
    drafts.extend(dossier(DossierId::from_random(a.draw()), item));
    record(a, &t.who, drafts).await.unwrap();
    a.cover().await.unwrap();
    item
}

/// A dossier from its opening to its seal.
fn dossier(id: DossierId, item: ItemId) -> Vec<Draft> {
    let sealed = Content {
        item,
        evidence: "0123456789ab".into(),
        head: Head {
            n: 0,
            index: 2,
            leaf: Sha256([7; 32]),
        },
        withheld: vec![],
    };
    let (to, why) = (|| "a court".to_owned(), || "a request".to_owned());
    let opened = DossierOpened::new(to(), why());
    let added = DossierItemAdded::new(item, vec!["source".into()]);
    let sealed = DossierSealed::new(to(), why(), vec![sealed], "test".into());
    vec![
        Draft::first(Subject::Dossier(id), opened.into()),
        Draft::about(Subject::Dossier(id), added.into()),
        Draft::about(Subject::Dossier(id), sealed.into()),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_applied_and_rebuilt_gives_the_same_rows() {
    let t = TestArchive::new(Where::Real, 31).await;
    every_kind(&t).await;
    let entries = t.archive.seen_by(&t.who).entries(i64::MAX, "", 100).await;
    let mut kinds: Vec<String> = entries.unwrap().into_iter().map(|e| e.kind).collect();
    kinds.sort();
    kinds.dedup();
    let mut all: Vec<&str> = NAMES.to_vec();
    all.sort_unstable();
    assert_eq!(kinds, all, "a kind has no sample here");
    t.prove().await;
    let before = t.archive.dump().await.unwrap();
    let t = t.reopened().await;
    assert_eq!(t.archive.dump().await.unwrap(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_old_or_half_made_rows_are_made_again_at_open() {
    let mut t = TestArchive::new(Where::Folder, 32).await;
    every_kind(&t).await;
    let live = t.archive.dump().await.unwrap();
    let rows = t.root().join("rows.sqlite");
    t.harmed();
    for (n, spoil) in [
        None,
        Some("update view_meta set version = 0"),
        Some("drop table log_head"),
        Some("drop table view_meta"),
        Some("delete from log_head"),
        Some("delete from view_meta"),
    ]
    .into_iter()
    .enumerate()
    {
        let at = t.scratch().join(format!("rows-{n}.sqlite"));
        if let Some(sql) = spoil {
            std::fs::copy(&rows, &at).unwrap();
            let rows = Rows::sqlite(&at, Mode::ReadWrite).await.unwrap();
            rows.run(sql, args![]).await.unwrap();
            rows.close().await;
        }
        let opening = Opening {
            rows_at: Some(at),
            ..t.opening(40)
        };
        let again = Archive::open(t.root(), opening).await;
        let again = again.unwrap_or_else(|e| panic!("{spoil:?}: {e}"));
        assert_eq!(again.dump().await.unwrap(), live, "{spoil:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_costs_sign_ins_nothing_and_lost_rows_cost_only_time() {
    let mut t = TestArchive::new(Where::Folder, 33).await;
    every_kind(&t).await;
    let person = *t.who.person().unwrap();
    let passphrase = "five or six random words";
    t.archive.set_passphrase(&person, passphrase).await.unwrap();
    assert_eq!(
        t.archive.sign_in("owner", passphrase).await.unwrap(),
        person
    );
    let rebuilt = t.archive.rebuild(&t.who).await.unwrap();
    assert!(rebuilt.equal, "{rebuilt:?}");
    assert_eq!(
        t.archive.sign_in("owner", passphrase).await.unwrap(),
        person
    );
    let opening = Opening {
        rows_at: Some(t.scratch().join("fresh.sqlite")),
        ..t.opening(41)
    };
    let again = Archive::open(t.root(), opening).await.unwrap();
    assert_eq!(again.dump().await.unwrap(), rebuilt.after);
    let e = again.sign_in("owner", passphrase).await.unwrap_err();
    assert_eq!(e.why, Why::WrongKey);
    again.set_passphrase(&person, passphrase).await.unwrap();
    assert_eq!(again.sign_in("owner", passphrase).await.unwrap(), person);
    t.harmed();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn to_read_only_everything_is_readable_and_every_write_is_refused() {
    for place in [Where::Folder, Where::Fault(FaultDisk::new(34))] {
        let t = TestArchive::new(place.clone(), 34).await;
        let item = every_kind(&t).await;
        let files = |t: &TestArchive| match &place {
            Where::Folder => tree(t.root()),
            Where::Fault(disk) => vec![(
                PathBuf::new(),
                disk.trace().iter().filter(|l| !reads(l)).count() as u64,
            )],
            Where::Real | Where::Shared(_) => unreachable!("the places are named above"),
        };
        let before = files(&t);
        // Rows as they stand, and rows that are not there: both must do.
        for rows_at in [t.opening(0).rows_at, Some(t.scratch().join("none.sqlite"))] {
            let opening = Opening {
                read_only: true,
                rows_at,
                ..t.opening(42)
            };
            let read = Archive::open(t.root(), opening).await.unwrap();
            assert!(read.is_read_only());
            assert_eq!(read.dump().await.unwrap(), t.archive.dump().await.unwrap());
            let who = read.owner().await.unwrap();
            assert_eq!(read.seen_by(&who).item(&item).await.unwrap().bytes, Some(5));
            let original = read.seen_by(&who).original_within(&item).await.unwrap();
            assert_eq!(original.read_verified(&mut |_| Ok(())).unwrap(), 5);
            let person = *who.person().unwrap();
            for e in [
                read.begin(&who).await.unwrap_err(),
                read.cover().await.unwrap_err(),
                read.rebuild(&who).await.unwrap_err(),
                read.set_passphrase(&person, "five or six random words")
                    .await
                    .unwrap_err(),
                read.originals().batch().settle().await.unwrap_err(),
                read.originals().batch().stage(1).unwrap_err(),
                read.seen_by(&who)
                    .original(&item, "get", None)
                    .await
                    .unwrap_err(),
            ] {
                assert_eq!(e.why, Why::ReadOnly, "{e}");
            }
        }
        assert_eq!(files(&t), before, "reading changed a file");
    }
}

fn reads(line: &str) -> bool {
    ["stat ", "open ", "read ", "len ", "list "]
        .iter()
        .any(|r| line.starts_with(r))
}

/// Every file of the archive but the rows, with its length.
fn tree(dir: &std::path::Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if name.to_string_lossy().starts_with("rows.sqlite") {
            continue;
        }
        let meta = entry.metadata().unwrap();
        found.push((entry.path(), if meta.is_file() { meta.len() } else { 0 }));
        if meta.is_dir() {
            found.extend(tree(&entry.path()));
        }
    }
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_are_behind_are_caught_up_with_and_to_read_only_made_in_memory() {
    let t = TestArchive::new(Where::Folder, 35).await;
    let old = t.scratch().join("old.sqlite");
    std::fs::copy(t.root().join("rows.sqlite"), &old).unwrap();
    let wal = t.root().join("rows.sqlite-wal");
    if wal.exists() {
        std::fs::copy(wal, t.scratch().join("old.sqlite-wal")).unwrap();
    }
    every_kind(&t).await;
    let (session, draft) = begun(&t.archive);
    record(&t.archive, &t.who, vec![draft, noted(session, "uncovered")])
        .await
        .unwrap();
    for read_only in [true, false] {
        let opening = Opening {
            read_only,
            rows_at: Some(old.clone()),
            disk: Arc::new(RealDisk::default()),
            ..t.opening(43)
        };
        let again = Archive::open(t.root(), opening).await.unwrap();
        assert_eq!(
            again.dump().await.unwrap(),
            t.archive.dump().await.unwrap(),
            "read only: {read_only}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_rows_say_so_and_a_rebuild_makes_them_again() {
    let mut t = TestArchive::new(Where::Folder, 36).await;
    every_kind(&t).await;
    t.harmed();
    let live = t.archive.dump().await.unwrap();
    let (root, scratch) = (t.root().to_owned(), tempfile::tempdir().unwrap());
    let copy = scratch.path().join("archive");
    copied(&root, &copy);
    let harms = [
        b"no database at all, only a few words".to_vec(),
        Vec::new(),
        vec![0; 8192],
    ];
    for (n, harm) in harms.into_iter().enumerate() {
        let at = scratch.path().join(format!("bad-{n}.sqlite"));
        #[expect(
            clippy::disallowed_methods,
            reason = "what stands there was not written by us"
        )]
        std::fs::write(&at, harm).unwrap();
        let opening = |alone| Opening {
            rows_at: Some(at.clone()),
            alone,
            ..t.opening(44)
        };
        match Archive::open(&copy, opening(false)).await {
            Ok(again) => assert_eq!(again.dump().await.unwrap(), live, "{n}"),
            Err(e) => {
                assert_eq!(e.why, Why::Damaged, "{n}: {e}");
                assert!(e.next.unwrap().contains("holdfast rebuild"), "{n}");
            }
        }
        let again = Archive::open(&copy, opening(true)).await.unwrap();
        again.rebuild(&t.who).await.unwrap();
        assert_eq!(again.dump().await.unwrap(), live, "{n}");
    }
}

fn copied(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let at = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copied(&entry.path(), &at);
        } else {
            std::fs::copy(entry.path(), at).unwrap();
        }
    }
}
