//! What becomes of objects when their store is sick, silent or gone.

use store::{Error, Objects, Placed};

use crate::double::{Double, Mood};
use crate::support::{name, stage, wait};

fn open(double: &Double) -> (Objects, tempfile::TempDir) {
    let spool = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let at = double.bucket(&spool.path().join("spool"));
    (Objects::s3(&at).unwrap(), spool)
}

#[test]
fn a_store_that_recovers_is_asked_again() {
    for status in [500, 503] {
        let double = Double::new(Mood::Well);
        let (o, _spool) = open(&double);
        wait(async {
            for n in 0..3 {
                let sick = || double.facts(|f| f.mood = Mood::Sick(status, 3));
                let at = name(&format!("originals/{n}"));
                sick();
                let batch = o.batch();
                assert_eq!(batch.place_whole(&at, b"words").unwrap(), Placed::Sent);
                assert_eq!(batch.settle().await.unwrap().new, 1);
                sick();
                assert_eq!(o.get(&at).await.unwrap(), b"words");
                sick();
                o.put_once(&name(&format!("log/{n}")), b"more")
                    .await
                    .unwrap();
                sick();
                o.discard(&at).await.unwrap();
                sick();
                assert_eq!(o.size(&at).await.unwrap(), None);
            }
        });
    }
}

#[test]
fn a_store_that_stays_sick_or_silent_or_away_cannot_be_reached_and_halts_nothing() {
    let gone = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    std::thread::scope(|s| {
        for mood in [Some(Mood::Sick(503, u32::MAX)), Some(Mood::Silent), None] {
            s.spawn(move || {
                let double = Double::new(mood.unwrap_or(Mood::Well));
                let spool = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
                let mut at = double.bucket(spool.path());
                if mood.is_none() {
                    at.endpoint = Some(format!("http://127.0.0.1:{gone}"));
                }
                let o = Objects::s3(&at).unwrap();
                let batch = o.batch();
                batch.place_whole(&name("originals/a"), b"words").unwrap();
                let (other, reader) = (o.clone(), o.clone());
                let put = std::thread::spawn(move || wait(other.put_once(&name("a"), b"a")));
                let read = std::thread::spawn(move || reader.open(&name("b")).map(drop));
                for e in [
                    wait(batch.settle()).unwrap_err(),
                    wait(o.replace(&name("log/checkpoint"), b"new")).unwrap_err(),
                    put.join().unwrap().unwrap_err(),
                    read.join().unwrap().unwrap_err(),
                ] {
                    assert!(matches!(e, Error::Unreachable { .. }), "{mood:?}: {e:?}");
                    assert!(e.to_string().contains("http://127.0.0.1:"), "{e}");
                    let all = format!("{e:?}");
                    assert!(
                        !all.contains("NOTSHOWN") && !all.contains("notshown"),
                        "{all}"
                    );
                }
                if mood.is_some() {
                    double.facts(|f| f.mood = Mood::Well);
                    let batch = o.batch();
                    batch.place_whole(&name("originals/a"), b"words").unwrap();
                    wait(batch.settle()).unwrap();
                }
            });
        }
    });
}

#[test]
fn bytes_that_stop_half_way_are_noticed() {
    let double = Double::new(Mood::Well);
    let (o, _spool) = open(&double);
    wait(async {
        o.put_once(&name("a"), &[7; 100_000]).await.unwrap();
        double.facts(|f| f.mood = Mood::Half);
        let e = o.get(&name("a")).await.unwrap_err();
        assert!(matches!(e, Error::Unreachable { .. }), "{e:?}");
        double.facts(|f| f.mood = Mood::Well);
        assert_eq!(o.get(&name("a")).await.unwrap(), [7; 100_000]);
    });
}

#[test]
fn a_checkpoint_is_tried_once_only() {
    let double = Double::new(Mood::Sick(503, u32::MAX));
    let (o, _spool) = open(&double);
    let refused = wait(o.replace(&name("log/checkpoint"), b"new"));
    assert!(matches!(refused, Err(Error::Unreachable { .. })));
    let puts = double.facts(|f| f.asked.iter().filter(|a| a.starts_with("PUT")).count());
    assert_eq!(puts, 1);
}

#[test]
fn a_read_asks_once() {
    let double = Double::new(Mood::Well);
    let (o, _spool) = open(&double);
    wait(async {
        let (there, tile) = (name("log/a"), name("log/tile/0/000"));
        o.put_once(&there, b"a").await.unwrap();
        double.facts(|f| f.kept.insert(format!("/bucket/{tile}"), b"tile".to_vec()));
        let asked = || double.facts(|f| std::mem::take(&mut f.asked));
        asked();
        o.get(&there).await.unwrap();
        o.get_if_there(&name("log/none")).await.unwrap();
        assert_eq!(asked(), ["GET /bucket/log/a", "GET /bucket/log/none"]);
        for _ in 0..3 {
            assert_eq!(o.get(&tile).await.unwrap(), b"tile");
        }
        assert_eq!(
            asked(),
            ["GET /bucket/log/tile/0/000"],
            "then it is remembered"
        );
    });
}

#[test]
fn clocks_that_differ_and_quotas_are_called_that() {
    for (status, says, word) in [
        (
            403,
            "<Error><Code>RequestTimeTooSkewed</Code><Message>The difference is too large</Message></Error>",
            "clock",
        ),
        (
            400,
            "<Error><Code>InvalidRequest</Code><Message>Bad request: Date is too old</Message></Error>",
            "clock",
        ),
        (
            403,
            "<Error><Code>AccessDenied</Code><Message>Forbidden: Bucket size quota is reached</Message></Error>",
            "quota",
        ),
        (
            403,
            "<Error><Code>InvalidAccessKeyId</Code><Message>No such key: AKIDNOTSHOWN</Message></Error>",
            "access key",
        ),
    ] {
        let double = Double::new(Mood::Sick(status, 1));
        double.facts(|f| f.says = says);
        let (o, _spool) = open(&double);
        let e = wait(o.get(&name("a"))).unwrap_err();
        assert!(e.to_string().contains(word), "{e:?}");
        assert!(!format!("{e:?}").contains("NOTSHOWN"), "{e:?}");
    }
}

#[test]
fn no_more_is_on_the_way_at_once_than_memory_bears() {
    const MIB: usize = 1 << 20;
    for (len, at_once) in [(4 * MIB, 16), (1000, 32)] {
        let double = Double::new(Mood::Holding);
        let (o, _spool) = open(&double);
        let batch = o.batch();
        std::thread::scope(|s| {
            s.spawn(|| {
                for n in 0..100 {
                    let at = format!("originals/{n}");
                    stage(&batch, &at, &vec![1; len]).unwrap();
                }
            });
            double.until(|f| f.waiting.0 == at_once);
            // Time enough for one too many to arrive, measured in questions that are answered.
            for _ in 0..100 {
                o.size_now(&name("log/none")).unwrap();
            }
            assert_eq!(double.facts(|f| f.waiting.0), at_once);
            double.facts(|f| f.mood = Mood::Well);
        });
        assert_eq!(wait(batch.settle()).unwrap().new, 100);
        let most = double.facts(|f| f.most);
        assert!(most.0 <= 32 && most.1 <= 64 * MIB, "{most:?}");
    }
}

#[test]
fn a_large_object_that_fails_is_given_up_whole() {
    let double = Double::new(Mood::NoParts);
    let (o, spool) = open(&double);
    let batch = o.batch();
    stage(&batch, "originals/l", &vec![1; 40 << 20]).unwrap();
    let e = wait(batch.settle()).unwrap_err();
    assert!(matches!(e, Error::Io { .. }), "{e:?}");
    assert!(format!("{e:?}").contains("BadDigest"), "{e:?}");
    let asked = double.facts(|f| std::mem::take(&mut f.asked));
    assert_eq!(
        asked.last().unwrap(),
        "DELETE /bucket/originals/l",
        "{asked:?}"
    );
    assert_eq!(o.size_now(&name("originals/l")).unwrap(), None);
    let left = std::fs::read_dir(spool.path().join("spool/0")).unwrap();
    assert_eq!(left.count(), 1, "only the lock stays in the spool");
}
