//! The live and the durable plane, and the effects pending between them.

use super::image::{Effect, Image, Ino, Node};

/// One operation as it happened.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Nothing changed: a read, a lock, an operation that was refused or failed.
    Nothing(String),
    /// These changes, none of them durable.
    Effects(Vec<NewNode>, Vec<Effect>),
    /// Everything pending in this scope became durable.
    Synced(Scope),
    /// Everything pending in this scope will never be durable.
    SyncFailed(Scope),
}

/// A file or folder that comes into being, without a name yet.
#[derive(Debug, Clone)]
pub(super) struct NewNode(pub(super) Node);

/// What a sync covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    File(Ino),
    Folder(Ino),
    All,
}

impl Scope {
    fn covers(self, effect: &Effect) -> bool {
        match self {
            Self::File(ino) => !effect.is_name() && effect.home() == ino,
            Self::Folder(ino) => effect.is_name() && effect.home() == ino,
            Self::All => true,
        }
    }
}

impl Step {
    pub(super) fn changes_something(&self) -> bool {
        !matches!(self, Self::Nothing(_))
    }

    pub(super) fn line(&self) -> String {
        match self {
            Self::Nothing(what) => what.clone(),
            Self::Effects(_, effects) => {
                effects.iter().map(describe).collect::<Vec<_>>().join("; ")
            }
            Self::Synced(scope) => format!("sync {scope:?}"),
            Self::SyncFailed(scope) => format!("sync {scope:?} FAILED"),
        }
    }
}

fn describe(effect: &Effect) -> String {
    match effect {
        Effect::Write { ino, offset, bytes } => {
            format!("write file {ino} at {offset}: {} bytes", bytes.len())
        }
        other => format!("{other:?}"),
    }
}

/// What programs see, what is certain to survive, and what hangs between the two.
#[derive(Debug)]
pub(super) struct Plane {
    pub(super) live: Image,
    pub(super) durable: Image,
    pub(super) pending: Vec<Effect>,
}

impl Plane {
    pub(super) fn new(image: Image) -> Self {
        Self {
            live: image.clone(),
            durable: image,
            pending: Vec::new(),
        }
    }

    pub(super) fn apply(&mut self, step: &Step) {
        match step {
            Step::Nothing(_) => {}
            Step::Effects(nodes, effects) => {
                for NewNode(node) in nodes {
                    self.live.nodes.push(node.clone());
                    self.durable.nodes.push(node.clone());
                }
                for effect in effects {
                    self.live.apply(effect);
                    self.pending.push(effect.clone());
                }
            }
            Step::Synced(scope) => {
                let durable = &mut self.durable;
                self.pending.retain(|effect| {
                    if scope.covers(effect) {
                        durable.apply(effect);
                    }
                    !scope.covers(effect)
                });
            }
            Step::SyncFailed(scope) => self.pending.retain(|effect| !scope.covers(effect)),
        }
    }
}
