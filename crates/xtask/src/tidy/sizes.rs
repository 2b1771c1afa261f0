//! Files that are too long, unfinished, or never compiled.

use super::Problem;
use super::tree::{Source, Tree};

/// Over this many lines a file probably holds two ideas.
const WARN: usize = 400;
/// Over this many lines a file must say why.
const FAIL: usize = 800;
const REASON: &str = "// tidy: long because ";

pub(crate) fn long_files(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in tree.under("", ".rs") {
        let lines = file.text.lines().count();
        if lines <= WARN || file.text.starts_with(REASON) {
            continue;
        }
        if lines > FAIL {
            problems.push(Problem::new(
                &file.path,
                1,
                format!("{lines} lines, over {FAIL}; split it or say on top `{REASON}…`"),
            ));
        } else {
            problems.push(Problem::warning(
                &file.path,
                1,
                format!("{lines} lines, over {WARN}; look for a second idea in it"),
            ));
        }
    }
    problems
}

pub(crate) fn unfinished(tree: &Tree) -> Vec<Problem> {
    const CODE: [&str; 8] = [".rs", ".sql", ".html", ".css", ".js", ".go", ".py", ".toml"];
    let marks = [
        concat!("FIX", "ME"),
        concat!("to", "do!("),
        concat!("unimpl", "emented!("),
    ];
    let mut problems = Vec::new();
    for file in &tree.files {
        if !CODE.iter().any(|end| file.path.ends_with(end)) {
            continue;
        }
        for (number, line) in file.lines() {
            for mark in marks.iter().filter(|mark| line.contains(**mark)) {
                problems.push(Problem::new(
                    &file.path,
                    number,
                    format!("unfinished: {mark}"),
                ));
            }
        }
    }
    problems
}

/// A file that no `mod` line names is not compiled, and its tests never run.
pub(crate) fn orphans(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in tree.under("crates/", ".rs") {
        let Some(parents) = parents(&file.path) else {
            continue;
        };
        let name = file
            .path
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .trim_end_matches(".rs");
        let wanted = format!("mod {name};");
        let named = |parent: &Source| {
            parent
                .code()
                .any(|(_, line)| line.trim_end().ends_with(&wanted))
        };
        if !parents.iter().filter_map(|path| tree.get(path)).any(named) {
            problems.push(Problem::new(
                &file.path,
                1,
                format!(
                    "no `{wanted}` in {}: it is never compiled",
                    parents.join(" or ")
                ),
            ));
        }
    }
    problems
}

/// Where a module may be declared; `None` for the root of a crate.
fn parents(path: &str) -> Option<Vec<String>> {
    let (_, inner) = path.strip_prefix("crates/")?.split_once('/')?;
    let (folder, name) = path.rsplit_once('/')?;
    let top = inner.strip_prefix("src/").map(|rest| !rest.contains('/'));
    let it = inner
        .strip_prefix("tests/it/")
        .map(|rest| !rest.contains('/'));
    match (top, it) {
        (None, None) => None,
        (Some(true), _) if name == "lib.rs" || name == "main.rs" => None,
        (_, Some(true)) if name == "main.rs" => None,
        (Some(true), _) | (_, Some(true)) => Some(vec![
            format!("{folder}/lib.rs"),
            format!("{folder}/main.rs"),
        ]),
        _ if inner.starts_with("src/bin/") => None,
        _ => Some(vec![format!("{folder}.rs")]),
    }
}

#[cfg(test)]
mod tests;
