//! `holdfast doctor`: what this machine offers and what is missing.

mod stores;

use super::{At, grouped};
use crate::exit::Exit;
use crate::out::{Out, safe};
use archive::{Error, Result, Why};
use serde_json::json;

const PROGRAMS: &[(&str, &str)] = &[
    ("ffmpeg", "video frames and sound (later)"),
    ("tesseract", "text in pictures (later)"),
    ("chromium", "page captures (later)"),
    (
        "openssl",
        "lets a recipient check time-stamps; not used by Holdfast itself",
    ),
];

pub(crate) async fn run(at: &At, out: &Out) -> Result<Exit> {
    let mut say = Saying { out, bad: 0 };
    let now = archive::Clock::now(&archive::SystemClock);
    let text = format!("{now}; a claim of this machine, never evidence");
    say.finding("clock", now.micros() > SOME_DAY_OF_2023, &text);
    for (program, what) in PROGRAMS {
        let text = if on_path(program) {
            format!("found: {what}")
        } else {
            format!("not found: {what}. Originals are preserved all the same")
        };
        say.finding(program, true, &text);
    }
    archive(at, &mut say).await?;
    let text = "Holdfast cannot see whether this disk is encrypted. It must be: originals are kept as they came";
    say.finding("encryption", true, text);
    let bad = say.bad;
    let exit = if bad == 0 { Exit::Done } else { Exit::Failed };
    out.summary(json!({ "exit": exit as u8, "look": bad }), || match bad {
        0 => String::new(),
        1 => "One thing to look at.".into(),
        n => format!("{n} things to look at."),
    });
    Ok(exit)
}

/// A clock before it is set wrong.
const SOME_DAY_OF_2023: i64 = 1_700_000_000_000_000;

struct Saying<'a> {
    out: &'a Out,
    bad: u32,
}

impl Saying<'_> {
    fn finding(&mut self, name: &str, good: bool, text: &str) {
        self.bad += u32::from(!good);
        let value = json!({ "what": name, "good": good, "text": text });
        self.out.data("finding", value, || {
            let mark = if good { "ok  " } else { "LOOK" };
            format!("{mark}  {name:<10}  {}", safe(text))
        });
    }

    fn trouble(&mut self, name: &str, e: &Error) {
        let next = e.next.as_deref().unwrap_or_else(|| Exit::next(e.why));
        self.finding(name, false, &format!("{e}. {next}"));
    }
}

async fn archive(at: &At, say: &mut Saying<'_>) -> Result<()> {
    if !stores::are_good(at, say).await {
        let text = "not opened: first what is said above";
        say.finding("archive", false, text);
        return Ok(());
    }
    let archive = match at.open().await {
        Ok((archive, _)) => archive,
        Err(e) if e.why == Why::NoArchive => {
            say.finding("archive", true, &format!("none in {}", at.dir.display()));
            return Ok(());
        }
        Err(e) => {
            say.trouble("archive", &e);
            return Ok(());
        }
    };
    let free = archive.free_bytes().await;
    let text = free.map_or_else(|| "unknown".into(), |f| format!("{} B free", grouped(f)));
    say.finding("disk", free.is_none_or(|f| f > 1 << 30), &text);
    let size = archive.truth().covered().await?;
    let text = format!("{} opens; log of {size} entries", archive.home().origin);
    say.finding("archive", true, &text);
    let text = if archive.is_read_only() {
        "opened to read only: nothing can be added"
    } else {
        "both signing keys are here and fit"
    };
    say.finding("keys", !archive.is_read_only() || at.read_only, text);
    Ok(())
}

fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(program).is_file())
}
