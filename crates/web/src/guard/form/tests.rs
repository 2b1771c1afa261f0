use super::*;

fn fields(form: &str) -> Fields {
    Fields::from_form(form.as_bytes()).unwrap()
}

#[test]
fn a_form_gives_back_what_was_typed() {
    let mut form = fields("a=%D1%83%D0%B4%D0%B0%D1%80+%26+b&note=one%0D%0Atwo&n=12&empty=");
    assert_eq!(form.text("a", 1..=20).unwrap(), "удар & b");
    assert_eq!(form.text("note", 1..=20).unwrap(), "one\ntwo");
    assert_eq!(form.number("n").unwrap(), Some(12));
    assert_eq!(form.optional("empty", 5).unwrap(), "");
    form.finish().unwrap();
}

#[test]
fn broken_escapes_broken_text_and_duplicates_are_refused() {
    for bad in [
        "a=%",
        "a=%1",
        "a=%zz",
        "a=%ff",
        "a=%00",
        "a=1&a=2",
        "a=1&%61=2",
        "a&a=",
    ] {
        assert!(Fields::from_form(bad.as_bytes()).is_err(), "{bad}");
    }
}

#[test]
fn unknown_missing_empty_and_long_fields_are_refused() {
    let mut form = fields("a=1&b=2&c=");
    assert!(form.text("missing", 0..=9).is_err());
    assert!(form.text("c", 1..=9).is_err());
    assert!(fields("a=12345").text("a", 1..=4).is_err());
    assert!(form.number("a").is_ok());
    assert!(form.finish().is_err(), "b was never asked for");
}

#[test]
fn a_number_is_digits_and_nothing_else() {
    for bad in [
        "n=-1",
        "n=%2B1",
        "n=1e3",
        "n=0x10",
        "n=18446744073709551616",
        "n=%D9%A1",
        "n= 1",
    ] {
        assert!(fields(bad).number("n").is_err(), "{bad}");
    }
    assert_eq!(fields("n=").number("n").unwrap(), None);
    assert_eq!(fields("x=").number("n").unwrap(), None);
}
