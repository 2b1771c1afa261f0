//! Databases and buckets that are not there, empty, of another archive, or of something else.

use super::{Kept, failure};
use crate::support::ended;
use archive::Shared;

/// The same archive, named at other places.
fn named(kept: &Kept, change: impl FnOnce(&mut Shared)) {
    let mut shared = kept.shared.clone();
    change(&mut shared);
    kept.point("archive", &shared);
}

#[test]
fn a_wrong_place_is_named_and_nothing_there_is_changed() {
    let (Some(kept), Some(other), Some(foreign)) = (Kept::new(), Kept::new(), Kept::bare()) else {
        return;
    };
    kept.place.put("in/a.txt", "river bridge");
    kept.on("archive", &["add", "in", "--source", "test"])
        .ends(0);
    let table = "create table parcels (id bigint primary key, owner text); insert into parcels values (1, 'x')";
    foreign.stores.database().sql(table).unwrap();
    let before = other.on("archive", &["log", "head"]).ends(0).stdout;

    let (mine, theirs, strange) = (&kept.shared, &other.shared, &foreign.shared);
    let absent_bucket = mine
        .objects
        .replace("s3://holdfast", "s3://holdfast-absent");
    assert_ne!(absent_bucket, mine.objects);
    type Change<'a> = Box<dyn FnOnce(&mut Shared) + 'a>;
    let cases: Vec<(&str, Change<'_>, i32, &str, &str)> = vec![
        (
            "bucket is absent",
            Box::new(|s| s.objects = absent_bucket.clone()),
            10,
            "The bucket \"holdfast-absent\"",
            "name of the bucket",
        ),
        (
            "prefix is empty",
            Box::new(|s| s.objects.push_str("-empty")),
            10,
            "no archive under this prefix",
            "`objects` in holdfast.toml",
        ),
        (
            "prefix of another archive",
            Box::new(|s| s.objects.clone_from(&theirs.objects)),
            10,
            "The bucket belongs to another archive",
            "nothing was read or changed",
        ),
        (
            "database is absent",
            Box::new(|s| s.rows.push_str("_absent")),
            10,
            "_absent is not there",
            "`holdfast rebuild`",
        ),
        (
            "database of another archive",
            Box::new(|s| s.rows.clone_from(&theirs.rows)),
            10,
            "The database belongs to another archive",
            "nothing was read or changed",
        ),
        (
            "database of something else",
            Box::new(|s| s.rows.clone_from(&strange.rows)),
            10,
            "The database holds no archive",
            "is it the right database?",
        ),
        (
            "no database server",
            Box::new(|s| s.rows = "postgres://holdfast@127.0.0.1:1/a".into()),
            13,
            "cannot be reached",
            "",
        ),
        (
            "no object store",
            Box::new(|s| s.objects_endpoint = Some("http://127.0.0.1:1".into())),
            13,
            "cannot be reached",
            "",
        ),
        (
            "wrong region",
            Box::new(|_| {}),
            2,
            "does not answer to the region",
            "Set the region",
        ),
    ];
    std::thread::scope(|threads| {
        // Two wait for somebody who never answers: all at once, each on a host of its own.
        let mut all = Vec::new();
        for (n, (label, change, code, what, next)) in cases.into_iter().enumerate() {
            let host = format!("host-{n}");
            kept.host(&host);
            let mut shared = kept.shared.clone();
            change(&mut shared);
            kept.point(&host, &shared);
            if label == "wrong region" {
                let file = kept.place.at(&host).join("holdfast.toml");
                let text =
                    std::fs::read_to_string(&file).unwrap() + "objects_region = \"elsewhere\"\n";
                kept.place.put(file, text);
            }
            let kept = &kept;
            all.push((
                label,
                threads.spawn(move || {
                    for words in [&["ls"][..], &["add", "in", "--source", "test"]] {
                        failure(
                            &format!("{}, {label}", words[0]),
                            kept.on(&host, words),
                            code,
                        )
                        .says(what, next);
                    }
                }),
            ));
        }
        for (label, one) in all {
            assert!(one.join().is_ok(), "{label}");
        }
    });
    assert_eq!(other.on("archive", &["log", "head"]).ends(0).stdout, before);
    assert_eq!(
        foreign
            .stores
            .database()
            .sql("select * from parcels")
            .unwrap(),
        "1|x"
    );
    let tables = "select count(*) from pg_tables where schemaname = 'public'";
    assert_eq!(foreign.stores.database().sql(tables).unwrap(), "1");
    assert_eq!(kept.items().len(), 1);
    named(&kept, |_| {});
    kept.is_whole();
}

#[test]
fn a_place_that_is_taken_is_refused_by_init_and_not_touched() {
    let (Some(kept), Some(mut new), Some(foreign)) = (Kept::new(), Kept::bare(), Kept::bare())
    else {
        return;
    };
    let free = new.shared.clone();
    let head = kept.on("archive", &["log", "head"]).ends(0).stdout;

    new.shared.rows.clone_from(&kept.shared.rows);
    failure("init, database taken", new.init(&[]), 2).says(
        "The database holds an archive already: ",
        "Name another one",
    );
    new.shared = free.clone();
    new.shared.objects.clone_from(&kept.shared.objects);
    failure("init, prefix taken", new.init(&[]), 2).says(
        "The bucket under this prefix holds an archive already: ",
        "Name another one",
    );
    new.shared = free.clone();
    foreign
        .stores
        .database()
        .sql("create table parcels (id bigint)")
        .unwrap();
    new.shared.rows.clone_from(&foreign.shared.rows);
    failure("init, database of something else", new.init(&[]), 2)
        .says("it holds the table parcels", "Name a new, empty database");
    new.shared = free.clone();
    new.shared.objects = free
        .objects
        .replace("s3://holdfast/", "s3://holdfast-absent/");
    failure("init, bucket absent", new.init(&[]), 10).says(
        "The bucket \"holdfast-absent\"",
        "whoever runs the store makes a bucket",
    );
    new.shared = free.clone();
    new.shared.rows.push_str("_absent");
    failure("init, database absent", new.init(&[]), 10)
        .says("_absent is not there", "A new archive needs an empty one");

    assert!(!new.place.at("archive").exists(), "nothing was half made");
    assert_eq!(kept.on("archive", &["log", "head"]).ends(0).stdout, head);
    new.shared = free;
    new.init(&[]).ends(0);
    // In a folder that has an archive nothing is founded either.
    let again = ended(
        new.with_secrets(new.place.command(&new.init_words("archive")))
            .spawn()
            .unwrap(),
    );
    failure("init, folder taken", again, 2).says("is an archive already", "");
    new.is_whole();
}
