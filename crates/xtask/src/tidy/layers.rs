//! Who may depend on whom.

use super::Problem;
use super::tree::{Source, Tree};

/// Drivers of databases and object stores: `store` alone may name them.
const DRIVERS: [&str; 14] = [
    "aws-sdk-s3",
    "diesel",
    "libsqlite3-sys",
    "object_store",
    "opendal",
    "postgres",
    "redb",
    "rocksdb",
    "rusqlite",
    "rust-s3",
    "sled",
    "sqlx-postgres",
    "sqlx-sqlite",
    "tokio-postgres",
];
const OURS: [&str; 11] = [
    "archive", "collect", "format", "holdfast", "preserve", "review", "share", "store", "testkit",
    "web", "xtask",
];
const VERBS: [&str; 4] = ["collect", "preserve", "review", "share"];

/// One dependency line of a manifest.
struct Dependency {
    line: usize,
    name: String,
    text: String,
    dev: bool,
}

fn dependencies(manifest: &Source) -> Vec<Dependency> {
    let mut found = Vec::new();
    let mut section = String::new();
    for (line, text) in manifest.lines() {
        let text = text.split('#').next().unwrap_or_default().trim();
        if let Some(head) = text.strip_prefix('[') {
            section = head.trim_end_matches(']').to_owned();
            if let Some((kind, name)) = section.rsplit_once("dependencies.") {
                found.push(Dependency {
                    line,
                    name: name.to_owned(),
                    text: text.to_owned(),
                    dev: kind.ends_with("dev-"),
                });
            }
        } else if section.ends_with("dependencies") {
            if let Some((name, _)) = text.split_once(['.', '=', ' ']) {
                found.push(Dependency {
                    line,
                    name: name.to_owned(),
                    text: text.to_owned(),
                    dev: section.ends_with("dev-dependencies"),
                });
            }
        } else if section.contains("dependencies.")
            && let Some(last) = found.last_mut()
        {
            last.text.push_str(text);
        }
    }
    found
}

fn manifest<'a>(tree: &'a Tree, name: &str) -> Option<&'a Source> {
    tree.get(&format!("crates/{name}/Cargo.toml"))
}

pub(crate) fn drivers(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for manifest in tree.under("crates/", "/Cargo.toml") {
        if manifest.path == "crates/store/Cargo.toml" {
            continue;
        }
        for dependency in dependencies(manifest) {
            let feature = dependency.name == "sqlx"
                && ["sqlite", "postgres", "mysql"]
                    .iter()
                    .any(|word| dependency.text.contains(word));
            if feature || DRIVERS.contains(&dependency.name.as_str()) {
                let what = format!(
                    "{} is a driver: only crates/store names those",
                    dependency.text
                );
                problems.push(Problem::new(&manifest.path, dependency.line, what));
            }
            if dependency.name == "sqlx" && manifest.path != "crates/archive/Cargo.toml" {
                problems.push(Problem::new(
                    &manifest.path,
                    dependency.line,
                    "sqlx belongs to store (and archive, for FromRow)",
                ));
            }
        }
    }
    problems
}

pub(crate) fn archive_sqlx(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in tree.under("crates/archive/src/", ".rs") {
        for (number, line) in file.code() {
            let other = line
                .split("sqlx::")
                .skip(1)
                .any(|rest| !rest.starts_with("FromRow"));
            if other {
                problems.push(Problem::new(
                    &file.path,
                    number,
                    "archive names sqlx for FromRow only; use store's rows",
                ));
            }
        }
    }
    problems
}

pub(crate) fn truth_and_views(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in tree.under("crates/archive/src/truth", ".rs") {
        for (number, line) in file.code() {
            if line
                .split(|letter: char| !letter.is_alphanumeric() && letter != '_')
                .any(|word| word == "views")
            {
                problems.push(Problem::new(
                    &file.path,
                    number,
                    "truth must not know views: they follow from it",
                ));
            }
        }
    }
    problems
}

pub(crate) fn verbs(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for verb in VERBS {
        let Some(manifest) = manifest(tree, verb) else {
            continue;
        };
        for dependency in dependencies(manifest) {
            if dependency.name != verb && VERBS.contains(&dependency.name.as_str()) {
                let what = format!(
                    "{verb} depends on {}: what two verbs need sits below them",
                    dependency.name
                );
                problems.push(Problem::new(&manifest.path, dependency.line, what));
            }
        }
    }
    problems
}

/// `format` is all a stranger needs: nothing of ours (but testkit in tests), no runtime, no driver.
pub(crate) fn format(tree: &Tree) -> Vec<Problem> {
    let Some(manifest) = manifest(tree, "format") else {
        return vec![Problem::new(
            "crates/format/Cargo.toml",
            1,
            "missing: the layers cannot be checked",
        )];
    };
    dependencies(manifest)
        .iter()
        .filter(|dependency| {
            let name = dependency.name.as_str();
            let harness = dependency.dev && name == "testkit";
            (OURS.contains(&name) && !harness) || name == "tokio" || name == "sqlx"
        })
        .map(|dependency| {
            Problem::new(
                &manifest.path,
                dependency.line,
                format!("format must not depend on {}", dependency.name),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests;
