//! Nothing of one machine in the files everybody gets.

use super::Problem;
use super::tree::Tree;

pub(crate) fn machine_paths(tree: &Tree) -> Vec<Problem> {
    let marks = [
        concat!("/wo", "rk/"),
        concat!("/tmp/", "bash"),
        concat!("/ho", "me/"),
        concat!("/ro", "ot/"),
    ];
    let mut problems = Vec::new();
    for file in &tree.files {
        for (number, line) in file.lines() {
            for mark in marks {
                if begins_a_path(line, mark) {
                    problems.push(Problem::new(
                        &file.path,
                        number,
                        format!("names a path of one machine: {mark}"),
                    ));
                }
            }
        }
    }
    problems
}

/// Tells whether the mark stands at the start of a path, not inside a relative one or an address.
fn begins_a_path(line: &str, mark: &str) -> bool {
    line.match_indices(mark).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        !before.is_some_and(|letter| letter.is_alphanumeric() || "_-.)}>".contains(letter))
    })
}

/// Crates come from crates.io and no file of ours says otherwise.
pub(crate) fn registries(tree: &Tree) -> Vec<Problem> {
    const SETTINGS: [&str; 5] = [
        "replace-with",
        "index-url",
        "find-links",
        "[registries",
        "registry=",
    ];
    const CONFIGS: [&str; 5] = [
        ".cargo/config.toml",
        ".cargo/config",
        ".npmrc",
        "pip.conf",
        "requirements.txt",
    ];
    let mut problems = Vec::new();
    for file in &tree.files {
        let lock = file.path.ends_with("Cargo.lock");
        let config = CONFIGS.iter().any(|name| file.path.ends_with(name));
        for (number, line) in file.lines() {
            let foreign = lock
                && line.starts_with("source = ")
                && line != "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
            let line = line.replace(' ', "");
            if foreign || (config && SETTINGS.iter().any(|word| line.contains(word))) {
                problems.push(Problem::new(
                    &file.path,
                    number,
                    "names a registry other than the public one",
                ));
            }
        }
    }
    problems
}

pub(crate) fn changelog(tree: &Tree) -> Vec<Problem> {
    if tree.get("CHANGELOG.md").is_some() {
        return Vec::new();
    }
    vec![Problem::new(
        "CHANGELOG.md",
        1,
        "missing: users read there what changed",
    )]
}

#[cfg(test)]
mod tests;
