//! What we set out to beat, said as met or missed; a benchmark informs and never fails.

use super::corpus::Size;
use super::measure::Medians;
use super::peers::{BAGIT, BORG, COPY, HASHDEEP, HOLDFAST, OPENSSL, RESTIC};

/// Peers that must take at least so many times as long as we do.
const SLOWER: [(&str, Size, &str, f64); 6] = [
    ("add", Size::Small, BAGIT, 1.0),
    ("add", Size::Small, RESTIC, 2.5),
    ("add", Size::Small, BORG, 1.0),
    ("add", Size::Large, COPY, 1.0),
    ("add", Size::Large, RESTIC, 3.0),
    ("check", Size::Large, HASHDEEP, 3.0),
];
const PEAK_MB: f64 = 200.0;
const CPU_OF_OPENSSL: f64 = 1.15;

/// Compares our figures with the goals; says nothing when we were not measured.
pub(crate) fn goals(what: &str, size: Size, rows: &[(&str, Medians)]) -> Vec<String> {
    let find = |name: &str| {
        rows.iter()
            .find(|(row, _)| *row == name)
            .map(|(_, figures)| *figures)
    };
    let Some(ours) = find(HOLDFAST) else {
        return Vec::new();
    };
    let verdict = |good: bool| if good { "met" } else { "MISSED" };
    let mut lines = Vec::new();
    for (job, of, peer, times) in SLOWER {
        if let Some(theirs) = find(peer).filter(|_| job == what && of == size) {
            let ratio = theirs.wall / ours.wall;
            lines.push(format!(
                "goal: {times} × as fast as {peer}: {ratio:.2}, {}",
                verdict(ratio >= times)
            ));
        }
    }
    if let Some(theirs) = find(OPENSSL) {
        let ratio = ours.cpu / theirs.cpu;
        let good = verdict(ratio <= CPU_OF_OPENSSL);
        lines.push(format!(
            "goal: at most {CPU_OF_OPENSSL} × the CPU of {OPENSSL}: {ratio:.2}, {good}"
        ));
    }
    let good = verdict(ours.peak_mb <= PEAK_MB);
    lines.push(format!(
        "goal: at most {PEAK_MB} MB of memory: {:.0}, {good}",
        ours.peak_mb
    ));
    lines
}

#[cfg(test)]
mod tests;
