//! Small objects, durable on return: temporary first, synced, then named, then the names synced.

use std::sync::Arc;

use super::draft::LocalDraft;
use super::same::same;
use super::{Folder, Name, Replace, Stored};
use crate::disk::OldFile;
use crate::error::{Error, Result};

/// Stores each item once. A crash leaves each whole or absent, because bytes are synced before names.
pub(super) fn all(folder: &Arc<Folder>, items: &[(Name, Vec<u8>)]) -> Result<Stored> {
    let mut new = Vec::new();
    let mut reused = false;
    for (name, bytes) in items {
        match folder.open(name)? {
            Some(file) => {
                must_equal(name, bytes, file.as_ref())?;
                reused = true;
            }
            None => new.push((name, bytes)),
        }
    }
    let mut drafts = Vec::with_capacity(new.len());
    for (name, bytes) in &new {
        drafts.push(draft(folder, name, bytes)?);
    }
    match drafts.as_mut_slice() {
        [] => {}
        [one] => one.sync()?,
        many => {
            many.iter_mut().try_for_each(LocalDraft::finish)?;
            folder.settle()?;
        }
    }
    let mut placed = Vec::new();
    for (mut draft, (name, bytes)) in drafts.into_iter().zip(new) {
        draft.finish()?;
        if draft.name_it(name, Replace::Never)? {
            placed.push(name);
        } else {
            let file = folder.open(name)?.ok_or_else(|| Error::Busy {
                place: name.to_string(),
            })?;
            must_equal(name, bytes, file.as_ref())?;
            reused = true;
        }
    }
    if reused {
        folder.settle()?; // what was there may be somebody's who has not synced yet
    } else {
        folder.settle_names(&placed)?;
    }
    Ok(if placed.is_empty() {
        Stored::Same
    } else {
        Stored::New
    })
}

/// Replaces an object: new bytes durable first, then the name, then the name durable.
pub(super) fn replace(folder: &Arc<Folder>, name: &Name, bytes: &[u8]) -> Result<()> {
    let mut draft = draft(folder, name, bytes)?;
    draft.sync()?;
    draft.finish()?;
    draft.name_it(name, Replace::Allowed)?;
    folder.settle_names(&[name])
}

fn draft(folder: &Arc<Folder>, name: &Name, bytes: &[u8]) -> Result<LocalDraft> {
    let mut draft = LocalDraft::begin(folder, bytes.len() as u64)?;
    draft.append(bytes)?;
    if name.is_original() {
        draft.protect()?;
    }
    Ok(draft)
}

fn must_equal(name: &Name, bytes: &[u8], file: &dyn OldFile) -> Result<()> {
    match same(&bytes, file) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::Conflict {
            place: name.to_string(),
        }),
        Err(e) => Err(Error::io(name.to_string(), e.into_io())),
    }
}
