use super::*;
use crate::dossier::rocrate::tests::sample;

fn page(about: &Description) -> Page<'_> {
    Page {
        about,
        sealed: 13,
        log_size: 1234,
        entries: 11,
        witnesses: vec!["w<1>".into()],
        stamps: vec![PageStamp {
            time: "2026-03-05T09:00:00Z".into(),
            certificates: true,
        }],
        withheld: vec![WithheldEntry {
            item: "i-000000000001".into(),
            index: 7,
            reason: Reason::Protection,
        }],
        fields: vec![WithheldFields {
            index: 2,
            kind: "collected".into(),
            fields: vec!["source".into(), "by".into()],
        }],
    }
}

#[test]
fn no_name_can_write_markup_or_turn_the_text_round() {
    let mut about = sample();
    about.recipient = "<script>alert(1)</script>".into();
    about.purpose = "\" onload='x' \u{202e}&\u{0}".into();
    about.items[0].collection.source = Some("</dd><img src=x>".into());
    let html = write(&page(&about));
    assert!(!html.contains("<script") && !html.contains("<img") && !html.contains('\u{202e}'));
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(html.contains("&quot; onload=&#39;x&#39; ⟦RLO⟧&amp;⟦NUL⟧"));
    assert!(html.contains("clip ⟦RLO⟧4pm.&lt;b&gt;"));
}

#[test]
fn the_same_gap_in_many_entries_is_one_sentence() {
    let about = sample();
    let mut page = page(&about);
    let one = page.fields[0].clone();
    let two = page.withheld[0].clone();
    page.fields = (2..400)
        .map(|index| WithheldFields {
            index,
            ..one.clone()
        })
        .collect();
    page.withheld = (7..10)
        .map(|index| WithheldEntry {
            index,
            ..two.clone()
        })
        .collect();
    let html = write(&page);
    assert!(html.contains(
        "Entries 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 388 more (collected) do not show: source, by."
    ));
    assert!(html.contains("Entries 7, 8 and 9 are withheld: showing it would endanger a person."));
    assert_eq!(html.matches("not show: source").count(), 1);
}

#[test]
fn the_page_names_what_is_missing_and_fetches_nothing() {
    let about = sample();
    let html = write(&page(&about));
    assert!(html.contains(
        "Entry 7 about item i-000000000001 is withheld: showing it would endanger a person."
    ));
    assert!(html.contains("Entry 2 (collected) does not show: source, by."));
    assert!(html.contains("abab abab abab"));
    assert!(html.contains("1,234 bytes"));
    assert!(html.contains("-untrusted data/log/tsa.1.pem"));
    for address in ["http://", "https://", "src=", "href="] {
        assert!(!html.contains(address), "{address}");
    }
    let bare = Page {
        stamps: Vec::new(),
        witnesses: Vec::new(),
        ..page(&about)
    };
    let html = write(&bare);
    assert!(html.contains("no time-stamp") && html.contains("No log witness"));
    assert!(!html.contains("openssl"));
}
