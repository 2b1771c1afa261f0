//! `cargo xtask bench`: our figures beside a peer's, in the same run, on the same corpus.

mod corpus;
mod goals;
mod measure;
mod peers;
mod scale;
mod table;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};

use crate::files;
use crate::step::step;
use corpus::{Corpus, Size};
pub(crate) use measure::TIME;
use measure::{Job, Keep, Medians};
pub(crate) use scale::scale;

/// What to measure, how often, and where the bytes go.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    small: usize,
    large: usize,
    runs: usize,
    folder: PathBuf,
    peers_only: bool,
}

impl Options {
    /// Reads the words after `bench add` or `bench check`; an unknown one is an error.
    pub(crate) fn parse(words: &[&str]) -> Result<Self> {
        let folder = files::root().join("target/bench");
        let mut options = Self {
            small: 10_000,
            large: 10,
            runs: 5,
            folder,
            peers_only: false,
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if *word == "--peers-only" {
                options.peers_only = true;
                continue;
            }
            let mut value = || {
                words
                    .next()
                    .with_context(|| format!("{word} needs a value"))
            };
            match *word {
                "--small" => options.small = number(word, value()?)?,
                "--large" => options.large = number(word, value()?)?,
                "--runs" => options.runs = number(word, value()?)?,
                "--dir" => options.folder = std::path::absolute(value()?)?,
                other => bail!("Unknown option {other}; `cargo xtask help` lists them"),
            }
        }
        ensure!(options.runs > 0, "--runs must be at least 1");
        ensure!(
            options.small + options.large > 0,
            "Nothing to measure: --small and --large are both 0"
        );
        Ok(options)
    }

    fn corpora(&self) -> Result<Vec<Corpus>> {
        let folder = self.folder.join("corpus");
        let sizes = [(Size::Small, self.small), (Size::Large, self.large)];
        sizes
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(size, count)| corpus::make(&folder, size, count))
            .collect()
    }
}

fn number(word: &str, value: &str) -> Result<usize> {
    value
        .parse()
        .with_context(|| format!("{word} needs a number, not {value}"))
}

/// Times `holdfast add` against backup, packaging and copying programs.
pub(crate) fn add(options: &Options) -> Result<()> {
    compare(options, "add", |corpus| {
        let mut jobs = peers::add(corpus)?;
        if !options.peers_only {
            jobs.insert(0, peers::holdfast_add(corpus)?);
        }
        Ok(jobs)
    })
}

/// Times `holdfast check --full` against programs that only hash.
pub(crate) fn check(options: &Options) -> Result<()> {
    let archive = options.folder.join("archive");
    compare(options, "check", |corpus| {
        let mut jobs = peers::check(corpus)?;
        if !options.peers_only {
            jobs.insert(0, peers::holdfast_check(corpus, &archive)?);
        }
        Ok(jobs)
    })?;
    files::remove(&archive)
}

/// Times `holdfast verify` of a sealed dossier against programs that only hash the file.
pub(crate) fn verify(options: &Options) -> Result<()> {
    measure::ready()?;
    let corpus = corpus::make(&options.folder.join("corpus"), Size::Small, options.small)?;
    let archive = options.folder.join("archive");
    let (jobs, bytes) = peers::verify(&corpus, &archive)?;
    let scratch = options.folder.join("run");
    let rows = measure::medians(&jobs, options.runs, &scratch, Keep::No)?;
    println!("\ndossier of {} items, {bytes} bytes", options.small);
    println!("{}", table::table(&rows, &corpus, options.runs));
    files::remove(&archive)
}

fn compare(
    options: &Options,
    what: &str,
    jobs: impl Fn(&Corpus) -> Result<Vec<Job>>,
) -> Result<()> {
    measure::ready()?;
    for corpus in options.corpora()? {
        let jobs = jobs(&corpus)?;
        let mut rows: Vec<(&'static str, Medians)> = Vec::new();
        step(&format!("bench {what}, {}", corpus.name()), || {
            corpus.warm()?;
            let keep = match corpus.size {
                Size::Small => Keep::UntilTheEnd,
                Size::Large => Keep::No,
            };
            rows = measure::medians(&jobs, options.runs, &options.folder.join("run"), keep)?;
            Ok(())
        })?;
        println!("\n{}", table::table(&rows, &corpus, options.runs));
        for line in goals::goals(what, corpus.size, &rows) {
            println!("{line}");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
