//! The table itself. An act without a row is refused; a test counts the rows.

use format::kind::Kind;

/// What an account was made. More roles come with accounts for several people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Made at `init`; may do everything one person may do alone.
    Owner,
    /// Sees and downloads nothing and changes nothing; for tests of the door and for suspended accounts.
    Suspended,
}

impl Role {
    /// The word kept in entries.
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Suspended => "suspended",
        }
    }

    /// Reads the word kept in entries; an unknown word is no role.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Owner, Self::Suspended]
            .into_iter()
            .find(|r| r.name() == name)
    }
}

macro_rules! acts {
    ($($act:ident = $words:literal : [$($role:ident),*];)*) => {
        /// Everything that can be asked of an archive, reads included.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each act has its words in the table")]
        pub enum Act { $($act),* }

        impl Act {
            /// Every act there is.
            pub const ALL: &'static [Self] = &[$(Self::$act),*];

            /// The act in words that follow "may not".
            pub fn words(self) -> &'static str {
                match self { $(Self::$act => $words),* }
            }
        }

        /// Act by act, who may.
        pub const TABLE: &[(Act, &[Role])] = &[$((Act::$act, &[$(Role::$role),*])),*];
    };
}

acts! {
    Found = "found an archive": [Owner];
    AddPerson = "add a person": [Owner];
    HoldSession = "start, note or end a session": [Owner];
    Collect = "add material": [Owner];
    Export = "take out an original": [Owner];
    RecordCheck = "record the result of a check": [Owner];
    OpenDossier = "open a dossier": [Owner];
    FillDossier = "add to a dossier": [Owner];
    SealDossier = "seal a dossier": [Owner];
    ReadItems = "read items": [Owner];
    Search = "search": [Owner];
    ReadLog = "read the log": [Owner];
    ReadSessions = "read sessions": [Owner];
    ReadDossiers = "read dossiers": [Owner];
    ReadHealth = "see the state of the archive": [Owner];
    Check = "check the archive": [Owner];
    Rebuild = "rebuild the views": [Owner];
    Move = "move the archive": [Owner];
    ReadJobs = "see the jobs": [Owner];
    AskJobs = "ask for a job": [Owner];
    TendJobs = "put back or cancel a job": [Owner];
}

impl Act {
    /// The act that appending an entry of this kind is. The match is exhaustive: a new kind does not compile without a row.
    pub fn appending(kind: &Kind) -> Self {
        match kind {
            Kind::Founded(_) => Self::Found,
            Kind::PersonAdded(_) => Self::AddPerson,
            Kind::SessionStarted(_) | Kind::SessionNoted(_) | Kind::SessionEnded(_) => {
                Self::HoldSession
            }
            Kind::Collected(_) | Kind::NotCollected(_) => Self::Collect,
            Kind::Exported(_) => Self::Export,
            Kind::Checked(_) => Self::RecordCheck,
            Kind::DossierOpened(_) => Self::OpenDossier,
            Kind::DossierItemAdded(_) => Self::FillDossier,
            Kind::DossierSealed(_) => Self::SealDossier,
        }
    }
}
