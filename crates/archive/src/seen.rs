//! The read door: the archive as somebody may see it. What may not be seen does not exist.

use crate::access::{Act, Who, may};
use crate::append::Draft;
use crate::error::{Error, Result, Why};
use crate::open::Archive;
use crate::original::Original;
use crate::search::{Found, Index, Scope};
use crate::truth::log::WIDTH;
use crate::views::{
    CheckRow, Counts, DossierItemRow, DossierRow, EntryRow, ExportRow, ItemRow, Listing, PersonRow,
    RefusedRow, SessionNoteRow, SessionRow,
};
use crate::views::{items, log, more, sql};
use format::entry::Entry;
use format::id::{Blake3, Digests, ItemId, Sha256, Subject};
use format::kind::{Common, Exported, Kind, Level};

/// An archive with the eyes of one account.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    archive: &'a Archive,
    who: &'a Who,
}

impl Archive {
    /// Everything this account may see, and nothing else.
    pub fn seen_by<'a>(&'a self, who: &'a Who) -> Seen<'a> {
        Seen { archive: self, who }
    }
}

pub(crate) fn level(of: i64) -> Level {
    // Unknown level: sealed.
    [Level::Open, Level::Internal, Level::Restricted]
        .into_iter()
        .find(|l| *l as i64 == of)
        .unwrap_or(Level::Sealed)
}

impl Seen<'_> {
    fn sees(&self, row: &ItemRow) -> bool {
        self.who.clears(&row.compartment, level(row.level))
    }

    fn top(&self, compartment: &str) -> Option<i64> {
        self.who
            .clearances
            .iter()
            .filter(|(c, _)| c == compartment)
            .map(|(_, l)| *l as i64)
            .max()
    }

    /// Items of one compartment, newest first.
    pub async fn items(&self, listing: &Listing) -> Result<Vec<ItemRow>> {
        may(self.who, Act::ReadItems)?;
        match self.top(&listing.compartment) {
            None => Ok(Vec::new()),
            Some(level) => items::list(&self.archive.rows, listing, level).await,
        }
    }

    /// How many items of a compartment there are.
    pub async fn item_count(&self, compartment: &str) -> Result<i64> {
        may(self.who, Act::ReadItems)?;
        match self.top(compartment) {
            None => Ok(0),
            Some(level) => items::count(&self.archive.rows, compartment, level).await,
        }
    }

    /// One item by id.
    pub async fn item(&self, id: &ItemId) -> Result<ItemRow> {
        may(self.who, Act::ReadItems)?;
        let row = items::by_id(&self.archive.rows, &id.to_string()).await?;
        row.filter(|r| self.sees(r))
            .ok_or_else(|| Error::not_found(format!("item {id}")))
    }

    /// One item by what a person types: id, start of an id, number, or SHA-256.
    pub async fn item_named(&self, text: &str) -> Result<ItemRow> {
        may(self.who, Act::ReadItems)?;
        let rows = if let Ok(digest) = text.parse::<Sha256>() {
            items::by_digest(&self.archive.rows, &digest).await?
        } else if let Ok(number) = text.parse::<i64>() {
            items::by_number(&self.archive.rows, number).await?
        } else if text.starts_with("i-") && text.len() >= 4 {
            items::by_prefix(&self.archive.rows, text, &format!("{text}~")).await?
        } else {
            return Err(Error::new(Why::Invalid, format!("{text:?} names no item"))
                .next("Give an item's id (i-…), at least two characters after the hyphen, its number, or its SHA-256"));
        };
        let mut seen = rows.into_iter().filter(|r| self.sees(r));
        match (seen.next(), seen.next()) {
            (None, _) => Err(Error::not_found(format!("item {text}"))),
            (Some(one), None) => Ok(one),
            (Some(a), Some(b)) => Err(Error::new(
                Why::Invalid,
                format!(
                    "{text} fits more than one item, such as {} and {}",
                    a.id, b.id
                ),
            )
            .next("Give more of the id")),
        }
    }

    /// Items that hold the same bytes.
    pub async fn items_with(&self, digest: &Sha256) -> Result<Vec<ItemRow>> {
        may(self.who, Act::ReadItems)?;
        let rows = items::by_digest(&self.archive.rows, digest).await?;
        Ok(rows.into_iter().filter(|r| self.sees(r)).collect())
    }

    /// Items from a log number on, oldest first, whatever their compartment.
    pub async fn items_from(&self, seq: i64, limit: i64) -> Result<Vec<ItemRow>> {
        may(self.who, Act::ReadItems)?;
        let rows = items::after(&self.archive.rows, seq, limit).await?;
        Ok(rows.into_iter().filter(|r| self.sees(r)).collect())
    }

    /// The originals in one of the 256 folders, whoever may see their items, each with the first log number that names
    /// it, in the order of their digests. As the views have it: whoever proves something asks the log.
    pub async fn originals_in(&self, shard: u8, below: u64) -> Result<Vec<(Digests, u64)>> {
        may(self.who, Act::Check)?;
        let rows = items::in_shard(&self.archive.rows, shard, below.cast_signed()).await?;
        let mut found: Vec<(Digests, u64)> = Vec::new();
        for (sha256, blake3, bytes, seq) in rows {
            let known = |b: Vec<u8>| <[u8; 32]>::try_from(b).ok();
            let (Some(sha256), Some(blake3), Some(bytes)) =
                (known(sha256), blake3.and_then(known), bytes)
            else {
                continue;
            };
            let digests = Digests {
                sha256: Sha256(sha256),
                blake3: Blake3(blake3),
                bytes: bytes.cast_unsigned(),
            };
            if found.last().is_none_or(|(d, _)| d.sha256 != digests.sha256) {
                found.push((digests, seq.cast_unsigned()));
            }
        }
        Ok(found)
    }

    /// How many originals there are in one of the 256 folders.
    pub async fn originals_count(&self, shard: u8, below: u64) -> Result<i64> {
        may(self.who, Act::Check)?;
        items::shard_size(&self.archive.rows, shard, below.cast_signed()).await
    }

    /// The entries about one subject, in order.
    pub async fn chain(&self, subject: &Subject) -> Result<Vec<EntryRow>> {
        if let Subject::Item(id) = subject {
            self.item(id).await?;
        } else {
            may(self.who, Act::ReadLog)?;
        }
        log::chain(&self.archive.rows, &subject.to_string()).await
    }

    /// Entries before a log number, newest first; `kind` empty for all.
    pub async fn entries(&self, before: i64, kind: &str, limit: i64) -> Result<Vec<EntryRow>> {
        may(self.who, Act::ReadLog)?;
        log::before(&self.archive.rows, before, kind, limit).await
    }

    /// The entry at a log number as an SD-JWT.
    pub async fn entry(&self, index: u64) -> Result<String> {
        may(self.who, Act::ReadLog)?;
        self.archive
            .truth
            .entry(index)
            .await?
            .ok_or_else(|| Error::not_found(format!("entry {index}")))
    }

    /// How many entries are recorded.
    pub async fn log_size(&self) -> Result<u64> {
        may(self.who, Act::ReadLog)?;
        log::head(&self.archive.rows).await
    }

    /// Sessions in order.
    pub async fn sessions(&self) -> Result<Vec<SessionRow>> {
        may(self.who, Act::ReadSessions)?;
        more::sessions(&self.archive.rows).await
    }

    /// One session by id or number (`S-3` or `3`).
    pub async fn session_named(&self, text: &str) -> Result<SessionRow> {
        let number = text.trim_start_matches("S-").parse::<i64>().ok();
        let mut all = self.sessions().await?.into_iter();
        all.find(|s| s.id == text || Some(s.number) == number)
            .ok_or_else(|| Error::not_found(format!("session {text}")))
    }

    /// What was noted in a session.
    pub async fn session_notes(&self, session: &str) -> Result<Vec<SessionNoteRow>> {
        may(self.who, Act::ReadSessions)?;
        more::session_notes(&self.archive.rows, session).await
    }

    /// What was named and not collected, newest first.
    pub async fn refused(&self, before: i64, limit: i64) -> Result<Vec<RefusedRow>> {
        may(self.who, Act::ReadItems)?;
        more::refused(&self.archive.rows, before, limit).await
    }

    /// When an original was taken out, by whom.
    pub async fn exports(&self, id: &ItemId) -> Result<Vec<ExportRow>> {
        self.item(id).await?;
        more::exports(&self.archive.rows, &id.to_string()).await
    }

    /// Dossiers in order.
    pub async fn dossiers(&self) -> Result<Vec<DossierRow>> {
        may(self.who, Act::ReadDossiers)?;
        more::dossiers(&self.archive.rows).await
    }

    /// One dossier by id or number (`D-3` or `3`).
    pub async fn dossier_named(&self, text: &str) -> Result<DossierRow> {
        let number = text.trim_start_matches("D-").parse::<i64>().ok();
        let mut all = self.dossiers().await?.into_iter();
        all.find(|d| d.id == text || Some(d.number) == number)
            .ok_or_else(|| Error::not_found(format!("dossier {text}")))
    }

    /// What was chosen for a dossier.
    pub async fn dossier_items(&self, dossier: &str) -> Result<Vec<DossierItemRow>> {
        may(self.who, Act::ReadDossiers)?;
        more::dossier_items(&self.archive.rows, dossier).await
    }

    /// The dossiers an item was chosen for.
    pub async fn dossiers_of(&self, item: &str) -> Result<Vec<DossierItemRow>> {
        may(self.who, Act::ReadDossiers)?;
        more::dossiers_of(&self.archive.rows, item).await
    }

    /// Accounts.
    pub async fn people(&self) -> Result<Vec<PersonRow>> {
        may(self.who, Act::ReadLog)?;
        more::people(&self.archive.rows).await
    }

    /// The newest checks.
    pub async fn checks(&self, limit: i64) -> Result<Vec<CheckRow>> {
        may(self.who, Act::ReadHealth)?;
        more::last_checks(&self.archive.rows, limit).await
    }

    /// How much there is.
    pub async fn counts(&self) -> Result<Counts> {
        may(self.who, Act::ReadHealth)?;
        more::counts(&self.archive.rows).await
    }

    /// Finds items by words, hash or id; the index first catches up with the log.
    pub async fn find(&self, query: &str, limit: usize, offset: usize) -> Result<Found> {
        may(self.who, Act::Search)?;
        let index = crate::search::follow::caught_up(self.archive).await?;
        let (query, scope) = (query.to_owned(), self.who.scope());
        let found = tokio::task::spawn_blocking(move || {
            Index::find(
                &index,
                &query,
                &Scope {
                    compartments: &scope,
                },
                limit,
                offset,
            )
        })
        .await
        .map_err(|e| Error::bug("Searching stopped").because(e))?;
        Ok(found?)
    }

    /// Opens an original for somebody who may take it out, once that is in the log.
    ///
    /// Log before serve: the entry is recorded before the first byte can be read.
    pub async fn original(
        &self,
        id: &ItemId,
        how: &str,
        purpose: Option<String>,
    ) -> Result<Original> {
        may(self.who, Act::Export)?;
        let kind = Kind::Exported(Exported {
            how: Some(how.to_owned()),
            purpose,
        });
        let original = self.open_original(id).await?;
        let now = self.archive.begin(self.who).await?;
        now.record(vec![Draft::about(Subject::Item(*id), kind)])
            .await?;
        self.archive.cover().await?;
        Ok(original)
    }

    /// Opens an original for work inside the archive's own walls, such as sealing a dossier that is in the log already.
    pub async fn original_within(&self, id: &ItemId) -> Result<Original> {
        may(self.who, Act::SealDossier)?;
        self.open_original(id).await
    }

    /// The digests come from the signed entry, not from the rows: rows can be rebuilt, and tampered with.
    async fn open_original(&self, id: &ItemId) -> Result<Original> {
        let row = self.item(id).await?;
        let digests = self.recorded_digests(&row, id).await?;
        let digest = digests.sha256;
        let originals = self.archive.originals().clone();
        let reader = tokio::task::spawn_blocking(move || originals.open(&digest))
            .await
            .map_err(|e| Error::bug("Opening an original stopped").because(e))??;
        let tree = self.archive.originals().tree(&digest).await?;
        let tree = tree.map(|t| {
            t.chunks(32)
                .map(|c| c.try_into().unwrap_or([0; 32]))
                .collect()
        });
        Ok(Original {
            row,
            digest,
            blake3: Some(digests.blake3),
            tree,
            reader,
        })
    }

    async fn uncovered_entry(&self, index: u64) -> Result<Option<String>> {
        let (n, head) = (index / WIDTH, log::head(&self.archive.rows).await?);
        // How far the last bundle was covered is what the checkpoint would have said: the widest that stands there.
        for size in (index + 1..=head.min((n + 1) * WIDTH)).rev() {
            if let Ok(bundle) = self.archive.truth.bundle(n, size).await {
                return Ok(bundle.entries().find(|(i, _)| *i == index).map(|(_, e)| e));
            }
        }
        Ok(None)
    }

    async fn recorded_digests(&self, row: &ItemRow, id: &ItemId) -> Result<Digests> {
        let index = row.seq.cast_unsigned();
        let text = match self.archive.truth.entry(index).await {
            Ok(Some(text)) => Some(text),
            // A damaged or missing checkpoint does not take the originals away: the entry is signed by itself.
            _ => self.uncovered_entry(index).await?,
        };
        let entry = text.and_then(|t| Entry::open(&t, Some(&self.archive.home.entry_key)).ok());
        let fields = entry.map(|e| e.fields).unwrap_or_default();
        let subject = Common::read(&fields).ok().and_then(|c| c.subject);
        let digests = match Kind::read(&fields) {
            Ok(Kind::Collected(c)) if subject == Some(Subject::Item(*id)) => c.digests,
            _ => None,
        };
        let same = |d: &Digests| row.digest() == Some(d.sha256);
        digests.filter(same).ok_or_else(|| {
            Error::new(
                Why::Damaged,
                format!("The views and the log do not agree on the original of item {id}"),
            )
            .next("Run `holdfast check --full`, then `holdfast rebuild`; nothing was taken out")
        })
    }
}

impl Archive {
    /// Whether these bytes are stored in full length and an entry says so. Decides storage, never an answer to anybody.
    pub async fn is_kept(&self, digest: &Sha256, bytes: u64) -> Result<bool> {
        let n: Option<(i64,)> = self
            .rows
            .one(sql::ITEM_HOLDING, store::args![digest.0.to_vec()])
            .await?;
        Ok(n.is_some() && self.originals.size(digest).await? == Some(bytes))
    }
}

impl Archive {
    /// Refuses what could not be recorded in the end: asked before hours of reading, not after them.
    pub fn ready_to_record(&self) -> Result<()> {
        self.writable()?;
        if self.keys.is_some() {
            return Ok(());
        }
        Err(Error::new(
            Why::WrongKey,
            "The signing keys of this archive are not here",
        )
        .next("Put `keys/` back from your backup, or open the archive with --read-only to read it"))
    }
}
