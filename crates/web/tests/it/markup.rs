//! A strict reader of our own HTML: it accepts what our templates write and nothing looser.

/// One tag with the names and values of its attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
}

impl Tag {
    /// The tag without its values: what an attacker must not be able to change.
    pub(crate) fn shape(&self) -> (String, Vec<String>) {
        (
            self.name.clone(),
            self.attributes
                .iter()
                .map(|(name, _)| name.clone())
                .collect(),
        )
    }

    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Reads every tag; a `<` that does not begin one, or an attribute that is not quoted, is an error.
pub(crate) fn tags(html: &str) -> Result<Vec<Tag>, String> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        let start: String = after.chars().take(60).collect();
        let (tag, left) = tag(after).ok_or_else(|| format!("not a tag of ours: <{start}"))?;
        tags.push(tag);
        rest = left;
    }
    Ok(tags)
}

fn tag(text: &str) -> Option<(Tag, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '/' || c == '!'))?;
    let (name, mut rest) = text.split_at(end);
    let mut attributes = Vec::new();
    if name.is_empty() {
        return None;
    }
    loop {
        rest = rest.trim_start_matches([' ', '\n']);
        if let Some(left) = rest.strip_prefix('>') {
            return Some((
                Tag {
                    name: name.to_owned(),
                    attributes,
                },
                left,
            ));
        }
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))?;
        let (key, left) = rest.split_at(end);
        if key.is_empty() {
            return None;
        }
        let (value, left) = match left.strip_prefix("=\"") {
            Some(quoted) => quoted.split_once('"')?,
            None => ("", left),
        };
        if !matches!(left.chars().next(), Some(' ' | '\n' | '>')) {
            return None;
        }
        attributes.push((key.to_owned(), value.to_owned()));
        rest = left;
    }
}

#[test]
fn the_reader_sees_what_an_attacker_would_add() {
    let names = |html: &str| {
        tags(html).map(|tags| tags.into_iter().map(|tag| tag.shape()).collect::<Vec<_>>())
    };
    assert_eq!(names("a<p class=\"x\">b</p>").unwrap().len(), 2);
    assert_ne!(
        names("<p title=\"a\">"),
        names("<p title=\"a\" onclick=\"x\">")
    );
    for bad in [
        "a < b",
        "<p title=a>",
        "<p title=\"a\"\"b\">",
        "<p onclick='x'>",
        "<?x>",
        "<p",
    ] {
        assert!(tags(bad).is_err(), "{bad}");
    }
}
