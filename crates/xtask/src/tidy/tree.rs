//! The files that tidy looks at, read once.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::step::output;

/// One file: its path from the root, and its text when it is text.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    /// Yields the lines with their numbers, from one.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }

    /// Yields the lines of a Rust or SQL file without line comments.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let mark = if self.path.ends_with(".sql") {
            "--"
        } else {
            "//"
        };
        self.lines().map(move |(number, line)| {
            let cut = line.split_once(mark).map_or(line, |(before, _)| before);
            // `//` inside a string is an address, not a comment.
            (number, if cut.ends_with(':') { line } else { cut })
        })
    }

    /// Tells whether this file only tests: tests may tamper on purpose.
    pub(crate) fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }
}

/// Every file that belongs to the project.
#[derive(Default)]
pub(crate) struct Tree {
    pub(crate) files: Vec<Source>,
}

impl Tree {
    /// Reads what git tracks or would track; without git, everything but build products.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut paths = tracked(root).map_or_else(|_| walk(root, ""), Ok)?;
        paths.sort();
        paths.dedup(); // git lists a file in conflict several times
        let mut files = Vec::new();
        for path in paths {
            let full = root.join(&path);
            if !full.is_file() {
                continue; // deleted, but not yet from git's index
            }
            let bytes = std::fs::read(&full).with_context(|| format!("Cannot read {path}"))?;
            files.push(Source {
                path,
                text: String::from_utf8(bytes).unwrap_or_default(),
            });
        }
        Ok(Self { files })
    }

    /// Yields the files under a folder whose names end so.
    pub(crate) fn under<'a>(
        &'a self,
        folder: &'a str,
        end: &'a str,
    ) -> impl Iterator<Item = &'a Source> {
        self.files
            .iter()
            .filter(move |file| file.path.starts_with(folder) && file.path.ends_with(end))
    }

    /// Finds a file by its whole path.
    pub(crate) fn get(&self, path: &str) -> Option<&Source> {
        self.files.iter().find(|file| file.path == path)
    }
}

fn tracked(root: &Path) -> Result<Vec<String>> {
    let listed = output(
        Command::new("git")
            .args([
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ])
            .current_dir(root),
    )?;
    Ok(listed
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .collect())
}

fn walk(root: &Path, folder: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() {
            name.clone()
        } else {
            format!("{folder}/{name}")
        };
        if entry.file_type()?.is_dir() {
            if name != "target" && name != ".git" {
                found.extend(walk(root, &path)?);
            }
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
pub(crate) fn tree(files: &[(&str, &str)]) -> Tree {
    Tree {
        files: files
            .iter()
            .map(|(path, text)| Source {
                path: (*path).to_owned(),
                text: (*text).to_owned(),
            })
            .collect(),
    }
}
