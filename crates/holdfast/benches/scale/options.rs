//! What to measure, on what, how much of it.

use crate::pair::Pair;

pub(crate) const USAGE: &str = "\
bench scale [PART…] [--pair embedded|shared] [--small N] [--large N] [--runs N] [--seconds N] [--clients N] [--long]
  PART  entries, latency, upload, workers, growth, or log: one log of --small items";

/// One question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Entries and items a second.
    Entries,
    /// From acknowledged here to visible there.
    Latency,
    /// Adding to a bucket against sending to it.
    Upload,
    /// How much faster more workers are.
    Workers,
    /// What ten times as many items cost.
    Growth,
    /// One log of a given length.
    Log,
}

const PARTS: [(&str, Part); 6] = [
    ("entries", Part::Entries),
    ("latency", Part::Latency),
    ("upload", Part::Upload),
    ("workers", Part::Workers),
    ("growth", Part::Growth),
    ("log", Part::Log),
];

impl Part {
    /// The pairs it is measured on.
    pub(crate) fn pairs(self, options: &Options) -> Vec<Pair> {
        let all = match (self, options.pair) {
            (Self::Upload, _) => vec![Pair::Shared],
            (Self::Log, None) => vec![Pair::Embedded],
            (_, Some(one)) => vec![one],
            (_, None) => vec![Pair::Embedded, Pair::Shared],
        };
        all.into_iter()
            .filter(|pair| options.pair.is_none_or(|one| one == *pair))
            .collect()
    }
}

/// The words of the command line.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) parts: Vec<Part>,
    pub(crate) pair: Option<Pair>,
    /// Items of a log, or small files of an upload.
    pub(crate) small: Option<u64>,
    /// Large files of an upload.
    pub(crate) large: usize,
    pub(crate) runs: usize,
    /// How long each rate is taken for.
    pub(crate) seconds: u64,
    /// How many clients write at once, beside one alone.
    pub(crate) clients: usize,
    /// The shared pair up to a million items too.
    pub(crate) long: bool,
}

impl Options {
    /// Reads the words; an unknown one is named.
    pub(crate) fn parse(words: &[&str]) -> Result<Self, String> {
        let mut options = Self {
            parts: Vec::new(),
            pair: None,
            small: None,
            large: 2,
            runs: 3,
            seconds: 4,
            clients: 32,
            long: false,
        };
        let mut words = words.iter().copied();
        while let Some(word) = words.next() {
            if let Some((_, part)) = PARTS.iter().find(|(name, _)| *name == word) {
                options.parts.push(*part);
                continue;
            }
            if word == "--long" {
                options.long = true;
                continue;
            }
            let value = words.next().ok_or(format!("{word} needs a value"))?;
            let number = || value.parse::<u64>().map_err(|_no| refused(word, value));
            match word {
                "--pair" => options.pair = Some(Pair::named(value).ok_or(refused(word, value))?),
                "--small" => options.small = Some(number()?),
                "--large" => options.large = number()? as usize,
                "--runs" => options.runs = number()?.max(1) as usize,
                "--seconds" => options.seconds = number()?.max(1),
                "--clients" => options.clients = number()?.max(2) as usize,
                other => return Err(format!("Unknown word {other}")),
            }
        }
        if options.parts.is_empty() {
            let all = PARTS.iter().map(|(_, part)| *part);
            options.parts = all.filter(|part| *part != Part::Log).collect();
        }
        Ok(options)
    }
}

fn refused(word: &str, value: &str) -> String {
    format!("{word} does not take {value}")
}
