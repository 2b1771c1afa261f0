//! Small objects, durable on return: temporary first, synced, then named, then the names synced.

use super::stage::same;
use super::{Draft, Inner, Name, Replace, Stored};
use crate::error::{Error, Result};

/// Stores each item once. A crash leaves each whole or absent, because bytes are synced before names.
pub(super) fn all(inner: &Inner, items: Vec<(Name, Vec<u8>)>) -> Result<Stored> {
    let mut new = Vec::new();
    let mut reused = false;
    for (name, bytes) in &items {
        match inner.backend.open(name)? {
            Some(file) => {
                must_equal(name, bytes, file.as_ref())?;
                reused = true;
            }
            None => new.push((name, bytes)),
        }
    }
    let mut drafts = Vec::with_capacity(new.len());
    for (name, bytes) in &new {
        drafts.push(draft(inner, name, bytes)?);
    }
    match drafts.as_mut_slice() {
        [] => {}
        [one] => one.sync()?,
        many => {
            many.iter_mut().try_for_each(|d| d.finish())?;
            inner.backend.settle()?;
        }
    }
    let mut placed = Vec::new();
    for (mut draft, (name, bytes)) in drafts.into_iter().zip(new) {
        draft.finish()?;
        if draft.place(name, Replace::Never)? {
            placed.push(name);
        } else {
            let file = inner.backend.open(name)?.ok_or_else(|| Error::Busy {
                place: name.to_string(),
            })?;
            must_equal(name, bytes, file.as_ref())?;
            reused = true;
        }
    }
    if reused {
        inner.backend.settle()?; // what was there may be somebody's who has not synced yet
    } else {
        inner.backend.settle_names(&placed)?;
    }
    Ok(if placed.is_empty() {
        Stored::Same
    } else {
        Stored::New
    })
}

/// Replaces an object: new bytes durable first, then the name, then the name durable.
pub(super) fn replace(inner: &Inner, name: &Name, bytes: &[u8]) -> Result<()> {
    let mut draft = draft(inner, name, bytes)?;
    draft.sync()?;
    draft.finish()?;
    draft.place(name, Replace::Allowed)?;
    inner.backend.settle_names(&[name])
}

fn draft(inner: &Inner, name: &Name, bytes: &[u8]) -> Result<Box<dyn Draft>> {
    let mut draft = inner.backend.draft(bytes.len() as u64)?;
    draft.write(bytes)?;
    if name.is_original() {
        draft.protect()?;
    }
    Ok(draft)
}

fn must_equal(name: &Name, bytes: &[u8], file: &dyn crate::disk::OldFile) -> Result<()> {
    match same(&bytes, file) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::Conflict {
            place: name.to_string(),
        }),
        Err(e) => Err(Error::io(name.to_string(), e.into_io())),
    }
}
