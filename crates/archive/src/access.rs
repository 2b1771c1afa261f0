//! Who may do what: one table, looked at by the append door and the read door. Silence is no.

mod table;
#[cfg(test)]
mod tests;

pub use table::{Act, Role, TABLE};

use crate::error::{Error, Result, Why};
use format::id::PersonId;
use format::kind::Level;

/// Whoever uses Holdfast, with what was granted; computed at use, never stored in a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// The account; nobody when not signed in.
    pub person: Option<PersonId>,
    /// What the account was made.
    pub roles: Vec<Role>,
    /// Compartments and the highest level in each; empty sees nothing.
    pub clearances: Vec<(String, Level)>,
}

impl Who {
    /// Somebody who is not signed in: may do nothing but sign in.
    pub fn nobody() -> Self {
        Self {
            person: None,
            roles: Vec::new(),
            clearances: Vec::new(),
        }
    }

    /// The account id, or a refusal for somebody who is not signed in.
    pub fn person(&self) -> Result<&PersonId> {
        self.person.as_ref().ok_or_else(|| {
            Error::new(Why::Refused, "Nobody is signed in").next("Sign in, then do it again")
        })
    }

    /// Whether something of this compartment and level may be seen.
    pub fn clears(&self, compartment: &str, level: Level) -> bool {
        self.clearances
            .iter()
            .any(|(c, l)| c == compartment && level <= *l)
    }

    /// Clearances as the search index and the queries take them.
    pub fn scope(&self) -> Vec<(String, u8)> {
        self.clearances
            .iter()
            .map(|(c, l)| (c.clone(), *l as u8))
            .collect()
    }
}

/// Lets an act pass, or refuses it by name. Every append and every read comes through here.
pub fn may(who: &Who, act: Act) -> Result<()> {
    who.person()?;
    let allowed = TABLE
        .iter()
        .find(|(a, _)| *a == act)
        .is_some_and(|(_, roles)| who.roles.iter().any(|r| roles.contains(r)));
    if allowed {
        return Ok(());
    }
    Err(Error::new(
        Why::Refused,
        format!("Your account may not {}", act.words()),
    )
    .next("Ask whoever leads this archive for the role that allows it"))
}
