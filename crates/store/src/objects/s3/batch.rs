//! Uploads that go on while the caller reads and hashes, and one place where they are waited for.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use object_store::PutPayload;

use super::link::Link;
use super::room::Room;
use super::spool::{Body, S3Draft, Spool};
use super::{S3, multipart, stopped};
use crate::error::{Error, Result, Said};
use crate::objects::Name;
use crate::objects::batch::{Settled, Work};
use crate::objects::stage::{Draft, Placed};

/// One batch: what it sent and what became of it.
#[derive(Debug)]
pub(super) struct S3Batch {
    s3: Arc<S3>,
    flights: Arc<Flights>,
}

#[derive(Debug, Default)]
struct Flights {
    state: Mutex<State>,
    landed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    aloft: BTreeSet<u64>,
    /// What is under way, with its length: named again meanwhile, it is not sent again.
    names: HashMap<Name, u64>,
    settled: Settled,
    /// The first failure; the batch never gets over it.
    failed: Option<Error>,
}

/// One upload; dropped without having landed it has failed.
struct Flight {
    flights: Arc<Flights>,
    number: u64,
    name: Name,
    landed: bool,
}

impl S3Batch {
    pub(super) fn new(s3: Arc<S3>) -> Self {
        Self {
            s3,
            flights: Arc::default(),
        }
    }

    pub(super) fn spool(&self) -> &Arc<Spool> {
        &self.s3.spool
    }

    /// Lets an upload go, once there is room for it.
    pub(super) fn send(&self, name: &Name, body: Body) -> Result<Placed> {
        let (room, len) = (Arc::clone(&self.s3.room), body.len());
        let small = matches!(body, Body::Memory(_));
        let place = self.s3.hands.wait(async move {
            Ok(if small {
                room.for_small(usize::try_from(len).unwrap_or(usize::MAX))
                    .await
            } else {
                room.for_large().await
            })
        })?;
        let Some(flight) = Flights::take_off(&self.flights, name, len)? else {
            return Ok(Placed::Sent);
        };
        let (link, room) = (Arc::clone(&self.s3.link), Arc::clone(&self.s3.room));
        self.s3.hands.begin(async move {
            let done = place_object(&link, &room, &flight.name, body).await;
            drop(place);
            flight.land(done);
        });
        Ok(Placed::Sent)
    }
}

/// Puts an object unless one of its length stands there: what exists is whole, and its digest is checked by readers.
async fn place_object(
    link: &Arc<Link>,
    room: &Arc<Room>,
    name: &Name,
    body: Body,
) -> Result<Placed> {
    let there = link.size(name).await?;
    if there == Some(body.len()) {
        return Ok(Placed::Same);
    }
    match body {
        Body::Memory(bytes) => {
            let bytes = PutPayload::from(bytes);
            link.put(name, bytes, room.on_the_way()).await?;
        }
        Body::File(file) => multipart::send(link, room, name, &file).await?,
    }
    Ok(there.map_or(Placed::New, |_other_length| Placed::Healed))
}

impl Flights {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins an upload, unless the same is under way; after a failure nothing more is begun.
    fn take_off(this: &Arc<Self>, name: &Name, len: u64) -> Result<Option<Flight>> {
        let mut state = this.lock();
        if let Some(error) = &state.failed {
            return Err(again(error));
        }
        if state.names.get(name) == Some(&len) {
            state.settled.same += 1;
            return Ok(None);
        }
        let number = state.next;
        state.next += 1;
        state.aloft.insert(number);
        state.names.insert(name.clone(), len);
        Ok(Some(Flight {
            flights: Arc::clone(this),
            number,
            name: name.clone(),
            landed: false,
        }))
    }

    /// Waits for what took off before this call.
    fn wait(&self) -> Result<Settled> {
        let mut state = self.lock();
        let until = state.next;
        loop {
            if let Some(error) = &state.failed {
                return Err(again(error));
            }
            if state.aloft.first().is_none_or(|first| *first >= until) {
                return Ok(state.settled);
            }
            state = self
                .landed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Flight {
    fn land(mut self, done: Result<Placed>) {
        self.landed = true;
        self.end(done);
    }

    fn end(&self, done: Result<Placed>) {
        let mut state = self.flights.lock();
        state.aloft.remove(&self.number);
        state.names.remove(&self.name);
        match done {
            Ok(placed) => state.settled.count(placed),
            Err(e) => drop(state.failed.get_or_insert(e)),
        }
        drop(state);
        self.flights.landed.notify_all();
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if !self.landed {
            self.end(Err(stopped()));
        }
    }
}

impl Work for S3Batch {
    fn draft(self: Arc<Self>, expected_bytes: u64) -> Result<Box<dyn Draft>> {
        Ok(Box::new(S3Draft::begin(self, expected_bytes)))
    }

    fn place_whole(self: Arc<Self>, name: &Name, bytes: &[u8]) -> Result<Placed> {
        self.send(name, Body::Memory(bytes.to_vec()))
    }

    fn settle(&self) -> Result<Settled> {
        self.flights.wait()
    }
}

/// Says an error once more: whoever settles again must hear of it too.
fn again(error: &Error) -> Error {
    let said = |source: &crate::Cause| Said(source.to_string()).into();
    match error {
        Error::Unreachable { place, source } => Error::Unreachable {
            place: place.clone(),
            source: said(source),
        },
        Error::Denied { place, source } => Error::Denied {
            place: place.clone(),
            source: said(source),
        },
        Error::Full { place, source } => Error::Full {
            place: place.clone(),
            source: said(source),
        },
        Error::Quota { place, source } => Error::Quota {
            place: place.clone(),
            source: said(source),
        },
        Error::NotFound { place } => Error::NotFound {
            place: place.clone(),
        },
        Error::Invalid { what } => Error::invalid(what.clone()),
        Error::Network { what, .. } => Error::Network {
            what: what.clone(),
            source: None,
        },
        Error::Io { place, source } => Error::Io {
            place: place.clone(),
            source: said(source),
        },
        other => Error::Io {
            place: "The object store".into(),
            source: said(&other.to_string().into()),
        },
    }
}
