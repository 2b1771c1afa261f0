use super::*;

fn row(wall: f64, cpu: f64, peak_mb: f64) -> Medians {
    Medians { wall, cpu, peak_mb }
}

#[test]
fn goals_are_met_or_missed_by_the_figures() {
    let rows = [
        (HOLDFAST, row(1.0, 1.2, 250.0)),
        (RESTIC, row(2.4, 9.0, 900.0)),
        (BORG, row(1.1, 1.0, 90.0)),
    ];
    let lines = goals("add", Size::Small, &rows);
    assert_eq!(lines.len(), 3);
    assert!(
        lines[0].contains("restic") && lines[0].ends_with("2.40, MISSED"),
        "{}",
        lines[0]
    );
    assert!(lines[1].ends_with("1.10, met"), "{}", lines[1]);
    assert!(lines[2].ends_with("250, MISSED"), "{}", lines[2]);
}

#[test]
fn check_is_measured_by_time_and_by_cpu() {
    let rows = [
        (HOLDFAST, row(1.0, 1.2, 50.0)),
        (HASHDEEP, row(3.0, 9.0, 9.0)),
        (OPENSSL, row(2.0, 1.0, 9.0)),
    ];
    let lines = goals("check", Size::Large, &rows);
    assert!(
        lines[0].ends_with("3.00, met") && lines[1].ends_with("1.20, MISSED"),
        "{lines:?}"
    );
}

#[test]
fn without_our_figures_there_are_no_goals() {
    assert!(goals("add", Size::Small, &[(RESTIC, row(1.0, 1.0, 1.0))]).is_empty());
}
