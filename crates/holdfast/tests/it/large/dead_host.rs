//! A host that dies or freezes in the middle of writing: it holds nobody up for long, and spoils nothing.

use super::load::sends;
use super::log::{Checkpoints, holds, is_one_log, preserved, rebuilt_is_live, size};
use super::site::{Server, Usual, until, usual};
use crate::support::{Place, ended, signal};
use std::collections::BTreeSet;
use std::io::Read as _;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use testkit::services::is_running;

/// A host that adds file after file, and what it says on the way.
struct Adding {
    child: Child,
    said: std::thread::JoinHandle<String>,
}

impl Adding {
    fn start(host: &Place, folder: &str, files: u64) -> Self {
        for n in 0..files {
            // Different in every folder, so that none is known.
            host.put(
                format!("{folder}/{n}.txt"),
                format!("invented {folder} {n}"),
            );
        }
        let mut command = host.command(&["--json", "add", "--source=test", folder]);
        command.stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        let said = std::thread::spawn(move || {
            let mut text = String::new();
            out.read_to_string(&mut text).unwrap();
            text
        });
        Self { child, said }
    }

    /// Kills it, and says what it had acknowledged.
    fn kill(mut self) -> BTreeSet<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        preserved(&self.said.join().unwrap())
    }

    /// Waits for its end.
    fn end(mut self) -> (i32, String) {
        until("an add ends", || self.child.try_wait().unwrap().is_some());
        let code = self.child.wait().unwrap().code().unwrap();
        (code, self.said.join().unwrap())
    }
}

/// Stops a program where its session in the database has changed this table and not committed; false when the
/// program ended before that.
fn freeze_holding(child: &Child, usual: &Usual, table: &str) -> bool {
    while is_running(child.id()) {
        signal(child, "STOP");
        // Whatever the server was doing for it comes to its end.
        until("the server is idle", || {
            sessions(usual, "1", table).is_empty() || !is_busy(usual)
        });
        // What it had sent before it stood still may yet arrive: only what lasts is the middle of something.
        let holds = || {
            let seen = !sessions(usual, "1", table).is_empty();
            std::thread::sleep(Duration::from_millis(60));
            seen
        };
        if (0..3).all(|_| holds()) {
            return true;
        }
        signal(child, "CONT");
        std::thread::sleep(Duration::from_millis(7));
    }
    false
}

/// A host frozen in the middle of what it adds; what runs that were never caught acknowledged is kept.
fn caught(usual: &Usual, host: &Place, table: &str, told: &mut BTreeSet<String>) -> Adding {
    for n in 0..9 {
        let adding = Adding::start(host, &format!("{table}-{n}"), 40);
        if freeze_holding(&adding.child, usual, table) {
            return adding;
        }
        told.extend(preserved(&adding.end().1));
    }
    panic!("it was never caught in {table}")
}

/// Sessions of the database that hold rows of a table.
fn sessions(usual: &Usual, what: &str, table: &str) -> String {
    let sql = format!(
        "select {what} from pg_locks l where l.relation = '{table}'::regclass and l.mode = 'RowExclusiveLock' \
         and l.granted and l.pid <> pg_backend_pid()"
    );
    usual.database.sql(&sql).unwrap()
}

/// Whether the server is at work for any session but ours.
fn is_busy(usual: &Usual) -> bool {
    let sql = "select count(*) from pg_stat_activity where datname = current_database() and state = 'active' \
               and wait_event_type is distinct from 'Lock' and pid <> pg_backend_pid()";
    usual.database.sql(sql).unwrap() != "0"
}

/// One more file by this host, to its receipt.
fn adds(host: &Place, name: &str) -> BTreeSet<String> {
    host.put(name, format!("invented {name}"));
    let said = host.add(&[name]).ends(0);
    let ids = preserved(&said.stdout);
    assert_eq!(ids.len(), 1, "{}", said.stdout);
    ids
}

#[test]
fn a_host_that_dies_while_it_appends_or_covers_holds_nobody_up() {
    let Some(usual) = usual() else { return };
    let (one, two) = (usual.site.host(), usual.site.host());
    let mut acknowledged = BTreeSet::new();
    for (n, table) in ["log_head", "log_cover"].into_iter().enumerate() {
        let adding = caught(&usual, &one, table, &mut acknowledged);
        acknowledged.extend(adding.kill());
        acknowledged.extend(adds_within(&two, &format!("next-{n}.txt")));
    }
    for (n, table) in ["log_head", "log_cover"].into_iter().enumerate() {
        let server = Server::start(&one);
        let mut browser = server.browser();
        browser.sign_in(&usual.site.passphrase);
        let over = AtomicBool::new(false);
        let told = std::thread::scope(|scope| {
            let (at, over) = ([server.listen().to_owned()], &over);
            let client = scope.spawn(move || sends(n, &browser, &at, over));
            let caught = freeze_holding(server.child(), &usual, table);
            assert!(caught, "it was never caught in {table}");
            over.store(true, Ordering::Relaxed);
            server.kill();
            client.join().unwrap()
        });
        acknowledged.extend(adds_within(&two, &format!("after-{n}.txt")));
        for name in told.files {
            let found = two.json(&["find", &name]).ends(0).typed("item").len();
            assert_eq!(found, 1, "{name} was acknowledged");
        }
    }
    holds(&two, &acknowledged);
    is_one_log(&two, &Checkpoints::default());
    two.is_whole();
    rebuilt_is_live(&one);
}

/// The same as [`adds`], by a deadline that is far shorter than a lock lasts.
fn adds_within(host: &Place, name: &str) -> BTreeSet<String> {
    host.put(name, format!("invented {name}"));
    let child = host
        .command(&["--json", "add", "--source=test", name])
        .spawn();
    let mut child = child.unwrap();
    until("another host adds", || child.try_wait().unwrap().is_some());
    preserved(&ended(child).ends(0).stdout)
}

/// What stands in the bucket as `log/checkpoint`.
fn published(usual: &Usual) -> String {
    let bucket = bucket(usual);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let bytes = runtime.block_on(async {
        let objects = objects(&bucket);
        objects
            .get(&store::Name::new("log/checkpoint").unwrap())
            .await
    });
    String::from_utf8(bytes.unwrap()).unwrap()
}

fn objects(bucket: &store::Bucket) -> store::Objects {
    tokio::task::block_in_place(|| store::Objects::s3(bucket).unwrap())
}

fn bucket(usual: &Usual) -> store::Bucket {
    let s3 = testkit::services::shared().unwrap().s3;
    store::Bucket {
        endpoint: Some(s3.endpoints[0].clone()),
        region: testkit::services::REGION.to_owned(),
        bucket: s3.bucket,
        prefix: usual.site.prefix.clone(),
        access_key: store::Secret::new(s3.key),
        secret_key: store::Secret::new(s3.secret),
        spool: usual.site.first.at("spool"),
    }
}

fn head(host: &Place) -> String {
    let head = host.json(&["log", "head"]).ends(0).typed("head")[0].clone();
    head["checkpoint"].as_str().unwrap().to_owned()
}

#[test]
fn a_host_frozen_while_it_covers_brings_no_checkpoint_back_when_it_goes_on() {
    let Some(usual) = usual() else { return };
    let (one, two) = (usual.site.host(), usual.site.host());
    let mut seen = Checkpoints::default();
    let mut acknowledged = adds(&two, "first.txt");
    seen.saw(&head(&two));
    let adding = caught(&usual, &one, "log_cover", &mut acknowledged);
    // What the database does by itself when a session does nothing for a minute inside a transaction.
    if std::env::var_os("HOLDFAST_LONG").is_none() {
        sessions(&usual, "pg_terminate_backend(l.pid)", "log_cover");
    }
    let mut largest = 0;
    for n in 0..4 {
        acknowledged.extend(adds(&two, &format!("meanwhile-{n}.txt")));
        let note = head(&two);
        assert!(size(&note) >= largest, "a checkpoint went back");
        largest = size(&note);
        seen.saw(&note);
    }
    signal(&adding.child, "CONT");
    let (code, said) = adding.end();
    assert!(
        [0, 13].contains(&code),
        "it goes on or says what is away: {code} {said}"
    );
    acknowledged.extend(preserved(&said));
    let note = head(&two);
    assert!(size(&note) >= largest, "a checkpoint went back");
    seen.saw(&note);
    // A host so slow that its copy of the checkpoint comes last: what is in force does not go back with it.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let old = seen.oldest().to_vec();
        let name = store::Name::new("log/checkpoint").unwrap();
        objects(&bucket(&usual)).replace(&name, &old).await.unwrap();
    });
    assert_eq!(head(&one), note, "a slow copy counts for nothing");
    acknowledged.extend(adds(&one, "after.txt"));
    assert_eq!(
        published(&usual),
        head(&two),
        "the published copy is right again"
    );
    seen.saw(&head(&two));
    holds(&two, &acknowledged);
    is_one_log(&two, &seen);

    // The objects alone.
    usual
        .database
        .sql("drop schema public cascade; create schema public")
        .unwrap();
    let lost = two.json(&["ls"]);
    assert_eq!(lost.code, 10, "{}", lost.stdout);
    two.json(&["rebuild"]).ends(0);
    holds(&two, &acknowledged);
    is_one_log(&two, &seen);
    two.is_whole();
}
