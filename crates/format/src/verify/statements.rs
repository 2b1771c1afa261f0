//! What a check can and cannot say (format.md §9).

use super::findings::Findings;
use super::report::Statement;
use super::sentences::{count, entries};
use crate::Subject;
use crate::dossier::visible;
use crate::kind::{Kind, Reason};

fn say(code: &'static str, text: impl Into<String>) -> Statement {
    Statement {
        code,
        item: None,
        index: None,
        indexes: Vec::new(),
        text: text.into(),
    }
}

pub(super) fn proven(found: &Findings) -> Vec<Statement> {
    let mut out = vec![say(
        "complete_bag",
        "Every file is there as the dossier lists it, and no other file is.",
    )];
    let compared = found.items.iter().filter(|item| item.compared).count() as u64;
    let size = found
        .anchor
        .checkpoint
        .as_ref()
        .map_or(0, |checkpoint| checkpoint.size);
    let entries = count(found.entries.len() as u64, "entry", "entries");
    let whose = if found.anchor.anchored {
        "of a log that your policy names"
    } else {
        "of the log that signed this dossier's checkpoint, whoever holds its key"
    };
    out.push(say(
        "in_log",
        format!(
            "{entries} were checked and stand at their stated places among the {size} records {whose}; \
             none of them can have been changed since without breaking the signature."
        ),
    ));
    if compared > 0 {
        let items = count(compared, "item", "items");
        let text = format!(
            "The content of {items} is, byte for byte, what that log recorded when it was collected."
        );
        out.push(say("evidence_as_recorded", text));
    }
    for witness in &found.anchor.witnesses {
        let name = visible(&witness.name);
        let text = format!(
            "The log witness “{name}”, named in your policy, has cosigned this state of the log."
        );
        out.push(say("cosigned", text));
    }
    for time in &found.times {
        if let Some(at) = &time.at {
            let text = format!(
                "All of this existed before {at} (time-stamp {}).",
                time.number
            );
            out.push(say("existed_before", text));
        }
    }
    out
}

pub(super) fn asserted(found: &Findings) -> Vec<Statement> {
    let mut out = vec![
        say(
            "stated_facts",
            "Stated times, sources, file names and who acted are what the sender recorded. The log proves \
             that they were recorded, not that they are true.",
        ),
        say(
            "heads",
            "That nothing more had been recorded about these items when the dossier was sealed is the \
             sender's signed statement.",
        ),
        say(
            "description",
            "The page index.html and the file ro-crate-metadata.json are covered by the lists in the bag, \
             not by the log. Where they differ from this report, this report counts.",
        ),
    ];
    let unlinked: u64 = found.items.iter().map(|item| item.unlinked).sum();
    if unlinked > 0 {
        let entries = count(unlinked, "entry", "entries");
        let text = format!(
            "In {entries} the link to the entry before is not shown; that order rests on the sender's signed list."
        );
        out.push(say("unlinked", text));
    }
    out
}

pub(super) fn missing(found: &Findings) -> Vec<Statement> {
    let mut out = Vec::new();
    if !found.anchor.anchored {
        out.push(say(
            "no_policy",
            "Whose log this is has not been proven: no policy was given. Get the policy from the sender by \
             another way than this dossier, and check again.",
        ));
    }
    times(found, &mut out);
    withheld(found, &mut out);
    uncompared(found, &mut out);
    fields(found, &mut out);
    out.push(say(
        "never_recorded",
        "Whatever the archive never recorded is not here, and no check can find it. A field that may be \
         left out cannot be told from one that is withheld.",
    ));
    out
}

fn times(found: &Findings, out: &mut Vec<Statement>) {
    if found.times.is_empty() {
        out.push(say(
            "no_timestamp",
            "There is no time-stamp by an outside authority: when all this was recorded rests on the \
             sender's clock.",
        ));
    }
    for time in found.times.iter().filter(|time| time.at.is_none()) {
        let number = time.number;
        out.push(say(
            "unproven_timestamp",
            format!(
                "Time-stamp {number} was not proven: give the root certificate of its authority, from \
                 another source than this dossier."
            ),
        ));
    }
}

/// Entries of which nothing is shown, one sentence for each reason.
fn withheld(found: &Findings, out: &mut Vec<Statement>) {
    let mut groups: Vec<(Reason, Vec<(u64, String)>)> = Vec::new();
    for item in &found.items {
        for withheld in &item.content.withheld {
            let one = (withheld.index, item.content.item.to_string());
            match groups.iter_mut().find(|(why, _)| *why == withheld.reason) {
                Some((_, members)) => members.push(one),
                None => groups.push((withheld.reason, vec![one])),
            }
        }
    }
    for (why, members) in groups {
        let (about, is) = match members.as_slice() {
            [(_, item)] => (format!(" about item {item}"), "is"),
            _ => (String::new(), "are"),
        };
        let why = reason(why);
        out.push(grouped("withheld_entry", &members, |entries| {
            format!("{entries}{about} {is} withheld: {why}.")
        }));
    }
}

fn uncompared(found: &Findings, out: &mut Vec<Statement>) {
    for item in found.items.iter().filter(|item| !item.compared) {
        let id = item.content.item;
        let mut statement = say(
            "no_digests",
            format!(
                "The entry that would prove the content of item {id} does not show its digests: the file {} could be \
                 any file. Ask the sender for a dossier that shows them.",
                item.path
            ),
        );
        statement.item = Some(id.to_string());
        out.push(statement);
    }
}

/// Fields that are not shown, one sentence for each set of them.
fn fields(found: &Findings, out: &mut Vec<Statement>) {
    type Group = (&'static str, Vec<&'static str>);
    let mut groups: Vec<(Group, Vec<(u64, String)>)> = Vec::new();
    for (index, entry) in &found.entries {
        let Some(shown) = entry
            .shown
            .as_ref()
            .filter(|shown| !shown.hidden.is_empty())
        else {
            continue;
        };
        let what = shown
            .kind
            .as_ref()
            .map_or("of a kind not shown or not known", Kind::name);
        let item = match entry.subject() {
            Some(Subject::Item(item)) => item.to_string(),
            _ => String::new(),
        };
        let one = (*index, item);
        let known = groups
            .iter_mut()
            .find(|((kind, hidden), _)| *kind == what && *hidden == shown.hidden);
        match known {
            Some((_, members)) => members.push(one),
            None => groups.push(((what, shown.hidden.clone()), vec![one])),
        }
    }
    for ((what, hidden), members) in groups {
        let (does, these) = match (members.len(), hidden.len()) {
            (1, 1) => ("does", "This field is"),
            (1, _) => ("does", "These fields are"),
            (_, 1) => ("do", "This field is"),
            _ => ("do", "These fields are"),
        };
        let hidden = hidden.join(", ");
        out.push(grouped("withheld_field", &members, |entries| {
            format!("{entries} ({what}) {does} not show: {hidden}. {these} withheld or erased.")
        }));
    }
}

/// One statement about one entry or several; the sentence begins with them.
fn grouped(
    code: &'static str,
    members: &[(u64, String)],
    text: impl FnOnce(&str) -> String,
) -> Statement {
    let indexes: Vec<u64> = members.iter().map(|(index, _)| *index).collect();
    let mut statement = say(code, text(&entries(&indexes)));
    if let [(index, item)] = members {
        statement.index = Some(*index);
        statement.item = (!item.is_empty()).then(|| item.clone());
    } else {
        statement.indexes = indexes;
    }
    statement
}

/// Says a reason code in words.
pub(crate) fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Internal => {
            "it records an act inside the sender's organisation, such as opening a file"
        }
        Reason::Protection => "showing it would endanger a person",
        Reason::Consent => "there is no consent to show it",
        Reason::Other => "for another reason, which the sender can be asked for",
    }
}
