//! Templates and style sheets: nothing inline, nothing from elsewhere, right-to-left ready.

use super::Problem;
use super::tree::{Source, Tree};

const FOLDERS: [&str; 2] = ["crates/web/templates/", "crates/web/static/"];

pub(crate) fn pages(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in FOLDERS.iter().flat_map(|folder| tree.under(folder, "")) {
        let html = file.path.ends_with(".html");
        for (number, line) in file.lines() {
            for what in found(line, html) {
                problems.push(Problem::new(&file.path, number, what));
            }
        }
        if file.path.ends_with(".css") {
            problems.extend(physical(file));
        }
    }
    problems
}

fn found(line: &str, html: bool) -> Vec<&'static str> {
    let line = line.to_lowercase();
    let mut all = Vec::new();
    if line.contains("<svg") {
        all.push("inline SVG");
    }
    if html && attributes(&line).any(|name| name.len() > 4 && name.starts_with("on")) {
        all.push("inline script (on…=): the page's policy refuses it");
    }
    if html && attributes(&line).any(|name| name == "style") {
        all.push("inline style: the page's policy refuses it");
    }
    if links_elsewhere(&line) {
        all.push("link to another host: a page must not lead or leak elsewhere");
    }
    all
}

/// Yields each word that stands directly before an equals sign, as attributes do.
fn attributes(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices('=').filter_map(|(at, _)| {
        let before = line.get(..at)?.trim_end();
        let name = before
            .rsplit(|letter: char| !letter.is_ascii_alphabetic())
            .next()?;
        let edge = before.strip_suffix(name)?.chars().next_back();
        edge.is_none_or(|letter| letter.is_whitespace() || "\"'}".contains(letter))
            .then_some(name)
    })
}

fn links_elsewhere(line: &str) -> bool {
    let host = |rest: &str| {
        rest.chars()
            .next()
            .is_some_and(|letter| letter.is_alphanumeric() || letter == '[')
    };
    ["http://", "https://", "\"//", "'//", "url(//"]
        .iter()
        .any(|start| line.split(start).skip(1).any(host))
}

/// Finds declarations that name a physical side; the logical ones turn with the script.
fn physical(file: &Source) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut comment = false;
    for (number, line) in file.lines() {
        let mut code = String::new();
        let mut rest = line;
        loop {
            let mark = if comment { "*/" } else { "/*" };
            let Some((before, after)) = rest.split_once(mark) else {
                break;
            };
            if !comment {
                code.push_str(before);
            }
            comment = !comment;
            rest = after;
        }
        if !comment {
            code.push_str(rest);
        }
        for declaration in code.split(['{', '}', ';']) {
            if let Some((property, value)) = declaration.split_once(':')
                && is_physical(property.trim(), value.trim())
            {
                let what = format!(
                    "{}: names a side; use its logical form (inline-start, inline-end)",
                    property.trim()
                );
                problems.push(Problem::new(&file.path, number, what));
            }
        }
    }
    problems
}

fn is_physical(property: &str, value: &str) -> bool {
    let name = property
        .chars()
        .all(|letter| letter.is_ascii_lowercase() || letter == '-');
    let side = |word: &str| word == "left" || word == "right";
    let by_value = matches!(
        property,
        "text-align" | "float" | "clear" | "caption-side" | "text-align-last"
    );
    name && (property.split('-').any(side) || (by_value && value.split_whitespace().any(side)))
}

#[cfg(test)]
mod tests;
