//! A large object, sent in parts once its name is known.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use object_store::multipart::{MultipartStore as _, PartId};
use object_store::path::Path;
use tokio::task::{JoinError, JoinSet, spawn_blocking};

use super::link::{Link, patience};
use super::room::Room;
use super::spool::Spooled;
use super::stopped;
use crate::disk::OldFile;
use crate::error::{Error, Result};
use crate::objects::Name;

/// The size of a part, unless there would be too many.
const PART: u64 = 8 << 20;
/// A store takes 10,000.
const PARTS: u64 = 9_000;
/// Parts of one object sent at once.
const AT_ONCE: usize = 4;
/// The longest that putting the parts together may take.
const JOINING: Duration = Duration::from_secs(120);

/// Sends a file under its name; a failed try leaves nothing behind that counts as an object.
pub(super) async fn send(
    link: &Arc<Link>,
    room: &Arc<Room>,
    name: &Name,
    file: &Spooled,
) -> Result<()> {
    let path = link.path(name);
    let begun = link.within(
        patience(0),
        name.as_str(),
        link.sends.create_multipart(&path),
    );
    let begun = begun.await;
    let id = begun.map_err(|e| link.missing(e).of(name.as_str()))?;
    let sent = Parts {
        link,
        room,
        name,
        path: &path,
        id: &id,
    };
    let done = sent.all(file).await;
    if done.is_err() {
        // Parts that nobody joins cost the operator room; if this fails as well, the store's own clean-up is left.
        let aborted = link.sends.abort_multipart(&path, &id);
        drop(link.within(patience(0), name.as_str(), aborted).await);
    }
    done
}

struct Parts<'u> {
    link: &'u Arc<Link>,
    room: &'u Arc<Room>,
    name: &'u Name,
    path: &'u Path,
    id: &'u String,
}

impl Parts<'_> {
    async fn all(&self, file: &Spooled) -> Result<()> {
        let source: Arc<dyn OldFile> = Arc::from(file.open()?);
        let mut running = JoinSet::new();
        let size = part_size(file.len);
        let mut ids = vec![None; usize::try_from(file.len.div_ceil(size)).unwrap_or(0)];
        let mut result = Ok(());
        for number in 0..ids.len() {
            while result.is_ok() && running.len() >= AT_ONCE {
                result = landed(running.join_next().await, &mut ids);
            }
            if result.is_err() {
                break;
            }
            let from = number as u64 * size;
            let len = usize::try_from(size.min(file.len - from)).unwrap_or(0);
            running.spawn(self.part(number, (from, len), &source, file.place()));
        }
        // After a failure too: a part that arrives once the upload is given up would stay and cost room.
        while let Some(ended) = running.join_next().await {
            result = result.and(landed(Some(ended), &mut ids));
        }
        result?;
        self.join(ids.into_iter().flatten().collect()).await?;
        match self.link.size(self.name).await? {
            Some(stored) if stored == file.len => Ok(()),
            stored => Err(Error::Io {
                place: self.name.to_string(),
                source: format!("{} bytes were sent and the store has {stored:?}", file.len).into(),
            }),
        }
    }

    fn part(
        &self,
        number: usize,
        (from, len): (u64, usize),
        source: &Arc<dyn OldFile>,
        spool: &str,
    ) -> impl Future<Output = Result<(usize, PartId)>> + Send + 'static {
        let (link, room) = (Arc::clone(self.link), Arc::clone(self.room));
        let (name, path, id) = (self.name.clone(), self.path.clone(), self.id.clone());
        let (source, spool) = (Arc::clone(source), spool.to_owned());
        async move {
            let _place = room.for_part(len).await;
            let bytes = spawn_blocking(move || read(source.as_ref(), from, len)).await;
            let bytes = bytes
                .map_err(|_broken_off| stopped())?
                .map_err(|e| Error::io(spool, e))?;
            let limit = patience(room.on_the_way().max(len as u64));
            let sent = link.sends.put_part(&path, &id, number, bytes.into());
            let sent = link.within(limit, name.as_str(), sent).await;
            let sent = sent.map_err(|e| link.missing(e).of(name.as_str()))?;
            Ok((number, sent))
        }
    }

    async fn join(&self, parts: Vec<PartId>) -> Result<()> {
        let joined = self
            .link
            .sends
            .complete_multipart(self.path, self.id, parts);
        let joined = self.link.within(JOINING, self.name.as_str(), joined).await;
        joined.map_err(|e| self.link.missing(e).of(self.name.as_str()))?;
        Ok(())
    }
}

fn part_size(len: u64) -> u64 {
    PART.max(len.div_ceil(PARTS).next_multiple_of(1 << 20))
}

fn landed(
    ended: Option<Result<Result<(usize, PartId)>, JoinError>>,
    ids: &mut [Option<PartId>],
) -> Result<()> {
    if let Some(ended) = ended {
        let (number, id) = ended.unwrap_or_else(|_broken_off| Err(stopped()))?;
        ids[number] = Some(id);
    }
    Ok(())
}

fn read(source: &dyn OldFile, from: u64, len: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; len];
    let n = source.read_at(&mut bytes, from)?;
    if n < len {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}
