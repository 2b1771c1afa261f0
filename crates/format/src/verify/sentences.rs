//! The report in words for readers who are no engineers.

use super::report::{Report, State, Verdict};

pub(super) fn count(n: u64, one: &str, many: &str) -> String {
    if n == 1 {
        format!("1 {one}")
    } else {
        format!("{n} {many}")
    }
}

/// How many entries are named before the rest is only counted.
const NAMED: usize = 10;

/// Names entries: `Entry 3`, `Entries 3, 4 and 7`, `Entries 1, …, 10 and 250 more`.
pub(crate) fn entries(indexes: &[u64]) -> String {
    let text = |some: &[u64]| {
        let some: Vec<String> = some.iter().map(ToString::to_string).collect();
        some.join(", ")
    };
    match indexes {
        [] => "No entry".to_owned(),
        [one] => format!("Entry {one}"),
        [first @ .., last] if indexes.len() <= NAMED => {
            format!("Entries {} and {last}", text(first))
        }
        many => {
            let (named, rest) = many.split_at(NAMED);
            format!("Entries {} and {} more", text(named), rest.len())
        }
    }
}

/// The result first, then what it rests on.
pub(super) fn of(report: &Report) -> Vec<String> {
    let mut out = vec![verdict(report)];
    if let (Some(recipient), Some(purpose)) = (&report.recipient, &report.purpose) {
        out.push(format!(
            "It was sealed for “{recipient}”. Stated purpose: “{purpose}”."
        ));
    }
    out.extend(report.damage.iter().map(|fault| format!("Fault: {fault}.")));
    if report.damage_left_out > 0 {
        out.push(format!(
            "{} more faults are not listed.",
            report.damage_left_out
        ));
    }
    let intact = report
        .items
        .iter()
        .filter(|item| item.state == State::Intact)
        .count();
    if report.verdict == Verdict::Bad && intact > 0 {
        let all = count(report.items.len() as u64, "item", "items");
        out.push(format!(
            "No fault was found in {intact} of {all}; until the faults above are explained, that proves nothing."
        ));
    }
    for (label, list) in [
        ("Proven", &report.proven),
        ("Asserted", &report.asserted),
        ("Missing", &report.missing),
    ] {
        out.extend(
            list.iter()
                .map(|statement| format!("{label}: {}", statement.text)),
        );
    }
    out
}

fn verdict(report: &Report) -> String {
    let items = count(report.items.len() as u64, "item", "items");
    let dossier = report.dossier.as_deref();
    let name = dossier.map_or_else(|| "this dossier".to_owned(), |id| format!("dossier {id}"));
    match report.verdict {
        Verdict::Good => format!(
            "No fault was found in {name} ({items}): every item and entry that was sealed is here, unaltered, and \
             the log is one that your policy names."
        ),
        Verdict::GoodButUnanchored => format!(
            "No fault was found in {name} ({items}): every item and entry that it says was sealed is here. Whose log it \
             comes from has not been proven, because no policy was given."
        ),
        Verdict::GoodInPart => {
            let loose = report
                .items
                .iter()
                .filter(|item| item.state == State::Unproven);
            let loose = count(loose.count() as u64, "item", "items");
            format!(
                "Only part of {name} ({items}) is proven: the content of {loose} could not be compared with what \
                 was recorded and could be any file. No other fault was found."
            )
        }
        Verdict::Bad => {
            let faults = report.damage.len() as u64 + report.damage_left_out;
            let found = count(faults, "fault was found", "faults were found");
            format!(
                "Do not rely on {name}: {found}. Keep the file as it is and ask the sender for a new copy."
            )
        }
    }
}
