use super::*;

#[test]
fn the_median_is_the_middle_and_of_nothing_is_no_number() {
    assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
    assert!((median(vec![4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
    assert!(median(Vec::new()).is_nan());
}

#[test]
fn the_figures_of_gnu_time_are_read_from_its_last_line() {
    let (cpu, peak) = parse("some warning\n1.25 0.75 100000\n").unwrap();
    assert!((cpu - 2.0).abs() < 1e-9 && (peak - 102.4).abs() < 1e-9);
    assert!(parse("").is_none() && parse("1 2\n").is_none());
}
