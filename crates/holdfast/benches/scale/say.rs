//! Figures: what a stretch of work used, medians, and how they are printed.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::time::Instant;

/// What one stretch of work used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Used {
    pub(crate) wall: f64,
    /// Of this process, its threads included; of no server.
    pub(crate) cpu: f64,
    pub(crate) peak_mb: f64,
}

/// Runs from its making to [`Meter::end`].
pub(crate) struct Meter {
    start: Instant,
    cpu: f64,
}

impl Meter {
    pub(crate) fn begin() -> Self {
        // The kernel forgets the peak so far; where it may not, the peak of the whole run is shown.
        if let Ok(mut file) = OpenOptions::new().write(true).open("/proc/self/clear_refs") {
            file.write_all(b"5").ok();
        }
        Self {
            start: Instant::now(),
            cpu: cpu(),
        }
    }

    pub(crate) fn end(&self) -> Used {
        Used {
            wall: self.start.elapsed().as_secs_f64(),
            cpu: cpu() - self.cpu,
            peak_mb: peak_mb(),
        }
    }
}

/// User and system seconds of this process so far, in hundredths.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|f| f.parse::<f64>().ok());
    (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / 100.0
}

pub(crate) fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM:"));
    let kilobytes = line.and_then(|l| l.split_whitespace().nth(1)?.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) * 1.024 / 1000.0
}

/// Says on what and beside what else this is measured.
pub(crate) fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{cores} cores, load {} when it began; PostgreSQL with fsync on; {}",
        load(),
        garage()
    )
}

fn garage() -> String {
    match std::env::var("HOLDFAST_GARAGE") {
        Ok(path) if !path.is_empty() => "Garage as HOLDFAST_GARAGE names it".into(),
        _ => "Garage in the debug build of `cargo xtask install`: a release build is faster".into(),
    }
}

/// The load of the last minute, as the kernel counts it.
pub(crate) fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// Begins a table.
pub(crate) fn heading(text: &str) {
    println!("\n=== {text} (load {})", load());
}

/// The figure in the middle.
pub(crate) fn median(figures: &[f64]) -> f64 {
    share(figures, 50)
}

/// The figure that so many of a hundred do not exceed.
pub(crate) fn share(figures: &[f64], percent: usize) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (sorted.len().saturating_sub(1) * percent).div_ceil(100);
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

/// Fits cost = c · size^k and returns k.
pub(crate) fn exponent(points: &[(f64, f64)]) -> f64 {
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let n = logs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| logs.iter().map(of).sum::<f64>() / n;
    let (mx, my) = (mean(|p| p.0), mean(|p| p.1));
    let top: f64 = logs.iter().map(|(x, y)| (x - mx) * (y - my)).sum();
    let bottom: f64 = logs.iter().map(|(x, _)| (x - mx).powi(2)).sum();
    top / bottom
}
