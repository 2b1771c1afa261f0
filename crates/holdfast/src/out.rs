//! What is said, and where: data on standard output, talk on standard error; with `--json` only JSON lines.

mod progress;
mod safe;

pub(crate) use progress::Progress;
pub(crate) use safe::{safe, safe_json};

use crate::exit::Exit;
use serde_json::{Value, json};
use std::io::{ErrorKind, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

/// The voice of one command.
#[derive(Debug)]
pub(crate) struct Out {
    json: bool,
    progress: Progress,
    /// Standard output took no more, and not because its reader had enough.
    lost: AtomicBool,
}

impl Out {
    pub(crate) fn new(json: bool) -> Self {
        Self {
            json,
            progress: Progress::new(json),
            lost: AtomicBool::new(false),
        }
    }

    /// Whether JSON was asked for.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// One piece of data: a JSON line of this type, or the text.
    pub(crate) fn data(&self, kind: &str, value: Value, text: impl FnOnce() -> String) {
        if self.json {
            self.line(kind, value);
        } else {
            self.write(&text());
        }
    }

    /// The last line of every command.
    pub(crate) fn summary(&self, value: Value, text: impl FnOnce() -> String) {
        self.progress.finish();
        if self.json {
            self.line("summary", value);
        } else {
            let text = text();
            if !text.is_empty() {
                self.talk(&text);
            }
        }
    }

    /// Something that is wrong and does not end the command.
    pub(crate) fn warning(&self, what: &str) {
        let what = without_numbers(what);
        if self.json {
            self.line("warning", json!({ "message": what }));
        } else {
            self.talk(&format!("Warning: {}", safe(&what)));
        }
    }

    /// Talk: for people, never data.
    pub(crate) fn talk(&self, text: &str) {
        if !self.json {
            self.progress.aside(|| {
                // A closed standard error is nobody listening: nothing is lost by going on.
                drop(writeln!(std::io::stderr(), "{text}"));
            });
        }
    }

    /// An error with its next step.
    pub(crate) fn error(&self, code: u8, what: &str, next: Option<&str>) {
        self.progress.finish();
        let what = &without_numbers(what);
        if self.json {
            self.line(
                "error",
                json!({ "message": what, "next": next, "exit": code }),
            );
            self.line("summary", json!({ "exit": code }));
            return;
        }
        let mut text = safe(what);
        if let Some(next) = next {
            text.push_str("\n  ");
            text.push_str(&safe(next));
        }
        drop(writeln!(std::io::stderr(), "holdfast: {text}"));
    }

    /// A command line that cannot be carried out; `how` may have several lines, each safe already.
    pub(crate) fn misused(&self, what: &str, how: &str) {
        if self.json {
            self.error(Exit::Usage as u8, what, Some(how.trim()));
        } else {
            drop(writeln!(std::io::stderr(), "holdfast: {what}\n{how}"));
        }
    }

    /// How the program ends: output that could not be written is a failure, a reader that had enough is none.
    pub(crate) fn end(&self, exit: Exit) -> Exit {
        if !self.lost.load(Ordering::Relaxed) {
            return exit;
        }
        let what = "holdfast: Standard output could not be written to its end\n  \
                    What was done is done and in the log; free some space where the output goes, then look with `holdfast ls`";
        drop(writeln!(std::io::stderr(), "{what}"));
        if exit == Exit::Done {
            Exit::Failed
        } else {
            exit
        }
    }

    /// The bar, or its plain or JSON form.
    pub(crate) fn progress(&self) -> &Progress {
        &self.progress
    }

    fn line(&self, kind: &str, value: Value) {
        let mut object = serde_json::Map::new();
        object.insert("v".into(), json!(1));
        object.insert("type".into(), json!(kind));
        match value {
            Value::Object(members) => object.extend(members),
            other => drop(object.insert("value".into(), other)),
        }
        self.write(&safe_json(&Value::Object(object).to_string()));
    }

    fn write(&self, text: &str) {
        self.progress.aside(|| {
            let mut out = std::io::stdout().lock();
            // Whoever read the output may be gone (a closed pipe). The work goes on; its record is in the log.
            if writeln!(out, "{text}").is_err_and(|e| e.kind() != ErrorKind::BrokenPipe) {
                self.lost.store(true, Ordering::Relaxed);
            }
        });
    }
}

/// A number with its word: one place, two places.
pub(crate) fn count(n: impl Into<u64>, one: &str, many: &str) -> String {
    let n = n.into();
    format!("{n} {}", if n == 1 { one } else { many })
}

/// The system's own number of an error tells a person nothing that its words have not.
fn without_numbers(text: &str) -> String {
    let Some((before, rest)) = text.split_once(" (os error ") else {
        return text.to_owned();
    };
    let after = rest.split_once(')').map_or("", |(_, after)| after);
    format!("{before}{}", without_numbers(after))
}
