//! The append door: number → authorise → decide → salt → sign → apply → tail → commit (format.md §2–5).
//!
//! [`Archive::begin`] takes the head of the log, which locks it: nothing changes under a [`Now`] until it is
//! recorded or dropped. Whoever decides, decides inside that lock.

mod after;
pub(crate) mod look;

use crate::access::{self, Act, Who};
use crate::error::{Error, Result, Why};
use crate::open::Archive;
use crate::ready::finished;
use crate::truth::tail::Frame;
use crate::views::{self, Applied};
use crate::work::jobs::{Ending, Held};
use format::entry::{Entry, compose};
use format::id::Subject;
use format::json::Value;
use format::kind::{Chain, Common, Kind};
use format::log::hash::Hash;
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use store::{Tx, args};

/// An entry about to be recorded.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What the entry is about.
    pub subject: Subject,
    /// What it says.
    pub kind: Kind,
    /// Whether the subject's id was drawn for this very entry, so that its chain starts here.
    pub fresh: bool,
}

impl Draft {
    /// An entry that goes on with its subject's chain.
    pub fn about(subject: Subject, kind: Kind) -> Self {
        Self {
            subject,
            kind,
            fresh: false,
        }
    }

    /// The first entry of a subject whose id was drawn just now.
    pub fn first(subject: Subject, kind: Kind) -> Self {
        Self {
            subject,
            kind,
            fresh: true,
        }
    }
}

/// An entry that is recorded: its frame is synced. Not yet a receipt: that takes a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Log index.
    pub index: u64,
    /// Leaf hash.
    pub leaf: Hash,
    /// What it is about.
    pub subject: Subject,
}

/// The archive as it is while the head of the log is held. Dropping it gives the number back.
pub struct Now<'a> {
    pub(crate) archive: &'a Archive,
    pub(crate) who: &'a Who,
    pub(crate) tx: Tx,
    pub(crate) seq: u64,
    pub(crate) tail_len: u64,
}

impl std::fmt::Debug for Now<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Now")
            .field("seq", &self.seq)
            .finish_non_exhaustive()
    }
}

impl Archive {
    /// Takes the head of the log; waits while another writer holds it.
    pub async fn begin<'a>(&'a self, who: &'a Who) -> Result<Now<'a>> {
        self.writable()?;
        who.person()?;
        self.clock_agrees().await?;
        let mut now = self.take_head(who).await?;
        if self.truth.keep.len().await? != now.tail_len {
            // A writer died between its frame and its commit: what it recorded is caught up with first.
            self.catch_up(&mut now.tx).await?;
            now.tx.commit().await?;
            now = self.take_head(who).await?;
        }
        Ok(now)
    }

    async fn take_head<'a>(&'a self, who: &'a Who) -> Result<Now<'a>> {
        let mut tx = self.begin_patiently().await?;
        let head = views::take_head(&mut tx).await?;
        if head.version != views::VERSION {
            return Err(self.stop(crate::open::too_old(head.version)));
        }
        if let Some(closed) = head.closed {
            return Err(Error::new(Why::ReadOnly, closed)
                .next("Work with the archive at its new place; if the move was given up, `holdfast move --give-up` opens this one again"));
        }
        Ok(Now {
            archive: self,
            who,
            tx,
            seq: head.seq,
            tail_len: head.tail_len,
        })
    }
}

impl Now<'_> {
    /// The number the next entry gets.
    pub fn next_index(&self) -> u64 {
        self.seq
    }

    /// Records the drafts as one group: all or none, with one wait for the disk.
    pub async fn record(self, drafts: Vec<Draft>) -> Result<Vec<Recorded>> {
        self.record_with(drafts, None).await
    }

    /// The same, and ends the job whose effect these entries are: both or neither, unless the program dies between
    /// the tail and the rows, where the entries stand and the job is done again. A job taken over records nothing.
    pub async fn record_ending(
        self,
        drafts: Vec<Draft>,
        held: &Held,
        result: Option<String>,
    ) -> Result<Vec<Recorded>> {
        let ending = held.ending(result);
        self.record_with(drafts, Some(ending)).await
    }

    async fn record_with(
        mut self,
        drafts: Vec<Draft>,
        ending: Option<Ending>,
    ) -> Result<Vec<Recorded>> {
        for draft in &drafts {
            access::may(self.who, Act::appending(&draft.kind))?;
            let missing = draft.kind.missing();
            if !missing.is_empty() || !draft.kind.is_about(&draft.subject) {
                let what = format!(
                    "An entry {} about {} lacks {}",
                    draft.kind.name(),
                    draft.subject,
                    missing.join(", ")
                );
                return Err(Error::bug(what));
            }
        }
        let applied = self.compose(drafts).await?;
        let frame = |a: &Applied| Frame {
            index: a.index,
            sd_jwt: a.entry.sd_jwt(),
        };
        let frames: Vec<Frame> = applied.iter().map(frame).collect();
        let (archive, mut tx) = (self.archive.clone(), self.tx);
        let (seq, tail_len) = (self.seq + applied.len() as u64, self.tail_len);
        // Once begun it is finished, whether or not the caller still waits: the head is held until it is.
        finished(async move {
            // Applied first: what the views cannot take must never get into the log, where every replay would meet it.
            views::apply(&mut tx, &applied).await?;
            let len = archive.truth.keep.grown(tail_len, &frames);
            let head = args![seq.cast_signed(), len.cast_signed()];
            tx.run(views::sql::HEAD_SET, head).await?;
            if let Some(ending) = &ending {
                ending.mark(&mut tx).await?;
            }
            if let Err(e) = archive.truth.keep.add(&mut tx, tail_len, frames).await {
                return Err(archive.stop_writing(e));
            }
            // From here the entries exist in a file: should the commit fail, they are replayed at the next `begin`.
            let done = tx.commit().await;
            if let Err(e) = done {
                archive.settle_doubt(e, applied.last()).await?;
            }
            let recorded = |a: Applied| Recorded {
                index: a.index,
                leaf: a.leaf,
                subject: a.subject,
            };
            Ok(applied.into_iter().map(recorded).collect())
        })
        .await
    }

    /// Signs the drafts; entries of one chain one after another, all others side by side.
    async fn compose(&mut self, drafts: Vec<Draft>) -> Result<Vec<Applied>> {
        let mut heads: HashMap<Subject, (u64, u64, Hash)> = HashMap::new();
        let mut done: Vec<Applied> = Vec::with_capacity(drafts.len());
        let mut wave: Vec<(u64, Draft, Chain)> = Vec::new();
        let mut in_wave: HashSet<Subject> = HashSet::new();
        for (i, draft) in drafts.into_iter().enumerate() {
            let index = self.seq + i as u64;
            if !in_wave.insert(draft.subject) {
                self.sign(&mut wave, &mut heads, &mut done).await?;
                in_wave = HashSet::from([draft.subject]);
            }
            let chain = match heads.get(&draft.subject) {
                Some((n, at, leaf)) => Chain {
                    n: n + 1,
                    prev: Some((*at, leaf.0)),
                },
                None if draft.fresh => Chain { n: 0, prev: None },
                None => self.chain_after(&draft.subject).await?,
            };
            wave.push((index, draft, chain));
        }
        self.sign(&mut wave, &mut heads, &mut done).await?;
        Ok(done)
    }

    async fn chain_after(&mut self, subject: &Subject) -> Result<Chain> {
        let head: Option<(i64, i64, Vec<u8>)> = self
            .tx
            .one(views::sql::CHAIN_HEAD, args![subject.to_string()])
            .await?;
        Ok(match head {
            None => Chain { n: 0, prev: None },
            Some((n, seq, leaf)) => {
                let leaf = leaf
                    .try_into()
                    .map_err(|_other| Error::bug("A leaf hash in the rows is not 32 bytes"))?;
                Chain {
                    n: n.cast_unsigned() + 1,
                    prev: Some((seq.cast_unsigned(), leaf)),
                }
            }
        })
    }

    async fn sign(
        &self,
        wave: &mut Vec<(u64, Draft, Chain)>,
        heads: &mut HashMap<Subject, (u64, u64, Hash)>,
        done: &mut Vec<Applied>,
    ) -> Result<()> {
        let drafts = std::mem::take(wave);
        if drafts.is_empty() {
            return Ok(());
        }
        let (archive, by, at) = (
            self.archive.clone(),
            *self.who.person()?,
            self.archive.clock.now(),
        );
        let origin = self.archive.home.origin.clone();
        let signed = tokio::task::spawn_blocking(move || {
            let one = |(index, draft, chain): (u64, Draft, Chain)| -> Result<Applied> {
                let common = Common {
                    kind: Some(draft.kind.name().to_owned()),
                    at: Some(at),
                    by: Some(by),
                    subject: Some(draft.subject),
                    chain: Some(chain),
                    fields: None,
                };
                let fields = common.with_body(draft.kind.body());
                let entry = sealed(&archive, &origin, fields)?;
                Ok(Applied::new(index, draft.subject, entry))
            };
            if drafts.len() < 8 {
                drafts.into_iter().map(one).collect::<Result<Vec<_>>>()
            } else {
                drafts.into_par_iter().map(one).collect::<Result<Vec<_>>>()
            }
        })
        .await
        .map_err(|e| Error::bug("Signing entries stopped").because(e))??;
        for a in signed {
            heads.insert(a.subject, (a.chain_n(), a.index, a.leaf));
            done.push(a);
        }
        Ok(())
    }
}

fn sealed(archive: &Archive, origin: &str, fields: Vec<(String, Value)>) -> Result<Entry> {
    let keys = archive.keys.as_ref().ok_or_else(|| {
        Error::new(
            Why::WrongKey,
            "The signing keys of this archive are not here",
        )
        .next("Put `keys/` back from your backup, or open the archive to read only")
    })?;
    let mut fill = |out: &mut [u8]| archive.random.fill(out);
    compose(origin, fields, &mut fill, &keys.entry).map_err(|e| {
        Error::new(
            Why::Invalid,
            format!("This cannot be written as an entry: {e}"),
        )
        .next("Shorten the longest text and do it again")
    })
}
