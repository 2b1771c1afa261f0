use super::*;

#[test]
fn only_missing_packages_are_asked_for() {
    let packages = [
        Package {
            name: "here",
            here: true,
        },
        Package {
            name: "gone",
            here: false,
        },
    ];
    assert_eq!(missing(&packages), ["gone"]);
}

#[test]
fn the_peers_are_installed_only_on_demand() {
    let names = |bench| {
        wanted(bench)
            .iter()
            .map(|package| package.name)
            .collect::<Vec<_>>()
    };
    assert!(!names(false).contains(&"restic"));
    assert!(names(true).contains(&"restic"));
}
