//! From the words of a command line to a command, or to what is wrong with them.

use super::{Cli, Command};
use crate::exit::Exit;
use crate::out::{Out, Progress, safe};
use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};
use serde_json::json;
use std::ffi::OsString;

/// Reads the command line; what is wrong with it, or the help it asks for, has been said when this returns an exit.
pub(crate) fn read(words: Vec<OsString>) -> Result<Cli, Exit> {
    // Asked of the words themselves: they may be too wrong to be parsed.
    let json = words
        .iter()
        .skip(1)
        .take_while(|w| *w != "--")
        .any(|w| w == "--json");
    let cli = parsed(words).map_err(|e| not_run(&e, json))?;
    let wanted = std::env::var_os("HOLDFAST_PROGRESS").unwrap_or_default();
    if !Progress::is_known(&wanted) {
        let what = format!(
            "HOLDFAST_PROGRESS is {:?}, which is no way to show progress",
            wanted.to_string_lossy()
        );
        Out::new(cli.json).error(
            Exit::Usage as u8,
            &what,
            Some("Set it to none, plain or bar, or unset it"),
        );
        return Err(Exit::Usage);
    }
    Ok(cli)
}

fn parsed(words: Vec<OsString>) -> Result<Cli, clap::Error> {
    let cli = Cli::try_parse_from(&words)?;
    // `find` takes words that begin with a hyphen (-not), so flags after its first word came in as words.
    let Some(_) = flag_among_words(&cli, &words) else {
        return Ok(cli);
    };
    let words = flags_first(words);
    let cli = Cli::try_parse_from(&words)?;
    match flag_among_words(&cli, &words) {
        None => Ok(cli),
        Some(flag) => {
            let what = format!(
                "unexpected argument '{flag}' found\n\n  tip: to find it as a word, put it behind a bare `--`"
            );
            Err(Cli::command().error(ErrorKind::UnknownArgument, what))
        }
    }
}

/// A flag that was taken for a word to find; behind a bare `--` everything is a word.
fn flag_among_words(cli: &Cli, words: &[OsString]) -> Option<String> {
    let Command::Find(find) = &cli.command else {
        return None;
    };
    let flags = words.iter().take_while(|w| *w != "--");
    let flag = |q: &&String| q.starts_with("--") && flags.clone().any(|w| w == q.as_str());
    find.query.iter().find(flag).cloned()
}

/// Puts the flags of a `find` before its words; what follows a bare `--` stays where it is.
fn flags_first(words: Vec<OsString>) -> Vec<OsString> {
    let (mut flags, mut rest) = (Vec::new(), Vec::new());
    let mut words = words.into_iter();
    let program = words.next().unwrap_or_default();
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("--") => {
                rest.push(word);
                rest.extend(words);
                break;
            }
            Some("--limit" | "--offset" | "--archive") => {
                flags.push(word);
                flags.extend(words.next());
            }
            Some(text) if text.starts_with("--") => flags.push(word),
            _ => rest.push(word),
        }
    }
    // The verb itself is the first of the rest: its own flags are only known after it.
    let verb = if rest.is_empty() {
        None
    } else {
        Some(rest.remove(0))
    };
    [program]
        .into_iter()
        .chain(verb)
        .chain(flags)
        .chain(rest)
        .collect()
}

fn not_run(e: &clap::Error, json: bool) -> Exit {
    let out = Out::new(json);
    let shown = e.render().to_string();
    if !e.use_stderr() {
        // Help and version were asked for: they are data, and no failure.
        let kind = if e.kind() == ErrorKind::DisplayVersion {
            "version"
        } else {
            "help"
        };
        out.data(kind, json!({ "text": shown.trim_end() }), || {
            shown.trim_end().to_owned()
        });
        out.summary(json!({ "exit": 0 }), String::new);
        return out.end(Exit::Done);
    }
    // What was typed is repeated in here, and it may be the name of a file.
    let lines: Vec<String> = shown.trim().lines().map(safe).collect();
    let (first, rest) = lines
        .split_first()
        .map_or(("", &[][..]), |(f, r)| (f.as_str(), r));
    let first = first.strip_prefix("error: ").unwrap_or(first);
    let mut letters = first.chars();
    let first: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(letters)
        .collect();
    out.misused(&first, &rest.join("\n"));
    Exit::Usage
}
