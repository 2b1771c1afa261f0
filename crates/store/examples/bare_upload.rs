//! Uploads a folder with the client library alone: the peer that adding to a bucket is measured against.
//!
//! `bare_upload ENDPOINT BUCKET PREFIX AT_ONCE FOLDER`, the key in `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`. It
//! sends as [`store`] does: small files whole, large ones in parts of 8 MiB, a few at once, a fresh connection for each
//! request to this machine. It hashes nothing, asks nothing first and records nothing.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark stops at the first surprise"
)]

use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path as Key;
use object_store::{ClientOptions, ObjectStoreExt as _, WriteMultipart};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const WHOLE: u64 = 8 << 20;
const PART: usize = 8 << 20;
const PARTS_AT_ONCE: usize = 4;
const LARGE_AT_ONCE: usize = 4;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [endpoint, bucket, prefix, at_once, folder] = &words[..] else {
        say_usage();
        return;
    };
    let options = ClientOptions::new()
        .with_allow_http(true)
        .with_timeout_disabled()
        .with_pool_max_idle_per_host(0);
    let store = AmazonS3Builder::new()
        .with_endpoint(endpoint)
        .with_bucket_name(bucket)
        .with_region("garage")
        .with_access_key_id(std::env::var("AWS_ACCESS_KEY_ID").unwrap())
        .with_secret_access_key(std::env::var("AWS_SECRET_ACCESS_KEY").unwrap())
        .with_allow_http(true)
        .with_client_options(options)
        .build()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let at_once = at_once.parse().unwrap();
    let files = files(Path::new(folder));
    runtime.block_on(upload(Arc::new(store), prefix, at_once, files));
}

#[expect(clippy::print_stderr, reason = "a program says how it is used")]
fn say_usage() {
    eprintln!("usage: bare_upload ENDPOINT BUCKET PREFIX AT_ONCE FOLDER");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = listed.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

async fn upload(store: Arc<AmazonS3>, prefix: &str, at_once: usize, files: Vec<PathBuf>) {
    let (small, large) = (
        Arc::new(Semaphore::new(at_once)),
        Arc::new(Semaphore::new(LARGE_AT_ONCE.min(at_once))),
    );
    let mut running = JoinSet::new();
    for file in files {
        let len = file.metadata().unwrap().len();
        let name = file.file_name().unwrap().to_string_lossy();
        let key = Key::from(format!("{prefix}/{name}"));
        let (store, whole) = (Arc::clone(&store), len <= WHOLE);
        let room = Arc::clone(if whole { &small } else { &large });
        let place = room.acquire_owned().await.unwrap();
        running.spawn(async move {
            if whole {
                let bytes = tokio::task::spawn_blocking(move || std::fs::read(file).unwrap());
                store.put(&key, bytes.await.unwrap().into()).await.unwrap();
            } else {
                in_parts(&store, &key, file).await;
            }
            drop(place);
        });
        while let Some(done) = running.try_join_next() {
            done.unwrap();
        }
    }
    while let Some(done) = running.join_next().await {
        done.unwrap();
    }
}

async fn in_parts(store: &AmazonS3, key: &Key, file: PathBuf) {
    let upload = store.put_multipart(key).await.unwrap();
    let mut sending = WriteMultipart::new_with_chunk_size(upload, PART);
    let file = Arc::new(std::fs::File::open(file).unwrap());
    loop {
        let from = Arc::clone(&file);
        let part = tokio::task::spawn_blocking(move || {
            let mut part = Vec::with_capacity(PART);
            (&*from).take(PART as u64).read_to_end(&mut part).unwrap();
            part
        });
        let part = part.await.unwrap();
        if part.is_empty() {
            break;
        }
        sending.wait_for_capacity(PARTS_AT_ONCE).await.unwrap();
        sending.put(part.into());
    }
    sending.finish().await.unwrap();
}
