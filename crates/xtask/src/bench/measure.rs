//! Timing a program as a child: wall time, CPU seconds of it and its children, peak memory.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};

use crate::files;
use crate::step::{output, run};

/// GNU time, which asks the kernel what a child used.
pub(crate) const TIME: &str = "/usr/bin/time";

type Prepare = Box<dyn Fn(&Path) -> Result<()>>;
type Make = Box<dyn Fn(&Path) -> Command>;

/// Something to time: what to prepare in an empty folder, not timed, and the command.
pub(crate) struct Job {
    pub(crate) name: &'static str,
    pub(crate) prepare: Prepare,
    pub(crate) command: Make,
}

impl Job {
    pub(crate) fn new(
        name: &'static str,
        prepare: impl Fn(&Path) -> Result<()> + 'static,
        command: impl Fn(&Path) -> Command + 'static,
    ) -> Self {
        Self {
            name,
            prepare: Box::new(prepare),
            command: Box::new(command),
        }
    }
}

/// What one run used.
#[derive(Debug, Clone, Copy)]
struct Sample {
    wall: f64,
    cpu: f64,
    peak_mb: f64,
}

/// The middle of several runs, each figure by itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Medians {
    pub(crate) wall: f64,
    pub(crate) cpu: f64,
    pub(crate) peak_mb: f64,
}

/// Says early when nothing can be timed.
pub(crate) fn ready() -> Result<()> {
    ensure!(
        Path::new(TIME).is_file(),
        "{TIME} is missing: cargo xtask install --bench"
    );
    Ok(())
}

/// Whether what a run wrote stays until all are over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Many small files: freeing their inodes would slow whoever makes files next.
    UntilTheEnd,
    /// Few large ones: the disk is better off without them.
    No,
}

/// Runs all jobs in turn, several rounds, so that a slow minute of the machine hits every one.
pub(crate) fn medians(
    jobs: &[Job],
    runs: usize,
    scratch: &Path,
    keep: Keep,
) -> Result<Vec<(&'static str, Medians)>> {
    let mut samples: Vec<Vec<Sample>> = jobs.iter().map(|_| Vec::new()).collect();
    files::remove(scratch)?;
    for round in 1..=runs {
        for (at, (job, samples)) in jobs.iter().zip(&mut samples).enumerate() {
            let fresh = scratch.join(format!("{round}-{at}"));
            let sample =
                once(job, &fresh).with_context(|| format!("{} in run {round}", job.name))?;
            println!("run {round}: {}: {:.2} s", job.name, sample.wall);
            if keep == Keep::No {
                files::remove(&fresh)?;
            }
            samples.push(sample);
        }
    }
    // Only now: ext4 does not take inodes again for minutes after they were freed, and whoever makes files next pays
    // for the search.
    files::remove(scratch)?;
    Ok(jobs
        .iter()
        .zip(&samples)
        .map(|(job, samples)| (job.name, middle(samples)))
        .collect())
}

/// One run into a destination that has never been written.
fn once(job: &Job, scratch: &Path) -> Result<Sample> {
    std::fs::create_dir_all(scratch)?;
    (job.prepare)(scratch)?;
    run(&mut Command::new("sync"))?; // what was prepared must not be written while the clock runs
    timed(&(job.command)(scratch), scratch)
}

fn timed(command: &Command, scratch: &Path) -> Result<Sample> {
    let (used, said) = (scratch.join(".used"), scratch.join(".said"));
    files::write(&said, "")?;
    let log = std::fs::OpenOptions::new().append(true).open(&said)?;
    let mut wrapped = Command::new(TIME);
    wrapped.args(["-f", "%U %S %M", "-o"]).arg(&used);
    wrapped.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => wrapped.env(name, value),
            None => wrapped.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        wrapped.current_dir(folder);
    }
    wrapped
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    let start = Instant::now();
    let status = wrapped.status()?;
    let wall = start.elapsed().as_secs_f64();
    if !status.success() {
        let said = output(Command::new("tail").args(["-n", "20"]).arg(&said))?;
        bail!(
            "{} ended with {status}\n{said}",
            command.get_program().display()
        );
    }
    let (cpu, peak_mb) =
        parse(&std::fs::read_to_string(&used)?).context("GNU time wrote no figures")?;
    Ok(Sample { wall, cpu, peak_mb })
}

/// Reads user seconds, system seconds and kilobytes from the last line.
fn parse(text: &str) -> Option<(f64, f64)> {
    let mut fields = text.lines().last()?.split(' ').map(str::parse::<f64>);
    let mut next = || fields.next()?.ok();
    let (user, system, kilobytes) = (next()?, next()?, next()?);
    Some((user + system, kilobytes * 1.024 / 1000.0))
}

fn middle(samples: &[Sample]) -> Medians {
    let of = |figure: fn(&Sample) -> f64| median(samples.iter().map(figure).collect());
    Medians {
        wall: of(|sample| sample.wall),
        cpu: of(|sample| sample.cpu),
        peak_mb: of(|sample| sample.peak_mb),
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    let half = figures.len() / 2;
    let upper = figures.get(half).copied().unwrap_or(f64::NAN);
    if figures.len() % 2 == 1 {
        return upper;
    }
    half.checked_sub(1)
        .and_then(|at| figures.get(at))
        .map_or(f64::NAN, |lower| f64::midpoint(*lower, upper))
}

#[cfg(test)]
mod tests;
