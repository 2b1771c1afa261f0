//! Figures for people: one line a program, ratios against the first.

use super::corpus::{Corpus, table_mb};
use super::measure::Medians;

/// Lays out the medians; the last column says how many times as long as the first row each took.
pub(crate) fn table(rows: &[(&str, Medians)], corpus: &Corpus, runs: usize) -> String {
    let first = rows.first().map_or(f64::NAN, |(_, row)| row.wall);
    let gigabytes = table_mb(corpus.bytes) / 1000.0;
    let mut lines = vec![
        format!("{}, medians of {runs}", corpus.name()),
        format!(
            "{:<24}{:>9}{:>9}{:>10}{:>9}{:>8}",
            "", "wall s", "CPU s", "CPU s/GB", "peak MB", "ratio"
        ),
    ];
    for (name, row) in rows {
        lines.push(format!(
            "{name:<24}{:>9.2}{:>9.2}{:>10.2}{:>9.0}{:>8.2}",
            row.wall,
            row.cpu,
            row.cpu / gigabytes,
            row.peak_mb,
            row.wall / first
        ));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests;
