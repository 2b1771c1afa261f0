//! A folder, its files digested on several threads.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;

use format::verify::{Code, Fault, FileCheck, FileFacts, Limits, Report, Trust, Verifier};

const PIECE: usize = 1 << 18;
/// More threads would only wait for the disk.
const THREADS: usize = 8;
const DEEPEST: usize = 32;

type Job = (FileCheck, PathBuf);

pub(super) fn check(
    top: &Path,
    trust: Trust,
    limits: Limits,
    progress: &(dyn Fn(u64) + Sync),
) -> io::Result<Report> {
    let top = bag_inside(top)?;
    let mut verifier = Verifier::new(limits, trust);
    let mut jobs = Vec::new();
    walk(&top, &[], 0, &mut verifier, &mut jobs)?;
    // In order of size: the longest file begins first and does not hold up the end.
    jobs.sort_by_key(|(_, length)| *length);
    let jobs: Vec<Job> = jobs.into_iter().map(|(job, _)| job).collect();
    digest(jobs, &mut verifier, progress);
    Ok(verifier.finish())
}

/// Whoever unpacked the tar may name the folder around the bag.
fn bag_inside(top: &Path) -> io::Result<PathBuf> {
    if top.join("bagit.txt").exists() {
        return Ok(top.to_owned());
    }
    let entries: Vec<_> = fs::read_dir(top)?.take(2).collect::<io::Result<_>>()?;
    if let [only] = entries.as_slice()
        && only.file_type()?.is_dir()
        && only.path().join("bagit.txt").exists()
    {
        return Ok(only.path());
    }
    Ok(top.to_owned())
}

fn walk(
    folder: &Path,
    prefix: &[u8],
    depth: usize,
    verifier: &mut Verifier,
    jobs: &mut Vec<(Job, u64)>,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let path = [prefix, name.as_encoded_bytes()].concat();
        let shown = String::from_utf8_lossy(&path).into_owned();
        // Of the thing itself: a link is not followed.
        let facts = match fs::symlink_metadata(entry.path()) {
            Ok(facts) => facts,
            Err(why) => {
                verifier.refuse(Fault::new(Code::Unreadable, why.to_string()).at(&shown));
                continue;
            }
        };
        if facts.is_dir() && depth < DEEPEST {
            let below = [path.as_slice(), b"/"].concat();
            walk(&entry.path(), &below, depth + 1, verifier, jobs)?;
        } else if facts.is_file() {
            if let Some(check) = verifier.begin(&path, facts.len()) {
                jobs.push(((check, entry.path()), facts.len()));
            }
        } else {
            let why =
                "It is a link, a device or too deep; a dossier has plain files and folders only";
            verifier.refuse(Fault::new(Code::NotAFile, why).at(&shown));
        }
    }
    Ok(())
}

fn digest(jobs: Vec<Job>, verifier: &mut Verifier, progress: &(dyn Fn(u64) + Sync)) {
    let threads = thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(THREADS);
    let queue = Mutex::new(jobs);
    let (send, receive) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads {
            let (queue, send) = (&queue, send.clone());
            scope.spawn(move || work(queue, &send, progress));
        }
        drop(send);
        for facts in receive {
            verifier.add(facts);
        }
    });
}

fn work(queue: &Mutex<Vec<Job>>, send: &Sender<FileFacts>, progress: &(dyn Fn(u64) + Sync)) {
    let mut buffer = vec![0; PIECE];
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let Some((check, path)) = job else {
            return;
        };
        let facts = one(check, &path, &mut buffer, progress);
        if send.send(facts).is_err() {
            return;
        }
    }
}

fn one(
    mut check: FileCheck,
    path: &Path,
    buffer: &mut [u8],
    progress: &(dyn Fn(u64) + Sync),
) -> FileFacts {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(why) => return check.fail(&why.to_string()),
    };
    loop {
        match file.read(buffer) {
            Ok(0) => return check.end(),
            Ok(read) => {
                check.update(buffer.get(..read).unwrap_or_default());
                progress(read as u64);
            }
            Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
            Err(why) => return check.fail(&why.to_string()),
        }
    }
}
