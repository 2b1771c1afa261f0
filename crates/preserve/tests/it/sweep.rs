//! A check as jobs finds what the check finds, and records it once.

use crate::support::{Sample, checked, name, write};
use archive::work::jobs::{self, Crew, Filter, Kinds, State, Tally, Until};
use archive::{Archive, Opening, Who};
use preserve::{Damage, Scope, sweep};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use testkit::{TestArchive, Where};

fn all() -> Kinds {
    sweep::kinds(Kinds::default())
}

async fn worked(archive: &Archive, kinds: &Kinds) -> Tally {
    let crew = Crew {
        at_once: 4,
        until: Until::Empty,
        look: Duration::from_millis(5),
        ..Crew::new("one", "here")
    };
    let tally = jobs::run(
        archive,
        kinds,
        &crew,
        &Arc::default(),
        &mut |_job, _outcome| {},
    )
    .await;
    tally.expect("a worker ends when nothing is left")
}

/// What the end of the newest sweep keeps as its result.
async fn report(archive: &Archive, who: &Who) -> preserve::Report {
    let filter = Filter {
        kind: sweep::END.into(),
        ..Filter::default()
    };
    let jobs = jobs::list(archive, who, &filter).await.unwrap();
    assert_eq!(jobs[0].state(), State::Done, "{:?}", jobs[0].reason);
    let mut kept: serde_json::Value =
        serde_json::from_str(jobs[0].result.as_deref().unwrap()).unwrap();
    serde_json::from_value(kept["report"].take()).unwrap()
}

async fn checks(archive: &Archive, who: &Who) -> Vec<archive::views::CheckRow> {
    archive.seen_by(who).checks(100).await.unwrap()
}

fn detailed(damage: &[Damage]) -> Vec<String> {
    damage.iter().map(|d| format!("{d:?}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sweep_says_and_records_what_a_full_check_does() {
    let s = Sample::new(201).await;
    let (archive, who) = (&s.t.archive, &s.t.who);
    let asked = sweep::ask(archive, who).await.unwrap();
    assert!(asked.fresh);
    assert!(
        !sweep::ask(archive, who).await.unwrap().fresh,
        "one at a time"
    );
    let tally = worked(archive, &all()).await;
    assert_eq!((tally.done, tally.failed), (257, 0));
    let swept = report(archive, who).await;
    let check = checked(archive, who, Scope::Full).await;
    assert!(swept.damage.is_empty() && check.damage.is_empty());
    assert_eq!(
        (swept.originals, swept.bytes),
        (check.originals, check.bytes)
    );
    let [by_check, by_sweep] = &checks(archive, who).await[..] else {
        panic!("one entry each");
    };
    assert_eq!(Some(by_sweep.seq.cast_unsigned()), swept.recorded);
    assert_eq!(
        (
            &by_check.scope,
            by_check.originals,
            by_check.bytes,
            &by_check.damage
        ),
        (
            &by_sweep.scope,
            by_sweep.originals,
            by_sweep.bytes,
            &by_sweep.damage
        )
    );
    assert!(
        sweep::ask(archive, who).await.unwrap().fresh,
        "the next one"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sweep_names_all_damage_as_a_full_check_does() {
    let s = Sample::new(202).await;
    let (archive, who) = (&s.t.archive, &s.t.who);
    let (objects, flipped) = (s.t.objects(), name(&s.original(&s.large[0]).await));
    let mut bytes = objects.get(&flipped).await.unwrap();
    bytes[2 << 20] ^= 1;
    objects.replace(&flipped, &bytes).await.unwrap();
    for gone in [s.original(&s.small[1]).await, s.tree(&s.large[1]).await] {
        objects.discard(&name(&gone)).await.unwrap();
    }
    sweep::ask(archive, who).await.unwrap();
    worked(archive, &all()).await;
    let swept = report(archive, who).await;
    let check = checked(archive, who, Scope::Full).await;
    assert_eq!(swept.damage.len(), 3);
    assert_eq!(detailed(&swept.damage), detailed(&check.damage));
    let touched = swept.damage.iter().all(|d| !d.items.is_empty());
    assert!(touched, "damage names its items");
    let rows = checks(archive, who).await;
    assert_eq!((rows.len(), &rows[0].damage), (2, &rows[1].damage));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_comes_in_during_a_sweep_is_read_too() {
    let s = Sample::new(203).await;
    let (archive, who) = (&s.t.archive, &s.t.who);
    sweep::ask(archive, who).await.unwrap();
    let late =
        s.t.add("late/one", b"came in during the sweep")
            .await
            .unwrap();
    let original = name(&s.original(&late).await);
    let harm = s.t.objects();
    harm.replace(&original, b"came in during the SWEEP")
        .await
        .unwrap();
    worked(archive, &all()).await;
    let swept = report(archive, who).await;
    assert_eq!(swept.originals, 5);
    assert_eq!(swept.damage.len(), 1);
    assert_eq!(swept.damage[0].items, [late.to_string()]);
}

/// Rows are views: one that was taken out of them is in the log all the same, and is read.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_original_hidden_from_the_views_is_read_all_the_same() {
    let mut s = Sample::in_folder(204).await;
    let path = s.original(&s.small[0]).await;
    let at = s.t.root().join("rows.sqlite");
    let rows = store::Rows::sqlite(&at, store::Mode::ReadWrite)
        .await
        .unwrap();
    let sql = "delete from view_item where id = $1";
    rows.run(sql, store::args![s.small[0].to_string()])
        .await
        .unwrap();
    rows.close().await;
    write(&s.t.root().join(&path), b"not what came in");
    let (archive, who) = (&s.t.archive, &s.t.who);
    sweep::ask(archive, who).await.unwrap();
    worked(archive, &all()).await;
    let swept = report(archive, who).await;
    let names: Vec<&str> = swept.damage.iter().map(|d| d.name.as_str()).collect();
    assert!(names.contains(&path.as_str()), "{names:?}");
    s.t.harmed();
}

/// The process dies after the entry is synced and before the rows are: the entry stands, the job does not know it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_entry_of_a_sweep_that_died_right_after_it_is_not_recorded_again() {
    let s = Sample::in_folder(205).await;
    let (archive, who) = (&s.t.archive, &s.t.who);
    sweep::ask(archive, who).await.unwrap();
    let parts = all().only(&[sweep::PART.to_owned()]).unwrap();
    assert_eq!(worked(archive, &parts).await.done, 256);
    // A first worker claims the end and dies of it.
    drop(
        jobs::claim(archive, "dead", &[sweep::END], "here")
            .await
            .unwrap()
            .unwrap(),
    );
    let before = s.copy("before");
    s.t.clock.jump_seconds(120);
    assert_eq!(worked(archive, &all()).await.done, 1);
    let first = report(archive, who).await.recorded.unwrap();
    let crashed = s.copy("crashed");
    for end in ["", "-wal", "-shm"] {
        let name = format!("rows.sqlite{end}");
        write(
            &crashed.join(&name),
            &std::fs::read(before.join(&name)).unwrap(),
        );
    }
    let opening = Opening {
        clock: Arc::clone(&s.t.clock) as _,
        ..s.t.opening(206)
    };
    let again = Archive::open(&crashed, opening).await.unwrap();
    assert_eq!(
        checks(&again, who).await.len(),
        1,
        "the log brought it back"
    );
    s.t.clock.jump_seconds(120);
    assert_eq!(worked(&again, &all()).await.done, 1);
    assert_eq!(report(&again, who).await.recorded, Some(first));
    assert_eq!(checks(&again, who).await.len(), 1, "it was recorded twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_equal_check_made_by_hand_does_not_stand_for_the_sweep() {
    let s = Sample::new(207).await;
    let (archive, who) = (&s.t.archive, &s.t.who);
    sweep::ask(archive, who).await.unwrap();
    checked(archive, who, Scope::Full).await;
    worked(archive, &all()).await;
    assert_eq!(checks(archive, who).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sweep_with_a_cancelled_part_claims_nothing() {
    let t = TestArchive::new(Where::Real, 208).await;
    t.add("one", b"one").await.unwrap();
    let asked = sweep::ask(&t.archive, &t.who).await.unwrap();
    let part = asked.job.number + 7;
    jobs::cancel(&t.archive, &t.who, &part.to_string())
        .await
        .unwrap();
    let tally = worked(&t.archive, &all()).await;
    assert_eq!((tally.done, tally.set_aside), (255, 1));
    let end = jobs::show(&t.archive, &t.who, &asked.job.id).await.unwrap();
    assert!(end.reason.unwrap().contains("1 of 256 parts"));
    assert!(checks(&t.archive, &t.who).await.is_empty());
    // Put back, the end takes its part with it.
    jobs::again(&t.archive, &t.who, &asked.job.id)
        .await
        .unwrap();
    assert_eq!(worked(&t.archive, &all()).await.done, 2);
    assert_eq!(checks(&t.archive, &t.who).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_worker_that_is_stopped_gives_its_parts_back_and_the_next_goes_on() {
    let s = Sample::new(209).await;
    let (archive, who) = (&s.t.archive, &s.t.who);
    sweep::ask(archive, who).await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let crew = Crew::new("one", "here");
    let (flag, mut done) = (Arc::clone(&stop), 0);
    let mut tell = |_job: &jobs::JobRow, _outcome: &jobs::Outcome| {
        done += 1;
        flag.store(done >= 20, Ordering::Relaxed);
    };
    let tally = jobs::run(archive, &all(), &crew, &stop, &mut tell)
        .await
        .unwrap();
    assert!(
        (20..257).contains(&(tally.done + tally.given_back)),
        "{tally:?}"
    );
    let rest = worked(archive, &all()).await;
    assert_eq!(tally.done + rest.done, 257, "{tally:?}, then {rest:?}");
    assert_eq!(checks(archive, who).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sweep_that_finds_the_log_damaged_records_nothing_and_waits_for_a_person() {
    let s = Sample::new(210).await;
    let (archive, who) = (&s.t.archive, &s.t.who);
    let objects = s.t.objects();
    let harmed = objects.list("disclosures/").await.unwrap().swap_remove(0);
    let good = objects.get(&harmed).await.unwrap();
    let mut bad = good.clone();
    let middle = bad.len() / 2;
    bad[middle] ^= 1;
    objects.replace(&harmed, &bad).await.unwrap();
    let asked = sweep::ask(archive, who).await.unwrap();
    let tally = worked(archive, &all()).await;
    assert_eq!((tally.done, tally.set_aside), (256, 1));
    let end = jobs::show(archive, who, &asked.job.id).await.unwrap();
    assert_eq!(end.state(), State::SetAside);
    assert!(end.reason.unwrap().contains("in the log itself"));
    assert!(
        end.result.unwrap().contains("disclosures"),
        "what was found is kept"
    );
    assert!(checks(archive, who).await.is_empty());
    objects.replace(&harmed, &good).await.unwrap();
    jobs::again(archive, who, &asked.job.id).await.unwrap();
    assert_eq!(worked(archive, &all()).await.done, 1);
    assert!(report(archive, who).await.damage.is_empty());
    assert_eq!(checks(archive, who).await.len(), 1);
}
