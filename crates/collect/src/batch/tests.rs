use super::is_news;
use std::collections::HashMap;

#[test]
fn a_refusal_is_recorded_once_until_its_reason_changes() {
    let mut said = HashMap::from([("in/a".to_owned(), "a link".to_owned())]);
    assert!(!is_news(&mut said, b"in/a", "a link"));
    assert!(is_news(&mut said, b"in/a", "a named pipe"));
    assert!(!is_news(&mut said, b"in/a", "a named pipe"));
    // Back to an earlier reason is news as well: the newest counts.
    assert!(is_news(&mut said, b"in/a", "a link"));
    assert!(is_news(&mut said, b"in/b", "a link"));
}

#[test]
fn names_that_only_look_alike_are_never_taken_for_one_another() {
    let mut said = HashMap::new();
    assert!(is_news(&mut said, b"in/\xff", "a link"));
    assert!(is_news(&mut said, b"in/\xfe", "a link"));
    said.insert("in/\u{fffd}".to_owned(), "a link".to_owned());
    // Written as text both look like this third one, which is a name of its own.
    assert!(is_news(&mut said, "in/\u{fffd}".as_bytes(), "a link"));
}
