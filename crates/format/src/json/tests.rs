use proptest::prelude::*;

use super::*;

#[track_caller]
fn refused(text: &[u8], why: JsonError) {
    assert_eq!(parse(text), Err(why), "{}", String::from_utf8_lossy(text));
}

fn nested(levels: usize) -> String {
    "[".repeat(levels) + &"]".repeat(levels)
}

#[test]
fn a_name_given_twice_is_refused_at_any_depth_and_in_any_spelling() {
    refused(br#"{"a":1,"a":1}"#, JsonError::NameTwice("a".into()));
    refused(
        br#"[{"x":[{"b":1,"c":2,"b":3}]}]"#,
        JsonError::NameTwice("b".into()),
    );
    refused(br#"{"a":1,"\u0061":2}"#, JsonError::NameTwice("a".into()));
    assert!(parse(br#"{"a":{"a":1},"b":{"a":2}}"#).is_ok());
}

#[test]
fn fractions_and_exponents_are_refused_even_when_they_are_whole() {
    for text in [
        "1.0",
        "1.5",
        "-0.0",
        "1e3",
        "1E3",
        "[1e-3]",
        r#"{"a":10e0}"#,
    ] {
        refused(text.as_bytes(), JsonError::NotInteger);
    }
    assert_eq!(parse(br#""1.5e3""#), Ok("1.5e3".into()));
}

#[test]
fn integers_end_just_below_two_to_the_53() {
    assert_eq!(
        parse(b"9007199254740991"),
        Ok(9_007_199_254_740_991_u64.into())
    );
    assert_eq!(
        parse(b"-9007199254740991"),
        Ok((-9_007_199_254_740_991_i64).into())
    );
    assert_eq!(parse(b"-0"), Ok(0.into()));
    for text in [
        "9007199254740992",
        "-9007199254740992",
        "12345678901234567890",
        "[12345678901234567890123]",
    ] {
        refused(text.as_bytes(), JsonError::TooBig);
    }
    refused("9".repeat(400).as_bytes(), JsonError::TooBig);
}

#[test]
fn nesting_ends_at_sixteen_levels() {
    assert!(parse(nested(16).as_bytes()).is_ok());
    refused(nested(17).as_bytes(), JsonError::TooDeep);
    refused("[".repeat(1_000_000).as_bytes(), JsonError::TooDeep);
    assert!(
        parse(br#""[[[[[[[[[[[[[[[[[[[[""#).is_ok(),
        "brackets in text are no levels"
    );
    let siblings = format!("[{}{}]", "[],".repeat(40), "[]");
    assert!(parse(siblings.as_bytes()).is_ok(), "siblings are no levels");
}

#[test]
fn only_white_space_may_follow_the_value() {
    assert!(parse(b" {} \n\t\r").is_ok());
    for text in ["{}x", "1 2", "{}{}", "[],", "null\0"] {
        refused(text.as_bytes(), JsonError::Trailing);
    }
}

#[test]
fn bytes_that_are_not_plain_utf8_are_refused() {
    refused(b"\xEF\xBB\xBF{}", JsonError::ByteOrderMark);
    refused(b"\"\xFF\"", JsonError::NotUtf8);
    refused(b"\"\xC0\x80\"", JsonError::NotUtf8);
    refused(b"\"\xED\xA0\x80\"", JsonError::NotUtf8);
}

#[test]
fn half_a_surrogate_pair_is_refused_and_a_whole_one_is_read() {
    let lone = [
        r#""\ud83d""#,
        r#""\ude00""#,
        r#""\ud83d\ud83d""#,
        r#""\ud83dx""#,
        r#"{"\uDE00":1}"#,
    ];
    for text in lone {
        refused(text.as_bytes(), JsonError::LoneSurrogate);
    }
    assert_eq!(parse(br#""\ud83d\ude00""#), Ok("😀".into()));
    assert_eq!(
        parse(br#""\\ud83d""#),
        Ok(r"\ud83d".into()),
        "an escaped backslash is no escape"
    );
}

#[test]
fn what_is_not_json_is_refused_with_its_place() {
    for text in [
        "", " ", "{", "[1,]", "{a:1}", "'a'", "NaN", "-", "01", "+1", "tru", "\"a\nb\"", "//",
    ] {
        let result = parse(text.as_bytes());
        assert!(
            matches!(result, Err(JsonError::Syntax { .. })),
            "{text:?}: {result:?}"
        );
    }
    refused(b"[1,\n2,\n!]", JsonError::Syntax { line: 3, column: 1 });
}

#[test]
fn a_value_that_would_be_refused_when_read_is_refused_when_written() {
    assert_eq!(check(&1.5.into(), 16), Err(JsonError::NotInteger));
    assert_eq!(check(&u64::MAX.into(), 16), Err(JsonError::TooBig));
    assert_eq!(check(&i64::MIN.into(), 16), Err(JsonError::TooBig));
    assert_eq!(check(&INTEGER_LIMIT.into(), 16), Err(JsonError::TooBig));
    assert_eq!(check(&(INTEGER_LIMIT - 1).into(), 0), Ok(()));
    let deep = parse(nested(16).as_bytes()).unwrap();
    assert_eq!(check(&deep, 16), Ok(()));
    assert_eq!(check(&deep, 15), Err(JsonError::TooDeep));
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic_and_what_it_reads_it_may_write(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        text in r#"[\[\]{}:,"\\a-f0-9u.eE \-]{0,60}"#,
    ) {
        for bytes in [&bytes[..], text.as_bytes()] {
            if let Ok(value) = parse(bytes) {
                prop_assert_eq!(check(&value, LEVELS), Ok(()));
                let plain: Value = serde_json::from_slice(bytes).unwrap();
                // `-0` is the one text that the plain reader makes a float of.
                if !plain.to_string().contains("-0.0") {
                    prop_assert_eq!(value, plain);
                }
            }
        }
    }
}
