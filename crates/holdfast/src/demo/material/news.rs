//! An invented news text, built from a table of what invented officials said.

/// What kind of utterance a quotation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Says that somebody did wrong.
    Accusation,
    /// Says that something did not happen.
    Denial,
    /// Announces a danger or a consequence.
    Warning,
    /// Tells others what to do.
    Order,
    /// Binds the speaker's side to do something.
    Promise,
}

/// One public utterance of an invented official, as the news text prints it.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "statements will be made of these")
)]
pub(crate) struct Quotation {
    /// The invented speaker.
    pub(crate) speaker: &'static str,
    /// The speaker's invented office.
    pub(crate) role: &'static str,
    /// What kind of utterance it is.
    pub(crate) kind: Kind,
    /// The day on which it was said, `YYYY-MM-DD`.
    pub(crate) day: &'static str,
    /// Where or through which channel it was said.
    pub(crate) place: &'static str,
    /// The words in English, exactly as in the text.
    pub(crate) words: &'static str,
    /// Language (BCP 47) and exact words of the original, where that was not English.
    pub(crate) original: Option<(&'static str, &'static str)>,
    /// The sentence that leads to the words in the text.
    lead: &'static str,
}

/// The headline of the news text.
pub(super) const HEADLINE: &str =
    "Eastbridge: what was said before and after the evening of 4 March";

/// The sentence that opens every English text of the demonstration.
pub(super) const INVENTED: &str =
    "INVENTED FOR DEMONSTRATION. No such place, office, person, unit or event exists.";

/// Every quotation of the news text, in the order of the text.
pub(crate) const QUOTATIONS: [Quotation; 8] = [
    Quotation {
        speaker: "General C. Specimen",
        role: "commander of the Placeholder Command",
        kind: Kind::Warning,
        day: "2026-03-02",
        place: "address on Radio Sample",
        words: "Whoever stays east of the Velna after Wednesday stays at his own risk",
        original: None,
        lead: "On 2 March, two days before the blasts, General C. Specimen, commander of the Placeholder Command, warned in an address on Radio Sample",
    },
    Quotation {
        speaker: "Major D. Dummy",
        role: "commander of Unit Q07",
        kind: Kind::Order,
        day: "2026-03-04",
        place: "notice posted at the bridge",
        words: "All vehicles are to leave the bridge by 14:00",
        original: Some(("ru", "Всем машинам покинуть мост до 14:00")),
        lead: "On 4 March a notice signed by Major D. Dummy, commander of Unit Q07, was posted at the bridge. It read",
    },
    Quotation {
        speaker: "Spokesman A. Example",
        role: "spokesman of the Ministry of Examples",
        kind: Kind::Accusation,
        day: "2026-03-05",
        place: "press conference in Exampleton",
        words: "Unit Q07 fired at the school on Mill Street although there was no soldier near it",
        original: None,
        lead: "On 5 March Spokesman A. Example of the Ministry of Examples said at a press conference in Exampleton",
    },
    Quotation {
        speaker: "Colonel B. Mockup",
        role: "press officer of the Placeholder Command",
        kind: Kind::Denial,
        day: "2026-03-05",
        place: "written answer to this newspaper",
        words: "None of our units fired at Eastbridge that evening",
        original: Some((
            "ru",
            "Ни одно наше подразделение в тот вечер не стреляло по Истбриджу",
        )),
        lead: "The same day Colonel B. Mockup, press officer of the Placeholder Command, replied in a written answer to this newspaper",
    },
    Quotation {
        speaker: "Mayor E. Fixture",
        role: "mayor of Eastbridge",
        kind: Kind::Promise,
        day: "2026-03-06",
        place: "in front of the school",
        words: "We will rebuild the school by the first of September",
        original: Some(("uk", "Ми відбудуємо школу до першого вересня")),
        lead: "On 6 March Mayor E. Fixture of Eastbridge, standing in front of the school, promised the parents",
    },
    Quotation {
        speaker: "Envoy F. Lorem",
        role: "envoy of the League of Sample States",
        kind: Kind::Warning,
        day: "2026-03-07",
        place: "session of the League in Testhaven",
        words: "If the bridge stays closed to ambulances, our fuel deliveries to the Placeholder Command end on 1 April",
        original: None,
        lead: "On 7 March Envoy F. Lorem told the session of the League of Sample States in Testhaven",
    },
    Quotation {
        speaker: "Minister G. Ipsum",
        role: "minister of the Ministry of Samples",
        kind: Kind::Promise,
        day: "2026-03-08",
        place: "evening news on Sample Television",
        words: "We will hand our radar records to the inquiry within ten days",
        original: None,
        lead: "On 8 March Minister G. Ipsum of the Ministry of Samples announced in the evening news on Sample Television",
    },
    Quotation {
        speaker: "Colonel B. Mockup",
        role: "press officer of the Placeholder Command",
        kind: Kind::Denial,
        day: "2026-03-19",
        place: "telephone call with this newspaper",
        words: "There are no radar records of that evening and there never were",
        original: None,
        lead: "On 19 March, one day after the ten days had passed, Colonel B. Mockup, press officer of the Placeholder Command, said in a telephone call with this newspaper",
    },
];

/// Returns the news text: the notice that it is invented, a headline and one paragraph a quotation.
pub(super) fn article() -> String {
    let mut text = format!("{INVENTED}\n\nThe Example Courier, 20 March 2026\n{HEADLINE}\n");
    for quotation in &QUOTATIONS {
        text.push('\n');
        text.push_str(&quotation.sentence());
        text.push('\n');
    }
    text.push_str("\nThis newspaper could not establish who fired, or from where.\n");
    text
}

impl Quotation {
    pub(super) fn lead(&self) -> &'static str {
        self.lead
    }

    fn sentence(&self) -> String {
        let Self { lead, words, .. } = self;
        match self.original {
            None => format!("{lead}: “{words}.”"),
            Some((_, original)) => format!("{lead}: “{words}.” In the original: «{original}.»"),
        }
    }
}
