//! A prefix of its own in the buckets that a test may use.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use store::{Bucket, Objects, Secret};

use crate::support::wait;

/// A real store, three nodes of it, as the environment names them.
pub(crate) struct Garage {
    endpoints: Vec<String>,
    bucket: String,
    key: String,
    secret: String,
    /// Where this test puts everything.
    pub(crate) prefix: String,
    pub(crate) spool: tempfile::TempDir,
}

fn said(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}

impl Garage {
    /// Returns the store, or says loudly that there is none; where it is required, that is a failure.
    pub(crate) fn here(test: &str) -> Option<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let Some(endpoints) = said("HOLDFAST_TEST_S3") else {
            let required = said("HOLDFAST_REQUIRE_TOOLS").as_deref() == Some("1");
            assert!(!required, "{test} needs HOLDFAST_TEST_S3");
            // Written past the test harness, which hides what passing tests print.
            let line =
                format!("SKIPPED: {test} needs an S3-compatible store; set HOLDFAST_TEST_S3\n");
            std::io::stderr().write_all(line.as_bytes()).unwrap();
            return None;
        };
        let now = std::time::Instant::now();
        let random = format!("{now:?}{}{}", std::process::id(), test);
        let spool = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let digest: u64 = random.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| {
            (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3)
        });
        Some(Self {
            endpoints: endpoints.split(',').map(str::to_owned).collect(),
            bucket: said("HOLDFAST_TEST_S3_BUCKET").unwrap(),
            key: said("HOLDFAST_TEST_S3_KEY").unwrap(),
            secret: said("HOLDFAST_TEST_S3_SECRET").unwrap(),
            prefix: format!("t/{digest:016x}-{}", NEXT.fetch_add(1, Ordering::Relaxed)),
            spool,
        })
    }

    /// The bucket as one of the nodes has it.
    pub(crate) fn bucket(&self, node: usize) -> Bucket {
        Bucket {
            endpoint: Some(self.endpoints[node % self.endpoints.len()].clone()),
            region: "garage".into(),
            bucket: self.bucket.clone(),
            prefix: self.prefix.clone(),
            access_key: Secret::new(&*self.key),
            secret_key: Secret::new(&*self.secret),
            spool: self.spool.path().join("spool"),
        }
    }

    pub(crate) fn open(&self, node: usize) -> Objects {
        Objects::s3(&self.bucket(node)).unwrap()
    }

    /// Whether a text holds a word that must never be shown.
    pub(crate) fn leaks(&self, text: &str) -> bool {
        text.contains(&self.key) || text.contains(&self.secret)
    }
}

impl Drop for Garage {
    fn drop(&mut self) {
        // The store outlives the test: what it made goes.
        let all = self.open(0);
        let names = wait(all.list("")).unwrap_or_default();
        let all = Arc::new(all);
        let threads: Vec<_> = names
            .chunks(names.len() / 8 + 1)
            .map(|names| {
                let (all, names) = (Arc::clone(&all), names.to_vec());
                std::thread::spawn(move || {
                    for name in names {
                        drop(wait(all.discard(&name)));
                    }
                })
            })
            .collect();
        for thread in threads {
            drop(thread.join());
        }
    }
}
