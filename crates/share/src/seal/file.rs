//! The file: laid out, written beside its final name, verified as a stranger would, and only then named.

use super::{Event, Sealed, describe, stamp};
use crate::gather::{self, Chosen, Digests};
use crate::tarball::{SealError, write_tar};
use archive::views::DossierRow;
use archive::{Archive, Error, Result, Who, Why};
use format::dossier::layout::{BagFile, LaidEntry, LaidEvidence, Parts, lay_out};
use format::id::{ItemId, Sha256};
use format::log::checkpoint::Checkpoint;
use format::verify::{Limits, Report, Trust};
use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write as _};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

pub(crate) fn taken(path: &Path) -> Error {
    Error::new(
        Why::Invalid,
        format!("{} exists; nothing is overwritten", path.display()),
    )
    .next("Name another file")
}

pub(super) struct Work {
    pub(super) archive: Archive,
    pub(super) who: Who,
    pub(super) row: DossierRow,
    pub(super) index: u64,
    pub(super) chosen: Vec<Chosen>,
    pub(super) digests: Digests,
    pub(super) entries: Vec<LaidEntry>,
    pub(super) checkpoint: Checkpoint,
    pub(super) note: String,
    pub(super) token: Option<stamp::Stamped>,
    pub(super) tool: String,
}

impl Work {
    /// Writes the file, verifies it, names it.
    pub(super) fn write(
        mut self,
        part: NamedTempFile,
        output: &Path,
        tell: &(dyn Fn(Event) + Send + Sync),
        handle: &tokio::runtime::Handle,
    ) -> Result<Sealed> {
        let told = |n: u64| tell(Event::Bytes(n));
        let evidence = self.evidence()?;
        let entries = self.entries.len() as u64;
        let files = self.laid_out(&evidence, handle)?;
        let out = io::BufWriter::with_capacity(1 << 20, part.as_file());
        let mut out = self
            .tar(&files, &evidence, out)
            .map_err(|e| unsealed(e, output))?;
        out.flush()
            .and_then(|()| part.as_file().sync_all())
            .map_err(|e| unwritten(output, &e))?;
        drop(out);
        self.finish(part, output, entries, &told)
    }

    fn evidence(&self) -> Result<Vec<LaidEvidence>> {
        let one = |c: &Chosen| {
            let item = c.content.item;
            let seen = c
                .row
                .digest()
                .and_then(|d| Some((d, self.digests.get(&d)?)));
            let (sha256, (sha512, bytes)) =
                seen.ok_or_else(|| Error::bug(format!("Item {item} was not digested")))?;
            Ok(LaidEvidence {
                item,
                folder: c.content.evidence.clone(),
                sha256: sha256.0,
                sha512: *sha512,
                bytes: *bytes,
            })
        };
        self.chosen.iter().map(one).collect()
    }

    fn laid_out(
        &mut self,
        evidence: &[LaidEvidence],
        handle: &tokio::runtime::Handle,
    ) -> Result<Vec<BagFile>> {
        let founded = handle.block_on(describe::founded_name(&self.archive))?;
        let about = describe::about(self, &founded);
        let page = format::dossier::report_page::write(&describe::page(self, &about));
        let parts = Parts {
            dossier: self
                .row
                .id
                .parse()
                .map_err(|_why| Error::bug("A dossier id in the views is not one"))?,
            sealed: self.index,
            origin: self.archive.home().origin.clone(),
            date: about.sealed_at.chars().take(10).collect(),
            agent: self.tool.clone(),
            checkpoint: self.note.clone(),
            tokens: self.token.iter().map(|t| t.laid.clone()).collect(),
            entries: std::mem::take(&mut self.entries),
            evidence: evidence.to_vec(),
            description: format::dossier::rocrate::write(&about),
            page,
        };
        lay_out(&parts)
            .map_err(|e| Error::bug(format!("The dossier cannot be laid out: {}", e.detail)))
    }

    fn tar<W: io::Write>(
        &self,
        files: &[BagFile],
        evidence: &[LaidEvidence],
        out: W,
    ) -> std::result::Result<W, SealError> {
        let seconds =
            u64::try_from(self.row.sealed_at.unwrap_or_default() / 1_000_000).unwrap_or(0);
        let digests: HashMap<ItemId, Sha256> = evidence
            .iter()
            .map(|e| (e.item, Sha256(e.sha256)))
            .collect();
        let open = |item: ItemId| -> io::Result<Original> {
            let digest = digests
                .get(&item)
                .ok_or_else(|| io::Error::from(ErrorKind::NotFound))?;
            let reader = self
                .archive
                .originals()
                .open(digest)
                .map_err(io::Error::other)?;
            Ok(Original { reader, at: 0 })
        };
        write_tar(
            &format!("dossier-{}", self.row.id),
            files,
            evidence,
            seconds,
            open,
            out,
        )
    }

    /// Verifies what was written as a stranger would, then gives it its name.
    fn finish(
        &self,
        part: NamedTempFile,
        output: &Path,
        entries: u64,
        told: &(dyn Fn(u64) + Sync),
    ) -> Result<Sealed> {
        let policy = format::log::policy::Policy::parse(describe::policy(&self.archive).as_bytes());
        let trust = Trust {
            policy: policy.ok(),
            roots: Vec::new(),
        };
        let report: Report = crate::verify_file(part.path(), trust, Limits::default(), told)
            .map_err(|e| Error::bug(e.to_string()))?;
        if report.verdict != format::verify::Verdict::Good {
            let first = report
                .damage
                .first()
                .map(|f| f.detail.clone())
                .unwrap_or_default();
            return Err(Error::bug(format!(
                "The dossier just written does not verify, and was not kept: {first}"
            )));
        }
        let bytes = part
            .as_file()
            .metadata()
            .map_err(|e| unwritten(output, &e))?
            .len();
        let sha256 = digest(part.path()).map_err(|e| unwritten(output, &e))?;
        match part.persist_noclobber(output) {
            Ok(_) => {}
            Err(e) if e.error.kind() == ErrorKind::AlreadyExists => return Err(taken(output)),
            Err(e) => return Err(unwritten(output, &e.error)),
        }
        let _ = &self.who;
        Ok(Sealed {
            dossier: self
                .row
                .id
                .parse()
                .map_err(|_why| Error::bug("A dossier id in the views is not one"))?,
            index: self.index,
            items: self.chosen.len() as u64,
            entries,
            bytes,
            sha256,
            log_size: self.checkpoint.size,
            stamped: None,
        })
    }
}

/// A file without a name beside the one to come; made first, so that a place where nothing can be written stops everything.
pub(super) fn part(output: &Path) -> Result<NamedTempFile> {
    let folder = output
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .map_or_else(|| PathBuf::from("."), Path::to_owned);
    tempfile::Builder::new()
        .prefix(".holdfast-")
        .tempfile_in(folder)
        .map_err(|e| {
            Error::new(
                Why::Disk,
                format!(
                    "{} cannot be written: {e}; nothing was sealed",
                    output.display()
                ),
            )
            .next("Name a file in a folder that is there and where you may write")
        })
}

fn unwritten(output: &Path, e: &io::Error) -> Error {
    Error::new(Why::Disk, format!("{} cannot be written: {e}", output.display()))
        .next("The dossier is sealed in the log; free some space or name another file, and run `holdfast dossier seal` again")
}

fn unsealed(e: SealError, output: &Path) -> Error {
    match e {
        SealError::Damaged(item) => gather::damaged(item, "no file was written"),
        SealError::Unknown(item) => Error::bug(format!("Item {item} has no digests")),
        SealError::Io(e) => unwritten(output, &e),
    }
}

fn digest(path: &Path) -> io::Result<String> {
    use sha2::Digest as _;
    let mut file = std::fs::File::open(path)?;
    let mut sha = sha2::Sha256::new();
    let mut buf = vec![0; 1 << 20];
    loop {
        match file.read(&mut buf)? {
            0 => return Ok(Sha256(sha.finalize().into()).to_string()),
            n => sha.update(&buf[..n]),
        }
    }
}

struct Original {
    reader: store::Reader,
    at: u64,
}

impl Read for Original {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self
            .reader
            .read_at(buf, self.at)
            .map_err(io::Error::other)?;
        self.at += n as u64;
        Ok(n)
    }
}
