use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(text: &str, micros: i64) {
    assert_eq!(text.parse::<Instant>().map(Instant::micros), Ok(micros));
    assert_eq!(
        Instant::from_micros(micros).map(|at| at.to_string()),
        Ok(text.to_owned())
    );
}

#[test]
fn known_instants_are_read_and_written() {
    check("1970-01-01T00:00:00.000000Z", 0);
    check("1969-12-31T23:59:59.999999Z", -1);
    check("2000-02-29T12:00:00.000001Z", 951_825_600_000_001);
    check("2026-03-04T18:22:07.000000Z", 1_772_648_527_000_000);
    check("0001-01-01T00:00:00.000000Z", -62_135_596_800_000_000);
    check("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999);
}

#[test]
fn what_lies_outside_the_years_1_to_9999_is_refused() {
    assert!(Instant::from_micros(-62_135_596_800_000_001).is_err());
    assert!(Instant::from_micros(253_402_300_800_000_000).is_err());
    assert!(Instant::from_micros(i64::MIN).is_err());
    assert!(Instant::from_micros(i64::MAX).is_err());
    assert!("0000-12-31T23:59:59.999999Z".parse::<Instant>().is_err());
}

#[test]
fn no_other_spelling_is_read() {
    let wrong = [
        "",
        "2026-03-04T18:22:07Z",
        "2026-03-04T18:22:07.000Z",
        "2026-03-04T18:22:07.000000000Z",
        "2026-03-04T18:22:07.000000z",
        "2026-03-04t18:22:07.000000Z",
        "2026-03-04 18:22:07.000000Z",
        "2026-03-04T18:22:07.000000+00:00",
        "2026-03-04T18:22:07,000000Z",
        "+026-03-04T18:22:07.000000Z",
        "2026-13-04T18:22:07.000000Z",
        "2026-00-04T18:22:07.000000Z",
        "2026-03-32T18:22:07.000000Z",
        "2026-03-00T18:22:07.000000Z",
        "2026-02-29T18:22:07.000000Z",
        "1900-02-29T18:22:07.000000Z",
        "2026-03-04T24:00:00.000000Z",
        "2026-03-04T18:60:07.000000Z",
        "2016-12-31T23:59:60.000000Z",
        " 2026-03-04T18:22:07.000000Z",
        "2026-03-04T18:22:07.000000Z ",
        "2026-99-99T18:22:07.000000Z",
    ];
    for text in wrong {
        assert!(text.parse::<Instant>().is_err(), "{text:?}");
    }
}

proptest! {
    #[test]
    fn any_instant_comes_back_and_another_calendar_agrees(micros in YEAR_1..YEAR_10000) {
        let at = Instant::from_micros(micros).unwrap();
        let text = at.to_string();
        prop_assert_eq!(text.parse(), Ok(at));
        let other = jiff::Timestamp::from_microsecond(micros).unwrap();
        prop_assert_eq!(format!("{other:.6}"), text);
    }

    #[test]
    fn a_date_is_read_exactly_when_another_calendar_has_it(
        year in 0_i16..=9999, month in 0_i8..=13, day in 0_i8..=32,
    ) {
        let text = format!("{year:04}-{month:02}-{day:02}T00:00:00.000000Z");
        let there = year > 0 && jiff::civil::Date::new(year, month, day).is_ok();
        prop_assert_eq!(text.parse::<Instant>().is_ok(), there, "{}", text);
    }
}
