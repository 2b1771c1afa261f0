//! What an error page says: the heading, what happened, whether the evidence is safe, what to do.

use super::{Asked, Got, Problem};

const UNTOUCHED: &str = "Yes. Nothing was changed by this request.";

type Words = (&'static str, String, &'static str, String);

impl Problem {
    pub(super) fn words(&self, asked: &Asked) -> Words {
        match self {
            Self::Bad { what, next } => {
                ("This could not be done as asked", format!("{what}."), UNTOUCHED, format!("{next}."))
            }
            Self::NotOurForm => (
                "The form was not accepted",
                "The form did not carry the proof that it came from this page and this sign-in. Forms lose it when the sign-in ends or changes.".into(),
                UNTOUCHED,
                "Go back, copy what you typed, reload the page and send it again. If you did not send a form, close the page that did.".into(),
            ),
            Self::Refused => (
                "Not possible with this sign-in",
                "This needs a sign-in that is still open.".into(),
                UNTOUCHED,
                "Sign in and open the page again.".into(),
            ),
            Self::NotFound => (
                "Nothing here that you can see",
                "There is no such page, or nothing at this address that you can see.".into(),
                UNTOUCHED,
                "Check the address, or search for what you need.".into(),
            ),
            Self::WrongMethod => (
                "This address takes another kind of request",
                "The address exists, but it cannot be asked in this way.".into(),
                UNTOUCHED,
                "Use the links and buttons of the pages.".into(),
            ),
            Self::Conflict { what } => (
                "Something changed first",
                format!("{what}."),
                "Yes. What was recorded first stands; your change was not recorded.",
                "Open the page again, look at what is new, and decide anew.".into(),
            ),
            Self::TooLarge { limit } => (
                "Too much at once",
                if *limit == 0 { "More was sent than is taken at once.".into() } else { format!("More was sent than is taken at once: the limit here is {} bytes.", crate::text::Count(*limit)) },
                "Yes. What is in the archive is untouched. What you sent was not stored; keep your copies.",
                "Send fewer or smaller files, or add them on the machine itself with holdfast add.".into(),
            ),
            Self::TooOften { seconds } => (
                "Tried too often",
                "This was tried too often in a short time.".into(),
                UNTOUCHED,
                format!("Wait {seconds} seconds, then try again."),
            ),
            Self::WrongKind => (
                "The form is of another kind",
                "This address does not take this kind of form.".into(),
                UNTOUCHED,
                "Use the form on our page.".into(),
            ),
            _ => self.words_of_the_archive(asked),
        }
    }

    /// The same for what the archive answered.
    fn words_of_the_archive(&self, asked: &Asked) -> Words {
        match self {
            Self::NotAllowed { what, next } => {
                ("Not possible with this account", format!("{what}."), UNTOUCHED, format!("{next}."))
            }
            Self::Busy { what } => (
                "Something else is at work",
                format!("{what}."),
                UNTOUCHED,
                "Wait a few seconds, then do the same again.".into(),
            ),
            Self::Closed { what, next } => (
                "The archive does not take this now",
                format!("{what}."),
                "Yes. Nothing was written.",
                format!("{next}."),
            ),
            Self::Away { what, next } => away(what, next, asked.form),
            Self::Disk { what, next } => (
                "The disk refused",
                format!("{what}."),
                "Yes. Everything that was acknowledged before is on the disk; what was asked now is not.",
                format!("{next}."),
            ),
            Self::Damaged { what, next } => (
                "Something stored is damaged",
                format!("{what}."),
                "Nothing was changed by this request. What is named here cannot be relied on; everything else is as it was.",
                format!("{next}."),
            ),
            _ => (
                "Something broke on our side",
                "The request stopped half-way. What was asked may or may not have been recorded.".into(),
                "Yes. Originals and log are only ever added to; a broken request cannot change them.",
                "Look in the log whether your act is there before you repeat it. Give the report number to whoever runs this machine.".into(),
            ),
        }
    }
}

/// Says it of a store that does not answer; nothing that this asks for may need that store.
fn away(what: &str, next: &str, form: Got) -> Words {
    let (safe, first) = match form {
        Got::NoForm => (
            "Yes. Nothing that was acknowledged is lost. Nothing was changed by this request.",
            "Wait a little, then open the page again.",
        ),
        Got::TurnedAway => (
            "Yes. Nothing that was acknowledged is lost. What you just sent was not taken and not recorded.",
            "Wait a little, then send it again.",
        ),
        Got::InHand => (
            "Yes. Nothing that was acknowledged is lost. What you just sent is not known to be recorded: it may be there, or not.",
            "Look before sending it again: once the page opens, see whether what you did is there.",
        ),
    };
    (
        "A part of the archive cannot be reached",
        format!("{what}."),
        safe,
        format!("{first} {next}."),
    )
}
