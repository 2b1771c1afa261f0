//! Reading an original so that no byte leaves unchecked (promise R5).

use crate::error::{Error, Result, Why};
use crate::truth::originals;
use crate::views::ItemRow;
use format::id::{Blake3, Sha256};
use format::pieces;
use sha2::{Digest as _, Sha256 as Hasher};
use store::Reader;

/// An original that somebody may take out; that he did is in the log already.
#[derive(Debug)]
pub struct Original {
    /// The item.
    pub row: ItemRow,
    pub(crate) digest: Sha256,
    pub(crate) blake3: Option<Blake3>,
    pub(crate) tree: Option<Vec<[u8; 32]>>,
    pub(crate) reader: Reader,
}

impl Original {
    /// How many bytes it has.
    pub fn len(&self) -> Result<u64> {
        Ok(self.reader.len()?)
    }

    /// Whether it is an empty file.
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Gives the bytes piece by piece, each checked before it is given. Blocking.
    ///
    /// Up to 1 MiB the whole is checked first; above that each piece is checked against the BLAKE3 tree. Where
    /// the tree is missing the whole is read twice: once to check, once to give.
    pub fn read_verified(&self, give: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<u64> {
        let len = self.len()?;
        let tree = self.tree.as_ref().filter(|t| {
            self.blake3
                .as_ref()
                .is_some_and(|b| pieces::values_fit(t, b, len))
        });
        let mut buf = vec![0; usize::try_from(len.min(pieces::PIECE)).unwrap_or(0)];
        if tree.is_none() && len > pieces::PIECE {
            self.pass(&mut buf, None, &mut |_| Ok(()))?;
        }
        self.pass(&mut buf, tree.map(Vec::as_slice), give)
    }

    fn pass(
        &self,
        buf: &mut [u8],
        tree: Option<&[[u8; 32]]>,
        give: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<u64> {
        let len = self.len()?;
        let (mut sha, mut at) = (Hasher::new(), 0);
        for n in 0..pieces::count(len) {
            let want = usize::try_from((len - at).min(pieces::PIECE)).unwrap_or(0);
            let piece = &mut buf[..want];
            self.fill(piece, at)?;
            sha.update(&*piece);
            let last = at + want as u64 == len;
            if let Some(values) = tree {
                if values.get(usize::try_from(n).unwrap_or(usize::MAX))
                    != Some(&pieces::value(n, piece))
                {
                    return Err(self.damaged(n));
                }
            } else if last && Sha256(sha.clone().finalize().into()) != self.digest {
                return Err(self.damaged(n));
            }
            give(piece)?;
            at += want as u64;
        }
        if Sha256(sha.finalize().into()) != self.digest {
            return Err(self.damaged(0));
        }
        Ok(at)
    }

    fn fill(&self, buf: &mut [u8], from: u64) -> Result<()> {
        let mut got = 0;
        while got < buf.len() {
            match self.reader.read_at(&mut buf[got..], from + got as u64)? {
                0 => return Err(self.damaged(from / pieces::PIECE)),
                n => got += n,
            }
        }
        Ok(())
    }

    fn damaged(&self, piece: u64) -> Error {
        let path = originals::path(&self.digest);
        Error::new(Why::Damaged, format!("The stored copy of item {} is not what was preserved (chunk {piece} of {path})", self.row.id))
            .next("Do not use it; put the file back from a backup. `holdfast check --full` names all damage")
    }
}
