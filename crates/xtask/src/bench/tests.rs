use super::*;

#[test]
fn options_are_read_and_unknown_or_senseless_ones_refused() {
    let options = Options::parse(&[
        "--small",
        "7",
        "--large",
        "0",
        "--runs",
        "2",
        "--peers-only",
    ])
    .unwrap();
    assert_eq!(
        (
            options.small,
            options.large,
            options.runs,
            options.peers_only
        ),
        (7, 0, 2, true)
    );
    for bad in [
        &["--fast"][..],
        &["--small"],
        &["--small", "many"],
        &["--runs", "0"],
        &["--small", "0", "--large", "0"],
    ] {
        assert!(Options::parse(bad).is_err(), "{bad:?}");
    }
}
