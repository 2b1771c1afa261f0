//! A tar, read once from front to back.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use format::verify::{Code, Fault, Limits, Report, Trust, Verifier};
use tar::{Archive, Entry, EntryType};

const PIECE: usize = 1 << 18;
/// What may stand between two files: headers and the names in them, never a heap of data.
const BETWEEN: u64 = 1 << 20;

pub(super) fn check(
    reader: impl Read,
    trust: Trust,
    limits: Limits,
    progress: &(dyn Fn(u64) + Sync),
) -> Report {
    let allowance = Rc::new(Cell::new(BETWEEN));
    let reader = Metered {
        inner: reader,
        left: Rc::clone(&allowance),
    };
    let mut walk = Walk {
        allowance,
        verifier: Verifier::new(limits, trust),
        top: None,
        buffer: vec![0; PIECE],
        progress,
    };
    let mut tar = Archive::new(reader);
    if let Err(why) = walk.entries(&mut tar) {
        let why = format!("The tar cannot be read to its end: {why}");
        walk.verifier.refuse(Fault::new(Code::Unreadable, why));
    } else if !walk.verifier.is_full()
        && let Err(fault) = walk.rest(tar.into_inner())
    {
        walk.verifier.refuse(fault);
    }
    walk.verifier.finish()
}

/// Reads no more than is allowed at the moment: a name of ten gigabytes would fill the memory.
struct Metered<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let left = self.left.get().checked_sub(read as u64);
        let left = left.ok_or_else(|| io::Error::other("a header in it is too long"))?;
        self.left.set(left);
        Ok(read)
    }
}

struct Walk<'a> {
    allowance: Rc<Cell<u64>>,
    verifier: Verifier,
    top: Option<Vec<u8>>,
    buffer: Vec<u8>,
    progress: &'a (dyn Fn(u64) + Sync),
}

impl Walk<'_> {
    fn entries<R: Read>(&mut self, tar: &mut Archive<R>) -> io::Result<()> {
        for entry in tar.entries()? {
            let mut entry = entry?;
            self.allowance.set(u64::MAX);
            let path = entry.path_bytes().into_owned();
            let shown = String::from_utf8_lossy(&path).into_owned();
            let folder = entry.header().entry_type() == EntryType::Directory;
            let admitted = plain(&mut entry).and_then(|()| self.below_top(&path, folder));
            match admitted {
                Ok(Some(path)) => self.file(&path, &mut entry)?,
                Ok(None) => {}
                Err(fault) => self.verifier.refuse(fault.at(&shown)),
            }
            if self.verifier.is_full() {
                return Ok(());
            }
            // What was refused is passed over here, where it is not held against the headers.
            while entry.read(&mut self.buffer)? > 0 {}
            self.allowance.set(BETWEEN);
        }
        self.allowance.set(u64::MAX);
        Ok(())
    }

    /// Takes off the one top folder; gives `None` for a folder, which holds nothing by itself.
    fn below_top(&mut self, path: &[u8], folder: bool) -> Result<Option<Vec<u8>>, Fault> {
        let path = if folder {
            path.strip_suffix(b"/").unwrap_or(path)
        } else {
            path
        };
        let mut parts = path.splitn(2, |byte| *byte == b'/');
        let first = parts.next().unwrap_or_default();
        let rest = parts.next();
        if first.is_empty() || first == b"." || first == b".." {
            // The path itself is judged, with its own reason.
            return Ok(Some(path.to_vec()));
        }
        let top = self.top.get_or_insert_with(|| first.to_vec());
        if top != first {
            return Err(Fault::new(
                Code::NotADossier,
                "The tar has more than one top folder",
            ));
        }
        match rest {
            Some(_) if folder => Ok(None),
            None if folder => Ok(None),
            Some(rest) => Ok(Some(rest.to_vec())),
            None => Err(Fault::new(
                Code::NotADossier,
                "The file is not inside the top folder",
            )),
        }
    }

    fn file<R: Read>(&mut self, path: &[u8], entry: &mut Entry<'_, R>) -> io::Result<()> {
        let Some(mut check) = self.verifier.begin(path, entry.size()) else {
            return Ok(());
        };
        loop {
            match entry.read(&mut self.buffer) {
                Ok(0) => break,
                Ok(read) => {
                    check.update(self.buffer.get(..read).unwrap_or_default());
                    (self.progress)(read as u64);
                }
                Err(why) => {
                    self.verifier.add(check.fail(&why.to_string()));
                    return Err(why);
                }
            }
        }
        self.verifier.add(check.end());
        Ok(())
    }

    /// Nothing may hide behind the end of the tar.
    fn rest(&mut self, mut reader: impl Read) -> Result<(), Fault> {
        loop {
            match reader.read(&mut self.buffer) {
                Ok(0) => return Ok(()),
                Ok(read) => {
                    let piece = self.buffer.get(..read).unwrap_or_default();
                    if piece.iter().any(|byte| *byte != 0) {
                        let why = "There is something after the end of the tar";
                        return Err(Fault::new(Code::ExtraFile, why));
                    }
                }
                Err(why) => return Err(Fault::new(Code::Unreadable, why.to_string())),
            }
        }
    }
}

/// Only plain files and folders are taken: no links, no devices, nothing sparse.
fn plain<R: Read>(entry: &mut Entry<'_, R>) -> Result<(), Fault> {
    let kind = entry.header().entry_type();
    if !matches!(kind, EntryType::Regular | EntryType::Directory) {
        let what = match kind {
            EntryType::Link | EntryType::Symlink => "a link",
            EntryType::GNUSparse => "a sparse file",
            _ => "no plain file",
        };
        let why = format!("It is {what}; a dossier has plain files and folders only");
        return Err(Fault::new(Code::NotAFile, why));
    }
    let unreadable = |why: io::Error| Fault::new(Code::Unreadable, why.to_string());
    for extension in entry
        .pax_extensions()
        .map_err(unreadable)?
        .into_iter()
        .flatten()
    {
        let extension = extension.map_err(unreadable)?;
        if extension.key_bytes().starts_with(b"GNU.sparse") {
            let why = "It is a sparse file; a dossier has plain files and folders only";
            return Err(Fault::new(Code::NotAFile, why));
        }
    }
    Ok(())
}
