//! Two servers, three workers, many clients, and a database that is killed under them and starts again.

use super::browser::Browser;
use super::load::{Told, sends, watches};
use super::log::{Checkpoints, holds, is_one_log, preserved, rebuilt_is_live};
use super::site::{Server, Site, until};
use crate::support::{Place, Said, ended, signal};
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use testkit::services::{Postgres, shared};
use testkit::tools;

/// How often the database is killed, and how long everybody works before and after.
fn plan() -> (usize, Duration) {
    match std::env::var_os("HOLDFAST_LONG") {
        Some(_) => (12, Duration::from_secs(15)),
        None => (2, Duration::from_secs(4)),
    }
}

/// Adds files by command, run after run, until it is over; ids that were said to be preserved.
fn adds(host: &Place, number: usize, over: &AtomicBool) -> (BTreeSet<String>, Vec<Said>) {
    let (mut ids, mut failed) = (BTreeSet::new(), Vec::new());
    for n in 0.. {
        if over.load(Ordering::Relaxed) {
            break;
        }
        let folder = format!("in-{n}");
        for m in 0..5 {
            let text = format!("invented {number} {n} {m}");
            host.put(format!("{folder}/{m}.txt"), text);
        }
        let words = ["--json", "add", "--source=test", &folder];
        let said = ended(host.command(&words).spawn().unwrap());
        ids.extend(preserved(&said.stdout));
        if said.code != 0 {
            failed.push(said);
        }
    }
    (ids, failed)
}

/// How many jobs of this kind there are in this state.
fn jobs(place: &Place, kind: &str, state: &str) -> u64 {
    let counted = place.json(&["job", "ls"]).ends(0).typed("kind");
    let one = counted.iter().find(|c| c["kind"] == kind);
    one.map_or(0, |c| c[state].as_u64().unwrap())
}

fn workers(hosts: &[&Place]) -> Vec<Child> {
    let begin = |host: &&Place| {
        let mut command = host.command(&["--json", "worker", "--jobs", "1"]);
        command
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        command.spawn().unwrap()
    };
    hosts.iter().map(begin).collect()
}

/// What everybody was told while they worked, and what they saw.
#[derive(Default)]
struct Heard {
    told: Told,
    seen: Checkpoints,
    ids: BTreeSet<String>,
    failed: Vec<Said>,
}

/// Everybody works while the database is killed and started again.
fn work(postgres: &Postgres, browser: &Browser, servers: &[Server; 2], hosts: &[Place]) -> Heard {
    let over = &AtomicBool::new(false);
    let addresses = servers.each_ref().map(|s| s.listen().to_owned());
    let addresses = &addresses;
    let mut heard = Heard::default();
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..6)
            .map(|n| scope.spawn(move || sends(n, browser, addresses, over)))
            .collect();
        let watchers: Vec<_> = addresses
            .iter()
            .map(|at| scope.spawn(move || watches(browser.moved_to(at), over)))
            .collect();
        let adding: Vec<_> = hosts
            .iter()
            .enumerate()
            .map(|(n, host)| scope.spawn(move || adds(host, n, over)))
            .collect();
        let (kills, apart) = plan();
        for _ in 0..kills {
            std::thread::sleep(apart);
            postgres.kill();
            postgres.start_again();
        }
        std::thread::sleep(apart);
        over.store(true, Ordering::Relaxed);
        for client in clients {
            heard.told.join(client.join().unwrap());
        }
        for watcher in watchers {
            heard.seen.join(watcher.join().unwrap());
        }
        for adding in adding {
            let (ids, failed) = adding.join().unwrap();
            heard.ids.extend(ids);
            heard.failed.extend(failed);
        }
    });
    heard
}

#[test]
fn nothing_acknowledged_is_lost_when_the_database_is_killed_under_load() {
    let (Some(services), Some(_)) = (shared(), tools::need("postgres")) else {
        return;
    };
    let postgres = Postgres::start(true);
    let site = Site::found(&postgres.create("archive"), &services.s3);
    let hosts: Vec<Place> = (0..7).map(|_| site.host()).collect();
    hosts[0].put("first.txt", "invented first");
    hosts[0].add(&["first.txt"]).ends(0);
    hosts[0].json(&["check", "--full", "--later"]).ends(0);
    let servers = [Server::start(&hosts[0]), Server::start(&hosts[1])];
    let crew = workers(&[&hosts[2], &hosts[3], &hosts[4]]);
    let mut browser = servers[0].browser();
    browser.sign_in(&site.passphrase);

    let heard = work(&postgres, &browser, &servers, &hosts[5..]);
    println!("{}", heard.is_enough());
    // Whoever met the dead database says so, and that it is to be done again.
    for said in heard.failed {
        assert_eq!(said.code, 13, "{}{}", said.stdout, said.stderr);
    }
    jobs_end(&postgres, &hosts[0]);
    crew.into_iter().for_each(stops);
    all_is_there(&servers, &browser, &heard.told);
    servers.into_iter().for_each(Server::end);
    holds(&hosts[2], &heard.ids);
    is_one_log(&hosts[3], &heard.seen);
    hosts[4].is_whole();
    rebuilt_is_live(&hosts[5]);
}

impl Heard {
    /// Something was under way all the time: otherwise nothing is proven. Says how much.
    fn is_enough(&self) -> String {
        let (files, dossiers) = (self.told.files.len(), self.told.dossiers.len());
        assert!(files > 1 && dossiers > 1 && self.ids.len() > 1);
        assert!(self.told.refused > 0, "nobody met the dead database");
        let (ids, seen) = (self.ids.len(), self.seen.len());
        let (refused, failed) = (self.told.refused, self.failed.len());
        format!(
            "{files} files and {dossiers} dossiers by form, {ids} files by command; {refused} forms and {failed} \
             commands met the dead database; {seen} checkpoints"
        )
    }
}

/// Ends a worker, which must not have ended by itself when the database went away.
fn stops(mut worker: Child) {
    assert!(worker.try_wait().unwrap().is_none(), "a worker ended");
    signal(&worker, "TERM");
    until("a worker ends", || worker.try_wait().unwrap().is_some());
}

/// No job is lost: each is done, once in effect, or waits for a person with a reason.
fn jobs_end(postgres: &Postgres, host: &Place) {
    // What dead sessions held goes to others after a minute; it passes now.
    let pass = "update work_job set lease_until = 0 where state = 'running'";
    postgres.sql_in("archive", pass).unwrap();
    let start = Instant::now();
    while jobs(host, "sweep_end", "done") + jobs(host, "sweep_end", "set_aside") == 0 {
        assert!(
            start.elapsed() < Duration::from_secs(100),
            "{}",
            host.json(&["job", "ls"]).stdout
        );
    }
    let aside = host
        .json(&["job", "ls", "--state", "set_aside", "--limit", "1000"])
        .ends(0);
    let aside: Vec<Value> = aside.typed("job");
    assert!(
        aside
            .iter()
            .all(|j| j["reason"].as_str().is_some_and(|r| !r.is_empty()))
    );
    assert_eq!(
        jobs(host, "sweep", "done") + jobs(host, "sweep", "set_aside"),
        256
    );
    let recorded = host
        .json(&["log", "ls", "--kind", "checked"])
        .ends(0)
        .typed("entry")
        .len();
    let done = usize::try_from(jobs(host, "sweep_end", "done")).unwrap();
    assert_eq!(recorded, done, "one entry for each sweep that is done");
}

/// Everything the servers acknowledged is on the pages of both.
fn all_is_there(servers: &[Server; 2], browser: &Browser, told: &Told) {
    for server in servers {
        let mut at = browser.moved_to(server.listen());
        let mut names = BTreeSet::new();
        let (mut next, mut before) = (Some("/inbox".to_owned()), u64::MAX);
        while let Some(path) = next {
            let page = at.get(&path).unwrap().is(200);
            let found = told.files.iter().filter(|n| page.body.contains(n.as_str()));
            names.extend(found.cloned());
            next = older(&page.body).filter(|n| *n < before).map(|n| {
                before = n;
                format!("/inbox?before={n}")
            });
        }
        assert_eq!(names, told.files, "acknowledged and not there");
        let page = at.get("/share").unwrap().is(200);
        for dossier in &told.dossiers {
            assert!(
                page.body.contains(dossier.as_str()),
                "{dossier} is not there"
            );
        }
    }
}

/// The least number that the page leads to.
fn older(page: &str) -> Option<u64> {
    let links = page.split("/inbox?before=").skip(1);
    let number = |rest: &str| {
        rest.split(|c: char| !c.is_ascii_digit())
            .next()?
            .parse()
            .ok()
    };
    links.filter_map(number).min()
}
