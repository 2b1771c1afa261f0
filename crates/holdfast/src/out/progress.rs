//! How far it is: a bar on a terminal, a line every ten seconds elsewhere, at most one JSON line a second.

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use serde_json::json;
use std::ffi::OsStr;
use std::io::{IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

#[derive(Debug)]
enum Form {
    None,
    Plain,
    Json,
    Bar(ProgressBar),
}

/// Progress in items and bytes.
#[derive(Debug)]
pub(crate) struct Progress {
    form: Form,
    last: Mutex<Option<Instant>>,
    refused: AtomicU64,
}

impl Progress {
    /// Whether `HOLDFAST_PROGRESS` says something that is understood.
    pub(crate) fn is_known(wanted: &OsStr) -> bool {
        ["", "none", "plain", "bar"].iter().any(|w| wanted == *w)
    }

    /// `HOLDFAST_PROGRESS` may say none, plain or bar.
    pub(crate) fn new(json: bool) -> Self {
        let wanted = std::env::var("HOLDFAST_PROGRESS").unwrap_or_default();
        let form = match wanted.as_str() {
            "none" => Form::None,
            _ if json => Form::Json,
            "bar" => Form::Bar(bar()),
            "plain" => Form::Plain,
            _ if std::io::stderr().is_terminal() => Form::Bar(bar()),
            _ => Form::Plain,
        };
        Self {
            form,
            last: Mutex::new(None),
            refused: AtomicU64::new(0),
        }
    }

    /// Counts what could not be done, to be told with the progress.
    pub(crate) fn refuse(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    fn words(&self, what: &str, bytes: u64) -> String {
        let mut words = what.to_owned();
        if bytes > 0 {
            words.push_str(&format!(" · {}", HumanBytes(bytes)));
        }
        match self.refused.load(Ordering::Relaxed) {
            0 => {}
            n => words.push_str(&format!(" · {n} refused")),
        }
        words.push_str(" · Ctrl-C stops safely");
        words
    }

    /// Tells how far it is; `total` when it is known.
    pub(crate) fn tell(&self, what: &str, done: u64, total: Option<u64>, bytes: u64) {
        match &self.form {
            Form::None => {}
            Form::Bar(bar) => {
                if let Some(total) = total {
                    bar.set_length(total);
                }
                bar.set_position(done);
                bar.set_message(self.words(what, bytes));
            }
            Form::Plain => {
                if self.due(Duration::from_secs(10)) {
                    let of = total.map(|t| format!(" of {t}")).unwrap_or_default();
                    drop(writeln!(
                        std::io::stderr(),
                        "{done}{of} {}",
                        self.words(what, bytes)
                    ));
                }
            }
            Form::Json => {
                if self.due(Duration::from_secs(1)) {
                    let refused = self.refused.load(Ordering::Relaxed);
                    let line = json!({ "v": 1, "type": "progress", "what": what, "done": done, "total": total, "bytes": bytes, "refused": refused });
                    drop(writeln!(std::io::stdout(), "{line}"));
                }
            }
        }
    }

    /// Runs something that writes lines without tearing the bar.
    pub(crate) fn aside(&self, write: impl FnOnce()) {
        match &self.form {
            Form::Bar(bar) => bar.suspend(write),
            _ => write(),
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Form::Bar(bar) = &self.form {
            bar.finish_and_clear();
        }
    }

    fn due(&self, every: Duration) -> bool {
        self.last
            .lock()
            .is_ok_and(|mut last| is_due(&mut last, Instant::now(), every))
    }
}

/// Whether it is time for a line. The first comes after a while, too: short work says nothing.
fn is_due(last: &mut Option<Instant>, now: Instant, every: Duration) -> bool {
    let due = last.is_some_and(|at| now.duration_since(at) >= every);
    if due || last.is_none() {
        *last = Some(now);
    }
    due
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}

#[cfg(test)]
mod tests {
    use super::{Progress, is_due};
    use std::time::{Duration, Instant};

    #[test]
    fn lines_come_no_oftener_than_asked_and_none_for_short_work() {
        let (start, every) = (Instant::now(), Duration::from_secs(10));
        let mut last = None;
        let told: Vec<u64> = (0..60_u64)
            .filter(|s| is_due(&mut last, start + Duration::from_secs(*s), every))
            .collect();
        assert_eq!(told, [10, 20, 30, 40, 50]);
    }

    #[test]
    fn progress_says_what_went_wrong_so_far_and_that_it_may_be_stopped() {
        let progress = Progress::new(true);
        progress.refuse();
        let words = progress.words("files", 2048);
        assert_eq!(words, "files · 2.00 KiB · 1 refused · Ctrl-C stops safely");
    }
}
