//! Small objects under names that never come to stand for other bytes.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use object_store::PutPayload;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::link::Link;
use super::room::Room;
use super::stopped;
use crate::error::{Error, Result};
use crate::objects::{Name, Stored};

/// Requests of one call at once.
const AT_ONCE: usize = 16;

/// Stores each item once: all are compared with what is there, then the absent ones are put.
pub(super) async fn all(
    link: Arc<Link>,
    room: Arc<Room>,
    items: Vec<(Name, Vec<u8>)>,
) -> Result<Stored> {
    let compared = each(distinct(items)?, |(name, bytes): (Name, Vec<u8>)| {
        let link = Arc::clone(&link);
        async move {
            match link.get(&name).await? {
                Some(there) if there == bytes => Ok(None),
                Some(_) => Err(conflict(&name)),
                None => Ok(Some((name, bytes))),
            }
        }
    })
    .await?;
    let absent: Vec<_> = compared.into_iter().flatten().collect();
    if absent.is_empty() {
        return Ok(Stored::Same);
    }
    each(absent, |(name, bytes): (Name, Vec<u8>)| {
        let (link, room) = (Arc::clone(&link), Arc::clone(&room));
        async move {
            let _place = room.for_small(bytes.len()).await;
            link.put(&name, PutPayload::from(bytes), room.on_the_way())
                .await
        }
    })
    .await?;
    Ok(Stored::New)
}

/// Leaves out what is named twice with the same bytes.
fn distinct(items: Vec<(Name, Vec<u8>)>) -> Result<Vec<(Name, Vec<u8>)>> {
    let mut named = HashMap::with_capacity(items.len());
    for (name, bytes) in items {
        match named.entry(name) {
            Entry::Vacant(free) => drop(free.insert(bytes)),
            Entry::Occupied(taken) if *taken.get() == bytes => {}
            Entry::Occupied(taken) => return Err(conflict(taken.key())),
        }
    }
    Ok(named.into_iter().collect())
}

fn conflict(name: &Name) -> Error {
    Error::Conflict {
        place: name.to_string(),
    }
}

/// Does the same to many, several at once, and returns the first error once nothing is under way any more.
async fn each<I, T, F>(items: Vec<I>, act: impl Fn(I) -> F) -> Result<Vec<T>>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    let gate = Arc::new(Semaphore::new(AT_ONCE));
    let (mut running, mut done, mut first) = (JoinSet::new(), Vec::new(), None);
    for item in items {
        let gate = Arc::clone(&gate);
        let work = act(item);
        running.spawn(async move {
            match gate.acquire().await {
                Ok(_one) => work.await,
                Err(_closed) => Err(stopped()),
            }
        });
    }
    while let Some(ended) = running.join_next().await {
        match ended.unwrap_or_else(|_broken_off| Err(stopped())) {
            Ok(one) => done.push(one),
            Err(e) => {
                // What has not begun does not begin; what is under way ends by itself, so that nothing lands later.
                gate.close();
                first.get_or_insert(e);
            }
        }
    }
    first.map_or(Ok(done), Err)
}
