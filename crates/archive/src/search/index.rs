//! The index folder: made, opened, followed, forgotten.

mod folder;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use tantivy::indexer::IndexWriterOptions;
use tantivy::{IndexReader, IndexWriter, TantivyDocument, TantivyError, Term};

use super::fold::head;
use super::schema::Fields;
use super::{Doc, Error, Found, NAME_BYTES, Result, Scope, TEXT_BYTES, find};

/// What each of the two writing threads may hold before it writes to disk: the
/// whole program is to stay below 200 MB.
const HEAP_BYTES: usize = 24 * 1024 * 1024;

/// The search index of an archive; any number may ask while one writes.
pub struct Index {
    folder: PathBuf,
    engine: tantivy::Index,
    fields: Fields,
    reader: IndexReader,
    /// Opened by the first write, so that a mere reader never holds the lock.
    writer: Mutex<Option<IndexWriter>>,
    position: AtomicU64,
    rebuilt: bool,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Index");
        shown
            .field("position", &self.position())
            .finish_non_exhaustive()
    }
}

impl Index {
    /// Opens the index in a folder, or makes it there.
    ///
    /// Every file is checked against its checksum. What is damaged or of
    /// another version is deleted and made anew, empty, at position 0: see
    /// [`Index::was_rebuilt`]. Files that are not the index's stay untouched.
    pub fn open(dir: &Path) -> Result<Self> {
        let opened = folder::open(dir)?;
        let reader = folder::manual(&opened.engine)?;
        Ok(Self {
            folder: dir.to_owned(),
            engine: opened.engine,
            fields: opened.fields,
            reader,
            writer: Mutex::new(None),
            position: AtomicU64::new(opened.position),
            rebuilt: opened.rebuilt,
        })
    }

    /// Tells whether opening found a damaged index or one of another version,
    /// so that the log must be read again.
    #[must_use]
    pub const fn was_rebuilt(&self) -> bool {
        self.rebuilt
    }

    /// Returns the log number up to which the index has read; it is committed
    /// together with the documents and never ahead of them.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position.load(Ordering::Acquire)
    }

    /// Adds documents and moves the position; on return both are on disk and
    /// found. On an error neither is.
    ///
    /// A document with a known log number replaces the earlier one. Hand over
    /// tens of megabytes of text at a time, not more: all of it is in memory.
    pub fn add(&self, docs: Vec<Doc>, position: u64) -> Result<()> {
        self.write(Some(position), |index, writer| {
            let searcher = index.reader.searcher();
            let mut seen = HashSet::new();
            for doc in docs {
                let term = Term::from_field_u64(index.fields.seq, doc.seq);
                if !seen.insert(doc.seq) || searcher.doc_freq(&term)? > 0 {
                    writer.delete_term(term);
                }
                writer.add_document(document(&index.fields, &doc))?;
            }
            Ok(())
        })
    }

    /// Removes documents by log number and rewrites the files they were in, so
    /// that their text is no longer in the folder; the position stays.
    pub fn forget(&self, seqs: &[u64]) -> Result<()> {
        self.write(None, |index, writer| {
            for seq in seqs {
                writer.delete_term(Term::from_field_u64(index.fields.seq, *seq));
            }
            Ok(())
        })?;
        self.with_writer(|index, writer| {
            let segments = index.engine.searchable_segment_metas()?;
            for segment in segments.iter().filter(|segment| segment.has_deletes()) {
                writer.merge(&[segment.id()]).wait()?;
            }
            drop(segments);
            index.reader.reload()?;
            writer.garbage_collect_files().wait()?;
            Ok(())
        })
    }

    /// Empties the index and sets its position to 0.
    pub fn reset(&self) -> Result<()> {
        self.with_writer(|index, writer| {
            writer.delete_all_documents()?;
            folder::commit(writer, 0)?;
            index.reader.reload()?;
            index.position.store(0, Ordering::Release);
            writer.garbage_collect_files().wait()?;
            Ok(())
        })
    }

    /// Takes in what another process has written meanwhile; returns the position.
    ///
    /// Whoever writes through this very index sees its own writes at once.
    pub fn refresh(&self) -> Result<u64> {
        let slot = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            self.catch_up()?;
        }
        Ok(self.position())
    }

    /// Finds the documents inside `scope` that answer `query`: `limit` of them
    /// after the first `offset`, and how many there are.
    pub fn find(
        &self,
        query: &str,
        scope: &Scope<'_>,
        limit: usize,
        offset: usize,
    ) -> Result<Found> {
        let page = offset..offset.saturating_add(limit);
        find::find(&self.reader.searcher(), &self.fields, query, scope, page)
    }

    fn write(
        &self,
        position: Option<u64>,
        change: impl FnOnce(&Self, &IndexWriter) -> Result<()>,
    ) -> Result<()> {
        self.with_writer(|index, writer| {
            let known = index.position();
            let asked = position.unwrap_or(known);
            if asked < known {
                return Err(Error::Backwards { known, asked });
            }
            change(index, writer)?;
            folder::commit(writer, asked)?;
            index.reader.reload()?;
            index.position.store(asked, Ordering::Release);
            Ok(())
        })
    }

    /// Lends the only writer; after an error it is thrown away, and with it
    /// whatever was not committed.
    fn with_writer(&self, work: impl FnOnce(&Self, &mut IndexWriter) -> Result<()>) -> Result<()> {
        let mut slot = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut writer = match slot.take() {
            Some(writer) => writer,
            None => self.open_writer()?,
        };
        work(self, &mut writer)?;
        *slot = Some(writer);
        Ok(())
    }

    /// Leaves a document in the writer without a commit, as a crash would.
    #[cfg(test)]
    pub(super) fn with_uncommitted(&self, doc: Doc) -> Result<()> {
        self.with_writer(|index, writer| {
            writer.add_document(document(&index.fields, &doc))?;
            Ok(())
        })
    }

    fn open_writer(&self) -> Result<IndexWriter> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(2)
            .memory_budget_per_thread(HEAP_BYTES)
            .num_merge_threads(1)
            .build();
        let writer = self.engine.writer_with_options(options);
        let writer = writer.map_err(|error| match error {
            TantivyError::LockFailure(..) => Error::Busy(self.folder.clone()),
            other => other.into(),
        })?;
        // Somebody else may have written since: start from what is on disk.
        self.catch_up()?;
        Ok(writer)
    }

    /// Reads the position before the documents, so that it is never ahead.
    fn catch_up(&self) -> Result<()> {
        let position = folder::position(&self.engine.load_metas()?).unwrap_or(0);
        self.reader.reload()?;
        self.position.store(position, Ordering::Release);
        Ok(())
    }
}

fn document(fields: &Fields, doc: &Doc) -> TantivyDocument {
    let mut columns = TantivyDocument::new();
    columns.add_u64(fields.seq, doc.seq);
    columns.add_text(
        fields.item,
        head(&doc.item, NAME_BYTES).to_ascii_lowercase(),
    );
    columns.add_text(fields.compartment, &doc.compartment);
    columns.add_u64(fields.level, u64::from(doc.level));
    columns.add_text(fields.name, head(&doc.name, NAME_BYTES));
    columns.add_text(fields.path, head(&doc.path, NAME_BYTES));
    columns.add_text(fields.source, head(&doc.source, NAME_BYTES));
    columns.add_text(fields.text, head(&doc.text, TEXT_BYTES));
    columns.add_text(
        fields.sha256,
        head(&doc.sha256, NAME_BYTES).to_ascii_lowercase(),
    );
    columns.add_text(
        fields.media,
        head(&doc.media, NAME_BYTES).to_ascii_lowercase(),
    );
    columns.add_i64(fields.collected_at, doc.collected_at);
    columns
}
