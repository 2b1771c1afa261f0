//! The requests themselves, each with a limit to how long it may take.

use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::list::{PaginatedListOptions, PaginatedListStore as _};
use object_store::path::Path;
use object_store::{
    BackoffConfig, ClientOptions, GetOptions, GetRange, ObjectStore as _, ObjectStoreExt as _,
    PutMode, PutPayload, RetryConfig,
};
use tokio::time::timeout;

use super::super::Name;
use super::address::Bucket;
use super::said::{Failed, Whom};
use crate::error::{Error, Result};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an answer, or the next piece of it, may take.
const STALL: Duration = Duration::from_secs(12);
/// How long after the first attempt another one may begin.
const RETRY: Duration = Duration::from_secs(15);
/// How long a request may take in all, its bytes not counted.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long the one attempt to replace the checkpoint may take.
const ONCE: Duration = Duration::from_secs(5);
/// Bytes a second that a line must carry at the least.
const SLOWEST: u64 = 128 << 10;

/// The connection to one bucket.
pub(super) struct Link {
    pub(super) whom: Whom,
    prefix: String,
    /// For requests without bytes of ours: nothing heard for a while is a failure, and they are tried again.
    asks: AmazonS3,
    /// For requests with bytes of ours, which take as long as they take; the limit is set for each.
    pub(super) sends: AmazonS3,
    /// For the checkpoint: never tried again, or an old one might arrive after a new one.
    once: AmazonS3,
    /// Whether the bucket has shown itself: the answer to a question of length does not say which of two is missing.
    seen: AtomicBool,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The clients would show the id of the key.
        f.debug_struct("Link")
            .field("whom", &self.whom)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

/// A part of an object, and what is known of the whole.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) bytes: Vec<u8>,
    pub(super) total: u64,
    pub(super) tag: Option<String>,
}

/// How long a request may take that waits for this many bytes to pass.
pub(super) fn patience(bytes: u64) -> Duration {
    PATIENCE + Duration::from_secs(bytes / SLOWEST)
}

impl Link {
    pub(super) fn new(at: &Bucket) -> Result<Self> {
        at.check()?;
        let build = |options, retries| {
            client(at, options, retries).map_err(|e| Error::Network {
                what: format!("The object store at {} cannot be used", at.place()),
                source: Some(Box::new(e)),
            })
        };
        Ok(Self {
            whom: Whom::new(at),
            prefix: if at.prefix.is_empty() {
                String::new()
            } else {
                format!("{}/", at.prefix)
            },
            asks: build(options(at).with_read_timeout(STALL), 30)?,
            sends: build(options(at), 30)?,
            once: build(options(at).with_timeout(ONCE), 0)?,
            seen: AtomicBool::new(false),
        })
    }

    pub(super) fn path(&self, name: &Name) -> Path {
        // Names are keys as they stand: none of their characters is changed on the way.
        Path::from(format!("{}{name}", self.prefix))
    }

    /// Waits for a request, but not for ever.
    pub(super) async fn within<T>(
        &self,
        limit: Duration,
        name: &str,
        request: impl Future<Output = object_store::Result<T>>,
    ) -> Result<T, Failed> {
        let done = match timeout(limit, request).await {
            Ok(done) => done.map_err(|e| self.whom.failed(name, &e)),
            Err(_elapsed) => Err(Failed::Wrong(
                self.whom
                    .silent(&format!("no answer within {} seconds", limit.as_secs())),
            )),
        };
        if done.is_ok() {
            self.seen.store(true, Ordering::Relaxed);
        }
        done
    }

    pub(super) async fn size(&self, name: &Name) -> Result<Option<u64>> {
        let path = self.path(name);
        let head = self.asks.head(&path);
        match self.within(PATIENCE, name.as_str(), head).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(Failed::Absent) => {
                self.must_have_bucket().await?;
                Ok(None)
            }
            Err(Failed::Wrong(silent @ Error::Unreachable { .. })) => Err(silent),
            Err(e) => {
                // This answer has no words. Another question may bring them.
                self.must_answer().await?;
                Err(e.of(name.as_str()))
            }
        }
    }

    /// Tells a missing bucket from a missing object where the answer did not.
    async fn must_have_bucket(&self) -> Result<()> {
        if self.seen.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.must_answer().await
    }

    /// Asks something small that is answered in words.
    async fn must_answer(&self) -> Result<()> {
        let options = PaginatedListOptions {
            max_keys: Some(1),
            ..PaginatedListOptions::default()
        };
        let page = self.asks.list_paginated(Some(&self.prefix), options);
        match self.within(PATIENCE, "The bucket", page).await {
            Ok(_) => Ok(()),
            Err(Failed::Absent) => Err(self.whom.no_bucket()),
            Err(e) => Err(e.of("The bucket")),
        }
    }

    /// Reads a whole object; one request.
    pub(super) async fn get(&self, name: &Name) -> Result<Option<Vec<u8>>> {
        match self.fetch(name, None, None).await {
            Ok(piece) => Ok(Some(piece.bytes)),
            Err(Failed::Absent) => Ok(None),
            Err(e) => Err(e.of(name.as_str())),
        }
    }

    /// Reads a part of an object, or what there is of it; of a version only, where one is given.
    pub(super) async fn fetch(
        &self,
        name: &Name,
        range: Option<Range<u64>>,
        tag: Option<String>,
    ) -> Result<Piece, Failed> {
        let options = GetOptions {
            range: range.map(GetRange::Bounded),
            if_match: tag,
            ..GetOptions::default()
        };
        let path = self.path(name);
        let answer = self.asks.get_opts(&path, options);
        let answer = self.within(PATIENCE, name.as_str(), answer).await?;
        let (total, tag) = (answer.meta.size, answer.meta.e_tag.clone());
        let wanted = answer.range.end - answer.range.start;
        let bytes = self
            .within(patience(wanted), name.as_str(), answer.bytes())
            .await?;
        if bytes.len() as u64 != wanted {
            return Err(Failed::Wrong(Error::Io {
                place: name.to_string(),
                source: format!("{} bytes came where {wanted} were promised", bytes.len()).into(),
            }));
        }
        Ok(Piece {
            bytes: bytes.into(),
            total,
            tag,
        })
    }

    /// Puts bytes under a name, whatever stands there; `on_the_way` is how many bytes share the line.
    pub(super) async fn put(&self, name: &Name, bytes: PutPayload, on_the_way: u64) -> Result<()> {
        let path = self.path(name);
        let limit = patience(on_the_way.max(bytes.content_length() as u64));
        let put = self.sends.put(&path, bytes);
        let put = self.within(limit, name.as_str(), put).await;
        put.map_err(|e| self.missing(e).of(name.as_str()))?;
        Ok(())
    }

    /// What is absent when something is put can only be the bucket.
    pub(super) fn missing(&self, failed: Failed) -> Failed {
        match failed {
            Failed::Absent => Failed::Wrong(self.whom.no_bucket()),
            other => other,
        }
    }

    pub(super) async fn replace(&self, name: &Name, bytes: Vec<u8>) -> Result<()> {
        let path = self.path(name);
        let put = self.once.put(&path, bytes.into());
        let put = self.within(ONCE, name.as_str(), put).await;
        put.map_err(|e| self.missing(e).of(name.as_str()))?;
        Ok(())
    }

    pub(super) async fn discard(&self, name: &Name) -> Result<()> {
        let path = self.path(name);
        // The library does not repeat one that was not answered, though doing it twice harms nobody.
        let mut tries = 2;
        loop {
            tries -= 1;
            let gone = self.asks.delete(&path);
            match self.within(PATIENCE, name.as_str(), gone).await {
                Ok(()) => return Ok(()),
                Err(Failed::Absent) => return self.must_have_bucket().await,
                Err(Failed::Wrong(Error::Unreachable { .. })) if tries > 0 => {}
                Err(e) => return Err(e.of(name.as_str())),
            }
        }
    }

    pub(super) async fn list(&self, prefix: &str) -> Result<Vec<Name>> {
        let (mut names, mut next) = (Vec::new(), None);
        let prefix = format!("{}{prefix}", self.prefix);
        loop {
            let options = PaginatedListOptions {
                page_token: next,
                ..PaginatedListOptions::default()
            };
            let page = self.asks.list_paginated(Some(&prefix), options);
            let page = self.within(PATIENCE, &prefix, page).await;
            let page = page.map_err(|e| self.missing(e).of(&prefix))?;
            let keys = page.result.objects.iter().map(|o| o.location.as_ref());
            names.extend(keys.filter_map(|key| Name::new(key.strip_prefix(&self.prefix)?).ok()));
            next = page.page_token;
            if next.is_none() {
                names.sort();
                names.dedup();
                return Ok(names);
            }
        }
    }

    pub(super) async fn keeps_conditions(&self, there: &Name) -> Result<Option<bool>> {
        let path = self.path(there);
        let put = self
            .sends
            .put_opts(&path, "third".into(), PutMode::Create.into());
        match self.within(PATIENCE, there.as_str(), put).await {
            Ok(_) => Ok(Some(false)),
            Err(Failed::Unmet) => Ok(Some(true)),
            // Some refuse the header itself.
            Err(Failed::Wrong(Error::Io { .. })) => Ok(Some(false)),
            Err(e) => Err(e.of(there.as_str())),
        }
    }
}

fn options(at: &Bucket) -> ClientOptions {
    let options = ClientOptions::new()
        .with_allow_http(at.is_near())
        .with_connect_timeout(CONNECT)
        .with_timeout_disabled()
        // A proxy named in the environment would carry everything past the endpoint that was set: none is used. This
        // one is never asked, since it is for no address.
        .with_proxy_url("http://127.0.0.1:9")
        .with_proxy_excludes("*,0.0.0.0/0,::/0");
    if at.is_near() {
        // A small answer on a connection that is used again waits some 40 ms for the two ends' timers; on this machine
        // a new connection costs a fraction of that.
        options.with_pool_max_idle_per_host(0)
    } else {
        options
    }
}

fn client(at: &Bucket, options: ClientOptions, retries: usize) -> object_store::Result<AmazonS3> {
    let builder = AmazonS3Builder::new()
        .with_region(&at.region)
        .with_bucket_name(&at.bucket)
        .with_access_key_id(at.access_key.expose())
        .with_secret_access_key(at.secret_key.expose())
        .with_allow_http(at.is_near())
        // The request for many at once is not known to every store.
        .with_disable_bulk_delete(true)
        .with_client_options(options)
        .with_retry(RetryConfig {
            backoff: BackoffConfig {
                init_backoff: Duration::from_millis(100),
                max_backoff: Duration::from_secs(2),
                base: 2.0,
            },
            max_retries: retries,
            retry_timeout: RETRY,
        });
    match &at.endpoint {
        Some(endpoint) => builder.with_endpoint(endpoint),
        None => builder,
    }
    .build()
}
