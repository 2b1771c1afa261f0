//! Who writes which tables: `view_*` from views, `work_*` from work. And where SQL text may stand at all.

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

/// Where every SQL text has a name, so that a test can prepare it on every database.
const NAMED: &str = "crates/archive/src";
/// How an SQL text begins.
const BEGINNINGS: [&str; 10] = [
    "select ",
    "update ",
    "insert ",
    "delete ",
    "create ",
    "drop ",
    "alter ",
    "with ",
    "pragma ",
    "truncate ",
];

/// Finds SQL text outside `queries!` and the macros that feed it.
pub(crate) fn nameless(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in tree.under(NAMED, ".rs").filter(|file| !file.is_test()) {
        let mut inside = false;
        for (number, line) in file.code() {
            // Formatted code closes a block with the indentation it was opened with.
            if line.contains("queries! {") || line.trim_start().starts_with("macro_rules! ") {
                inside = true;
            } else if line.trim() == "}" && indent(line) <= 4 {
                inside = false;
            } else if line.trim() == "mod tests {" {
                break;
            }
            if !inside && begins_sql(line) {
                let what = "SQL text without a name; put it into `store::queries!`";
                problems.push(Problem::new(&file.path, number, what));
            }
        }
    }
    problems
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Tells whether a literal of this line begins as SQL does: lower case, with a word after it.
fn begins_sql(line: &str) -> bool {
    let starts = |literal: &str| {
        let kept = BEGINNINGS
            .iter()
            .find_map(|word| literal.strip_prefix(word));
        // One word and a space are what a text is recognised by, not a text.
        kept.is_some_and(|rest| {
            let one_word = rest.ends_with(' ') && rest.matches(' ').count() == 1;
            !(rest.is_empty() || one_word)
        })
    };
    line.split('"').skip(1).step_by(2).any(starts)
}

#[cfg(test)]
mod tests;
