use super::read_time;

#[test]
fn times_with_and_without_fractions_are_read() {
    let read = |text| read_time(text).map(|time| time.to_string());
    assert_eq!(
        read("20260304182207Z").as_deref(),
        Some("2026-03-04T18:22:07Z")
    );
    assert_eq!(
        read("20260304182207.25Z").as_deref(),
        Some("2026-03-04T18:22:07.25Z")
    );
}

#[test]
fn other_spellings_of_a_time_are_refused() {
    for text in [
        "",
        "Z",
        "20260304182207",
        "20260304182207+0100",
        "20260304182207.Z",
        "20260304182207.50Z",
        "202603041822Z",
        "20261304182207Z",
        "20260304182207.-1Z",
        "20260304182207,5Z",
    ] {
        assert_eq!(read_time(text), None, "{text}");
    }
}
