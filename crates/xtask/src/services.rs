//! PostgreSQL and Garage for the tests: `testkit` starts them in a process that ends with us.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::test::cargo;
use crate::{files, install};

/// Builds and returns the path of the program that starts the services.
pub(crate) fn build(command: &mut Command) -> Result<PathBuf> {
    let mut building = command
        .arg("--message-format=json-render-diagnostics")
        .stdout(Stdio::piped())
        .spawn()
        .context("Cannot start cargo")?;
    let mut said = String::new();
    if let Some(pipe) = &mut building.stdout {
        pipe.read_to_string(&mut said)?;
    }
    let status = building.wait()?;
    if !status.success() {
        bail!("The build ended with {status}");
    }
    program_in(&said).context("The build made no program `services`")
}

/// Finds our program among the messages of a build, one JSON value a line.
fn program_in(messages: &str) -> Option<PathBuf> {
    let made = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let ours = |message: &Value| {
        let target = message.get("target")?;
        let name = target.get("name")?.as_str()? == "services";
        let program = target.get("kind")?.get(0)?.as_str()? == "bin";
        let tested = message.get("profile")?.get("test")?.as_bool()?;
        let path = message.get("executable")?.as_str()?;
        (name && program && !tested).then(|| PathBuf::from(path))
    };
    made.filter_map(|message| ours(&message)).next_back()
}

/// Running services; they end when this is dropped or this process dies.
pub(crate) struct Services {
    child: Child,
    environment: Vec<(String, String)>,
}

impl Services {
    /// Starts them and returns when they answer.
    pub(crate) fn start(program: &Path) -> Result<Self> {
        let start = Instant::now();
        let mut child = Command::new(program)
            .env("HOLDFAST_TOOLS", files::tools())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("Cannot start {}", program.display()))?;
        let pipe = child.stdout.take();
        let mut services = Self {
            child,
            environment: Vec::new(),
        };
        for line in pipe
            .into_iter()
            .flat_map(|pipe| BufReader::new(pipe).lines())
        {
            let line = line?;
            if line == "ready" {
                let took = start.elapsed().as_secs_f64();
                println!("PostgreSQL and Garage: started in {took:.1} s");
                return Ok(services);
            }
            if let Some((name, value)) = line.split_once('=') {
                services
                    .environment
                    .push((name.to_owned(), value.to_owned()));
            }
        }
        bail!("PostgreSQL and Garage did not start; what they said stands above")
    }

    /// What a test reads to find them.
    pub(crate) fn environment(&self) -> impl Iterator<Item = (&str, &str)> {
        self.environment
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        drop(self.child.stdin.take()); // this is the word to end
        self.child.wait().ok();
    }
}

/// `cargo xtask services`: runs them in the foreground and says how tests find them.
pub(crate) fn serve() -> Result<()> {
    install::install(false)?;
    let program = build(cargo().args(["build", "--package", "testkit", "--bin", "services"]))?;
    let mut services = Services::start(&program)?;
    println!("\nexport HOLDFAST_TOOLS='{}'", files::tools().display());
    for (name, value) in services.environment() {
        println!("export {name}='{value}'");
    }
    println!("\nPaste this where you run `cargo test`; Ctrl-C here ends the services");
    // Ctrl-C reaches the other process as well; until then we hold its input open.
    let input = services.child.stdin.take();
    let status = services.child.wait()?;
    drop(input);
    bail!("The services ended with {status}")
}

#[cfg(test)]
mod tests;
