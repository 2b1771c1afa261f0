use proptest::prelude::*;

use super::*;

#[test]
fn ids_are_written_as_a_letter_and_twelve_characters() {
    assert_eq!(ItemId::from_random([0; 8]).to_string(), "i-000000000000");
    assert_eq!(
        PersonId::from_random([255; 8]).to_string(),
        "p-zzzzzzzzzzzz"
    );
    let bytes = [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF];
    // 0x0123456789ABCDE in groups of five bits, by hand.
    assert_eq!(SessionId::from_random(bytes).to_string(), "s-04hmasw9nf6y");
    assert_eq!(DossierId::from_random(bytes).to_string(), "d-04hmasw9nf6y");
}

#[test]
fn only_the_one_spelling_is_an_id() {
    let wrong = [
        "",
        "i",
        "i-",
        "i-04hmasw9nf6",
        "i-04hmasw9nf6yy",
        "I-04hmasw9nf6y",
        "i-04HMASW9NF6Y",
        "i-o4hmasw9nf6y",
        "i-l4hmasw9nf6y",
        "i-u4hmasw9nf6y",
        "i_04hmasw9nf6y",
        "s-04hmasw9nf6y",
        " i-04hmasw9nf6y",
        "i-04hmasw9nf6y ",
        "i-04hmasw9nfé",
    ];
    for text in wrong {
        assert!(text.parse::<ItemId>().is_err(), "{text:?}");
    }
    assert!("i-04hmasw9nf6y".parse::<ItemId>().is_ok());
    for text in ["Archive", "archives", "x-04hmasw9nf6y", "", "item"] {
        assert!(text.parse::<Subject>().is_err(), "{text:?}");
    }
}

#[test]
fn digests_are_lower_case_hex_of_32_bytes() {
    let text = "00ff".repeat(16);
    let digest: Sha256 = text.parse().unwrap();
    assert_eq!(digest.to_string(), text);
    assert_eq!(serde_json::to_value(digest).unwrap(), text);
    for wrong in [
        text.to_uppercase(),
        text.replace('0', "g"),
        text.clone() + "00",
        "é".repeat(32),
    ] {
        assert!(wrong.parse::<Blake3>().is_err(), "{wrong}");
        assert!(serde_json::from_value::<Sha256>(wrong.into()).is_err());
    }
}

proptest! {
    #[test]
    fn ids_and_subjects_come_back_as_they_were_and_sort_as_their_text(a: [u8; 8], b: [u8; 8]) {
        let (x, y) = (ItemId::from_random(a), ItemId::from_random(b));
        prop_assert_eq!(x.to_string().parse(), Ok(x));
        prop_assert_eq!(x.cmp(&y), x.to_string().cmp(&y.to_string()));
        for subject in [
            Subject::Archive,
            Subject::Item(x),
            Subject::Session(SessionId::from_random(a)),
            Subject::Dossier(DossierId::from_random(a)),
            Subject::Person(PersonId::from_random(a)),
        ] {
            prop_assert_eq!(subject.to_string().parse(), Ok(subject));
            let json = serde_json::to_value(subject).unwrap();
            prop_assert_eq!(serde_json::from_value::<Subject>(json).unwrap(), subject);
        }
    }

    #[test]
    fn digests_come_back_as_they_were(bytes: [u8; 32]) {
        prop_assert_eq!(Sha256(bytes).to_string().parse(), Ok(Sha256(bytes)));
    }
}
