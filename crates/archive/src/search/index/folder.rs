//! The folder on disk: opened if whole, else cleared and made anew.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use tantivy::directory::error::{LockError, OpenReadError};
use tantivy::directory::{Directory as _, INDEX_WRITER_LOCK, MmapDirectory};
use tantivy::{IndexMeta, IndexReader, IndexWriter, ReloadPolicy, TantivyError};

use crate::search::schema::{Fields, VERSION, schema, tokenizers};
use crate::search::{Error, Result};

/// An opened folder.
pub(super) struct Opened {
    pub(super) engine: tantivy::Index,
    pub(super) fields: Fields,
    pub(super) position: u64,
    pub(super) rebuilt: bool,
}

/// Commits with the position inside, so that it can never disagree with the
/// documents.
pub(super) fn commit(writer: &mut IndexWriter, position: u64) -> Result<()> {
    let mut commit = writer.prepare_commit()?;
    commit.set_payload(&format!("{VERSION} {position}"));
    commit.commit()?;
    Ok(())
}

/// Returns the committed position, if it is one of this version; an index that
/// was just made has none yet, and stands at 0.
pub(super) fn position(metas: &IndexMeta) -> Option<u64> {
    if metas.payload.is_none() && metas.segments.is_empty() {
        return Some(0);
    }
    let (version, position) = metas.payload.as_deref()?.split_once(' ')?;
    (version == VERSION.to_string()).then(|| position.parse().ok())?
}

/// Opens the folder, or makes the index in it.
pub(super) fn open(dir: &Path) -> Result<Opened> {
    fs::create_dir_all(dir).map_err(|error| folder_error(dir, error))?;
    if let Some(opened) = whole(dir)? {
        return Ok(opened);
    }
    // Under the writer's lock nobody moves files away while they are checked.
    let directory = MmapDirectory::open(dir).map_err(TantivyError::from)?;
    let lock = directory
        .acquire_lock(&INDEX_WRITER_LOCK)
        .map_err(|error| lock_error(dir, error))?;
    if let Some(opened) = whole(dir)? {
        return Ok(opened);
    }
    let rebuilt = clear(dir).map_err(|error| folder_error(dir, error))?;
    let (schema, fields) = schema();
    let engine = tantivy::Index::builder()
        .schema(schema)
        .tokenizers(tokenizers())
        .create_in_dir(dir)?;
    drop(lock);
    Ok(Opened {
        engine,
        fields,
        position: 0,
        rebuilt,
    })
}

/// Opens the files for reading; nothing is reloaded behind anybody's back.
pub(super) fn manual(engine: &tantivy::Index) -> tantivy::Result<IndexReader> {
    engine
        .reader_builder()
        .reload_policy(ReloadPolicy::Manual)
        // A block is as big as its largest text: keep none in memory.
        .doc_store_cache_num_blocks(0)
        .try_into()
}

/// Opens the index if it is there, of this version and undamaged.
fn whole(dir: &Path) -> Result<Option<Opened>> {
    match checked(dir) {
        Ok(opened) => Ok(opened),
        Err(error) if is_damage(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn checked(dir: &Path) -> tantivy::Result<Option<Opened>> {
    let mut engine = tantivy::Index::open_in_dir(dir)?;
    let (schema, fields) = schema();
    let metas = engine.load_metas()?;
    let Some(position) = position(&metas) else {
        return Ok(None);
    };
    if engine.schema() != schema || !engine.validate_checksum()?.is_empty() {
        return Ok(None);
    }
    engine.set_tokenizers(tokenizers());
    // Opens every file, so that a missing one shows now.
    drop(manual(&engine)?);
    Ok(Some(Opened {
        engine,
        fields,
        position,
        rebuilt: false,
    }))
}

/// Tells damage, which is healed by reading the log again, from a system that
/// says no, which is not.
fn is_damage(error: &TantivyError) -> bool {
    let kind = match error {
        TantivyError::OpenReadError(OpenReadError::IoError { io_error, .. })
        | TantivyError::IoError(io_error) => io_error.kind(),
        TantivyError::OpenReadError(_)
        | TantivyError::DataCorruption(_)
        | TantivyError::IncompatibleIndex(_)
        | TantivyError::SchemaError(_)
        | TantivyError::DeserializeError(_)
        | TantivyError::InvalidArgument(_)
        | TantivyError::InternalError(_) => return true,
        _ => return false,
    };
    matches!(
        kind,
        ErrorKind::InvalidData
            | ErrorKind::InvalidInput
            | ErrorKind::UnexpectedEof
            | ErrorKind::NotFound
            | ErrorKind::Other
    )
}

/// Deletes the files of an index, and tells whether there were any.
fn clear(dir: &Path) -> std::io::Result<bool> {
    let mut any = false;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        if entry.file_type()?.is_file() && name.to_str().is_some_and(is_ours) {
            fs::remove_file(entry.path())?;
            any = true;
        }
    }
    Ok(any)
}

/// Tells the names that the engine gives to its files; locks stay.
fn is_ours(name: &str) -> bool {
    let segment = name.split('.').next().unwrap_or_default();
    matches!(name, "meta.json" | ".managed.json")
        || (segment.len() == 32
            && name.len() > 32
            && segment.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn lock_error(dir: &Path, error: LockError) -> Error {
    match error {
        LockError::LockBusy => Error::Busy(dir.to_owned()),
        LockError::IoError(error) => {
            folder_error(dir, std::io::Error::new(error.kind(), error.to_string()))
        }
    }
}

fn folder_error(dir: &Path, source: std::io::Error) -> Error {
    Error::Folder {
        folder: dir.to_owned(),
        source,
    }
}
