//! Every refusal of format.md §2 and of known lax readers, each for its own reason.

use format::json::JsonError;
use format::{Entry, EntryError};
use serde_json::json;

use crate::record_support::{
    ORIGIN, b64, digests_of, entry, fields, forge, forged_entry, header, key, payload,
};

#[track_caller]
fn refused(sd_jwt: &str, why: EntryError) {
    assert_eq!(
        Entry::open(sd_jwt, Some(key().verifier())),
        Err(why),
        "{sd_jwt}"
    );
}

fn disclosure(json: &str) -> String {
    b64(json)
}

fn good(name: &str, value: &str) -> String {
    disclosure(&format!(r#"["{}","{name}",{value}]"#, b64([9; 16])))
}

fn with_header(header: &str) -> String {
    forge(header, &payload(&digests_of(&[]))) + "~"
}

fn with_payload(payload: &str) -> String {
    forge(&header(), payload) + "~"
}

#[test]
fn the_forgeries_below_are_accepted_when_nothing_is_wrong_with_them() {
    let sd_jwt = forged_entry(&[good("a", "1"), good("b", "[]")]);
    let read = Entry::open(&sd_jwt, Some(key().verifier())).unwrap();
    assert_eq!(
        (read.shown("a"), read.shown("b")),
        (Some(&json!(1)), Some(&json!([])))
    );
    assert!(Entry::open(&with_header(&header()), Some(key().verifier())).is_ok());
}

#[test]
fn a_header_with_other_members_or_values_is_refused() {
    let good = header();
    let members = EntryError::HeaderMembers;
    for other in [
        "\"crit\":[]",
        "\"jwk\":{}",
        "\"x5c\":[]",
        "\"alg2\":\"none\"",
    ] {
        refused(
            &with_header(&good.replace('}', &format!(",{other}}}"))),
            members.clone(),
        );
    }
    let kid = key().verifier().key_id().to_owned();
    refused(
        &with_header(&good.replace(&format!("\"kid\":\"{kid}\","), "")),
        members.clone(),
    );
    refused(&with_header("[]"), members);
    for alg in ["none", "HS256", "Ed25519", "eddsa"] {
        refused(
            &with_header(&good.replace("EdDSA", alg)),
            EntryError::HeaderValue("alg"),
        );
    }
    refused(
        &with_header(&good.replace("\"EdDSA\"", "1")),
        EntryError::HeaderValue("alg"),
    );
    refused(
        &with_header(&good.replace("holdfast-entry+sd-jwt", "JWT")),
        EntryError::HeaderValue("typ"),
    );
    for wrong in ["", "00", &kid.to_uppercase(), &format!("{kid}0")] {
        refused(
            &with_header(&good.replace(&kid, wrong)),
            EntryError::HeaderValue("kid"),
        );
    }
    let twice = good.replace("{", "{\"alg\":\"none\",");
    refused(
        &with_header(&twice),
        EntryError::HeaderJson(JsonError::NameTwice("alg".into())),
    );
    let rest = format!("{}.AA~", b64(payload(&digests_of(&[]))));
    refused(&format!("e30=.{rest}"), EntryError::HeaderBase64);
}

#[test]
fn a_payload_with_other_members_or_values_is_refused() {
    let good = payload(&digests_of(&[]));
    for other in ["\"exp\":1", "\"kind\":\"founded\"", "\"cnf\":{}"] {
        refused(
            &with_payload(&good.replace("\"v\":1", &format!("\"v\":1,{other}"))),
            EntryError::PayloadMembers,
        );
    }
    refused(
        &with_payload(&good.replace(",\"v\":1", "")),
        EntryError::PayloadMembers,
    );
    refused(&with_payload("null"), EntryError::PayloadMembers);
    refused(
        &with_payload(&good.replace("sha-256", "sha-512")),
        EntryError::PayloadValue("_sd_alg"),
    );
    for v in ["2", "0", "\"1\"", "true"] {
        let changed = good.replace("\"v\":1", &format!("\"v\":{v}"));
        refused(&with_payload(&changed), EntryError::PayloadValue("v"));
    }
    for iss in [
        "archive.example",
        "",
        "Archive.example/holdfast/0123abcd",
        "a\\u0020/holdfast/0123abcd",
    ] {
        refused(
            &with_payload(&good.replace(ORIGIN, iss)),
            EntryError::PayloadValue("iss"),
        );
    }
    refused(
        &with_payload(&good.replace("\"v\":1", "\"v\":1.0")),
        EntryError::PayloadJson(JsonError::NotInteger),
    );
    let twice = good.replace("\"v\":1", "\"v\":1,\"v\":1");
    refused(
        &with_payload(&twice),
        EntryError::PayloadJson(JsonError::NameTwice("v".into())),
    );
    let trailing = good + "{}";
    refused(
        &with_payload(&trailing),
        EntryError::PayloadJson(JsonError::Trailing),
    );
    refused(
        &format!("{}.*.AA~", b64(header())),
        EntryError::PayloadBase64,
    );
}

#[test]
fn digests_that_are_unsorted_repeated_or_wrongly_counted_are_refused() {
    let list = digests_of(&[]);
    let open = |list: &[String]| with_payload(&payload(list));
    let mut swapped = list.clone();
    swapped.swap(2, 3);
    refused(&open(&swapped), EntryError::SdUnsorted);
    let mut repeated = list.clone();
    repeated[4] = repeated[3].clone();
    refused(&open(&repeated), EntryError::SdRepeated);
    for count in [0, 1, 7] {
        refused(&open(&list[..count]), EntryError::SdCount(count));
    }
    let mut nine = list.clone();
    nine.push("__".into());
    refused(&open(&nine), EntryError::SdCount(9));
    let cut = |text: &str| {
        let mut wrong = list.clone();
        wrong[7] = text.to_owned();
        open(&wrong)
    };
    refused(&cut("zzzz"), EntryError::SdDigest);
    // The last character of 32 bytes holds two bits that must be zero.
    refused(&cut(&format!("{}9", "z".repeat(42))), EntryError::SdDigest);
    let not_text = payload(&list).replace(&format!("\"{}\"", list[0]), "{\"...\":\"x\"}");
    refused(&with_payload(&not_text), EntryError::SdDigest);
    let no_list = format!(r#"{{"_sd":{{}},"_sd_alg":"sha-256","iss":"{ORIGIN}","v":1}}"#);
    refused(&with_payload(&no_list), EntryError::PayloadValue("_sd"));
}

#[test]
fn a_disclosure_that_does_not_parse_is_refused_though_the_record_names_it() {
    let salt = b64([9; 16]);
    let one = |text: String, why: EntryError| refused(&forged_entry(&[text]), why);
    one("a*b".into(), EntryError::DisclosureBase64);
    one("e30=".into(), EntryError::DisclosureBase64);
    one("AB".into(), EntryError::DisclosureBase64);
    one(
        String::new(),
        EntryError::DisclosureJson(JsonError::Syntax { line: 1, column: 0 }),
    );
    for shape in [
        "{}",
        "7",
        "[]",
        r#"["a"]"#,
        r#"["S",7,1]"#,
        r#"["S","a",1,2]"#,
        r#"[7,"a",1]"#,
    ] {
        one(
            disclosure(&shape.replace('S', &salt)),
            EntryError::DisclosureShape,
        );
    }
    for salt in [
        "",
        "AAAA",
        &b64([9; 15]),
        &b64([9; 17]),
        &format!("{salt}=="),
        "____________________*_",
    ] {
        one(
            disclosure(&format!(r#"["{salt}","a",1]"#)),
            EntryError::Salt,
        );
    }
    for (value, why) in [
        ("1.0", JsonError::NotInteger),
        ("9007199254740992", JsonError::TooBig),
        (r#"{"x":1,"x":2}"#, JsonError::NameTwice("x".into())),
        (r#""\ud800""#, JsonError::LoneSurrogate),
        ("[[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]]", JsonError::TooDeep),
    ] {
        one(good("a", value), EntryError::DisclosureJson(why));
    }
    one(
        disclosure(&format!(r#"["{salt}","a",1]]"#)),
        EntryError::DisclosureJson(JsonError::Trailing),
    );
    let not_utf8 = [format!(r#"["{salt}",""#).as_bytes(), b"\xFF\",1]"].concat();
    one(
        b64(not_utf8),
        EntryError::DisclosureJson(JsonError::NotUtf8),
    );
    one(
        disclosure(&format!("\u{FEFF}[\"{salt}\",\"a\",1]")),
        EntryError::DisclosureJson(JsonError::ByteOrderMark),
    );
}

#[test]
fn reserved_names_are_refused_as_fields_and_inside_values() {
    for name in ["_sd", "...", "_sd_alg", "iss", "v"] {
        refused(
            &forged_entry(&[good(name, "1")]),
            EntryError::ReservedName(name.into()),
        );
    }
    // Spelled with an escape it is the same name.
    refused(
        &forged_entry(&[good(r"\u005fsd", "[]")]),
        EntryError::ReservedName("_sd".into()),
    );
    for value in [
        r#"{"_sd":[]}"#,
        r#"[{"...":"x"}]"#,
        r#"{"a":[{"b":{"_sd":[]}}]}"#,
    ] {
        refused(
            &forged_entry(&[good("a", value)]),
            EntryError::Nested("a".into()),
        );
    }
    assert!(
        Entry::open(
            &forged_entry(&[good("a", r#"{"v":1,"iss":2}"#)]),
            Some(key().verifier())
        )
        .is_ok()
    );
}

#[test]
fn an_altered_foreign_or_repeated_disclosure_is_refused_and_never_dropped() {
    let made = entry(fields(&[
        ("name", json!("Jonna")),
        ("place", json!("Oakford")),
    ]));
    let altered = made
        .sd_jwt()
        .replace(&made.disclosures[0].text, &good("name", "\"Other\""));
    refused(&altered, EntryError::NotInRecord("name".into()));
    let foreign = entry(fields(&[("extra", json!(1))])).disclosures_line();
    refused(
        &(made.sd_jwt() + &foreign),
        EntryError::NotInRecord("extra".into()),
    );
    let twice = format!("{}{}~", made.sd_jwt(), made.disclosures[1].text);
    refused(&twice, EntryError::DisclosureTwice("place".into()));
    let same_field = forged_entry(&[good("a", "1"), good("a", "2")]);
    refused(&same_field, EntryError::FieldTwice("a".into()));
}

#[test]
fn what_is_not_an_sd_jwt_without_key_binding_is_refused() {
    let whole = entry(fields(&[("a", json!(1))])).sd_jwt();
    refused(whole.split('~').next().unwrap(), EntryError::NoTilde);
    refused("", EntryError::NoTilde);
    refused("~", EntryError::RecordShape);
    refused("a.b~", EntryError::RecordShape);
    refused("a.b.c.d~", EntryError::RecordShape);
    let binding = format!("{whole}{}", forge("{}", "{}"));
    for after in [
        binding.as_str(),
        &format!("{whole}\n"),
        &format!("{whole} "),
        whole.trim_end_matches('~'),
    ] {
        refused(after, EntryError::BytesAfterLastTilde);
    }
    refused(&format!("{whole}é~"), EntryError::NotAscii);
    refused(
        &format!("{whole}~"),
        EntryError::DisclosureJson(JsonError::Syntax { line: 1, column: 0 }),
    );
    let long = format!("{}~", "a".repeat(65_536));
    refused(&long, EntryError::RecordTooLong(65_536));
}
