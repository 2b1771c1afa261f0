//! Many clients at once: what each was told, so that it can be asked for afterwards.

use super::browser::Browser;
use super::log::Checkpoints;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

/// What somebody was told is there.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Names of files under a signed checkpoint.
    pub(crate) files: BTreeSet<String>,
    /// Addresses of dossiers.
    pub(crate) dossiers: BTreeSet<String>,
    /// Answers that said no: the service was away, or the connection broke.
    pub(crate) refused: usize,
}

impl Told {
    pub(crate) fn join(&mut self, other: Self) {
        self.files.extend(other.files);
        self.dossiers.extend(other.dossiers);
        self.refused += other.refused;
    }
}

/// Sends forms to one server after another until it is over.
pub(crate) fn sends(number: usize, one: &Browser, servers: &[String], over: &AtomicBool) -> Told {
    let mut told = Told::default();
    for n in 0.. {
        if over.load(Ordering::Relaxed) {
            break;
        }
        let mut here = one.moved_to(&servers[(n + number) % servers.len()]);
        let mut there = one.moved_to(&servers[(n + number + 1) % servers.len()]);
        let Some(page) = there.get("/share").ok().filter(|page| page.status == 200) else {
            told.refused += 1;
            continue;
        };
        let name = format!("from-{number}-{n}.txt");
        if n % 2 == 0 {
            let added = here.upload(page.token(), &name, format!("invented {name}").as_bytes());
            match added {
                Ok(added) if added.status == 200 && added.body.contains("1 preserved") => {
                    told.files.insert(name);
                }
                _ => told.refused += 1,
            }
        } else {
            let fields = [
                ("token", page.token()),
                ("recipient", "Court of Examples"),
                ("purpose", &name),
            ];
            match here.post("/share", &fields) {
                Ok(opened) if opened.status == 303 => {
                    told.dossiers.insert(opened.location().to_owned());
                }
                _ => told.refused += 1,
            }
        }
    }
    told
}

/// Fetches the checkpoint of a server again and again: it never goes back.
pub(crate) fn watches(mut at: Browser, over: &AtomicBool) -> Checkpoints {
    let (mut seen, mut largest) = (Checkpoints::default(), 0);
    while !over.load(Ordering::Relaxed) {
        let Some(note) = at.get("/log/checkpoint").ok().filter(|a| a.status == 200) else {
            continue;
        };
        let size = super::log::size(&note.body);
        assert!(
            size >= largest,
            "{} goes back from {largest}: {}",
            at.server,
            note.body
        );
        largest = size;
        seen.saw(&note.body);
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    seen
}
