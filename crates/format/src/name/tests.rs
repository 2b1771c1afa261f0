use proptest::prelude::*;

use super::*;
use crate::json::Value;

fn json(name: &[u8]) -> Value {
    serde_json::to_value(BytesName::from(name)).unwrap()
}

#[test]
fn a_name_is_text_when_it_is_utf8_and_base64url_when_not() {
    assert_eq!(json("Straße 7.jpg".as_bytes()), "Straße 7.jpg");
    assert_eq!(json(b""), "");
    assert_eq!(
        json(b"caf\xE9\xFF\xFE"),
        serde_json::json!({"b64": "Y2Fm6f_-"})
    );
    assert_eq!(BytesName::from(&b"caf\xE9"[..]).lossy(), "caf\u{FFFD}");
}

#[test]
fn every_other_spelling_of_a_name_is_refused() {
    let wrong = [
        r#"{"b64":"Y2Fm"}"#,
        r#"{"b64":""}"#,
        r#"{"b64":"6f-="}"#,
        r#"{"b64":"6f/+"}"#,
        r#"{"b64":"6R"}"#,
        r#"{"b64":"6f_-","x":"y"}"#,
        r#"{"B64":"6f_-"}"#,
        "{}",
        "null",
        "7",
        r#"["a"]"#,
        r#"{"b64":7}"#,
    ];
    for text in wrong {
        let value = crate::json::parse(text.as_bytes()).unwrap();
        assert!(
            serde_json::from_value::<BytesName>(value).is_err(),
            "{text}"
        );
    }
    assert!(serde_json::from_str::<BytesName>(r#"{"b64":"6f_-"}"#).is_ok());
}

proptest! {
    #[test]
    fn any_bytes_come_back_as_they_were(bytes: Vec<u8>, text: String) {
        for bytes in [bytes, text.into_bytes()] {
            let name = BytesName(bytes);
            let json = serde_json::to_string(&name).unwrap();
            let read = crate::json::parse(json.as_bytes()).unwrap();
            prop_assert_eq!(serde_json::from_value::<BytesName>(read).unwrap(), name);
        }
    }
}
