//! `cargo xtask tidy`: what must hold and no compiler checks.

mod kinds;
mod layers;
mod pages;
mod places;
mod providers;
mod sizes;
mod sql;
mod tree;

use anyhow::{Result, bail};

use crate::files;
use tree::Tree;

/// Something that is wrong, or only worth a look, at one place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    path: String,
    line: usize,
    what: String,
    fatal: bool,
}

impl Problem {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            what: what.into(),
            fatal: true,
        }
    }

    fn warning(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self {
            fatal: false,
            ..Self::new(path, line, what)
        }
    }
}

/// Every check; each looks at the whole tree and knows nothing of the others.
const CHECKS: [fn(&Tree) -> Vec<Problem>; 15] = [
    sizes::long_files,
    sizes::unfinished,
    sizes::orphans,
    layers::drivers,
    layers::archive_sqlx,
    layers::truth_and_views,
    layers::verbs,
    layers::format,
    sql::writers,
    sql::nameless,
    kinds::kinds,
    places::machine_paths,
    places::registries,
    places::changelog,
    pages::pages,
];

/// Runs every check over the tracked files and fails when one finds something.
pub(crate) fn tidy() -> Result<()> {
    let tree = Tree::read(&files::root())?;
    let mut problems: Vec<Problem> = CHECKS.iter().flat_map(|check| check(&tree)).collect();
    problems.extend(providers::second(&providers::built()?));
    for problem in &problems {
        let word = if problem.fatal { "error" } else { "warning" };
        println!(
            "{word}: {}:{}: {}",
            problem.path, problem.line, problem.what
        );
    }
    let fatal = problems.iter().filter(|problem| problem.fatal).count();
    if fatal > 0 {
        bail!("Tidy found {fatal} problems in {} files", tree.files.len());
    }
    println!(
        "tidy: {} checks over {} files",
        CHECKS.len() + 1,
        tree.files.len()
    );
    Ok(())
}
