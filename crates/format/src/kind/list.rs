//! The table of kinds (§4), one row each.

use std::collections::BTreeMap;

use super::parts::{Content, Damage, FileFacts, Keys, Level, Media};
use super::{KindError, put, take};
use crate::id::{Digests, ItemId, SessionId, Subject};
use crate::json::Value;
use crate::name::BytesName;

/// Writes one struct per kind, all fields optional because any may be withheld, and the `Kind` of them all.
macro_rules! kinds {
    ($(
        $(#[$doc:meta])*
        $kind:ident $name:literal ($($subject:pat_param)|+) {
            $($must:ident: $must_type:ty,)*
        } {
            $($may:ident: $may_type:ty,)*
        }
    )*) => {
        /// Lists the names of all kinds of this version.
        pub const NAMES: &[&str] = &[$($name),*];

        /// Holds the body of an entry, as far as it is shown.
        #[derive(Clone, Debug, PartialEq)]
        #[expect(missing_docs, reason = "each variant holds the struct of its name, which says it")]
        pub enum Kind {
            $($kind($kind),)*
        }

        $(
            $(#[$doc])*
            ///
            /// A field is `None` when it was left out, is withheld or is erased.
            #[derive(Clone, Debug, Default, PartialEq)]
            #[expect(missing_docs, reason = "the fields are those of format.md §4")]
            pub struct $kind {
                $(pub $must: Option<$must_type>,)*
                $(pub $may: Option<$may_type>,)*
            }

            impl $kind {
                /// Takes the fields that every entry of this kind has; the others start as absent.
                pub fn new($($must: $must_type),*) -> Self {
                    Self { $($must: Some($must),)* $($may: None,)* }
                }
            }

            impl From<$kind> for Kind {
                fn from(body: $kind) -> Self {
                    Self::$kind(body)
                }
            }
        )*

        impl Kind {
            /// Returns the name that the field `kind` has.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$kind(_) => $name,)* }
            }

            /// Writes the body fields, those every such entry has first; absent ones are left out.
            pub fn body(&self) -> Vec<(String, Value)> {
                let mut body = Vec::new();
                match self {
                    $(Self::$kind(kind) => {
                        $(put(&mut body, stringify!($must), kind.$must.as_ref());)*
                        $(put(&mut body, stringify!($may), kind.$may.as_ref());)*
                    })*
                }
                body
            }

            /// Reads the shown body fields and ignores those it does not know.
            pub fn read(fields: &BTreeMap<String, Value>) -> Result<Self, KindError> {
                let name: String = take(fields, "kind")?.ok_or(KindError::Withheld)?;
                match name.as_str() {
                    $($name => Ok(Self::$kind($kind {
                        $($must: take(fields, stringify!($must))?,)*
                        $($may: take(fields, stringify!($may))?,)*
                    })),)*
                    _ => Err(KindError::Unknown(name)),
                }
            }

            /// Names the fields that an entry of this kind must have and that are not here.
            pub fn missing(&self) -> Vec<&'static str> {
                let mut missing = Vec::new();
                match self {
                    $(Self::$kind(kind) => {
                        $(if kind.$must.is_none() { missing.push(stringify!($must)); })*
                        let _: &$kind = kind;
                    })*
                }
                missing
            }

            /// Says whether entries of this kind are about such a subject.
            pub fn is_about(&self, subject: &Subject) -> bool {
                match self { $(Self::$kind(_) => matches!(subject, $($subject)|+),)* }
            }
        }
    };
}

kinds! {
    /// Records that the archive begins; always entry 0.
    Founded "founded" (Subject::Archive) { name: String, keys: Keys, tool: String, } {}
    /// Records a person who may act.
    PersonAdded "person_added" (Subject::Person(_)) { handle: String, roles: Vec<String>, } {}
    /// Records the begin of a stretch of collecting.
    SessionStarted "session_started" (Subject::Session(_)) { purpose: String, } { authority: String, }
    /// Records a remark during a session.
    SessionNoted "session_noted" (Subject::Session(_)) { note: String, } {}
    /// Records the end of a session.
    SessionEnded "session_ended" (Subject::Session(_)) {} { note: String, }
    /// Records that an item came in, and how.
    Collected "collected" (Subject::Item(_)) {
        digests: Digests,
        name: BytesName,
        path: BytesName,
        source: String,
        file: FileFacts,
        compartment: String,
        level: Level,
    } {
        session: SessionId,
        collected_at: String,
        media: Media,
    }
    /// Records that something was met and not taken.
    NotCollected "not_collected" (Subject::Session(_) | Subject::Archive) {
        path: BytesName,
        reason: String,
    } {}
    /// Records, before it happens, that an item's content goes out.
    Exported "exported" (Subject::Item(_)) { how: String, } { purpose: String, }
    /// Records what a check of the originals found.
    Checked "checked" (Subject::Archive) {
        scope: String,
        originals: u64,
        bytes: u64,
        damage: Vec<Damage>,
    } {}
    /// Records that a dossier is being put together.
    DossierOpened "dossier_opened" (Subject::Dossier(_)) { recipient: String, purpose: String, } {}
    /// Records that an item belongs to a dossier, and which fields stay out.
    DossierItemAdded "dossier_item_added" (Subject::Dossier(_)) {
        item: ItemId,
        withhold: Vec<String>,
    } {}
    /// Records, before it leaves, what a dossier holds.
    DossierSealed "dossier_sealed" (Subject::Dossier(_)) {
        recipient: String,
        purpose: String,
        contents: Vec<Content>,
        tool: String,
    } {}
}
