//! A Garage cluster of one test, or of one run of all tests.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tempfile::TempDir;

use super::process::{Process, Program};
use super::{or_stop, port, random_hex, wait_for};
use crate::tools::{folder_with, output, tool, write};

/// The region that every client must name.
pub const REGION: &str = "garage";
const BUCKET: &str = "holdfast";
const KEY_NAME: &str = "holdfast";

/// Object storage as a client needs to know it; the region is [`REGION`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3 {
    /// `http://127.0.0.1:PORT` of each node.
    pub endpoints: Vec<String>,
    /// The bucket; a test uses a prefix of its own in it.
    pub bucket: String,
    /// The key's id.
    pub key: String,
    /// The key's secret.
    pub secret: String,
}

/// Nodes that replicate to one another, each with its own folder; dropped, all are gone.
///
/// The calls may come from any thread.
#[derive(Debug)]
pub struct Garage {
    nodes: Mutex<Vec<Node>>,
    program: PathBuf,
    rpc_secret: String,
    s3: S3,
    /// Last: it is removed after the nodes are gone.
    folder: TempDir,
}

#[derive(Debug)]
struct Node {
    process: Option<Process>,
    rpc: u16,
    s3: u16,
    /// `<hex>@127.0.0.1:PORT`, once it ran.
    id: String,
}

impl Garage {
    /// Starts one node, or three of which any one can be lost; with the bucket `holdfast` and a key.
    ///
    /// # Panics
    /// When it cannot; ask `tools::need("garage")` first.
    #[track_caller]
    pub fn start(nodes: usize) -> Self {
        assert!(nodes == 1 || nodes == 3, "Garage runs on 1 or 3 nodes here");
        let mut tried = Self::begin(nodes);
        for _ in 0..2 {
            // Somebody may take a port between the question and the start.
            if tried.is_err() {
                tried = Self::begin(nodes);
            }
        }
        or_stop(tried)
    }

    fn begin(count: usize) -> Result<Self, String> {
        let mut nodes = Vec::new();
        for _ in 0..count {
            nodes.push(Node {
                process: None,
                rpc: port::free()?,
                s3: port::free()?,
                id: String::new(),
            });
        }
        let endpoint = |node: &Node| format!("http://127.0.0.1:{}", node.s3);
        let garage = Self {
            program: tool("garage")?.path().to_owned(),
            rpc_secret: random_hex::<32>()?,
            s3: S3 {
                endpoints: nodes.iter().map(endpoint).collect(),
                bucket: BUCKET.to_owned(),
                key: format!("GK{}", random_hex::<12>()?),
                secret: random_hex::<32>()?,
            },
            nodes: Mutex::new(nodes),
            folder: folder_with(&[])?,
        };
        garage.set_up(count)?;
        Ok(garage)
    }

    fn set_up(&self, count: usize) -> Result<(), String> {
        for n in 1..=count {
            self.configure(n)?;
            self.launch(n)?;
        }
        for n in 1..=count {
            let id = self.ask_started(n, &["node", "id", "-q"])?;
            self.turn()[n - 1].id = id.trim().to_owned();
        }
        self.ask_started(1, &["status"])?;
        self.connect(1)?;
        for n in 1..=count {
            let (id, zone) = (self.id(n), format!("dc{n}"));
            let name = id.split('@').next().unwrap_or_default();
            self.tell(1, &["layout", "assign", "-z", &zone, "-c", "10G", name])?;
        }
        self.tell(1, &["layout", "apply", "--version", "1"])?;
        self.healthy()?;
        let S3 { key, secret, .. } = &self.s3;
        self.tell(1, &["key", "import", "--yes", "-n", KEY_NAME, key, secret])?;
        self.make_bucket(BUCKET)
    }

    fn configure(&self, n: usize) -> Result<(), String> {
        let nodes = self.turn();
        let node = &nodes[n - 1];
        let folder = self.folder.path().join(format!("n{n}"));
        let text = format!(
            "metadata_dir = {:?}\ndata_dir = {:?}\ndb_engine = \"sqlite\"\nreplication_factor = {}\n\
             rpc_bind_addr = \"127.0.0.1:{}\"\nrpc_public_addr = \"127.0.0.1:{}\"\nrpc_secret = {:?}\n\
             [s3_api]\ns3_region = {REGION:?}\napi_bind_addr = \"127.0.0.1:{}\"\nroot_domain = \".s3.garage.localhost\"\n",
            folder.join("meta"),
            folder.join("data"),
            nodes.len(),
            node.rpc,
            node.rpc,
            self.rpc_secret,
            node.s3,
        );
        write(&self.settings(n), text.as_bytes())
    }

    fn settings(&self, n: usize) -> PathBuf {
        self.folder.path().join(format!("n{n}.toml"))
    }

    fn launch(&self, n: usize) -> Result<(), String> {
        let process = Process::start(&Program {
            words: vec![
                self.program.display().to_string(),
                "-c".to_owned(),
                self.settings(n).display().to_string(),
                "server".to_owned(),
            ],
            log: &self.folder.path().join(format!("n{n}.log")),
            folder: self.folder.path(),
            farewell: "KILL",
            account: None,
        })?;
        self.turn()[n - 1].process = Some(process);
        Ok(())
    }

    fn turn(&self) -> MutexGuard<'_, Vec<Node>> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn id(&self, n: usize) -> String {
        self.turn()[n - 1].id.clone()
    }

    /// Gives a node a command of `garage` and returns what it printed.
    fn tell(&self, n: usize, words: &[&str]) -> Result<String, String> {
        let mut command = Command::new(&self.program);
        command.arg("-c").arg(self.settings(n)).args(words);
        output(&mut command)
    }

    /// The same with patience, to a node that is only just starting; not to one that died.
    fn ask_started(&self, n: usize, words: &[&str]) -> Result<String, String> {
        wait_for(|| match self.tell(n, words) {
            Err(_) if !self.runs(n) => Ok(Err(self.last_words(n))),
            other => other.map(Ok),
        })?
    }

    fn runs(&self, n: usize) -> bool {
        self.turn()[n - 1]
            .process
            .as_ref()
            .is_some_and(Process::runs)
    }

    fn last_words(&self, n: usize) -> String {
        let log = self.folder.path().join(format!("n{n}.log"));
        let said = std::fs::read_to_string(log).unwrap_or_default();
        format!("Node {n} of Garage ended\n{said}")
    }

    /// Gives what a client needs to know.
    pub fn s3(&self) -> S3 {
        self.s3.clone()
    }

    /// Gives `http://127.0.0.1:PORT` of each node; a node keeps its address when it comes back.
    pub fn endpoints(&self) -> Vec<String> {
        self.s3.endpoints.clone()
    }

    /// Names the bucket.
    pub fn bucket(&self) -> &str {
        &self.s3.bucket
    }

    /// Names the key that may do everything in the buckets made here.
    pub fn key(&self) -> &str {
        &self.s3.key
    }

    /// Gives that key's secret.
    pub fn secret(&self) -> &str {
        &self.s3.secret
    }

    /// Makes another bucket, open to the same key.
    ///
    /// # Panics
    /// When Garage refuses.
    #[track_caller]
    pub fn create_bucket(&self, name: &str) {
        or_stop(self.make_bucket(name));
    }

    fn make_bucket(&self, name: &str) -> Result<(), String> {
        self.tell(self.first(), &["bucket", "create", name])?;
        let rights = ["--read", "--write", "--owner", "--key", KEY_NAME];
        let words = [&["bucket", "allow"], &rights[..], &[name]].concat();
        self.tell(self.first(), &words).map(drop)
    }

    /// Makes a valid key that may do nothing in any bucket, and returns its id and its secret.
    ///
    /// # Panics
    /// When Garage refuses.
    #[track_caller]
    pub fn new_key_without_rights(&self) -> (String, String) {
        or_stop(self.make_key())
    }

    fn make_key(&self) -> Result<(String, String), String> {
        let (key, secret) = (format!("GK{}", random_hex::<12>()?), random_hex::<32>()?);
        let words = ["key", "import", "--yes", "-n", &key, &key, &secret];
        self.tell(self.first(), &words)?;
        Ok((key, secret))
    }

    /// The first node that runs.
    fn first(&self) -> usize {
        let nodes = self.turn();
        let running = nodes.iter().position(|node| node.process.is_some());
        running.map_or(1, |index| index + 1)
    }

    /// Kills node `n`, counted from 1, with SIGKILL.
    ///
    /// # Panics
    /// When there is no such node.
    pub fn kill(&self, n: usize) {
        drop(self.turn()[n - 1].process.take());
    }

    /// Starts node `n` again with its data and address; follow with [`Self::wait_healthy`].
    ///
    /// # Panics
    /// When it still runs or does not come back.
    #[track_caller]
    pub fn start_again(&self, n: usize) {
        let down = self.turn()[n - 1].process.is_none();
        assert!(down, "Node {n} of Garage still runs; kill it first");
        or_stop(self.launch(n));
        or_stop(self.ask_started(n, &["status"]));
        // Left alone, nodes look for one another after up to half a minute.
        or_stop(self.connect(n));
    }

    /// Connects a node with each other that runs; a connection carries one direction only.
    fn connect(&self, n: usize) -> Result<(), String> {
        let count = self.turn().len();
        for peer in (1..=count).filter(|peer| *peer != n && self.runs(*peer)) {
            self.tell(n, &["node", "connect", &self.id(peer)])?;
            self.tell(peer, &["node", "connect", &self.id(n)])?;
        }
        Ok(())
    }

    /// Returns when every node that should run is seen by every other and all data has a quorum.
    ///
    /// # Panics
    /// When that takes too long, as it does when two nodes of three were killed.
    #[track_caller]
    pub fn wait_healthy(&self) {
        or_stop(self.healthy());
    }

    fn healthy(&self) -> Result<(), String> {
        let count = self.turn().len();
        let running: Vec<usize> = (1..=count).filter(|n| self.runs(*n)).collect();
        wait_for(|| {
            for n in &running {
                self.listens(*n)?;
                let said = self.tell(*n, &["json-api", "GetClusterHealth"])?;
                let health: Value = serde_json::from_str(&said)
                    .map_err(|error| format!("Node {n} said {said}: {error}"))?;
                let number = |name: &str| health.get(name).and_then(Value::as_u64);
                let all = number("storageNodesUp") == u64::try_from(running.len()).ok();
                if !all || number("partitionsQuorum") != number("partitions") {
                    return Err(format!("node {n} of Garage sees {health}"));
                }
            }
            Ok(())
        })
    }

    /// A node takes part before it opens its door to clients.
    #[expect(
        clippy::disallowed_methods,
        reason = "asks a server of this test whether it is there"
    )]
    fn listens(&self, n: usize) -> Result<(), String> {
        let port = self.turn()[n - 1].s3;
        TcpStream::connect(("127.0.0.1", port))
            .map(drop)
            .map_err(|error| format!("node {n} of Garage: {error}"))
    }

    /// Lists the processes of the nodes that were started.
    pub fn pids(&self) -> Vec<u32> {
        let nodes = self.turn();
        let running = nodes.iter().filter_map(|node| node.process.as_ref());
        running.map(Process::pid).collect()
    }

    /// Names the folder that holds everything of the cluster.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}
