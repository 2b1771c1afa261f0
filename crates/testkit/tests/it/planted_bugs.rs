//! Proof of `FaultDisk`: a small write protocol passes, and each of twelve known bugs in it is caught.

use std::io;
use std::path::Path;

use store::{Disk as _, Replace};
use testkit::{Fault, FaultDisk};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bug {
    MissingSync,
    SyncBeforeWrite,
    RenameWithoutFolderSync,
    AckBeforeSync,
    SyncOfWrongFolder,
    ReplaceInPlace,
    NoSyncOfParent,
    AckAfterFailedSync,
    RetryOfFailedSync,
    TruncateTooEarly,
    ReuseOfUnsynced,
    IgnoredShortWrite,
}

const BUGS: [Bug; 12] = [
    Bug::MissingSync,
    Bug::SyncBeforeWrite,
    Bug::RenameWithoutFolderSync,
    Bug::AckBeforeSync,
    Bug::SyncOfWrongFolder,
    Bug::ReplaceInPlace,
    Bug::NoSyncOfParent,
    Bug::AckAfterFailedSync,
    Bug::RetryOfFailedSync,
    Bug::TruncateTooEarly,
    Bug::ReuseOfUnsynced,
    Bug::IgnoredShortWrite,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Kept(&'static str),
    Head(u8),
    Line(u8),
}

struct Run {
    disk: FaultDisk,
    bug: Option<Bug>,
    said: Vec<(usize, Said)>,
}

const OBJECTS: [&str; 4] = ["aa", "ab", "bc", "shared"];

fn bytes(name: &str) -> Vec<u8> {
    name.bytes().cycle().take(1300).collect()
}

fn folder(name: &str) -> String {
    format!("/objects/{}", name.chars().next().unwrap())
}

fn line(n: u8) -> Vec<u8> {
    vec![b'a' + n; 700]
}

fn head(n: u8) -> Vec<u8> {
    vec![b'0' + n; 900]
}

impl Run {
    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn say(&mut self, what: Said) {
        self.said.push((self.disk.ops(), what));
    }

    /// Writes a file whose bytes are durable on return, under a name that is not.
    fn write_synced(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.disk.create(path, 0)?;
        if self.has(Bug::SyncBeforeWrite) {
            file.sync()?;
            file.write(bytes)?;
            return file.finish();
        }
        let written = file.write(bytes);
        if self.has(Bug::IgnoredShortWrite) && written.is_err() {
            return self.disk.append(path)?.sync();
        }
        written?;
        if self.has(Bug::MissingSync) {
            return file.finish();
        }
        let synced = file.sync();
        match self.bug {
            Some(Bug::AckAfterFailedSync) => return Ok(()),
            Some(Bug::RetryOfFailedSync) if synced.is_err() => {
                return self.disk.append(path)?.sync();
            }
            _ => synced?,
        }
        file.finish()
    }

    fn keep(&mut self, name: &'static str) -> io::Result<()> {
        let folder = folder(name);
        let (folder, last, temporary) = (
            Path::new(&folder),
            Path::new(&folder).join(name),
            Path::new("/incoming/x"),
        );
        if self.disk.stat(folder)?.is_none() {
            self.disk.create_dir_all(folder)?;
            if !self.has(Bug::NoSyncOfParent) {
                self.disk.sync_dir(Path::new("/objects"))?;
            }
        }
        if self.disk.stat(&last)?.is_some() {
            if !self.has(Bug::ReuseOfUnsynced) {
                self.disk.append(&last)?.sync()?;
                self.disk.sync_dir(folder)?;
            }
            self.say(Said::Kept(name));
            return Ok(());
        }
        self.write_synced(temporary, &bytes(name))?;
        self.disk.rename(temporary, &last, Replace::Never)?;
        if self.has(Bug::AckBeforeSync) {
            self.say(Said::Kept(name));
        }
        match self.bug {
            Some(Bug::RenameWithoutFolderSync) => {}
            Some(Bug::SyncOfWrongFolder) => self.disk.sync_dir(Path::new("/incoming"))?,
            _ => self.disk.sync_dir(folder)?,
        }
        self.say(Said::Kept(name));
        Ok(())
    }

    fn set_head(&mut self, n: u8) -> io::Result<()> {
        let path = Path::new("/head");
        if self.has(Bug::ReplaceInPlace) && n > 0 {
            let mut file = self.disk.append(path)?;
            file.truncate(0)?;
            file.write(&head(n))?;
            file.sync()?;
        } else {
            self.write_synced(Path::new("/head.new"), &head(n))?;
            self.disk
                .rename(Path::new("/head.new"), path, Replace::Allowed)?;
            if !self.has(Bug::RenameWithoutFolderSync) {
                self.disk.sync_dir(Path::new("/"))?;
            }
        }
        self.say(Said::Head(n));
        Ok(())
    }

    /// Acknowledges lines in a tail file, then moves them into a bundle and empties the tail.
    fn lines(&mut self) -> io::Result<()> {
        let (path, bundle) = (Path::new("/tail"), Path::new("/bundle"));
        let mut tail = self.disk.append(path)?;
        self.disk.sync_dir(Path::new("/"))?;
        for n in 0..2 {
            tail.write(&line(n))?;
            tail.sync()?;
            self.say(Said::Line(n));
        }
        if self.has(Bug::TruncateTooEarly) {
            tail.truncate(0)?;
            tail.sync()?;
        }
        self.write_synced(Path::new("/bundle.new"), &[line(0), line(1)].concat())?;
        self.disk
            .rename(Path::new("/bundle.new"), bundle, Replace::Never)?;
        self.disk.sync_dir(Path::new("/"))?;
        tail.truncate(0)?;
        tail.sync()
    }

    /// Somebody else wrote this object in place and was stopped before making it durable.
    fn left_by_another(&self) -> io::Result<()> {
        self.disk.create_dir_all(Path::new("/objects/s"))?;
        self.disk.sync_dir(Path::new("/objects"))?;
        let mut file = self.disk.create(Path::new("/objects/s/shared"), 0)?;
        file.write(&bytes("shared"))?;
        file.finish()
    }

    fn all(&mut self) -> io::Result<()> {
        self.disk.create_dir_all(Path::new("/objects"))?;
        self.disk.create_dir_all(Path::new("/incoming"))?;
        self.disk.sync_all(Path::new("/"))?;
        self.set_head(0)?;
        self.keep("aa")?;
        self.keep("ab")?;
        self.set_head(1)?;
        self.keep("bc")?;
        self.left_by_another()?;
        self.keep("shared")?;
        self.lines()?;
        self.set_head(2)
    }
}

fn read(disk: &FaultDisk, path: &str) -> Option<Vec<u8>> {
    let file = disk.open(Path::new(path)).ok()?;
    let mut bytes = vec![0; usize::try_from(file.len().unwrap()).unwrap()];
    assert_eq!(file.read_at(&mut bytes, 0).unwrap(), bytes.len());
    Some(bytes)
}

/// Says what is wrong with a disk on which all this had been acknowledged.
fn wrong(disk: &FaultDisk, said: &[Said]) -> Option<String> {
    for name in OBJECTS {
        let acknowledged = said.contains(&Said::Kept(name));
        match read(disk, &format!("{}/{name}", folder(name))) {
            Some(found) if found != bytes(name) && (acknowledged || name != "shared") => {
                return Some(format!("{name} is torn"));
            }
            None if acknowledged => return Some(format!("{name} is lost")),
            _ => {}
        }
    }
    let at_least = said
        .iter()
        .filter_map(|s| {
            if let Said::Head(n) = s {
                Some(*n)
            } else {
                None
            }
        })
        .max();
    match (read(disk, "/head"), at_least) {
        (None, Some(n)) => return Some(format!("head {n} is lost")),
        (Some(found), n) if !(n.unwrap_or(0)..3).any(|n| found == head(n)) => {
            return Some("head is torn".into());
        }
        _ => {}
    }
    let both = [read(disk, "/tail"), read(disk, "/bundle")].map(Option::unwrap_or_default);
    (0..2)
        .filter(|n| said.contains(&Said::Line(*n)))
        .find(|n| {
            !both
                .iter()
                .any(|file| file.chunks(700).any(|l| l == line(*n)))
        })
        .map(|n| format!("line {n} is lost"))
}

/// Runs the protocol, then cuts the power everywhere; returns the first thing found wrong.
fn run(
    bug: Option<Bug>,
    fault: Option<(usize, Fault)>,
    seed: u64,
) -> (usize, usize, Option<String>) {
    let mut run = Run {
        disk: FaultDisk::new(seed),
        bug,
        said: Vec::new(),
    };
    if let Some((op, fault)) = fault {
        run.disk.fail_at(op, fault);
    }
    let outcome = run.all();
    assert!(
        outcome.is_ok() || fault.is_some(),
        "fails only when told to: {outcome:?}"
    );
    let mut found = None;
    let states = run.disk.every_crash(seed, |crash| {
        let said: Vec<Said> = run
            .said
            .iter()
            .filter(|(at, _)| *at <= crash.at_op)
            .map(|(_, s)| *s)
            .collect();
        if let Some(what) = wrong(&crash.disk, &said).filter(|_| found.is_none()) {
            let trace = run.disk.trace();
            let last = crash.at_op.checked_sub(1).map(|at| trace[at].clone());
            found = Some(format!(
                "{what}: {:?} at {} after {last:?}, {fault:?}",
                crash.behaviour, crash.at_op
            ));
        }
    });
    (run.disk.ops(), states, found)
}

/// Runs it undisturbed and with every fault at every operation, as often as there are seeds.
fn sweep(bug: Option<Bug>, seeds: u64) -> (usize, Option<String>) {
    let mut total = 0;
    for seed in 0..seeds {
        let (ops, states, found) = run(bug, None, seed);
        total += states;
        if found.is_some() {
            return (total, found);
        }
        for (op, fault) in (0..ops).flat_map(|op| Fault::ALL.map(|fault| (op, fault))) {
            let (_, states, found) = run(bug, Some((op, fault)), seed);
            total += states;
            if found.is_some() {
                return (total, found);
            }
        }
    }
    (total, None)
}

#[test]
fn the_correct_protocol_survives_every_power_cut_and_every_fault() {
    let (states, found) = sweep(None, 2);
    assert_eq!(found, None);
    assert!(states > 50_000, "only {states} power cuts were tried");
}

#[test]
fn each_of_twelve_planted_bugs_is_caught() {
    for bug in BUGS {
        let (_, found) = sweep(Some(bug), 2);
        let found = found.unwrap_or_else(|| panic!("{bug:?} was not caught"));
        println!("{bug:?}: {found}");
    }
}

#[test]
fn bugs_in_durability_are_caught_without_any_fault() {
    let only_with_faults = [
        Bug::AckAfterFailedSync,
        Bug::RetryOfFailedSync,
        Bug::IgnoredShortWrite,
    ];
    for bug in BUGS {
        let caught = (0..4).any(|seed| run(Some(bug), None, seed).2.is_some());
        assert_eq!(caught, !only_with_faults.contains(&bug), "{bug:?}");
    }
}
