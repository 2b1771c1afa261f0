//! Who writes which tables: `view_*` from views, `work_*` from work.

use super::Problem;
use super::tree::{Source, Tree};

const OWNERS: [(&str, &str); 2] = [
    ("view_", "crates/archive/src/views"),
    ("work_", "crates/archive/src/work"),
];

pub(crate) fn writers(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in &tree.files {
        if !(file.path.ends_with(".rs") || file.path.ends_with(".sql")) || file.is_test() {
            continue;
        }
        for (line, table) in written(file) {
            let Some((_, owner)) = OWNERS.iter().find(|(start, _)| table.starts_with(start)) else {
                continue;
            };
            let inside = file
                .path
                .strip_prefix(owner)
                .is_some_and(|rest| rest.starts_with(['/', '.']));
            if !inside {
                problems.push(Problem::new(
                    &file.path,
                    line,
                    format!("writes {table}, which belongs to {owner}"),
                ));
            }
        }
    }
    problems
}

/// Yields each table that a statement in this text writes, with its line.
fn written(file: &Source) -> Vec<(usize, String)> {
    let mut before: Vec<String> = Vec::new();
    let mut found = Vec::new();
    for (number, line) in file.code() {
        for word in line.split(|letter: char| !letter.is_alphanumeric() && letter != '_') {
            let word = word.to_lowercase();
            if word.is_empty() || ["if", "not", "exists", "only"].contains(&word.as_str()) {
                continue;
            }
            if writes(&before) && OWNERS.iter().any(|(start, _)| word.starts_with(start)) {
                found.push((number, word.clone()));
            }
            before.push(word);
        }
    }
    found
}

fn writes(before: &[String]) -> bool {
    let back = |steps: usize| {
        before
            .len()
            .checked_sub(steps)
            .map_or("", |at| before[at].as_str())
    };
    match back(1) {
        "into" | "update" | "table" | "truncate" => true,
        "from" => back(2) == "delete",
        "on" => back(3) == "index" || back(2) == "index",
        _ => false,
    }
}

#[cfg(test)]
mod tests;
