//! Every kind of entry is for ever: a golden file and a line in the format's text.

use super::Problem;
use super::tree::Tree;

const LIST: &str = "crates/format/src/kind";
const GOLDEN: &str = "crates/format/tests/golden/";
const TEXT: &str = "docs/format.md";

pub(crate) fn kinds(tree: &Tree) -> Vec<Problem> {
    let root = format!("{LIST}.rs");
    if tree.get(&root).is_none() {
        let what = "SKIPPED: there is no list of kinds yet, so nothing checks their golden files";
        return vec![Problem::warning(&root, 1, what)];
    }
    let lists = tree.under(LIST, ".rs").filter(|file| !file.is_test());
    let names: Vec<(&str, usize, String)> = lists
        .flat_map(|file| {
            let found = literal(&file.text).into_iter().chain(rows(&file.text));
            found.map(|(line, name)| (file.path.as_str(), line, name))
        })
        .collect();
    if names.is_empty() {
        let what = "no kind found: neither `pub const NAMES: &[&str] = &[…];` nor a `kinds!` table";
        return vec![Problem::new(&root, 1, what)];
    }
    let docs = tree.get(TEXT).map_or("", |file| file.text.as_str());
    let mut problems = Vec::new();
    for (path, line, name) in names {
        let mut golden = tree
            .files
            .iter()
            .filter_map(|file| file.path.strip_prefix(GOLDEN));
        if !golden.any(|path| is_for(path, &name)) {
            problems.push(Problem::new(
                path,
                line,
                format!("kind {name} has no golden file {GOLDEN}…/{name}.*"),
            ));
        }
        if !docs.contains(&format!("`{name}`")) {
            problems.push(Problem::new(
                path,
                line,
                format!("kind {name} has no line with `{name}` in {TEXT}"),
            ));
        }
    }
    problems
}

/// A golden file bears the kind's name, with an ending or as the name of its folder.
fn is_for(path: &str, name: &str) -> bool {
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    stem == name || folders.split('/').any(|folder| folder == name)
}

/// Reads the names, with their line, from a list of string literals.
fn literal(text: &str) -> Vec<(usize, String)> {
    let list = || {
        let (before, after) = text.split_once("pub const NAMES:")?;
        let (inside, _) = after.split_once('=')?.1.split_once("];")?;
        Some((before.lines().count() + 1, inside))
    };
    list().map_or_else(Vec::new, |(line, inside)| {
        inside
            .split('"')
            .skip(1)
            .step_by(2)
            .map(|name| (line, name.to_owned()))
            .collect()
    })
}

/// Reads the names from the rows `Kind "name" (subject) …` of a `kinds!` table.
fn rows(text: &str) -> Vec<(usize, String)> {
    let table = text
        .lines()
        .enumerate()
        .skip_while(|(_, line)| !line.starts_with("kinds! {"));
    let row = |line: &str| {
        let (kind, rest) = line.trim().split_once(" \"")?;
        let (name, subject) = rest.split_once('"')?;
        let is_row =
            kind.chars().all(char::is_alphanumeric) && subject.trim_start().starts_with('(');
        is_row.then(|| name.to_owned())
    };
    table
        .filter_map(|(index, line)| Some((index + 1, row(line)?)))
        .collect()
}

#[cfg(test)]
mod tests;
