//! `holdfast help TOPIC` and completions.

use crate::cli::Cli;
use crate::exit::Exit;
use crate::out::Out;
use archive::{Error, Result, Why};
use clap::CommandFactory as _;
use serde_json::json;

const TOPICS: &[(&str, &str)] = &[
    ("exit-codes", include_str!("help/exit-codes.txt")),
    ("json", include_str!("help/json.txt")),
    ("evidence", include_str!("help/evidence.txt")),
    ("no-network", include_str!("help/no-network.txt")),
    ("recover", include_str!("help/recover.txt")),
];

pub(crate) fn topic(name: Option<&str>, out: &Out) -> Result<Exit> {
    let text = match name {
        None => Cli::command().render_long_help().to_string(),
        Some(name) => match TOPICS.iter().find(|(n, _)| *n == name) {
            Some((_, text)) => (*text).to_owned(),
            None => command(name)?,
        },
    };
    out.data("help", json!({ "topic": name, "text": text }), || {
        text.trim_end().to_owned()
    });
    out.summary(json!({ "exit": 0 }), String::new);
    Ok(Exit::Done)
}

fn command(name: &str) -> Result<String> {
    let mut cli = Cli::command();
    if let Some(sub) = cli.find_subcommand_mut(name) {
        return Ok(sub.render_long_help().to_string());
    }
    let topics: Vec<&str> = TOPICS.iter().map(|(n, _)| *n).collect();
    Err(
        Error::new(Why::Invalid, format!("There is no help on {name:?}")).next(format!(
            "Topics: {}; or the name of a command",
            topics.join(", ")
        )),
    )
}

pub(crate) fn completions(shell: clap_complete::Shell, out: &Out) -> Exit {
    // Into memory first: the generator panics when its reader had enough.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "holdfast", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    let value = json!({ "shell": shell.to_string(), "script": script });
    out.data("completions", value, || script.trim_end().to_owned());
    out.summary(json!({ "exit": 0 }), String::new);
    Exit::Done
}
